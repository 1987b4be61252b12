"""Two scores a passage become one: pure functions over candidates.

The default is a weighted sum of scores that are scaled to 0..1; reciprocal rank fusion is an
option. See RESULTS.md, "Fusion".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from newsdesk.index.types import Reading

Key = int | str
_LATE = 3  # days after the question
# Of few candidates that all fit alike, these ranges of scores are not stretched to the whole scale.
_COSINES = 0.25  # from the first of many candidates to the last it is more, as a rule
_OF_BM25 = 0.5  # of the highest; of many candidates the last has none of the words


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that an engine found, by the engine's own key, with both raw scores."""

    key: Key
    bm25: float  # 0 if it shares no term with the question
    dense: float  # cosine
    article: float = 0.0  # BM25 of the whole article
    age: float | None = None  # days from its publishing to the question; None if not known
    named: bool = False  # whether the question names the article's source
    sentence: float = 0.0  # how well its best fits, see `sentence_match`; 0 if none was matched
    reading: Reading | None = None  # None if no reader has read it


def weighted_sum(
    candidates: Sequence[Candidate], weight: float, article: float = 0.0
) -> list[float]:
    """`weight` of the scaled dense score and the rest of the scaled BM25 scores.

    Of that rest, `article` is the whole article's share. See RESULTS.md, "Fusion".
    """
    words = [candidate.bm25 for candidate in candidates]
    wholes = [candidate.article for candidate in candidates]
    bm25 = scaled(words, _OF_BM25 * max(words, default=0.0))
    whole = scaled(wholes, _OF_BM25 * max(wholes, default=0.0))
    dense = scaled([candidate.dense for candidate in candidates], _COSINES)
    return [
        weight * d + (1 - weight) * ((1 - article) * b + article * w)
        for d, b, w in zip(dense, bm25, whole, strict=True)
    ]


def recency(candidates: Sequence[Candidate], days: float) -> list[float]:
    """How near before the question each article was published: exp(-age / days), 0..1.

    News is asked about when it is new. An article of a few days after the question counts as of
    the same day, for it may report what was asked about; a later or undated one gets 0.

    Chosen by tests/benchmarks/fit_ranking.py; see RESULTS.md, "Recency".

    >>> [round(new, 2) for new in recency([Candidate(1, 0, 0, age=7), Candidate(2, 0, 0)], 7)]
    [0.37, 0.0]
    """
    return [
        0.0 if age is None or age < -_LATE else math.exp(-max(0.0, age) / days)
        for age in (candidate.age for candidate in candidates)
    ]


def reciprocal_rank(candidates: Sequence[Candidate], constant: int = 60) -> list[float]:
    """The sum of 1 / (constant + rank) in both orders (Cormack, Clarke and Büttcher, SIGIR 2009).

    A passage that shares no term has no place in the order by BM25. Of equals the one with the
    lower key comes first, whatever order they were given in.
    """
    scores = [0.0] * len(candidates)
    places = sorted(range(len(candidates)), key=lambda i: candidates[i].key)
    by_words = [i for i in places if candidates[i].bm25 > 0]
    by_words.sort(key=lambda i: -candidates[i].bm25)
    for order in (by_words, sorted(places, key=lambda i: -candidates[i].dense)):
        for rank, place in enumerate(order, start=1):
            scores[place] += 1 / (constant + rank)
    return scores


def scaled(scores: Sequence[float], least: float = 0.0) -> list[float]:
    """Scores moved and stretched to 0..1; all 0 if they are equal.

    A range below `least` is stretched as that would be, below 1, so that what hardly differs from
    the best stays near it.

    >>> scaled([2.0, 4.0, 3.0])
    [0.0, 1.0, 0.5]
    >>> scaled([0.5, 0.75], least=1.0)
    [0.75, 1.0]
    """
    if not scores:
        return []
    low, high = min(scores), max(scores)
    if high <= low:
        return [0.0] * len(scores)
    wide = max(high - low, least)
    return [1 - (high - score) / wide for score in scores]
