"""BM25 on postings: the formula of rank-bm25's `BM25Okapi`, which the tests hold it against.

`BM25Okapi` looks into a dictionary of every document for every term of a question. Here a term has
its postings, the documents it stands in and how often, so that a question touches only those:
hundreds of times faster, and readable from memory-mapped files. See `postings.py` for these.

Two things are mended. The idf is `ln(1 + (N - n + 0.5) / (n + 0.5))` (Robertson and Zaragoza,
"The Probabilistic Relevance Framework: BM25 and Beyond", 2009, with the 1 + that Lucene adds), so
that it is never negative, however common a term; and a document that shares no term is no result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .postings import Columns
from .scratch import SCRATCH
from .vocabulary import Terms, Vocabulary

_MANY, _SAMPLED = 100_000, 64  # scores, of which one in so many tells how high the best are


def idf(documents: int, containing: NDArray[Any]) -> NDArray[np.float64]:
    """The weight of terms that stand in `containing` of `documents` documents; never negative.

    >>> idf(100, np.array([1, 50, 100])).round(2)
    array([4.21, 0.69, 0.  ])
    """
    count = np.asarray(containing, dtype=np.float64)
    return np.log1p((documents - count + 0.5) / (count + 0.5))


class _Idf(Mapping[str, float]):
    """Term -> its weight, looked up when asked for."""

    def __init__(self, vocabulary: Terms, weights: NDArray[np.float64]) -> None:
        self._vocabulary = vocabulary
        self._weights = weights

    def __len__(self) -> int:
        return len(self._vocabulary)

    def __iter__(self) -> Iterator[str]:
        return iter(self._vocabulary)

    def __getitem__(self, term: str) -> float:
        return float(self._weights[self._vocabulary[term]])


class PostingsBM25:
    """Scores documents for a question, on the columns that `postings` makes; copies none.

    Documents are named by their places in the corpus. Scores are float64; those of all of very many
    documents, 100,000 and more, float32.
    """

    def __init__(self, columns: Columns, k1: float = 1.5, b: float = 0.75) -> None:
        self._docs, self._pair = columns["docs"], columns["pair"]
        self._starts = columns["starts"]
        self.vocabulary: Terms = Vocabulary(columns["terms"], columns["term_ends"])
        self._weigh(columns["lengths"], columns["pairs"], np.diff(self._starts), k1, b)

    def _weigh(
        self,
        lengths: NDArray[Any],
        pairs: NDArray[Any],
        containing: NDArray[Any],
        k1: float,
        b: float,
    ) -> None:
        """Set what scores are made of: see `postings`, and in how many documents each term is."""
        self.k1, self.b = k1, b
        self._number = self.vocabulary.get
        self.corpus_size = len(lengths)
        total = float(lengths.sum(dtype=np.int64))
        self.avgdl = total / self.corpus_size if self.corpus_size else 0.0
        self._counts = pairs[:, 0]
        # What a term of weight 1 adds to a document's score, by the pair: looked up, not worked
        # out, for the hundreds of thousands of postings of a question.
        norm = k1 * (1 - b + b * (pairs[:, 1] / self.avgdl if self.avgdl else 0.0))
        self._by_pair = (k1 + 1) * (self._counts / (norm + self._counts))
        self._by_pair_single = self._by_pair.astype(np.float32)
        self._weights = idf(self.corpus_size, containing)
        self.idf: Mapping[str, float] = _Idf(self.vocabulary, self._weights)

    def get_scores(self, query: Sequence[str]) -> NDArray[np.floating[Any]]:
        """The score of every document, shape (corpus_size,); a repeated term counts again.

        The highest are found by `best`. Not by MaxScore: looking which documents are left after
        each term costs more in numpy than scoring them all. See RESULTS.md, "A million passages".
        """
        numbers = list(self._numbers(query))
        if self.corpus_size >= _MANY and numbers:
            return self._summed(numbers)
        scores = np.zeros(self.corpus_size)
        for number in numbers:
            docs, pair = self.posting(number)
            np.add.at(scores, docs.astype(np.intp), self._gain(number, pair))
        return scores

    def _summed(self, numbers: list[int]) -> NDArray[np.float32]:
        """The scores of very many documents, for terms by their numbers.

        What terms add are the columns of a sparse matrix: scipy sums them quicker than numpy, and
        other threads may work meanwhile. It takes longer to import than small corpora to score.
        In half the bytes, for they are what takes the time.
        """
        from scipy.sparse import csc_array

        postings = [self.posting(number) for number in numbers]
        ends = np.cumsum([0, *(len(docs) for docs, _ in postings)], dtype=np.int32)
        size = (int(ends[-1]),)
        with SCRATCH.lent() as room:
            rows, gains = room.of("rows", size, np.int32), room.of("gains", size, np.float32)
            for (docs, pair), (start, end) in zip(postings, pairwise(ends.tolist()), strict=True):
                rows[start:end] = docs
                # Numbers of pairs are within the table: "clip" takes their word the quickest.
                np.take(self._by_pair_single, pair, mode="clip", out=gains[start:end])
            matrix = csc_array((self.corpus_size, len(numbers)), dtype=np.float32)
            matrix.indptr, matrix.indices, matrix.data = ends, rows, gains
            scores: NDArray[np.float32] = matrix @ self._weights[numbers].astype(np.float32)
        return scores

    def scores_of(self, query: Sequence[str], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The scores of some documents, shape (n,): those of `get_scores`, in float64."""
        scores = np.zeros(len(rows))
        wanted = rows.astype(np.int32)  # as postings are, or numpy would copy the whole of these
        for number in self._numbers(query):
            held, gains = self._gained(number, wanted)
            scores[held] += gains
        return scores

    def get_batch_scores(self, query: Sequence[str], doc_ids: Sequence[int]) -> list[float]:
        """The scores of some documents, in the order asked."""
        wanted = np.asarray(doc_ids, dtype=np.int64)
        if not len(wanted):
            return []
        scores: list[float] = self.get_scores(query)[wanted].tolist()
        return scores

    def get_top_n(self, query: Sequence[str], documents: Sequence[Any], n: int = 5) -> list[Any]:
        """The best documents that share a term with the query, at most n, best first."""
        if len(documents) != self.corpus_size:
            raise ValueError(f"{len(documents)} documents for an index of {self.corpus_size}")
        return [documents[number] for number in best(self.get_scores(query), n)]

    def parts(self, query: Sequence[str], rows: NDArray[np.int64]) -> list[dict[str, float]]:
        """For some documents, what each term of the query adds to the score, where it stands."""
        parts = [dict[str, float]() for _ in rows]
        wanted = rows.astype(np.int32)  # see `scores_of`
        for term in query:
            number = self._number(term)
            if number is None:
                continue
            held, gains = self._gained(number, wanted)
            for place, gain in zip(held.tolist(), gains.tolist(), strict=True):
                parts[place][term] = parts[place].get(term, 0.0) + gain
        return parts

    def _gained(
        self, number: int, rows: NDArray[np.int32]
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """In which of some documents a term stands, by their places, and what it adds to them."""
        docs, pair = self.posting(number)
        places = np.searchsorted(docs, rows)
        held = np.flatnonzero(docs[np.minimum(places, len(docs) - 1)] == rows)
        return held, self._gain(number, pair[places[held]])

    def _numbers(self, query: Sequence[str]) -> Iterator[int]:
        for term in query:
            number = self._number(term)
            if number is not None:
                yield number

    def posting(self, number: int) -> tuple[NDArray[np.int32], NDArray[Any]]:
        """The documents that hold a term, in order, and the numbers of their `pairs`."""
        piece = slice(int(self._starts[number]), int(self._starts[number + 1]))
        return self._docs[piece], self._pair[piece]

    def counts(self, pair: NDArray[Any]) -> NDArray[np.int32]:
        """How often a term stands in a document, of numbers that `posting` gave."""
        counts: NDArray[np.int32] = self._counts[pair]
        return counts

    def gains(self, number: int) -> NDArray[np.float64]:
        """What a term adds to the scores of its documents, in the order of `posting`."""
        return self._gain(number, self.posting(number)[1])

    def _gain(self, number: int, pair: NDArray[Any]) -> NDArray[np.float64]:
        weight = float(self._weights[number])
        if len(pair) < len(self._by_pair):
            few: NDArray[np.float64] = self._by_pair[pair] * weight
            return few
        # Numbers of pairs are within the table: "clip" is the quickest way to take their word.
        gains: NDArray[np.float64] = np.take(self._by_pair * weight, pair, mode="clip")
        return gains


def best(
    scores: NDArray[np.floating[Any]], n: int, among: NDArray[np.bool_] | None = None
) -> list[int]:
    """The places of the n highest scores above 0, best first, the earlier of equals first."""
    scored = _likely(scores, n, among)
    values = scores[scored]
    if 0 < n < len(scored):
        kept = values >= np.partition(values, len(values) - n)[len(values) - n]
        scored, values = scored[kept], values[kept]
    order = np.argsort(-values, kind="stable")[: max(n, 0)]
    places: list[int] = scored[order].tolist()
    return places


def _likely(
    scores: NDArray[np.floating[Any]], n: int, among: NDArray[np.bool_] | None
) -> NDArray[np.intp]:
    """Places of scores above 0 among which the n highest are, in order."""
    if len(scores) >= _MANY and n > 0:
        # Most of many scores are low: those above a guess are few, and quicker to sort.
        sample = scores[::_SAMPLED] if among is None else scores[::_SAMPLED] * among[::_SAMPLED]
        wanted = len(sample) - min(len(sample), 2 * n // _SAMPLED + 16)
        guess = float(np.partition(sample, wanted)[wanted])
        if guess > 0:
            likely = np.flatnonzero(scores >= guess)
            likely = likely if among is None else likely[among[likely]]
            if len(likely) >= n:
                return likely
    return np.flatnonzero(scores if among is None else scores * among)
