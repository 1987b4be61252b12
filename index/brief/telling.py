"""Chooses the sentences that tell a story: extracts from its articles.

A linear model over what a sentence shares with the titles of the story's articles and with their
mean vector. Learned by `tests/benchmarks/fit_briefing.py`; see tests/benchmarks/RESULTS.md,
"Briefings: which sentence tells a story".
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
_REPEATS = {"apart": 0.12, "new": 0.25}  # a sentence below both says nothing new
_LONG = 40  # words; a longer sentence gains no more
_QUOTE = re.compile(r"[\"“”„«»]")
_LEANING = re.compile(r"(?:The|It|He|She|They|This|That|But|And|His|Her|Its|Their)\b")
_REDUNDANCY = 3.0  # weight of a second sentence's cosine to the first, as in MMR
_SECOND_MERIT = 0.5  # lowest merit of a second sentence: below, it is colour more often than news


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of a story's article with its features; `vector` has shape (d,), L2 norm 1."""

    article: Article
    span: Span
    vector: Matrix
    terms: frozenset[str]
    features: Mapping[str, float]

    @property
    def merit(self) -> float:
        """How well it tells the story: the model's logit."""
        return float(MODEL.score(self.features))


def score_sentences(
    articles: Sequence[tuple[Article, ArticleSentences]],
    middle: Matrix,
    idf: Mapping[str, float],
    analyzer: Analyzer,
) -> list[ScoredSentence]:
    """Every sentence of a story's articles with its features.

    `middle`, shape (d,) and L2 norm 1, is the mean vector of the articles; `idf` the idf of terms.
    """
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
    """The sentence with the highest merit, and a second if one adds to it; none of none."""
    merits = [sentence.merit for sentence in sentences]
    return _best_two(sentences, merits)


def choose_new(
    sentences: Sequence[ScoredSentence],
    known: Matrix,
    known_terms: frozenset[str],
    idf: Mapping[str, float],
) -> list[ScoredSentence]:
    """The one or two sentences that tell what is new in a story told before; none if nothing is.

    `known`, shape (n, d), are the vectors of the n sentences of its known articles, `known_terms`
    their terms. A sentence that repeats a known one nearly word for word is not new; one that
    says the same in other words may pass for new.
    """
    merits = []
    for signals in novelty_features(sentences, known, known_terms, idf):
        merit = UPDATES.score(signals)
        again = all(signals[name] < limit for name, limit in _REPEATS.items())
        merits.append(-np.inf if again else merit)
    return _best_two(sentences, merits)


def novelty_features(
    sentences: Sequence[ScoredSentence],
    known: Matrix,
    known_terms: frozenset[str],
    idf: Mapping[str, float],
) -> list[dict[str, float]]:
    """The features that the model of updates scores, of each sentence; see `choose_new`."""
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
        merit - _REDUNDANCY * float(sentence.vector @ first.vector)
        if _adds(sentence, first)
        else -np.inf
        for sentence, merit in zip(sentences, merits, strict=True)
    ]
    best = int(np.argmax(further))
    return [first, sentences[best]] if further[best] > -np.inf else [first]


def _adds(sentence: ScoredSentence, first: ScoredSentence) -> bool:
    """Whether a second sentence says enough that the first does not."""
    new = sentence.terms - first.terms
    return sentence.merit >= _SECOND_MERIT and len(new) >= max(2, len(sentence.terms) / 2)


def _share(terms: frozenset[str], weights: Mapping[str, float]) -> float:
    total = sum(weights.values())
    return sum(w for term, w in weights.items() if term in terms) / total if total else 0.0
