"""How probable it is that what came back answers the question.

A logistic model on signals that exist anyway. The scaled scores of fusion cannot be among them:
they always reach 1. The sentence's cosine, and how much of the question it and its article hold,
can tell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from .analyzer import Analyzer
from .sentences import Candidate, share
from .types import Hit

# Learned by tests/benchmarks/fit_answering.py, which says on what and prints how it generalises.
CONSTANT = -10.846
COEFFICIENTS: Mapping[str, float] = {
    "article": 3.485,
    "merit": 0.37,
    "unfit": -2.848,
    "cosine": 2.404,
    "beyond": 3.713,
    "rarest": 1.602,
    "lead": -0.902,
}

# Of the chosen sentence's features, see `sentences.candidates`. More of them, and cosine and idf
# share of whole passages, fitted better and held less: AUROC .948 on articles left out, not .961.
_OF_SENTENCE = ("cosine", "beyond", "rarest", "lead")


def signals(
    hits: Sequence[Hit],
    weights: Mapping[str, float],
    chosen: Candidate,
    leads: Sequence[Hit],
    analyzer: Analyzer,
) -> dict[str, float]:
    """What the verdict is made of.

    `chosen` is the sentence that would be shown, `leads` are the hits its `hit` counts in.
    article: which share of the question's idf stands in the sentence's article, 0..1. merit: see
    `sentences.Candidate`. unfit: 1 if the kind of thing asked for is not in the sentence. The
    rest are features of the sentence, each about 0..1.
    """
    fits = [v for n, v in chosen.features.items() if n.startswith("fits_") and n != "fits_other"]
    return {
        "article": share(_terms_of_article(hits, leads[chosen.hit], analyzer), weights),
        "merit": chosen.merit,
        "unfit": 1 - fits[0] if fits else 0.0,
        **{name: chosen.features[name] for name in _OF_SENTENCE},
    }


def probability(found: Mapping[str, float]) -> float:
    """The logistic function of the weighted signals, 0..1."""
    total = CONSTANT + sum(weight * found[name] for name, weight in COEFFICIENTS.items())
    return 1 / (1 + math.exp(-total))


def _terms_of_article(hits: Sequence[Hit], lead: Hit, analyzer: Analyzer) -> set[str]:
    """The question's terms that the article's hits have, and the terms of its date."""
    article = lead.article
    terms = {term for hit in hits if hit.article.id == article.id for term in hit.matched}
    if article.published:
        day = article.published
        terms.update(analyzer.terms(f"{day:%B} {day.day} {day.year} {day:%A}"))
    return terms
