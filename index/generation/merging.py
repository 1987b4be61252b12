"""A generation and what changed since, as one: rows in the order that all anew would have.

Small columns are put together in memory when it is opened. Vectors stay where they are, and
`Pieces` finds their rows; texts and sentences are read of the one that has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.indexes.dense import dots, dots_of

Columns = Mapping[str, NDArray[Any]]


class Pieces:
    """The rows of two columns, read as those of one: by number, slice, array, mask or `dots`.

    `rows` int64 has for each row its place in the first, or, below 0, -1 - its place in the second.
    """

    def __init__(self, first: NDArray[Any], second: NDArray[Any], rows: NDArray[np.int64]) -> None:
        self._first, self._second, self._rows = first, second, rows
        self.dtype = first.dtype

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def shape(self) -> tuple[int, ...]:
        """As of an array."""
        return (len(self._rows), *self._first.shape[1:])

    def __getitem__(self, key: Any) -> Any:
        rows = self._rows[key]
        if np.ndim(rows) == 0:
            return self._first[rows] if rows >= 0 else self._second[-1 - rows]
        taken = np.empty((len(rows), *self._first.shape[1:]), dtype=self.dtype)
        of_first = rows >= 0
        taken[of_first] = self._first[rows[of_first]]
        taken[~of_first] = self._second[-1 - rows[~of_first]]
        return taken

    def dots_of(self, places: NDArray[np.int64], vector: NDArray[Any]) -> NDArray[Any]:
        """The dot product of some rows with a vector, in the order asked."""
        rows = self._rows[places]
        of_first = rows >= 0
        found = np.empty(len(rows), dtype=np.float32)
        found[of_first] = dots_of(self._first, rows[of_first], vector)
        found[~of_first] = dots_of(self._second, -1 - rows[~of_first], vector)
        return found

    def dots(self, vector: NDArray[Any]) -> NDArray[Any]:
        """The dot product of each row with a vector."""
        # Both whole, and then put in order: gathering the rows first would copy the column.
        both = np.concatenate([dots(self._first, vector), dots(self._second, vector)])
        ordered: NDArray[Any] = both[np.where(self._rows >= 0, self._rows, self._tail)]
        return ordered

    @property
    def _tail(self) -> NDArray[np.int64]:
        return len(self._first) - 1 - self._rows

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        whole: NDArray[Any] = self[:]
        return whole if dtype is None else whole.astype(dtype)


@dataclass(frozen=True, slots=True)
class Layout:
    """Which rows of the base and of the changes make the merged ones, see `Pieces`.

    Attributes:
        articles, passages: int64, the rows of each.
        first_passage: int64 (articles + 1,), of the merged.
        sentence_ends: int64 (passages + 1,), of the merged.
    """

    articles: NDArray[np.int64]
    passages: NDArray[np.int64]
    first_passage: NDArray[np.int64]
    sentence_ends: NDArray[np.int64]

    def spread(self, base: NDArray[Any], changed: NDArray[Any], rows: NDArray[np.int64]) -> Any:
        """The rows of a small column."""
        return Pieces(base, changed, rows)[:]


def layout_of(base: Columns, changed: Columns) -> Layout:
    """How the rows of a base and of what changed since lie among all."""
    articles = article_rows(len(base["published"]), changed["gone"], changed["places"])
    firsts = base["first_passage"], changed["first_passage"]
    first_passage, passages = _inner(articles, *firsts)
    ends = base["sentence_ends"], changed["sentence_ends"]
    sentence_ends, _ = _inner(passages, *ends)
    return Layout(articles, passages, first_passage, sentence_ends)


def article_rows(
    base: int, gone: NDArray[np.int64], places: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The rows of articles: what is left of `base` ones, with the changed at their places."""
    left = np.delete(np.arange(base, dtype=np.int64), gone)
    rows = np.empty(len(left) + len(places), dtype=np.int64)
    is_changed = np.zeros(len(rows), dtype=bool)
    is_changed[places] = True
    rows[is_changed] = -1 - np.arange(len(places))
    rows[~is_changed] = left
    return rows


def _inner(
    outer: NDArray[np.int64], first: NDArray[np.int64], second: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the things within rows end, such as the passages of articles, and their rows.

    `first` and `second` are where they end in the two pieces, with the 0 that the first begins at.
    """
    of_first = outer >= 0
    starts, sizes = np.empty(len(outer), dtype=np.int64), np.empty(len(outer), dtype=np.int64)
    for chosen, ends, rows in (
        (of_first, first, outer[of_first]),
        (~of_first, second, -1 - outer[~of_first]),
    ):
        starts[chosen] = ends[rows]
        sizes[chosen] = ends[rows + 1] - ends[rows]
    ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    within = np.arange(ends[-1], dtype=np.int64) - np.repeat(ends[:-1], sizes)
    places = np.repeat(starts, sizes) + within
    return ends, np.where(np.repeat(of_first, sizes), places, -1 - places)


def merged(
    base: Columns, changed: Columns, layout: Layout, renumbered: Sequence[Sequence[int]]
) -> dict[str, Any]:
    """The columns of both as those of one, but those of words and the articles' texts.

    `renumbered` has for both the numbers that their sources have now.
    """
    sizes = np.diff(layout.first_passage)
    sources = [
        np.asarray(numbers, dtype=np.int32)[columns["source"]]
        if len(columns["source"])
        else columns["source"]
        for numbers, columns in zip(renumbered, (base, changed), strict=True)
    ]
    columns: dict[str, Any] = {
        "first_passage": layout.first_passage,
        "sentence_ends": layout.sentence_ends,
        "passage_article": np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
        "source": layout.spread(sources[0], sources[1], layout.articles),
    }
    for name in ("keys", "published", "story", "article_lengths"):
        columns[name] = layout.spread(base[name], changed[name], layout.articles)
    for name in ("spans", "codes", "lengths"):
        columns[name] = layout.spread(base[name], changed[name], layout.passages)
    columns["vectors"] = Pieces(base["vectors"], changed["vectors"], layout.passages)
    return columns
