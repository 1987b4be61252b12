"""BM25 as a product of two sparse vectors: what a text gives a term, and the term's idf.

Not Milvus' own BM25 function: it counts rows that are not asked of (those of a state that is being
written, or was replaced), and on a cluster each shard counts its own, so that the order of results
would change with the number of machines; and an article's score needs the same sums over all its
passages. With our weights every shard scores as the local indexes do, to the precision of float32.
The price: weights hold the mean length of passages as it was when they were written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

NOTHING = 0  # a dimension that no term has, so that no row's vector is empty


def weights(
    terms: Iterable[str], numbers: Mapping[str, int], mean: float, k1: float, b: float
) -> dict[int, float]:
    """What a text of some terms gives to each, by its number: BM25 without the idf.

    `mean` is the length of such texts in tokens, on average; see `indexes/bm25.py`.

    >>> weights(["b9", "met", "b9"], {"b9": 1, "met": 2}, 3.0, 1.5, 0.75)
    {0: 1.0, 1: 1.4285714285714286, 2: 1.0}
    """
    counts = Counter(terms)
    norm = k1 * (1 - b + b * (counts.total() / mean if mean else 0.0))
    given = {numbers[term]: count * (k1 + 1) / (count + norm) for term, count in counts.items()}
    return {NOTHING: 1.0} | given


def asked(
    terms: Sequence[str], numbers: Mapping[str, int], idf: Mapping[str, float]
) -> dict[int, float]:
    """A question as such a vector; a repeated term counts again, one that no text has does not.

    >>> asked(["b9", "b9", "no"], {"b9": 1}, {"b9": 2.0})
    {1: 4.0}
    """
    vector: dict[int, float] = {}
    for term in terms:
        if term in numbers and idf[term] > 0:
            vector[numbers[term]] = vector.get(numbers[term], 0.0) + idf[term]
    return vector
