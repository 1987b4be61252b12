"""Which sentences tell a story: those that stand in its articles and say most of it.

A linear model over what a sentence shares with the titles and with the middle of the story.
Learned by tests/benchmarks/fit_briefing.py on the first part of tests/week/; there, and on the
other part, the sentence chosen is one of those marked for 36 of 36 and 25 of 25 stories, and when
a story moved on, one of those marked as new for 28 of 29 and 15 of 15.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from newsdesk.index.linear_model import LinearModel
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Article, Span

from .window import Matrix, Read

MODEL = LinearModel(
    Path(__file__).with_suffix(".json"),
    ("lead", "cosine", "titles", "title", "length", "quote", "leaning"),
)
UPDATES = LinearModel(Path(__file__).with_name("updates.json"), ("merit", "apart", "new"))
_SAME_AGAIN = (0.12, 0.25)  # apart and new, below both of which a sentence says nothing new
_LONG = 40  # words
_QUOTE = re.compile(r"[\"“”„«»]")
_LEANING = re.compile(r"(?:The|It|He|She|They|This|That|But|And|His|Her|Its|Their)\b")
_SECOND = 3.0  # what a second sentence loses for saying what the first does
_LEAST = 0.5  # merit of a second sentence: below, it is colour more often than news


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a story's article, with what speaks for it."""

    article: Article
    span: Span
    vector: Matrix
    terms: frozenset[str]
    features: Mapping[str, float]

    @property
    def merit(self) -> float:
        """How well it tells the story, as a logit."""
        return float(MODEL.score(self.features))


def sentences(
    articles: Sequence[tuple[Article, Read]],
    middle: Matrix,
    idf: Mapping[str, float],
    analyzer: Analyzer,
) -> list[Sentence]:
    """Every sentence of some articles that tell one story; `middle` (d,) is their mean vector."""
    titles = [frozenset(analyzer.terms(article.title)) for article, _ in articles]
    often = {
        term: n * idf.get(term, 0.0)
        for term, n in Counter(term for title in titles for term in title).items()
    }
    found = []
    for (article, read), title in zip(articles, titles, strict=True):
        own = {term: idf.get(term, 0.0) for term in title}
        for number, span in enumerate(read.spans):
            text = span.of(article.text)
            terms = frozenset(analyzer.terms(text))
            features = {
                "lead": float(number == 0),
                "cosine": float(read.vectors[number] @ middle),
                "titles": _share(terms, often),
                "title": _share(terms, own),
                "length": min(len(text.split()), _LONG) / _LONG,
                "quote": float(bool(_QUOTE.search(text))),
                "leaning": float(bool(_LEANING.match(text))),
            }
            found.append(Sentence(article, span, read.vectors[number], terms, features))
    return found


def told(found: Sequence[Sentence]) -> list[Sentence]:
    """The sentence that tells a new story best, and perhaps a second that adds to it."""
    merits = [one.merit for one in found]
    return _chosen(found, merits)


def told_anew(
    found: Sequence[Sentence],
    known: Matrix,
    known_terms: frozenset[str],
    idf: Mapping[str, float],
) -> list[Sentence]:
    """The same for a story that was told before: what is new in it; nothing if nothing is.

    `known` (n, d) are the vectors of the sentences of its earlier articles, and `known_terms`
    their terms. A sentence that repeats the old ones nearly word for word is nothing new; one
    that tells the same in other words may pass for new (so did all 6 of the week's).
    """
    merits = []
    for signals in news(found, known, known_terms, idf):
        merit = UPDATES.score(signals)
        again = signals["apart"] < _SAME_AGAIN[0] and signals["new"] < _SAME_AGAIN[1]
        merits.append(-np.inf if again else merit)
    return _chosen(found, merits)


def news(
    found: Sequence[Sentence],
    known: Matrix,
    known_terms: frozenset[str],
    idf: Mapping[str, float],
) -> list[dict[str, float]]:
    """What the model of updates is given of each sentence, see `told_anew`."""
    return [
        {
            "merit": one.merit,
            "apart": 1 - float((known @ one.vector).max(initial=-1.0)),
            "new": _share(one.terms - known_terms, {t: idf.get(t, 0.0) for t in one.terms}),
        }
        for one in found
    ]


def _chosen(found: Sequence[Sentence], merits: Sequence[float]) -> list[Sentence]:
    if not found or max(merits) == -np.inf:
        return []
    first = found[int(np.argmax(merits))]
    further = [
        merit - _SECOND * float(one.vector @ first.vector) if _adds(one, first) else -np.inf
        for one, merit in zip(found, merits, strict=True)
    ]
    best = int(np.argmax(further))
    return [first, found[best]] if further[best] > -np.inf else [first]


def _adds(one: Sentence, first: Sentence) -> bool:
    """Whether a second sentence is worth its room behind the first."""
    new = one.terms - first.terms
    return one.merit >= _LEAST and len(new) >= max(2, len(one.terms) / 2)


def _share(terms: frozenset[str], weights: Mapping[str, float]) -> float:
    total = sum(weights.values())
    return sum(w for term, w in weights.items() if term in terms) / total if total else 0.0
