"""How probable it is that what came back answers the question.

A logistic model on signals that exist anyway. The scaled scores of fusion cannot be among them:
they always reach 1. The sentence's cosine, and how much of the question its article holds, can
tell. Few signals, on purpose: with all there are it fitted better and held less on a collection
that was left out (AUROC .765 on the questions of `seeds/`, .822 with the few).

What was tried since, each set left out in turn: agreement of both indexes, the margin to the next
passage or sentence, BM25 a term, negations: no more than .003 on any. The fused score: multihoprag
.974 to .983, real news .922 to .914. Names of the question that the passage has not: squad2 .664
to .672, seeds .778 to .762. To learn from five sets, not three: false refusals of multihoprag .45
to .10, but false answers on real news .56 to .76.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from newsdesk.index.linear_model import LinearModel, logistic
from newsdesk.index.settings import Fusion
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Hit

from . import sentence_match
from .sentence_selection import SentenceCandidate, share

MODEL = LinearModel(
    Path(__file__).with_suffix(".json"),
    ("cosine", "passage", "article", "missing", "length", "unfit", "merit", "sentence"),
)
# Not as set: the model was learned on the best sentence as weighed by default.
_LEARNED_WITH = Fusion()


def signals(
    hits: Sequence[Hit],
    weights: Mapping[str, float],
    chosen: SentenceCandidate,
    leads: Sequence[Hit],
    analyzer: Analyzer,
) -> dict[str, float]:
    """What the verdict is made of.

    `chosen` is the sentence that would be shown, `leads` are the hits its `hit` counts in.

    - cosine, passage: of the question to the sentence, and to its passage
    - article: the share of the question's idf that stands in the sentence's article, 0..1
    - missing: the share of the question's terms that do not stand there, 0..1
    - length: log(1 + terms), since a long question has words that no answer has
    - unfit: 1 if the kind of thing asked for is not in the sentence
    - merit: see `sentence_selection.SentenceCandidate`
    - sentence: see `sentence_match.best_sentence`, of the sentence's passage
    """
    held = _terms_of_article(hits, leads[chosen.hit], analyzer)
    fits = [value for name, value in chosen.features.items() if name.startswith("fits_")]
    return {
        "cosine": chosen.features["cosine"],
        "passage": leads[chosen.hit].signals["dense"],
        "article": share(held, weights),
        "missing": sum(term not in held for term in weights) / max(1, len(weights)),
        "length": math.log1p(len(weights)),
        "unfit": 1 - fits[0] if fits else 0.0,
        "merit": chosen.merit,
        "sentence": _best_sentence(leads[chosen.hit], weights, analyzer),
    }


def probability(found: Mapping[str, float]) -> float:
    """The logistic function of the weighted signals, 0..1."""
    return logistic(MODEL.score(found))


def _best_sentence(lead: Hit, weights: Mapping[str, float], analyzer: Analyzer) -> float:
    """How well the best sentence of a passage fits, see `sentence_match.best_sentence`."""
    terms = [set(analyzer.terms(span.of(lead.article.text))) for span in lead.passage.sentences]
    about = set(analyzer.terms(sentence_match.heading(lead.article)))
    return sentence_match.best_sentence(
        terms,
        lead.sentence_cosines,
        about,
        weights,
        _LEARNED_WITH.sentence,
        _LEARNED_WITH.words,
    )


def _terms_of_article(hits: Sequence[Hit], lead: Hit, analyzer: Analyzer) -> set[str]:
    """The question's terms that the article's hits have, and the terms of its date."""
    article = lead.article
    terms = {term for hit in hits if hit.article.id == article.id for term in hit.matched}
    if article.published:
        day = article.published
        terms.update(analyzer.terms(f"{day:%B} {day.day} {day.year} {day:%A}"))
    return terms
