"""Postings of a corpus: rank-bm25's `BM25Okapi` counts it, and the counts become columns.

`BM25Okapi` keeps a dictionary for every document. So it gets some passages at a time, and what it
says of each block is added up: a million passages at once would take gigabytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .vocabulary import encoded

Columns = Mapping[str, NDArray[Any]]

_BLOCK = 1_024  # passages counted at once


def postings(corpus: Iterable[Sequence[str]]) -> dict[str, NDArray[Any]]:
    """The columns that `PostingsBM25` scores on, of a corpus of token lists.

    Terms are numbered in the order of their UTF-8 bytes, and documents by their places:

    - `terms` uint8, the terms' bytes in a row; `term_ends` (terms + 1,) int64, where each ends
    - `starts` (terms + 1,) int64: the postings of term i are `starts[i]` to `starts[i + 1]`
    - `docs` int32, a posting's document; `pair` uint16 or int32, the number of its row in `pairs`
    - `pairs` (pairs, 2) int32: how often a term stands in a document, and the latter's length. What
      the term adds to the score depends on these two alone, and there are few such pairs
    - `lengths` (documents,) int32, the number of tokens
    """
    counted = _Counted()
    for block in _blocks(corpus):
        counted.add(block)
    return counted.columns()


class _Counted:
    """The statistics of all blocks, added up."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}  # term -> its place among those seen
        self._pairs: dict[tuple[int, int], int] = {}  # -> its place among those seen
        self._terms, self._paired = array("i"), array("i")  # of each posting
        self._distinct, self._lengths = array("i"), array("i")  # of each document

    def add(self, block: list[Sequence[str]]) -> None:
        from rank_bm25 import BM25Okapi  # while indexing only: a cold question does without

        if not any(block):  # BM25Okapi divides by the number of terms
            self._lengths.extend([0] * len(block))
            self._distinct.extend([0] * len(block))
            return
        statistics, numbers, pairs = BM25Okapi(block), self._numbers, self._pairs
        self._lengths.extend(statistics.doc_len)
        for length, frequencies in zip(statistics.doc_len, statistics.doc_freqs, strict=True):
            self._terms.extend([numbers.setdefault(term, len(numbers)) for term in frequencies])
            counts = frequencies.values()
            self._paired.extend([pairs.setdefault((n, length), len(pairs)) for n in counts])
            self._distinct.append(len(frequencies))

    def columns(self) -> dict[str, NDArray[Any]]:
        """Sort the postings by term. Leaves nothing here, so that it can be called but once."""
        terms = [encoded(term) for term in self._numbers]
        by_bytes = sorted(range(len(terms)), key=terms.__getitem__)
        rank = np.empty(len(terms), dtype=np.int32)
        rank[by_bytes] = np.arange(len(terms), dtype=np.int32)
        ranked = rank[_ints(self._terms)]
        del self._terms  # a million passages have some 70 million postings
        starts = _ends(np.bincount(ranked, minlength=len(terms)))
        order = np.argsort(ranked, kind="stable")
        del ranked
        paired, distinct = _ints(self._paired), _ints(self._distinct)
        small = len(self._pairs) <= np.iinfo(np.uint16).max
        return {
            "terms": np.frombuffer(b"".join(terms[i] for i in by_bytes), dtype=np.uint8),
            "term_ends": _ends([len(terms[i]) for i in by_bytes]),
            "starts": starts,
            "docs": np.repeat(np.arange(len(distinct), dtype=np.int32), distinct)[order],
            "pair": paired.astype(np.uint16 if small else np.int32)[order],
            "pairs": np.array(list(self._pairs), dtype=np.int32).reshape(-1, 2),
            "lengths": _ints(self._lengths),
        }


def _blocks(corpus: Iterable[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    documents = iter(corpus)
    while block := list(islice(documents, _BLOCK)):
        yield block


def _ints(values: array[int]) -> NDArray[np.int32]:
    return np.frombuffer(values, dtype=np.int32) if values else np.zeros(0, dtype=np.int32)


def _ends(sizes: Sequence[int] | NDArray[Any]) -> NDArray[np.int64]:
    """Where pieces of some sizes end when laid in a row, with the 0 that the first begins at."""
    return np.concatenate([[0], np.cumsum(np.asarray(sizes, dtype=np.int64))]).astype(np.int64)
