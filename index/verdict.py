"""How probable it is that what came back answers the question.

A logistic model on signals that exist anyway. The scaled scores of fusion cannot be among them:
they always reach 1. Raw cosines, and how much of the question the sentence, the passage and the
article hold, can tell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from .analyzer import Analyzer
from .sentences import Candidate, share
from .types import Hit

# Learned by tests/benchmarks/fit_answering.py, which says on what and prints how it generalises.
CONSTANT = -3.0
COEFFICIENTS: Mapping[str, float] = {
    "cosine": 5.0,
    "sentence": 2.0,
    "covered": 2.0,
}

_BEST = 3  # hits among which the best-covering passage is looked for


def signals(
    hits: Sequence[Hit],
    weights: Mapping[str, float],
    chosen: Candidate,
    leads: Sequence[Hit],
    analyzer: Analyzer,
) -> dict[str, float]:
    """What the verdict is made of, each about 0..1.

    `chosen` is the sentence that would be shown, `leads` are the hits its `hit` counts in.
    cosine: of question and passage, the best hit's. sentence: of question and chosen sentence.
    passage, first, article: which share of the question's idf stands in the best-covering of the
    best passages, in the first, and in the chosen sentence's article with its date. missing: how
    many of the question's terms that article lacks, unknown: which share no hit has. The rest is
    the chosen sentence's own, see `sentences.candidates`.
    """
    of_article = _terms_of_article(hits, leads[chosen.hit], analyzer)
    anywhere = {term for hit in hits for term in hit.matched}
    found = {
        "cosine": max(hit.signals["dense"] for hit in hits),
        "passage": max(share(hit.matched, weights) for hit in hits[:_BEST]),
        "first": share(hits[0].matched, weights),
        "article": share(of_article, weights),
        "missing": sum(term not in of_article for term in weights) / max(1, len(weights)),
        "unknown": 1 - share(anywhere, weights) if weights else 0.0,
        "merit": chosen.merit,
        "unfit": 0.0,
    }
    for name, value in chosen.features.items():
        if not name.startswith("fits_"):
            found[f"sentence_{name}"] = value
        elif name != "fits_other":
            found["unfit"] = 1 - value
    return found


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
