"""`Window`: the articles of a period with their vectors and tf-idf rows.

Briefings need a generation in this process, and `local_generation` is where they say so. Not by
the `Engine` protocol: a briefing reads every vector and sentence of a week's articles, some
megabytes, and a sample of all the others; a cluster makes it where those lie.
"""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.errors import LibraryError, LibraryMissing
from newsdesk.index.generation import Generation, current, open_current
from newsdesk.index.generation.generation import UNDATED
from newsdesk.index.search.engine import Engine
from newsdesk.index.search.local_engine import LocalEngine
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Article, Span

from .lead_names import Lead, LeadMatrices, lead, matrices
from .types import falls_within, moment

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Matrix = NDArray[np.float32]

_TITLE = 2  # weight of a title's terms, a body's being 1
_LEAD = 2.0  # weight of the first passage, another's being 1


@dataclass(frozen=True, slots=True)
class Window:
    """The n articles of a period, oldest first, and what they are compared by.

    `vectors` and `leads`, shape (n, d) float32, rows of L2 norm 1, represent whole articles and
    their first passages. `words` and `names`, shape (n, terms) float32, are sparse tf-idf rows of
    L2 norm 1; names are terms written with a capital or a digit. `hours`, shape (n,) float64, is
    the publication time in hours since 1970, or of an article without a date its arrival; `got`,
    of the same shape and unit, is when the library got it, as far as that is known. `copies`,
    shape (n,) int64, is the number of the story that an article is a copy of, 0 if not known.
    """

    articles: tuple[Article, ...]
    numbers: NDArray[np.int64]  # shape (n,): positions in the generation
    vectors: Matrix
    leads: Matrix
    words: csr_array
    names: csr_array
    lead_names: LeadMatrices
    places: Mapping[str, int]  # term -> column of `words` and `names`
    idf: Mapping[str, float]
    hours: NDArray[np.float64]
    got: NDArray[np.float64]
    copies: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.articles)


@dataclass(frozen=True, slots=True)
class ArticleSentences:
    """An article's n sentences: spans, and vectors of shape (n, d) with L2 norm 1 (or 0)."""

    spans: tuple[Span, ...]
    vectors: Matrix


def local_generation(engine: Engine, home: Path | None = None) -> Generation:
    """The generation behind an engine, or the newest in `home`, where the library is written.

    Raises LibraryError if there is neither.
    """
    if isinstance(engine, LocalEngine):
        return engine.generation
    with contextlib.suppress(LibraryMissing):
        if home is not None:
            return _opened(home, current(home))
    raise LibraryError(
        f"{engine.state}: briefings are made where the library lies, and this one is elsewhere; "
        "run `newsdesk brief` there"
    )


@lru_cache(maxsize=1)
def _opened(home: Path, name: str) -> Generation:
    """The newest generation in a home, whose name is part of what it is kept by."""
    return open_current(home)


class WindowReader:
    """Reads articles of one generation by publication time."""

    def __init__(
        self,
        generation: Generation,
        weigh: Callable[[Sequence[str]], Mapping[str, float]],
        analyzer: Analyzer,
    ) -> None:
        """`weigh` returns the idf of terms in the whole collection."""
        self._generation = generation
        self._weigh = weigh
        self._analyzer = analyzer

    def window(
        self, since: datetime, until: datetime, arrivals: Mapping[str, float] | None = None
    ) -> Window:
        """The articles with `since <= published < until`, both timezone-aware.

        `arrivals` is when the library got articles, in seconds since 1970, by their ids; those
        without a date count by that.
        """
        arrivals = arrivals or {}
        days = self._generation.column("published")
        # A day more on both sides: an article's own time zone may be another.
        first = (since - timedelta(days=1)).date().toordinal()
        last = (until + timedelta(days=1)).date().toordinal()
        near = np.flatnonzero((days != UNDATED) & (days >= first) & (days <= last)).tolist()
        articles = [(number, self._generation.article(number)) for number in near]
        dated = [
            (moment(article.published), number, article)
            for number, article in articles
            if article.published and falls_within(article.published, since, until)
        ]
        dated += self._undated(days, since, until, arrivals)
        dated.sort(key=lambda row: (row[0], row[1]))
        numbers = np.array([number for _, number, _ in dated], dtype=np.int64)
        in_order = tuple(article for _, _, article in dated)
        vectors, leads = self._vectors(numbers)
        counted = [_term_counts(article, self._analyzer) for article in in_order]
        idf = self._weigh(sorted(set().union(*(counts for counts, _, _ in counted))))
        places = {term: place for place, term in enumerate(idf)}
        words = _tfidf_rows([counts for counts, _, _ in counted], places, idf)
        names = _tfidf_rows(
            [{t: counts[t] for t in named} for counts, named, _ in counted], places, idf
        )
        of_leads = matrices([of_lead for _, _, of_lead in counted], idf)
        hours = np.array([at.timestamp() / 3600.0 for at, _, _ in dated])
        known = [_got(article, arrivals) for article in in_order]
        got = np.array(known, dtype=np.float64) / 3600.0
        copies = self._generation.column("story")[numbers]
        parts = vectors, leads, words, names, of_leads, places, idf, hours, got, copies
        return Window(in_order, numbers, *parts)

    def _undated(
        self,
        days: NDArray[np.int64],
        since: datetime,
        until: datetime,
        arrivals: Mapping[str, float],
    ) -> list[tuple[datetime, int, Article]]:
        """The articles without a date that came in a period, with when they did."""
        if not arrivals:
            return []
        numbers = np.flatnonzero(days == UNDATED).tolist()
        articles = [(number, self._generation.article(number)) for number in numbers]
        came = [
            (datetime.fromtimestamp(arrivals[article.id], UTC), number, article)
            for number, article in articles
            if article.id in arrivals
        ]
        return [row for row in came if since <= row[0] < until]

    def passages(self, number: int) -> range:
        """The positions of an article's passages in the generation."""
        first = self._generation.column("first_passage")
        return range(int(first[number]), int(first[number + 1]))

    def sentences(self, number: int, article: Article) -> ArticleSentences:
        """The sentences of the article at a position, in order."""
        places = self.passages(number)
        passages = [self._generation.passage(place, article) for place in places]
        rows = [self._generation.sentence_vectors(place) for place in places]
        vectors = unit(np.concatenate(rows).astype(np.float32))
        return ArticleSentences(
            tuple(span for passage in passages for span in passage.sentences), vectors
        )

    def _vectors(self, numbers: NDArray[np.int64]) -> tuple[Matrix, Matrix]:
        columns = self._generation.column("vectors")
        whole = np.zeros((len(numbers), columns.shape[1]), dtype=np.float32)
        leads = np.zeros_like(whole)
        for row, number in enumerate(numbers.tolist()):
            own = columns[np.asarray(self.passages(number))]
            leads[row] = own[0]
            whole[row] = own.sum(axis=0) + (_LEAD - 1) * own[0]
        return unit(whole), unit(leads)


def _got(article: Article, arrivals: Mapping[str, float]) -> float:
    """When the library got an article, in seconds since 1970; where unknown, when it came out."""
    if article.id in arrivals or article.published is None:
        return arrivals.get(article.id, 0.0)
    came_out = moment(article.published)
    whole_day = timedelta(0) if isinstance(article.published, datetime) else timedelta(days=1)
    return (came_out + whole_day).timestamp()


def _tfidf_rows(
    counted: Sequence[Mapping[str, int]], places: Mapping[str, int], idf: Mapping[str, float]
) -> csr_array:
    """Sublinear tf-idf, each row of L2 norm 1."""
    from scipy.sparse import csr_array

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
    """Rows scaled to L2 norm 1; zero rows stay zero.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32)).round(1).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    scaled: Matrix = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return scaled


def _term_counts(article: Article, analyzer: Analyzer) -> tuple[Counter[str], set[str], Lead]:
    """Term frequencies of an article, the terms that are written as names, and its lead."""
    counts: Counter[str] = Counter()
    names: set[str] = set()
    title, body = [*analyzer.tokens(article.title)], [*analyzer.tokens(article.text)]
    for token in title:
        for term in token.terms:
            counts[term] += _TITLE
    for token in body:
        counts.update(token.terms)
        letter = article.text[token.start]
        if letter.isupper() or letter.isdecimal():
            names.update(token.terms)
    return counts, names, lead(article, title, body)
