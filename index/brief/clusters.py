"""Clusters articles into stories.

A logistic model over three similarities, and over the names of two leads, gives the probability
that two articles tell the same story; average linkage over it makes the stories. Learned
by `tests/benchmarks/fit_briefing.py`;
see tests/benchmarks/RESULTS.md, "Briefings: which articles tell the same story".
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.linear_model import LinearModel

from .lead_names import conflict, exchanged, headlines, unnamed
from .window import Window

MODEL = LinearModel(
    Path(__file__).with_suffix(".json"),
    ("vectors", "words", "names", "conflict", "headlines", "exchanged", "far", "unnamed"),
)
_NEAR = 0.5  # cosine of two articles that have a name in common, below which they tell two things
_FREE_DAYS = 3.0  # days between two articles that cost nothing
_COST_A_DAY = 0.3  # logits for each further day. Not learned: a week is too short for it
_BLOCK = 512  # rows compared at a time
_ROUNDING = 1e-3  # a pair whose probability is that little below a threshold counts as reaching it

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def similarities(
    window: Window, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> dict[str, NDArray[np.float32]]:
    """The model's features of pairs of articles: name -> float32 of shape (rows, columns)."""
    leads = window.lead_names
    vectors = window.vectors[rows] @ window.vectors[columns].T
    bare = unnamed(leads, rows, columns)
    return {
        "vectors": vectors,
        "words": (window.words[rows] @ window.words[columns].T).toarray(),
        "names": (window.names[rows] @ window.names[columns].T).toarray(),
        "conflict": conflict(leads, rows, columns),
        "headlines": headlines(leads, rows, columns),
        "exchanged": exchanged(leads, rows, columns),
        "far": np.maximum(_NEAR - vectors, 0) * (1 - bare),
        "unnamed": bare,
    }


def probability(
    window: Window, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> NDArray[np.float32]:
    """The probability that two articles tell the same story: 1 of copies of one text.

    `rows` and `columns` are positions in the window; returns float32 of shape (rows, columns).
    """
    apart = np.abs(window.hours[rows][:, None] - window.hours[columns][None, :]) / 24
    late = -_COST_A_DAY * np.maximum(apart - _FREE_DAYS, 0)
    logit = MODEL.score(similarities(window, rows, columns), late)
    probabilities: NDArray[np.float32] = (1 / (1 + np.exp(-logit))).astype(np.float32)
    copies, others = window.copies[rows][:, None], window.copies[columns][None, :]
    probabilities[(copies == others) & (copies > 0)] = 1
    return probabilities


def clusters(window: Window, same: float) -> list[NDArray[np.int64]]:
    """Average-linkage clusters of a window's articles: stories.

    Groups merge while the mean probability between their articles reaches `same` (0 to 1). Returns
    arrays of positions in the window, each oldest first, ordered by their oldest article.

    Clustered within connected components of the pairs that reach `same`, not over the whole matrix:
    groups that merge have such a pair, so the result is equal, and a month of news needs no (n, n)
    matrix. A component is hardly larger than a story.
    """
    groups = [
        group
        for island in _connected(window, same - _ROUNDING)
        for group in _linkage_groups(window, island, same)
    ]
    return sorted(groups, key=lambda group: int(group[0]))


def _connected(window: Window, least: float) -> list[NDArray[np.int64]]:
    """Connected components of the pairs whose probability is at least `least`."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    everything = np.arange(len(window))
    linked: list[Pairs] = []
    for start in range(0, len(window), _BLOCK):
        rows = everything[start : start + _BLOCK]
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
    """Average-linkage clusters of one component's articles."""
    if len(island) == 1:
        return [island]
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    parts = np.split(island, range(_BLOCK, len(island), _BLOCK))
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
