"""How probable it is that what came back answers the question.

A logistic model on signals that exist anyway. The scaled scores of fusion cannot be among them:
they always reach 1. The sentence's cosine, and how much of the question its article holds, can
tell. Few signals, on purpose: with all there are it fitted better and held less on a collection
that was left out (AUROC .765 on the questions of `seeds/`, .822 with the few).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from .analyzer import Analyzer
from .sentences import Candidate, share
from .types import Hit

# Learned by tests/benchmarks/fit_answering.py, which says on what and prints how it generalises.
CONSTANT = -6.418
COEFFICIENTS: Mapping[str, float] = {
    "cosine": 2.878,
    "passage": 0.888,
    "article": 2.699,
    "missing": 0.114,
    "length": 0.392,
    "unfit": -0.966,
    "merit": 0.202,
}


def signals(
    hits: Sequence[Hit],
    weights: Mapping[str, float],
    chosen: Candidate,
    leads: Sequence[Hit],
    analyzer: Analyzer,
) -> dict[str, float]:
    """What the verdict is made of.

    `chosen` is the sentence that would be shown, `leads` are the hits its `hit` counts in.
    cosine and passage: of the question to the sentence, and to its passage. article: which share
    of the question's idf stands in the sentence's article, 0..1. missing: which share of its
    terms do not. length: log(1 + terms), since a long question has words that no answer has.
    unfit: 1 if the kind of thing asked for is not in the sentence. merit: see
    `sentences.Candidate`.
    """
    held = _terms_of_article(hits, leads[chosen.hit], analyzer)
    fits = [v for n, v in chosen.features.items() if n.startswith("fits_") and n != "fits_other"]
    return {
        "cosine": chosen.features["cosine"],
        "passage": leads[chosen.hit].signals["dense"],
        "article": share(held, weights),
        "missing": sum(term not in held for term in weights) / max(1, len(weights)),
        "length": math.log1p(len(weights)),
        "unfit": 1 - fits[0] if fits else 0.0,
        "merit": chosen.merit,
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
