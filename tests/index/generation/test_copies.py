"""Which copy of a story is searched."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from newsdesk.index.generation.copies import Copies

UNDATED = np.iinfo(np.int64).min
SOME = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 300), st.sampled_from([UNDATED, 1, 2, 3])),
    max_size=12,
)


def copies(*rows: tuple[int, int, int]) -> Copies:
    """Of articles given as story, length and day."""
    stories, lengths, days = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Copies(stories, lengths.astype(np.int32), days)


def searched(found: Copies, *allowed: int, of: int) -> list[int]:
    mask = np.zeros(of, dtype=bool)
    mask[list(allowed)] = True
    left = found.searched(mask)
    assert left is not None
    return np.flatnonzero(left).tolist()


def everywhere(found: Copies, preferred: NDArray[np.bool_] | None = None) -> list[int]:
    left = found.searched(None, preferred)
    assert left is not None
    return np.flatnonzero(left).tolist()


def test_the_longest_is_searched_and_of_as_long_ones_the_first_that_came_out() -> None:
    found = copies((7, 100, 1), (7, 300, 5), (7, 295, 4), (9, 50, 1), (7, 299, UNDATED))
    assert found.of(0) == [2, 1, 4, 0]
    assert found.of(3) == []
    assert everywhere(found) == [2, 3]


def test_where_a_filter_leaves_it_out_the_next_is_searched() -> None:
    found = copies((7, 100, 1), (7, 300, 5), (0, 80, 1), (0, 80, 1))
    assert searched(found, 0, 2, 3, of=4) == [0, 2, 3]  # 0 is no story
    assert searched(found, 0, 1, of=4) == [1]
    assert searched(found, of=4) == []


def test_one_that_is_preferred_is_searched_in_its_place() -> None:
    found = copies((7, 100, 1), (7, 300, 5), (8, 1, 1), (8, 1, 2))
    preferred = np.array([True, False, False, False])
    assert everywhere(found, preferred) == [0, 2]


@given(SOME, st.data())
def test_of_each_story_one_is_searched_and_of_all_others_each(
    rows: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    found = copies(*rows)
    allowed = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))), dtype=bool
    )
    before = allowed.copy()
    left = found.searched(allowed)
    assert left is not None
    assert (allowed == before).all()
    assert not (left & ~allowed).any()
    stories = [row[0] for row in rows]
    for story in set(stories):
        own = [n for n, each in enumerate(stories) if each == story]
        can = [n for n in own if allowed[n]]
        kept = [n for n in own if left[n]]
        assert kept == can if story == 0 else len(kept) == min(1, len(can))
