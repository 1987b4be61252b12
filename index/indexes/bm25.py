"""BM25 on postings: the formula of rank-bm25's `BM25Okapi`, which the tests hold it against.

`BM25Okapi` looks into a dictionary of every document for every term of a question. Here a term has
its postings, the documents it stands in and how often, so that a question touches only those:
hundreds of times faster, and readable from memory-mapped files. See `postings.py` for these.

Two things are mended. The idf is `ln(1 + (N - n + 0.5) / (n + 0.5))` (Robertson and Zaragoza,
"The Probabilistic Relevance Framework: BM25 and Beyond", 2009, with the 1 + that Lucene adds), so
that it is never negative, however common a term; and a document that shares no term is no result.

The best of many documents are found without scoring all that share a term, as by MaxScore (Turtle
and Flood, "Query evaluation: strategies and optimizations", 1995): once the best n have more than
the common terms can give together, a document that has none of the rare ones is not looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .postings import Columns
from .vocabulary import Terms, Vocabulary

_SLACK = 1 + 1e-9  # sums of the same numbers in another order differ by less
_LOOK_UP = 16  # times as many documents as candidates: from there on it is quicker to look these up
# What a term costs beside its postings when each step looks which documents are left, in postings;
# and how many documents without any are passed in the time of one posting.
_WORTH, _PASSED = 25_000, 4
_SPARE = 4  # arrays of a score a document that are kept for the next questions


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

    Documents are named by their places in the corpus, and scores are float64.
    """

    def __init__(self, columns: Columns, k1: float = 1.5, b: float = 0.75) -> None:
        self._docs, self._counts = columns["docs"], columns["counts"]
        self._starts = columns["starts"]
        self.vocabulary: Terms = Vocabulary(columns["terms"], columns["term_ends"])
        self._weigh(columns["lengths"], np.diff(self._starts), k1, b)

    def _weigh(self, lengths: NDArray[Any], containing: NDArray[Any], k1: float, b: float) -> None:
        """Set what scores are made of: the documents' lengths, and how many hold each term."""
        self.k1, self.b = k1, b
        # The terms of one question are looked up for each passage that is shown.
        self._number = lru_cache(maxsize=4_096)(self.vocabulary.get)
        self._most = lru_cache(maxsize=4_096)(self._highest)
        self.corpus_size = len(lengths)
        total = float(lengths.sum(dtype=np.int64))
        self.avgdl = total / self.corpus_size if self.corpus_size else 0.0
        relative = lengths / self.avgdl if self.avgdl else np.zeros(self.corpus_size)
        self._norm = k1 * (1 - b + b * relative)
        self._least_norm = float(self._norm.min(initial=np.inf)) if self.corpus_size else 0.0
        self._spare: list[NDArray[np.float64]] = []
        self._containing = containing
        self._weights = idf(self.corpus_size, containing)
        self.idf: Mapping[str, float] = _Idf(self.vocabulary, self._weights)

    def get_scores(self, query: Sequence[str]) -> NDArray[np.float64]:
        """The score of every document, shape (corpus_size,); a repeated term counts again."""
        scores = np.zeros(self.corpus_size)
        for number in self._numbers(query):
            docs, gains = self._gains(number)
            scores[docs] += gains
        return scores

    def top(
        self, query: Sequence[str], n: int, among: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The n best documents that share a term with the query, and their scores, best first.

        As `best` finds them in `get_scores`, the earlier of equals first; only those where `among`
        is true. Of many documents those alone are scored that can be among the best.
        """
        numbers = list(self._numbers(query))
        work = sum(map(self._documents, numbers)) + self.corpus_size // _PASSED
        if work > _WORTH * len(numbers):
            return self._top_of_many(query, n, among)
        scores = self.get_scores(query)
        rows = np.array(best(scores, n, among), dtype=np.int64)
        return rows, scores[rows]

    def _top_of_many(
        self, query: Sequence[str], n: int, among: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """See `top`."""
        rows = self._candidates(query, n, among) if n > 0 else np.zeros(0, dtype=np.int64)
        scores = self.scores_of(query, rows)
        order = np.lexsort((rows, -scores))[: max(n, 0)]
        return rows[order], scores[order]

    def scores_of(self, query: Sequence[str], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The scores of some documents, shape (n,): those of `get_scores`, to the last bit."""
        scores = np.zeros(len(rows))
        wanted = rows.astype(np.int32)  # as postings are, or numpy would copy the whole of these
        for number in self._numbers(query):
            docs, counts = self.posting(number)
            places = np.searchsorted(docs, wanted)
            held = np.flatnonzero(docs[np.minimum(places, len(docs) - 1)] == wanted)
            scores[held] += self._gain(number, rows[held], counts[places[held]])
        return scores

    def _candidates(
        self, query: Sequence[str], n: int, among: NDArray[np.bool_] | None
    ) -> NDArray[np.int64]:
        """Documents among which the n best are, in no order."""
        times = Counter(self._numbers(query))
        terms = sorted(times, key=self._documents)
        bounds = [times[term] * self._most(term) for term in terms]
        scores = self._zeros()
        touched: list[NDArray[np.intp]] = []
        rows = np.zeros(0, dtype=np.intp)
        partial = np.zeros(0)
        try:
            for place, term in enumerate(terms):
                left = sum(bounds[place:]) * _SLACK
                if len(rows) >= n and self._documents(term) > _LOOK_UP * n:
                    rows, partial = self._promising(rows, scores[rows], n, left)
                    if float(np.partition(partial, len(partial) - n)[len(partial) - n]) > left:
                        break
                new = self._add(term, times[term], scores, touched, among)
                rows = np.concatenate([rows, new])
            else:
                rows, _ = self._promising(rows, scores[rows], n, 0.0)
                return rows.astype(np.int64)
        finally:
            for each in touched:
                scores[each] = 0.0
            if len(self._spare) < _SPARE:
                self._spare.append(scores)
        return self._narrowed(rows, partial, terms[place:], bounds[place:], times, n)

    def _zeros(self) -> NDArray[np.float64]:
        try:
            return self._spare.pop()
        except IndexError:  # other threads have them all
            return np.zeros(self.corpus_size)

    def _add(
        self,
        term: int,
        times: int,
        scores: NDArray[np.float64],
        touched: list[NDArray[np.intp]],
        among: NDArray[np.bool_] | None,
    ) -> NDArray[np.intp]:
        """Add what a term gives its documents; returns those that had nothing before."""
        docs, gains = self._gains(term)
        before = scores[docs]
        new: NDArray[np.intp] = docs[before == 0]
        touched.append(new)
        scores[docs] = before + times * gains
        if among is not None:
            new = new[among[new]]
        return new

    def _narrowed(
        self,
        rows: NDArray[np.intp],
        partial: NDArray[np.float64],
        terms: Sequence[int],
        bounds: Sequence[float],
        times: Mapping[int, int],
        n: int,
    ) -> NDArray[np.int64]:
        """Those of some documents that may be the best, by looking up the last terms in each."""
        order = np.argsort(rows)
        rows, partial = rows[order], partial[order]
        for place, term in enumerate(terms):
            rows, partial = self._promising(rows, partial, n, sum(bounds[place:]) * _SLACK)
            docs, counts = self.posting(term)
            places = np.searchsorted(docs, rows.astype(np.int32))
            held = np.flatnonzero(docs[np.minimum(places, len(docs) - 1)] == rows)
            partial[held] += times[term] * self._gain(term, rows[held], counts[places[held]])
        rows, _ = self._promising(rows, partial, n, 0.0)
        return rows.astype(np.int64)

    @staticmethod
    def _promising(
        rows: NDArray[np.intp], partial: NDArray[np.float64], n: int, left: float
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The documents that reach the n-th best if they get all that is left."""
        if len(rows) <= n:
            return rows, partial
        least = float(np.partition(partial, len(partial) - n)[len(partial) - n])
        kept = partial * _SLACK + left >= least
        return rows[kept], partial[kept]

    def _documents(self, number: int) -> int:
        return int(self._containing[number])

    def _highest(self, number: int) -> float:
        """What a term can give a document at most: it comes often, and the document is short."""
        most = float(self._most_often(number))
        weight = float(self._weights[number]) * (self.k1 + 1)
        return weight * most / (most + self._least_norm) if most else 0.0

    def _most_often(self, number: int) -> int:
        return int(self.posting(number)[1].max(initial=0))

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

    def parts(self, query: Sequence[str], document: int) -> dict[str, float]:
        """What each term of the query adds to a document's score, for those that stand in it."""
        parts: dict[str, float] = {}
        for term in query:
            number = self._number(term)
            if number is None:
                continue
            docs, counts = self.posting(number)
            place = int(np.searchsorted(docs, np.int32(document)))  # see `scores_of`
            if place < len(docs) and docs[place] == document:
                only = slice(place, place + 1)
                gains = self._gain(number, docs[only], counts[only])
                parts[term] = parts.get(term, 0.0) + float(gains[0])
        return parts

    def _numbers(self, query: Sequence[str]) -> Iterator[int]:
        for term in query:
            number = self._number(term)
            if number is not None:
                yield number

    def posting(self, number: int) -> tuple[NDArray[np.int32], NDArray[Any]]:
        """The documents that hold a term, in order, and how often."""
        piece = slice(int(self._starts[number]), int(self._starts[number + 1]))
        return self._docs[piece], self._counts[piece]

    def gains(self, number: int) -> NDArray[np.float64]:
        """What a term adds to the scores of its documents, in the order of `posting`."""
        return self._gains(number)[1]

    def _gains(self, number: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        docs, counts = self.posting(number)
        # numpy would make indices of it twice, for reading norms and for adding to scores.
        places = docs.astype(np.intp)
        return places, self._gain(number, places, counts)

    def _gain(self, number: int, docs: NDArray[Any], counts: NDArray[Any]) -> NDArray[np.float64]:
        gains: NDArray[np.float64] = self._norm[docs]
        gains += counts
        np.divide(counts, gains, out=gains)
        gains *= float(self._weights[number]) * (self.k1 + 1)
        return gains


def best(scores: NDArray[np.float64], n: int, among: NDArray[np.bool_] | None = None) -> list[int]:
    """The places of the n highest scores above 0, best first, the earlier of equals first."""
    scored = np.flatnonzero(scores if among is None else scores * among)
    values = scores[scored]
    if 0 < n < len(scored):
        kept = values >= np.partition(values, len(values) - n)[len(values) - n]
        scored, values = scored[kept], values[kept]
    order = np.argsort(-values, kind="stable")[: max(n, 0)]
    places: list[int] = scored[order].tolist()
    return places
