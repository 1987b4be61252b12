"""Which articles tell the same story: how alike two are, and groups of them.

Average linkage over the probability that two articles tell the same, which a logistic model of
three likenesses gives. Learned by tests/benchmarks/fit_briefing.py on the first part of the week
in tests/week/, 83 articles; B-cubed F1 there, and on the 55 of the other part: .969 and .936.
One likeness alone, at its best threshold: vectors .961 and .939, words .898 and .883.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.linear_model import LinearModel

from .window import Window

MODEL = LinearModel(Path(__file__).with_suffix(".json"), ("vectors", "words", "names"))
_FREE_DAYS = 3.0  # two articles may be that far apart in time at no cost
_A_DAY = 0.3  # logits, for each further day; not learned, a week is too short for it
_AT_ONCE = 512  # rows compared in one go
_ROUNDING = 1e-3  # of probabilities; a pair so near below a limit is taken for reaching it

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def similarities(
    window: Window, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> dict[str, NDArray[np.float32]]:
    """What the model is given of pairs of articles, each of shape (rows, columns)."""
    return {
        "vectors": window.vectors[rows] @ window.vectors[columns].T,
        "words": (window.words[rows] @ window.words[columns].T).toarray(),
        "names": (window.names[rows] @ window.names[columns].T).toarray(),
    }


def probability(
    window: Window, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> NDArray[np.float32]:
    """The probability that articles tell the same story, shape (rows, columns) float32."""
    apart = np.abs(window.hours[rows][:, None] - window.hours[columns][None, :]) / 24
    late = -_A_DAY * np.maximum(apart - _FREE_DAYS, 0)
    logit = MODEL.score(similarities(window, rows, columns), late)
    probabilities: NDArray[np.float32] = (1 / (1 + np.exp(-logit))).astype(np.float32)
    return probabilities


def clusters(window: Window, same: float) -> list[NDArray[np.int64]]:
    """Groups of articles that tell the same, each in the order of time, the earliest group first.

    Two groups are one if their articles are alike with a probability of `same` on average; then
    some pair of theirs reaches it, too. So articles that no chain of such pairs joins cannot come
    together, and each such island is grouped by itself: the result is the same, and a month of
    news need not be held as one square. Only an island is, and it is hardly more than a story.
    """
    groups = [
        group
        for island in _connected(window, same - _ROUNDING)
        for group in _linkage_groups(window, island, same)
    ]
    return sorted(groups, key=lambda group: int(group[0]))


def _connected(window: Window, least: float) -> list[NDArray[np.int64]]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    everything = np.arange(len(window))
    linked: list[Pairs] = []
    for start in range(0, len(window), _AT_ONCE):
        rows = everything[start : start + _AT_ONCE]
        left, right = np.nonzero(probability(window, rows, everything) >= least)
        linked.append((rows[left], right))
    if not linked:
        return []
    lefts, rights = (np.concatenate(side) for side in zip(*linked, strict=True))
    graph = coo_array((np.ones(len(lefts), dtype=bool), (lefts, rights)), shape=(len(window),) * 2)
    count, labels = connected_components(graph, directed=False)
    return _by_label(everything, labels, count)


def _linkage_groups(
    window: Window, island: NDArray[np.int64], same: float
) -> list[NDArray[np.int64]]:
    if len(island) == 1:
        return [island]
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    parts = np.split(island, range(_AT_ONCE, len(island), _AT_ONCE))
    apart = 1 - np.concatenate([probability(window, part, island) for part in parts])
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform(apart, checks=False), "average")
    labels = fcluster(tree, 1 - same, "distance") - 1
    return _by_label(island, labels, int(labels.max()) + 1)


def _by_label(
    rows: NDArray[np.int64], labels: NDArray[np.int32], count: int
) -> list[NDArray[np.int64]]:
    order = np.argsort(labels, kind="stable")
    ends = np.searchsorted(labels[order], np.arange(1, count))
    return np.split(rows[order], ends)
