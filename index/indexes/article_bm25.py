"""BM25 of whole articles, on the postings of their passages.

What a question is about often stands all over an article, while its answer stands in one passage
of it. An article's terms are those of its passages, each with the title.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bm25 import PostingsBM25, idf
from .postings import Columns


def article_columns(columns: Columns, first_passage: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """The statistics of whole articles, from the postings of their passages.

    `article_counts` (terms,) int32 is in how many articles each term stands, and `article_lengths`
    (articles,) int32 how many tokens each has. `first_passage` (articles + 1,) has each article's
    first passage, and the number of all passages last.
    """
    articles = len(first_passage) - 1
    of_passage = np.repeat(np.arange(articles, dtype=np.int32), np.diff(first_passage))
    sizes = np.diff(columns["starts"])
    terms = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    owners = of_passage[columns["docs"]]
    new = np.ones(len(owners), dtype=bool)  # postings that are an article's first of their term
    new[1:] = (owners[1:] != owners[:-1]) | (terms[1:] != terms[:-1])
    lengths = np.bincount(of_passage, weights=columns["lengths"], minlength=articles)
    return {
        "article_counts": np.bincount(terms[new], minlength=len(sizes)).astype(np.int32),
        "article_lengths": lengths.astype(np.int32),
    }


class ArticleBM25:
    """Scores some articles for a question; its cost does not grow with their number."""

    def __init__(self, passages: PostingsBM25, columns: Columns) -> None:
        """`columns` are `first_passage`, and what `article_columns` gave.

        k1 and b are those of the passages.
        """
        self._passages, self._vocabulary = passages, passages.vocabulary
        self._first, self._k1, b = columns["first_passage"], passages.k1, passages.b
        self._containing, lengths = columns["article_counts"], columns["article_lengths"]
        mean = float(lengths.mean()) if len(lengths) else 0.0
        relative = lengths / mean if mean else np.zeros(len(lengths))
        self._norm = self._k1 * (1 - b + b * relative)

    def scores(self, query: Sequence[str], articles: NDArray[np.int64]) -> NDArray[np.float64]:
        """The scores of some articles, shape (n,); by the formula of `PostingsBM25`."""
        # Each once: many candidates are of the same articles.
        articles, places = np.unique(articles, return_inverse=True)
        scores, norm = np.zeros(len(articles)), self._norm[articles]
        # As postings are, or numpy would copy the whole of these.
        ends = self._first[np.stack([articles, articles + 1])].astype(np.int32)
        for term in query:
            number = self._vocabulary.get(term)
            if number is not None:
                held, counts = self._occurrences(number, ends)
                weight = float(idf(len(self._norm), self._containing[number]))
                scores[held] += weight * counts * (self._k1 + 1) / (counts + norm[held])
        return scores[places]

    def _occurrences(
        self, term: int, ends: NDArray[np.int32]
    ) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Which of some articles, whose passages `ends` has, hold a term, and how often."""
        docs, pair = self._passages.posting(term)
        firsts, lasts = np.searchsorted(docs, ends)
        held = np.flatnonzero(lasts > firsts)
        if not len(held):
            return held, np.zeros(0, dtype=np.int64)
        sizes = (lasts - firsts)[held]
        starts = np.cumsum(sizes) - sizes
        places = np.repeat(firsts[held] - starts, sizes) + np.arange(starts[-1] + sizes[-1])
        return held, np.add.reduceat(self._passages.counts(pair[places]), starts, dtype=np.int64)
