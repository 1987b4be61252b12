"""Linear models: the weighted sum of named features, with weights that lie in a data file.

A file holds the weights by their names and, under "fitted", where they are from: the command that
learned them, the day, and the SHA-256 of the data. The commands are in `tests/benchmarks/`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any


class LinearModel:
    """Scores features by the weights in a file, which is read when something is first scored.

    >>> model = LinearModel(Path("none.json"), ["long", "short"])
    >>> model.use(Weights({"long": 0.5, "short": -2.0}, bias=1.0))
    >>> model.score({"long": 3.0, "short": 1.0}), model.score({"long": 3.0})
    (0.5, 2.5)
    """

    def __init__(self, file: Path, features: Collection[str]) -> None:
        """`features` are the names of all features that there are; the file has to have them."""
        self.file = file
        self.features = frozenset(features)

    @cached_property
    def weights(self) -> Weights:
        """What the file holds. Raises ValueError if that is not a weight for each feature."""
        given = json.loads(self.file.read_bytes())
        return self._checked(Weights(given["weights"], given["bias"]))

    def score(self, features: Mapping[str, Any], offset: Any = 0.0) -> Any:
        """bias + offset + the sum of weight * feature; one that is not given counts as 0.

        Features and offset are numbers, or numpy arrays of shapes that go together. Raises
        KeyError for a feature without a weight.
        """
        values = self.weights.values
        return sum(
            (values[name] * value for name, value in features.items()), self.weights.bias + offset
        )

    def use(self, weights: Weights) -> None:
        """Score by other weights from now on, as fitting does. Raises ValueError."""
        self.__dict__["weights"] = self._checked(weights)

    def write(self, weights: Weights, fitted: Mapping[str, Any]) -> None:
        """Write the file, with where the weights are from."""
        checked = self._checked(weights)
        given = {"weights": dict(checked.values), "bias": checked.bias, "fitted": dict(fitted)}
        self.file.write_text(json.dumps(given, indent=2, ensure_ascii=False) + "\n", "utf-8")

    def _checked(self, weights: Weights) -> Weights:
        if differing := sorted(self.features ^ weights.values.keys()):
            raise ValueError(f"{self.file}: no weights for the features there are: {differing}")
        return weights


@dataclass(frozen=True, slots=True)
class Weights:
    """What a linear model has learned."""

    values: Mapping[str, float]  # feature -> weight
    bias: float = 0.0


def logistic(logit: float) -> float:
    """The probability that a logit stands for, 0..1.

    >>> logistic(0.0)
    0.5
    """
    return 1 / (1 + math.exp(-logit))
