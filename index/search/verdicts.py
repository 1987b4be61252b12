"""Whether the sentence answers, and whether anything here is about the question.

Two logistic models on few signals, with weights of tests/benchmarks/fit_answering.py: more fit
better and hold less on a collection that was left out. See RESULTS.md, "Answering".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from newsdesk.index.linear_model import LinearModel, logistic
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Hit

from .sentences import SentenceCandidate, share

_FOLDER = Path(__file__).parent
READ = LinearModel(_FOLDER / "answered.json", ("cosine", "margin", "answers", "evidence", "second"))
PLAIN = LinearModel(  # without a reader
    _FOLDER / "answered_plain.json", ("cosine", "margin", "passage", "article")
)
# "about" knows no reader: it tells what was asked of another world, which words and vectors do.
ABOUT = LinearModel(_FOLDER / "about.json", ("cosine", "passage", "article", "near"))

_MARGIN = 3.0  # of merit; more makes no difference
# The more a collection holds, the more of it is like any question by chance: what the logit of
# "about" has to be higher by for each tenfold of passages, from what was learned on to what was
# measured. See RESULTS.md, "What we set out for".
_BY_CHANCE, _LEARNED, _MEASURED = 1.5, 1_000, 70_000
_NONE = -3.0  # the logit of another passage where there is none


class Probabilities(NamedTuple):
    """Each 0..1."""

    answered: float  # that the sentence answers
    about: float  # that anything here is about what is asked


def signals(
    hits: Sequence[Hit],
    weights: Mapping[str, float],
    chosen: SentenceCandidate,
    candidates: Sequence[SentenceCandidate],
    leads: Sequence[Hit],
    analyzer: Analyzer,
) -> dict[str, float]:
    """What the verdict is made of, by name.

    `chosen` is the sentence that would be shown, one of `candidates`; `leads` are the hits that
    its `hit` counts in.

    - cosine, passage: the highest of the question to any sentence, and to any passage
    - near: the sentence's, see `sentences.candidates`
    - article: the share of the question's idf that stands in the sentence's article, 0..1
    - margin: of the sentence's merit over that of the next best, at most 3
    - answers, evidence: the sentence's, see `types.Reading`; not without a reader
    - second: the most that the reader says of another passage
    """
    lead = leads[chosen.hit]
    held = _terms_of_article(hits, lead, analyzer)
    others = [each.merit for each in candidates if each is not chosen]
    found = {
        "cosine": max(each.features["cosine"] for each in candidates),
        "passage": max(hit.signals["dense"] for hit in leads),
        "article": share(held, weights),
        "near": chosen.features["near"],
        "margin": max(-_MARGIN, min(_MARGIN, chosen.merit - max(others, default=-_MARGIN))),
    }
    if lead.reading:
        rest = [hit.reading.answers for hit in leads if hit.reading and hit is not lead]
        found |= {name: chosen.features[name] for name in ("answers", "evidence")}
        found["second"] = max(rest, default=_NONE)
    return found


def probabilities(found: Mapping[str, float], passages: int = 0) -> Probabilities:
    """What the models make of the signals, in a collection of so many passages."""
    answered, about = (
        model.score({name: found[name] for name in model.features})
        for model in (READ if "answers" in found else PLAIN, ABOUT)
    )
    tenfolds = math.log10(min(max(passages, _LEARNED), _MEASURED) / _LEARNED)
    return Probabilities(logistic(answered), logistic(about - _BY_CHANCE * tenfolds))


def _terms_of_article(hits: Sequence[Hit], lead: Hit, analyzer: Analyzer) -> set[str]:
    """The question's terms that the article's hits have, and the terms of its date."""
    article = lead.article
    terms = {term for hit in hits if hit.article.id == article.id for term in hit.matched}
    if article.published:
        day = article.published
        terms.update(analyzer.terms(f"{day:%B} {day.day} {day.year} {day:%A}"))
    return terms
