"""A closer look at the first passages: how well the best sentence of each fits the question.

A passage's scores are of all its words together. What answers stands in one sentence: a passage
that has the question's words in one sentence is better than one that has them here and there.

Measured by tests/benchmarks/fit_ranking.py, the weights .4 and .3; in parentheses p beside no
sentence read. The same pair is best on the others for every dataset but time_magazine, where the
others would have chosen .2 and .6: nDCG@10 .801. What more gave nothing that held: phrases, words
near each other, the article's or the neighbours' vectors, other forms of the question.

TABLE
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from .types import Article


def best_sentence(
    sentences: Sequence[Collection[str]],
    cosines: Sequence[float],
    heading: Collection[str],
    weights: Mapping[str, float],
    cosine: float,
    words: float,
) -> float:
    """The best of `cosine` times the sentence's cosine and `words` times its share of the question.

    `sentences` are the terms of each, `weights` the idf of the question's terms. A term of the
    `heading` is shared by all sentences: what an article is about, and when, is not said again in
    each. Never below 0, so that no passage loses by being read.
    """
    total = sum(weights.values()) or 1.0
    about = sum(weight for term, weight in weights.items() if term in heading)
    left = {term: weight for term, weight in weights.items() if term not in heading}
    fits = [
        cosine * near + words * (about + sum(left[term] for term in left.keys() & terms)) / total
        for terms, near in zip(sentences, cosines, strict=True)
    ]
    return max(0.0, max(fits, default=0.0))


def heading(article: Article) -> str:
    """What holds for every sentence of an article: its title, its month and its year."""
    return f"{article.title} {article.published:%B %Y}" if article.published else article.title
