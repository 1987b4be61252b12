"""Computes the numbers behind the page's charts: pure functions of runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, median
from typing import Any

from newsdesk.index.evaluate import (
    PRECISION,
    JudgedQuestion,
    Outcome,
    Run,
    interval,
    precision_parts,
    ratio_interval,
)

Object = dict[str, Any]
Values = Mapping[str, Mapping[str, float]]  # measure -> question id -> value

_BINS = 10  # of probability
_LEVEL = 1.96  # standard errors in a 95 % interval


def rank(outcome: Outcome) -> int | None:
    """The rank of the first relevant article, 1 for the first; None if it was not found."""
    places = (
        n for n, (i, _) in enumerate(outcome.ranking, start=1) if i in outcome.question.relevant
    )
    return next(places, None)


def ranks(outcomes: Sequence[Outcome]) -> list[int]:
    """Counts of answerable questions by rank: 1 … 10, 11 to 100, not found (12 numbers)."""
    counts = [0] * 12
    for outcome in outcomes:
        if outcome.question.relevant:
            place = rank(outcome)
            counts[min(place, 11) - 1 if place and place <= 100 else 11] += 1
    return counts


def intervals(run: Run, values: Values) -> dict[str, tuple[float, float]]:
    """The 95 % confidence interval of each measure that has one."""
    measured = {name for name, value in run.measures.items() if value is not None}
    intervals_ = {
        n: interval(list(own.values())) for n, own in values.items() if n in measured and own
    }
    if PRECISION in measured:
        intervals_[PRECISION] = ratio_interval(list(precision_parts(run.judged).values()))
    area = run.measures.get("auroc")
    if area is not None:
        answerable = sum(bool(outcome.question.relevant) for outcome in run.outcomes)
        questions = [outcome.question for outcome in run.outcomes]
        without = sum(question.unanswerable and not question.off_topic for question in questions)
        intervals_["auroc"] = _area_interval(area, answerable, without)
    return intervals_


def _area_interval(area: float, ones: int, zeros: int) -> tuple[float, float]:
    """The 95 % interval of an area under the ROC curve (Hanley and McNeil 1982).

    Not by bootstrap as the others: it is no mean over questions.
    """
    both_positive, both_negative = area / (2 - area), 2 * area**2 / (1 + area)
    spread = (
        area * (1 - area)
        + (ones - 1) * (both_positive - area**2)
        + (zeros - 1) * (both_negative - area**2)
    )
    error = _LEVEL * math.sqrt(max(0.0, spread) / (ones * zeros))
    return max(0.0, area - error), min(1.0, area + error)


def coverage(run: Run) -> Object | None:
    """Coverage and accuracy at each threshold of probability; None without judged questions.

    "article" counts a first passage from a relevant article, at any threshold. "sentence" counts
    the right sentence, and ends at the run's own threshold, below which no sentence was chosen.
    """
    asked = sorted(_judged(run), key=lambda outcome: -outcome.answer.probability)
    if not asked:
        return None
    labelled = any(outcome.question.answers or outcome.question.sentences for outcome in asked)
    chosen = [outcome for outcome in asked if outcome.answer.sentence] if labelled else []
    return {
        "article": _swept(asked, [_right_article(outcome) for outcome in asked], len(asked)),
        "sentence": _swept(chosen, [outcome.right_sentence for outcome in chosen], len(asked)),
        "thresholds": _thresholds(run, asked),
    }


def _swept(asked: Sequence[Outcome], right: Sequence[bool], of: int) -> list[list[float]]:
    """Points (threshold, coverage, accuracy), one for each probability that occurs."""
    points, good = [], 0
    for number, (outcome, is_right) in enumerate(zip(asked, right, strict=True), start=1):
        good += is_right
        following = asked[number].answer.probability if number < len(asked) else -1.0
        if outcome.answer.probability != following:
            point = (outcome.answer.probability, number / of, good / number)
            points.append([round(value, 5) for value in point])
    return points


def _thresholds(run: Run, asked: Sequence[Outcome]) -> list[Object]:
    """The threshold of "answered", with coverage and accuracy above it."""
    thresholds = []
    for name in ("answered",):
        if f"answer.{name}" in run.settings:
            at = float(run.settings[f"answer.{name}"])
            above = [outcome for outcome in asked if outcome.answer.probability >= at]
            right = fmean([_right_article(outcome) for outcome in above]) if above else None
            threshold = {"name": name, "at": at, "coverage": len(above) / len(asked)}
            thresholds.append({**threshold, "accuracy": right})
    return thresholds


def calibration(run: Run) -> list[Object]:
    """Ten bins of probability, empty ones left out.

    For each: "count", mean "probability", share of "answerable" questions, and "right", the share
    whose first passage is from a relevant article.
    """
    bins: list[list[Outcome]] = [[] for _ in range(_BINS)]
    for outcome in _judged(run):
        bins[min(_BINS - 1, int(_BINS * outcome.answer.probability))].append(outcome)
    return [
        {
            "count": len(own),
            "probability": fmean(outcome.answer.probability for outcome in own),
            "answerable": fmean(not outcome.question.unanswerable for outcome in own),
            "right": fmean(_right_article(outcome) for outcome in own),
        }
        for own in bins
        if own
    ]


def latency(run: Run) -> Object | None:
    """Milliseconds an answer took: median, 95th percentile, maximum; None if not measured."""
    seconds = run.seconds
    if not any(seconds):
        return None
    high = seconds[math.ceil(0.95 * len(seconds)) - 1]
    return {"median": 1000 * median(seconds), "p95": 1000 * high, "most": 1000 * seconds[-1]}


def kinds(questions: Sequence[JudgedQuestion], values: Sequence[Values]) -> list[Object]:
    """Mean measures for each of the dataset's kinds of question; none where it has none."""
    groups: dict[str, list[str]] = {}
    for question in questions:
        groups.setdefault(question.kind, []).append(question.id)
    if not groups.keys() - {"", "off_topic"}:
        return []
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        {"kind": kind, "count": len(ids), "runs": [_means(own, ids) for own in values]}
        for kind, ids in ordered
    ]


def _means(values: Values, ids: Sequence[str]) -> dict[str, list[float]]:
    """Measure -> [mean, number of questions]."""
    means = {}
    for name, own in values.items():
        known = [own[question] for question in ids if question in own]
        if known:
            means[name] = [fmean(known), len(known)]
    return means


def _judged(run: Run) -> list[Outcome]:
    """Outcomes of questions known to be answerable or not; none of a run read from a file."""
    if not run.settings:
        return []
    return [
        outcome
        for outcome in run.outcomes
        if outcome.question.relevant or outcome.question.unanswerable
    ]


def _right_article(outcome: Outcome) -> bool:
    passages = outcome.answer.passages
    return bool(passages) and passages[0].hit.article.id in outcome.question.relevant
