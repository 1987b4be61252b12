"""The probability that a story fits a topic: a logistic model over words and vectors.

A topic is short ("space", "who is on strike?"), and the cosine of a short text to an article is
low, and differently low for each topic. So the topic is put into two framing sentences, and the
cosine also counts as a standard score against this topic's cosines to the whole collection.
Learned by `tests/benchmarks/fit_briefing.py`; see tests/benchmarks/RESULTS.md, "Briefings: which
stories fit a topic".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.generation import Generation
from newsdesk.index.linear_model import LinearModel
from newsdesk.index.text.analyzer import Analyzer, fold

from .window import Matrix, Window

MODEL = LinearModel(
    Path(__file__).with_suffix(".json"), ("cosine", "standing", "covered", "phrase")
)
_FRAMES = ("news about {}", "{}: news story")
_SAMPLE = 2_000  # passages that stand for the whole collection

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class TopicProfile:
    """What articles are compared with to see whether they fit a topic."""

    vector: Matrix  # shape (d,): mean of the framing sentences' vectors
    usual: float  # mean cosine to the collection's passages
    spread: float  # standard deviation of that cosine
    weights: Mapping[str, float]  # idf of its terms, as the collection spells them
    pairs: frozenset[Pair]  # neighbouring words


def profile(
    words: str,
    generation: Generation,
    encode: Callable[[str], Matrix],
    weights: Mapping[str, float],
    analyzer: Analyzer,
) -> TopicProfile:
    """The profile of a topic's words; `encode` gives a text's vector, `weights` its terms' idf."""
    vector = np.mean([encode(frame.format(words)) for frame in _FRAMES], axis=0)
    vectors = generation.column("vectors")
    step = max(1, len(vectors) // _SAMPLE)
    cosines = vectors[::step] @ vector
    spread = max(float(cosines.std()), 1e-6)
    return TopicProfile(
        vector, float(cosines.mean()), spread, weights, frozenset(_pairs(words, analyzer))
    )


def fits(
    topic: TopicProfile, window: Window, stories: list[NDArray[np.int64]], analyzer: Analyzer
) -> NDArray[np.float64]:
    """The probability that each story belongs to the topic, float64 of shape (stories,).

    A story is an array of positions in the window.
    """
    logits = [
        MODEL.score(features) for features in story_features(topic, window, stories, analyzer)
    ]
    probabilities: NDArray[np.float64] = 1 / (1 + np.exp(-np.array(logits, dtype=np.float64)))
    return probabilities


def story_features(
    topic: TopicProfile, window: Window, stories: list[NDArray[np.int64]], analyzer: Analyzer
) -> list[dict[str, float]]:
    """The model's features of each story, taken from its best article.

    Not the mean over articles: some tell of the matter in other words than the topic's.
    """
    cosines = window.leads @ topic.vector
    covered = _covered_share(topic, window)
    features = []
    for rows in stories:
        cosine, share = float(cosines[rows].max()), float(covered[rows].max())
        features.append(
            {
                "cosine": cosine,
                "standing": (cosine - topic.usual) / topic.spread,
                "covered": share,
                "phrase": _pair_share(topic, window, rows, analyzer) if share else 0.0,
            }
        )
    return features


def _covered_share(topic: TopicProfile, window: Window) -> NDArray[np.float64]:
    """The share of the topic's idf that stands in each article, shape (articles,)."""
    total = sum(topic.weights.values())
    shares = np.zeros(len(window))
    for term, weight in topic.weights.items():
        place = window.places.get(term)
        if place is not None:
            shares += (window.words[:, [place]].toarray()[:, 0] > 0) * (weight / total)
    return shares


def _pair_share(
    topic: TopicProfile, window: Window, rows: NDArray[np.int64], analyzer: Analyzer
) -> float:
    """The share of the topic's neighbouring words that are neighbours in a story's articles."""
    if not topic.pairs:
        return 0.0
    shares = []
    for row in rows.tolist():
        article = window.articles[row]
        pairs = _pairs(f"{article.title} . {article.text}", analyzer)
        shares.append(len(topic.pairs & pairs) / len(topic.pairs))
    return float(np.mean(shares))


def _pairs(text: str, analyzer: Analyzer) -> set[Pair]:
    """Neighbouring words, at least one of them not a stop word ("on strike")."""
    words = [
        (token.terms[0], True) if token.terms else (fold(text[token.start : token.end]), False)
        for token in analyzer.tokens(text)
    ]
    return {
        (first, second)
        for (first, subject), (second, also_subject) in pairwise(words)
        if subject or also_subject
    }
