"""How well the best sentence of a passage fits a question.

A passage's scores are of all its words together. What answers stands in one sentence: a passage
that has the question's words in one sentence is better than one that has them here and there. The
weights are chosen by tests/benchmarks/fit_ranking.py; see RESULTS.md, "Sentence match".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence


def best_sentence(
    sentences: Sequence[Collection[str]],
    cosines: Sequence[float],
    heading: Collection[str],
    weights: Mapping[str, float],
    cosine: float,
    words: float,
) -> float:
    """How well the best sentence fits: `cosine` * its cosine + `words` * its share of the question.

    `sentences` are the terms of each, at least those of the question; `cosines` those of the
    question to each, and `weights` the idf of the question's terms. A term of the `heading` is
    shared by all sentences: what an article is about, and when, is not said again in each. Never
    below 0, so that no passage loses by being read; 0 without a sentence.

    >>> best_sentence([{"nine", "met"}], [0.5], {"riga"}, {"nine": 3.0, "riga": 1.0}, 0.4, 0.3)
    0.5
    """
    total = sum(weights.values()) or 1.0
    about = sum(weight for term, weight in weights.items() if term in heading)
    left = {term: weight for term, weight in weights.items() if term not in heading}
    fits = [
        cosine * near + words * (about + sum(left[term] for term in left.keys() & terms)) / total
        for terms, near in zip(sentences, cosines, strict=True)
    ]
    return max(0.0, max(fits, default=0.0))
