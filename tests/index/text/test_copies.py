"""Copies of a text are told from what only looks like one; any text can be compared."""

from __future__ import annotations

import random
import time
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index import readers
from newsdesk.index.settings import Readers
from newsdesk.index.text.copies import (
    BANDS,
    LEAST_BANDS,
    LEAST_WORDS,
    Sentence,
    Text,
    bands,
    is_copy,
)
from newsdesk.index.types import Article
from tests.benchmarks import made_copies
from tests.helpers.support import HOSTILE, SEEDS

SENTENCES = st.lists(
    st.sampled_from(
        [
            "The lock was closed on Tuesday.",
            "Some 1,200 ships wait, and 60 of them carry grain.",
            "Ida Holm said that it would take three weeks.",
            "水门在星期二关闭。",
            "شُغلقت البوابة يوم الثلاثاء.",
            "No",
            "…",
        ]
    ),
    max_size=12,
).map(" ".join)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """The articles of the seeds."""
    found = [
        each
        for file in sorted(SEEDS.iterdir())
        if file.suffix in (".txt", ".md")
        for each in readers.read(file, SEEDS, Readers())
    ]
    return [each.text for each in found if isinstance(each, Article)]


def found_as_copy(text: str, other: str) -> bool:
    near = len(set(bands(Text(text))) & set(bands(Text(other)))) >= LEAST_BANDS
    return near and is_copy(Text(text), Text(other))


@pytest.mark.parametrize("kind", made_copies.CHANGES)
def test_copies_are_found(texts: list[str], kind: str) -> None:
    chance = random.Random(kind)
    made = [(text, made_copies.CHANGES[kind](text, chance)) for text in texts]
    found = sum(found_as_copy(text, copy) for text, copy in made)
    assert found >= 0.9 * len(made)  # of thirty; the benchmark has hundreds of each kind


@pytest.mark.parametrize("make", [made_copies.follow_up, made_copies.grown])
def test_what_repeats_the_background_is_no_copy(texts: list[str], make: made_copies.Pair) -> None:
    chance = random.Random(14)
    pairs = [pair for text in texts if (pair := make("", text, chance))]
    assert len(pairs) > 10
    assert not [pair for pair in pairs if found_as_copy(pair[0].text, pair[1].text)]


def test_the_same_frame_with_other_figures_is_no_copy() -> None:
    made = list(made_copies.framed(12 * 12, random.Random(14)))
    for frame in range(12):
        for one, other in combinations(made[frame::12], 2):
            assert not is_copy(Text(one.text), Text(other.text)), (one.text, other.text)


def test_reports_above_the_same_long_list_are_no_copies(texts: list[str]) -> None:
    """As pages do that end in the results of all matches so far."""
    chance = random.Random(14)
    results = " ".join(each.text for each in made_copies.framed(60, chance))
    one, other = (f"{text[:600]}\n\n{results}" for text in texts[:2])
    assert not is_copy(Text(one), Text(other))
    assert is_copy(Text(one), Text(one.replace("said", "told")))


def test_a_short_frame_with_another_thing_is_no_copy() -> None:
    """Neither a figure nor a name tells these apart."""
    frame = (
        "The {0} of Leedham was reopened on Monday by mayor Ida Holm after repairs.\n\n"
        "The work on the {0} cost 3 million and took two years, the town said."
    )
    assert not is_copy(Text(frame.format("harbour")), Text(frame.format("bridge")))
    assert is_copy(Text(frame.format("harbour")), Text(frame.format("harbour") + " (Wire)"))


def test_seeds_are_no_copies_of_each_other(texts: list[str]) -> None:
    assert not [pair for pair in combinations(texts, 2) if found_as_copy(*pair)]


@given(SENTENCES, SENTENCES)
def test_any_two_texts_can_be_compared_either_way(one: str, other: str) -> None:
    assert is_copy(Text(one), Text(other)) in (True, False)
    assert len(bands(Text(one))) in (0, BANDS)
    if Text(one).words >= LEAST_WORDS:
        assert bands(Text(one))
    if Text(one).words != Text(other).words:
        assert is_copy(Text(one), Text(other)) == is_copy(Text(other), Text(one))


@given(
    st.text(st.characters(max_codepoint=127)) | st.just("Two_ships, 3 m long:\x1ctwo\x7f o'clock")
)
def test_ascii_is_split_as_any_other_text_is(text: str) -> None:
    assert Sentence(f"{text} é").words == [*Sentence(text).words, "é"]


@given(SENTENCES.filter(lambda text: len(text) > 100))
def test_a_text_is_a_copy_of_itself(text: str) -> None:
    assert found_as_copy(text, text) or not bands(Text(text)) or not Text(text).places


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    began = time.process_time()
    bands(Text(text))
    is_copy(Text(text), Text(f"{text[:-1]} end."))
    assert time.process_time() - began < 5
