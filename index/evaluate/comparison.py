"""Compares runs question by question: intervals and significance tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .measures import LESS_IS_BETTER, PRECISION, by_question, precision_parts
from .running import Run

_SEED = 20211229  # any: the same runs are to give the same p
_RESAMPLES = 9_999  # and the runs as they are: p in ten thousandths
_LEVEL = 0.95  # of the intervals
_AT_ONCE = 500  # resamples of a ratio: as many rows as questions each


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference of one measure between a run and the first, over the same questions."""

    measure: str
    difference: float  # of the means, this minus the first
    low: float  # of the 95 % interval of that difference, by bootstrap over questions
    high: float
    p: float  # two-sided, by a paired randomisation test: signs of differences are flipped
    wins: tuple[str, ...]  # ids of questions that it does better on than the first
    losses: tuple[str, ...]  # and worse

    @property
    def is_significant(self) -> bool:
        """Whether p < 0.05."""
        return self.p < 1 - _LEVEL


def compare(first: Run, other: Run) -> list[Comparison]:
    """Compare two runs by each measure that both have, over the questions they share.

    Tests are scipy's: `permutation_test` with `permutation_type="samples"` (Smucker, Allan
    and Carterette 2007 recommend it for retrieval), and the percentile `bootstrap`. The precision
    of *answered* is no mean over questions but a ratio of sums: the same two are made of it, by
    exchanging and by drawing the parts of whole questions.
    """
    ours, theirs = by_question(other.judged), by_question(first.judged)
    comparisons = []
    for name in ours:
        questions = [question for question in ours[name] if question in theirs.get(name, {})]
        if questions and other.measures.get(name) is not None:
            pairs = np.array([[ours[name][q], theirs[name][q]] for q in questions])
            comparisons.append(_compared(name, questions, pairs[:, 0] - pairs[:, 1]))
    if first.measures.get(PRECISION) is not None and other.measures.get(PRECISION) is not None:
        comparisons.append(_compared_precision(first, other))
    return comparisons


def _compared_precision(first: Run, other: Run) -> Comparison:
    """The difference of the precisions; rather not answered than wrongly counts as better."""
    theirs, ours = precision_parts(first.judged), precision_parts(other.judged)
    questions = [question for question in ours if question in theirs]
    parts = np.array([[ours[q], theirs[q]] for q in questions])  # question, run, right of answered
    better = {q: worth(*ours[q]) - worth(*theirs[q]) for q in questions}
    low, high = _middle(_difference(_resampled(parts)))
    difference = float(_difference(parts.sum(axis=0)))
    as_far = np.abs(_exchanged(parts)) >= abs(difference) - 1e-12
    return Comparison(
        measure=PRECISION,
        difference=difference,
        low=low,
        high=high,
        p=float((as_far.sum() + 1) / (len(as_far) + 1)),
        wins=tuple(q for q, gain in better.items() if gain > 0),
        losses=tuple(q for q, gain in better.items() if gain < 0),
    )


def worth(right: float, answered: float) -> int:
    """What a question's part of the precision is worth: 1 if right, -1 if wrong, 0 if not answered.

    >>> worth(1.0, 1.0), worth(0.0, 0.5), worth(0.0, 0.0)
    (1, -1, 0)
    """
    return int(right > 0) - int(answered > right)


def _difference(sums: np.ndarray) -> np.ndarray:
    """Ours minus theirs, of sums of shape (…, 2 runs, 2: right and answered); NaN for 0 / 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = sums[..., 0] / sums[..., 1]
    return np.asarray(ratios[..., 0] - ratios[..., 1])


def ratio_interval(parts: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The 95 % interval of a `ratio`, by percentile bootstrap over the questions.

    >>> ratio_interval([(1.0, 1.0), (1.0, 1.0), (0.0, 0.0)])
    (1.0, 1.0)
    """
    whole = np.asarray(parts, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.array([sums[0] / sums[1] for sums in _resampled(whole)])
    return _middle(ratios)


def _resampled(parts: np.ndarray) -> np.ndarray:
    """Sums over questions, the first axis, drawn with replacement."""
    rng = np.random.default_rng(_SEED)
    draws = (rng.integers(0, len(parts), len(parts)) for _ in range(_RESAMPLES // 5))
    return np.array([parts[draw].sum(axis=0) for draw in draws])


def _middle(values: np.ndarray) -> tuple[float, float]:
    """What the middle 95 % of finite values lie between; NaN twice if there are none."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return float(low), float(high)


def _exchanged(parts: np.ndarray) -> np.ndarray:
    """The differences of ratios where each question's two runs may have changed places."""
    rng = np.random.default_rng(_SEED)
    whole, apart = parts.sum(axis=1).sum(axis=0), parts[:, 0] - parts[:, 1]
    differences: list[np.ndarray] = []
    for start in range(0, _RESAMPLES, _AT_ONCE):
        count = min(_AT_ONCE, _RESAMPLES - start)
        moved = rng.choice([-1.0, 1.0], (count, len(parts))) @ apart  # (count, 2)
        sums = np.stack([(whole + moved) / 2, (whole - moved) / 2], axis=1)
        differences.append(_difference(sums))
    return np.asarray(np.nan_to_num(np.concatenate(differences)))


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % confidence interval of the mean, by percentile bootstrap over `values`.

    The mean twice where all values are equal; NaN twice for no values.

    >>> interval([0.0, 1.0, 1.0, 1.0])
    (0.25, 1.0)
    """
    array = np.asarray(values, dtype=np.float64)
    if not len(array) or (array == array[0]).all():
        mean = float(array.mean()) if len(array) else float("nan")
        return mean, mean
    # Not scipy's `bootstrap`: slower; see RESULTS.md, "Evaluation: bootstrap".
    rng = np.random.default_rng(_SEED)
    means = np.array(
        [array[rng.integers(0, len(array), len(array))].mean() for _ in range(_RESAMPLES // 5)]
    )
    return _middle(means)


def _compared(name: str, questions: Sequence[str], differences: np.ndarray) -> Comparison:
    better = -1.0 if name in LESS_IS_BETTER else 1.0
    low, high = interval(differences.tolist())
    return Comparison(
        measure=name,
        difference=float(differences.mean()),
        low=low,
        high=high,
        p=p_value(differences),
        wins=tuple(q for q, d in zip(questions, differences, strict=True) if better * d > 0),
        losses=tuple(q for q, d in zip(questions, differences, strict=True) if better * d < 0),
    )


def p_value(differences: np.ndarray) -> float:
    """Two-sided p-value of paired differences, shape (n,), by a randomisation test; see `compare`.

    >>> p_value(np.array([0.5, 0.5, 0.5]))
    0.25
    """
    if not differences.any():
        return 1.0
    from scipy.stats import permutation_test

    result = permutation_test(
        (differences,),
        lambda sample, axis: sample.mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=_RESAMPLES,
        rng=np.random.default_rng(_SEED),
    )
    return float(result.pvalue)
