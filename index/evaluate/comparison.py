"""Whether one configuration is better than another, or only luckier with these questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .measures import LESS_IS_BETTER, by_question
from .running import Run

_SEED = 20211229
_RESAMPLES = 9_999
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of a run beside that of the first, question by question."""

    measure: str
    difference: float  # of the means, this minus the first
    low: float  # of the 95 % interval of that difference, by bootstrap over questions
    high: float
    p: float  # two-sided, by a paired randomisation test: signs of differences are flipped
    wins: tuple[str, ...]  # questions that it does better on than the first
    losses: tuple[str, ...]

    @property
    def is_significant(self) -> bool:
        """Whether chance would give as large a difference in fewer than 5 of 100 cases."""
        return self.p < 1 - _LEVEL


def compare(first: Run, other: Run) -> list[Comparison]:
    """Every measure that both runs have for the same questions.

    The tests are scipy's: `permutation_test` with `permutation_type="samples"` (Smucker, Allan
    and Carterette 2007 recommend it for retrieval), and the percentile `bootstrap`.
    """
    ours, theirs = by_question(other.outcomes), by_question(first.outcomes)
    comparisons = []
    for name in ours:
        questions = [question for question in ours[name] if question in theirs.get(name, {})]
        if questions and other.measures.get(name) is not None:
            pairs = np.array([[ours[name][q], theirs[name][q]] for q in questions])
            comparisons.append(_compared(name, questions, pairs[:, 0] - pairs[:, 1]))
    return comparisons


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of a mean, by bootstrap; the mean twice where all values are alike."""
    array = np.asarray(values, dtype=np.float64)
    if not len(array) or (array == array[0]).all():
        mean = float(array.mean()) if len(array) else float("nan")
        return mean, mean
    # Means of resamples; scipy's `bootstrap` does the same some ten times slower.
    rng = np.random.default_rng(_SEED)
    means = np.array(
        [array[rng.integers(0, len(array), len(array))].mean() for _ in range(_RESAMPLES // 5)]
    )
    low, high = np.quantile(means, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return float(low), float(high)


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
    """Two-sided, by a paired randomisation test (see `compare`), of differences, shape (n,)."""
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
