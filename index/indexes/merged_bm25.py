"""BM25 on two sets of postings, one large and old and one of what changed since, as on one.

The statistics are those of the documents that are there now, so that scores are what they would be
had all postings been made anew. What a question costs more is to put the two postings of each of
its terms together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bm25 import PostingsBM25
from .postings import Columns
from .vocabulary import Terms, Vocabulary, encoded


@dataclass(frozen=True, slots=True)
class Changes:
    """What tells how two sets of postings make one.

    Attributes:
        shared: int32, of each term of the new ones its number among the old, or -1.
        dropped: int32, numbers of the old terms that stand in documents that are no more.
        dropped_counts: int32, in how many such documents each of these stands.
        old_rows: int32, the places of the old documents among all, -1 for those that are no more.
        new_rows: int32, the places of the new ones.
    """

    shared: NDArray[np.int32]
    dropped: NDArray[np.int32]
    dropped_counts: NDArray[np.int32]
    old_rows: NDArray[np.int32]
    new_rows: NDArray[np.int32]


class MergedBM25(PostingsBM25):
    """See `PostingsBM25`. Terms are numbered as the old ones are, then come those of the new."""

    def __init__(
        self,
        old: Columns,
        new: Columns,
        changes: Changes,
        lengths: NDArray[Any],
        k1: float,
        b: float,
    ) -> None:
        """`lengths` (documents,) are those of all documents that are there now."""
        self._old, self._new, self._changes = old, new, changes
        sizes = (len(old["term_ends"]) - 1, len(new["term_ends"]) - 1)
        self._old_terms = sizes[0]
        self._new_number = np.full(sum(sizes), -1, dtype=np.int32)  # of each term, among the new
        self._new_number[self._numbers_of_new(changes.shared)] = np.arange(sizes[1])
        self._is_dropped = np.zeros(sum(sizes), dtype=bool)
        self._is_dropped[changes.dropped] = True
        containing = self.merged_counts(
            np.diff(old["starts"]), np.diff(new["starts"]), changes.dropped_counts
        )
        self.vocabulary = MergedVocabulary(
            Vocabulary(old["terms"], old["term_ends"]),
            Vocabulary(new["terms"], new["term_ends"]),
            containing,
        )
        self._weigh(lengths, np.concatenate([old["pairs"], new["pairs"]]), containing, k1, b)
        self._joined = lru_cache(maxsize=64)(self._join)  # the terms of some questions

    def merged_counts(
        self, old: NDArray[Any], new: NDArray[Any], dropped: NDArray[Any]
    ) -> NDArray[np.int64]:
        """A count of each term, of those of the old, the new, and what was dropped of the old."""
        counts = np.zeros(len(self._new_number), dtype=np.int64)
        counts[: self._old_terms] = old
        counts[self._changes.dropped] -= dropped
        counts[self._numbers_of_new(self._changes.shared)] += new
        return counts

    def posting(self, number: int) -> tuple[NDArray[np.int32], NDArray[Any]]:
        """The documents that hold a term, in order, and the numbers of their `pairs`."""
        return self._joined(number)

    def _numbers_of_new(self, shared: NDArray[np.int32]) -> NDArray[np.int64]:
        own = np.arange(self._old_terms, self._old_terms + len(shared), dtype=np.int64)
        return np.where(shared >= 0, shared, own)

    def _join(self, number: int) -> tuple[NDArray[np.int32], NDArray[Any]]:
        """Both postings of a term as one. Each is in order, and stays so when renumbered."""
        has_new = self._new_number[number] >= 0
        rows, pair = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)
        if number < self._old_terms:
            docs, pair = _piece(self._old, number)
            rows = self._changes.old_rows[docs]
            if self._is_dropped[number]:
                rows, pair = rows[rows >= 0], pair[rows >= 0]
        if not has_new:
            return rows, pair
        docs, more = _piece(self._new, int(self._new_number[number]))
        added = self._changes.new_rows[docs]
        places = np.searchsorted(rows, added)
        behind = more.astype(np.int32) + len(self._old["pairs"])
        return (
            np.insert(rows, places, added),
            np.insert(pair.astype(np.int32, copy=False), places, behind),
        )


class MergedVocabulary(Terms):
    """The terms of two vocabularies that stand in some document."""

    def __init__(self, old: Vocabulary, new: Vocabulary, containing: NDArray[Any]) -> None:
        """`containing` is in how many documents each term is, numbered as in `MergedBM25`."""
        self._old, self._new, self._containing = old, new, containing

    def __len__(self) -> int:
        return int(np.count_nonzero(self._containing))

    def __iter__(self) -> Iterator[str]:
        return iter(
            sorted({each for each in (*self._old, *self._new) if each in self}, key=encoded)
        )

    def __getitem__(self, term: str) -> int:
        number = self._old.get(term)
        if number is None:
            number = len(self._old) + self._new[term]
        if not self._containing[number]:
            raise KeyError(term)
        return number

    def near(self, term: str) -> list[str]:
        """The terms that one may be meant to be, in order."""
        terms = {*self._old.near(term), *self._new.near(term)}
        return sorted((each for each in terms if each in self), key=encoded)

    def between(self, first: str, last: str) -> list[str]:
        """The terms from `first` to before `last`, in order."""
        terms = {*self._old.between(first, last), *self._new.between(first, last)}
        return sorted((term for term in terms if term in self), key=encoded)


def _piece(columns: Columns, number: int) -> tuple[NDArray[np.int32], NDArray[Any]]:
    piece = slice(int(columns["starts"][number]), int(columns["starts"][number + 1]))
    return columns["docs"][piece], columns["pair"][piece]
