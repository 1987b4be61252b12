"""The articles of a period, with what they are compared by.

Briefings need a generation in this process, and `local_generation` is where they say so. Not by
the `Engine` protocol: a briefing reads every vector and sentence of a week's articles, some
megabytes, and a sample of all the others; a cluster makes it where those lie.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from newsdesk.index.errors import LibraryError
from newsdesk.index.generation import Generation
from newsdesk.index.generation.generation import UNDATED
from newsdesk.index.search.engine import Engine
from newsdesk.index.search.local_engine import LocalEngine
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Article, Span

from .types import falls_within, moment

Matrix = NDArray[np.float32]

_TINY = 1e-9
_TITLE = 2  # times that a title's words count
_LEAD = 2.0  # times that the first passage counts
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Window:
    """Articles in the order of their time, oldest first.

    `vectors` (n, d) and `leads` (n, d) are of length 1: the whole article, and its first passage.
    `words` and `names` (n, terms) are sparse tf-idf rows of length 1; names are what is written
    with a capital or holds a digit. `hours` (n,) is when each came out.
    """

    articles: tuple[Article, ...]
    numbers: NDArray[np.int64]  # in the generation
    vectors: Matrix
    leads: Matrix
    words: csr_array
    names: csr_array
    places: Mapping[str, int]  # term -> column of both
    idf: Mapping[str, float]
    hours: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.articles)


@dataclass(frozen=True, slots=True)
class ArticleSentences:
    """An article's sentences, with their vectors (n, d), each of length 1 or 0."""

    spans: tuple[Span, ...]
    vectors: Matrix


def local_generation(engine: Engine) -> Generation:
    """The generation behind an engine. Raises LibraryError if it is not in this process."""
    if isinstance(engine, LocalEngine):
        return engine.generation
    raise LibraryError(
        f"{engine.state}: briefings are made where the library lies, and this one is elsewhere; "
        "run `newsdesk brief` there"
    )


class WindowReader:
    """Reads periods of one generation."""

    def __init__(
        self,
        generation: Generation,
        weigh: Callable[[Sequence[str]], Mapping[str, float]],
        analyzer: Analyzer,
    ) -> None:
        """`weigh` gives the idf of terms in the whole collection."""
        self._generation = generation
        self._weigh = weigh
        self._analyzer = analyzer

    def window(self, since: datetime, until: datetime) -> Window:
        """All articles of a period."""
        days = self._generation.column("published")
        # A day more on both sides: an article's own time zone may be another.
        first = (since - timedelta(days=1)).date().toordinal()
        last = (until + timedelta(days=1)).date().toordinal()
        near = np.flatnonzero((days != UNDATED) & (days >= first) & (days <= last)).tolist()
        articles = [(number, self._generation.article(number)) for number in near]
        found = [
            (moment(article.published), number, article)
            for number, article in articles
            if article.published and falls_within(article.published, since, until)
        ]
        found.sort(key=lambda one: (one[0], one[1]))
        numbers = np.array([number for _, number, _ in found], dtype=np.int64)
        told = tuple(article for _, _, article in found)
        vectors, leads = self._vectors(numbers)
        counted = [_counts(article, self._analyzer) for article in told]
        idf = self._weigh(sorted(set().union(*(counts for counts, _ in counted))))
        places = {term: place for place, term in enumerate(idf)}
        words = _rows([counts for counts, _ in counted], places, idf)
        names = _rows([{t: counts[t] for t in named} for counts, named in counted], places, idf)
        hours = np.array([at.timestamp() / _HOUR for at, _, _ in found])
        return Window(told, numbers, vectors, leads, words, names, places, idf, hours)

    def passages(self, number: int) -> range:
        """The numbers of an article's passages."""
        first = self._generation.column("first_passage")
        return range(int(first[number]), int(first[number + 1]))

    def sentences(self, number: int, article: Article) -> ArticleSentences:
        """An article's sentences, in order."""
        passages = [self._generation.passage(one, article) for one in self.passages(number)]
        rows = [self._generation.sentence_vectors(one) for one in self.passages(number)]
        vectors = unit(np.concatenate(rows).astype(np.float32))
        return ArticleSentences(tuple(span for one in passages for span in one.sentences), vectors)

    def _vectors(self, numbers: NDArray[np.int64]) -> tuple[Matrix, Matrix]:
        columns = self._generation.column("vectors")
        whole = np.zeros((len(numbers), columns.shape[1]), dtype=np.float32)
        leads = np.zeros_like(whole)
        for row, number in enumerate(numbers.tolist()):
            own = columns[np.asarray(self.passages(number))]
            leads[row] = own[0]
            whole[row] = own.sum(axis=0) + (_LEAD - 1) * own[0]
        return unit(whole), unit(leads)


def _rows(
    counted: Sequence[Mapping[str, int]], places: Mapping[str, int], idf: Mapping[str, float]
) -> csr_array:
    """Sublinear tf-idf, each row of length 1."""
    rows, columns, values = [], [], []
    for row, counts in enumerate(counted):
        weights = [(1 + math.log(n)) * idf[term] for term, n in counts.items()]
        length = math.hypot(*weights) or 1.0
        rows += [row] * len(weights)
        columns += [places[term] for term in counts]
        values += [weight / length for weight in weights]
    shape = (len(counted), max(1, len(places)))
    return csr_array((values, (rows, columns)), shape=shape, dtype=np.float32)


def unit(rows: Matrix) -> Matrix:
    """Rows of length 1; those of length 0 stay."""
    found: Matrix = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _TINY)
    return found


def _counts(article: Article, analyzer: Analyzer) -> tuple[Counter[str], set[str]]:
    """How often each term stands in an article, and which terms are written as names."""
    counts: Counter[str] = Counter()
    names: set[str] = set()
    for text, weight in ((article.title, _TITLE), (article.text, 1)):
        for token in analyzer.tokens(text):
            word = text[token.start : token.end]
            for term in token.terms:
                counts[term] += weight
            if weight == 1 and (word[0].isupper() or word[0].isdecimal()):
                names.update(token.terms)
    return counts, names
