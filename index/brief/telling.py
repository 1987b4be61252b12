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

from .window import ArticleSentences, Matrix

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
class ScoredSentence:
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


def score_sentences(
    articles: Sequence[tuple[Article, ArticleSentences]],
    middle: Matrix,
    idf: Mapping[str, float],
    analyzer: Analyzer,
) -> list[ScoredSentence]:
    """Every sentence of some articles that tell one story; `middle` (d,) is their mean vector."""
    titles = [frozenset(analyzer.terms(article.title)) for article, _ in articles]
    often = {
        term: n * idf.get(term, 0.0)
        for term, n in Counter(term for title in titles for term in title).items()
    }
    scored = []
    for (article, contents), title in zip(articles, titles, strict=True):
        own = {term: idf.get(term, 0.0) for term in title}
        for number, span in enumerate(contents.spans):
            text = span.of(article.text)
            terms = frozenset(analyzer.terms(text))
            features = {
                "lead": float(number == 0),
                "cosine": float(contents.vectors[number] @ middle),
                "titles": _share(terms, often),
                "title": _share(terms, own),
                "length": min(len(text.split()), _LONG) / _LONG,
                "quote": float(bool(_QUOTE.search(text))),
                "leaning": float(bool(_LEANING.match(text))),
            }
            scored.append(ScoredSentence(article, span, contents.vectors[number], terms, features))
    return scored


def choose(sentences: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """The sentence that tells a new story best, and perhaps a second that adds to it."""
    merits = [sentence.merit for sentence in sentences]
    return _best_two(sentences, merits)


def choose_new(
    sentences: Sequence[ScoredSentence],
    known: Matrix,
    known_terms: frozenset[str],
    idf: Mapping[str, float],
) -> list[ScoredSentence]:
    """The same for a story that was told before: what is new in it; nothing if nothing is.

    `known` (n, d) are the vectors of the sentences of its earlier articles, and `known_terms`
    their terms. A sentence that repeats the old ones nearly word for word is nothing new; one
    that tells the same in other words may pass for new (so did all 6 of the week's).
    """
    merits = []
    for signals in novelty_features(sentences, known, known_terms, idf):
        merit = UPDATES.score(signals)
        again = signals["apart"] < _SAME_AGAIN[0] and signals["new"] < _SAME_AGAIN[1]
        merits.append(-np.inf if again else merit)
    return _best_two(sentences, merits)


def novelty_features(
    sentences: Sequence[ScoredSentence],
    known: Matrix,
    known_terms: frozenset[str],
    idf: Mapping[str, float],
) -> list[dict[str, float]]:
    """What the model of updates is given of each sentence, see `choose_new`."""
    return [
        {
            "merit": sentence.merit,
            "apart": 1 - float((known @ sentence.vector).max(initial=-1.0)),
            "new": _share(
                sentence.terms - known_terms, {t: idf.get(t, 0.0) for t in sentence.terms}
            ),
        }
        for sentence in sentences
    ]


def _best_two(sentences: Sequence[ScoredSentence], merits: Sequence[float]) -> list[ScoredSentence]:
    if not sentences or max(merits) == -np.inf:
        return []
    first = sentences[int(np.argmax(merits))]
    further = [
        merit - _SECOND * float(sentence.vector @ first.vector)
        if _adds(sentence, first)
        else -np.inf
        for sentence, merit in zip(sentences, merits, strict=True)
    ]
    best = int(np.argmax(further))
    return [first, sentences[best]] if further[best] > -np.inf else [first]


def _adds(sentence: ScoredSentence, first: ScoredSentence) -> bool:
    """Whether a second sentence is worth its room behind the first."""
    new = sentence.terms - first.terms
    return sentence.merit >= _LEAST and len(new) >= max(2, len(sentence.terms) / 2)


def _share(terms: frozenset[str], weights: Mapping[str, float]) -> float:
    total = sum(weights.values())
    return sum(w for term, w in weights.items() if term in terms) / total if total else 0.0
