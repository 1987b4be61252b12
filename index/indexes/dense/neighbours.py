"""The nearest of many vectors: exactly, or by 1-bit codes first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.errors import LibraryDamaged

from .models import Matrix

_TINY = 1e-9  # instead of a length of 0
_CODES_AT_ONCE = 16_384  # compared in one go: their scratch space fits the processor's cache


class Vectors:
    """Nearest neighbours by cosine among the rows of a matrix, shape (n, d), each of length 1.

    Up to `exact_up_to` rows, all are compared. Above, the Hamming distance of 1-bit codes, one a
    component, chooses `rescore` rows, and those are compared exactly.
    """

    def __init__(
        self,
        vectors: Matrix,
        codes: NDArray[np.uint64],
        exact_up_to: int = 50_000,
        rescore: int = 2_000,
    ) -> None:
        if len(codes) != len(vectors):
            raise LibraryDamaged(f"{len(vectors)} vectors, but {len(codes)} codes; index again")
        self._vectors = vectors
        self._codes = codes
        self._exact = len(vectors) <= exact_up_to
        self._rescore = rescore

    def cosines(self, vector: Matrix, rows: Sequence[int]) -> list[float]:
        """The cosine of `vector` to some rows, in the order asked."""
        cosines: list[float] = (self._vectors[np.asarray(rows, dtype=np.int64)] @ vector).tolist()
        return cosines

    def nearest(
        self, vector: Matrix, n: int, among: NDArray[np.bool_] | None = None
    ) -> list[tuple[int, float]]:
        """The n nearest rows and their cosines, nearest first, the earlier of equals first.

        Only rows where `among` is true.
        """
        if self._exact:
            rows = None if among is None else np.flatnonzero(among)
            if rows is None or len(rows) > len(self._vectors) // 2:
                # Not only the rows that are allowed: to copy most of a matrix takes far longer.
                cosines = self._vectors @ vector
                cosines = cosines if rows is None else cosines[rows]
            else:
                cosines = self._vectors[rows] @ vector
        else:
            rows = self._by_codes(vector, max(n, self._rescore), among)
            cosines = self._vectors[rows] @ vector
        chosen = _highest(cosines, n)
        places = chosen if rows is None else rows[chosen]
        return list(zip(places.tolist(), cosines[chosen].tolist(), strict=True))

    def _by_codes(
        self, vector: Matrix, n: int, among: NDArray[np.bool_] | None
    ) -> NDArray[np.int64]:
        """The n rows whose codes are nearest, in order."""
        distances = np.empty(len(self._codes), dtype=np.uint16)
        code = encode_bits(vector[None, :])[0]
        for start in range(0, len(distances), _CODES_AT_ONCE):
            piece = slice(start, start + _CODES_AT_ONCE)
            differing = np.bitwise_count(self._codes[piece] ^ code)
            distances[piece] = differing.sum(axis=1, dtype=np.uint16)
        if among is not None:
            distances[~among] = np.iinfo(np.uint16).max
            n = min(n, int(np.count_nonzero(among)))
        if n >= len(distances):
            return np.arange(len(distances), dtype=np.int64)
        # Distances are small whole numbers: counting them finds the n-th without sorting.
        limit = int(np.searchsorted(np.cumsum(np.bincount(distances)), n))
        closer, as_close = np.flatnonzero(distances < limit), np.flatnonzero(distances == limit)
        return np.sort(np.concatenate([closer, as_close[: n - len(closer)]]))


def encode_bits(vectors: Matrix) -> NDArray[np.uint64]:
    """1-bit codes, one bit a component (is it positive?), shape (n, ceil(d / 64)) uint64."""
    bits = np.packbits(vectors > 0, axis=1)
    spare = -bits.shape[1] % 8
    return np.ascontiguousarray(np.pad(bits, ((0, 0), (0, spare)))).view(np.uint64)


def sentence_cosines(
    vector: Matrix, passages: Sequence[NDArray[np.int8]]
) -> list[tuple[float, ...]]:
    """For each passage, the cosines of a question to its sentences; 0 for one without a vector."""
    return _parted(_unit_rows(passages) @ vector, passages) if passages else []


def _unit_rows(passages: Sequence[NDArray[np.int8]]) -> Matrix:
    rows = np.concatenate(passages).astype(np.float32)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _TINY)
    return rows


def _parted(
    values: NDArray[np.float32], passages: Sequence[NDArray[np.int8]]
) -> list[tuple[float, ...]]:
    """The values of all sentences, passage by passage."""
    of_all = iter(values.tolist())
    return [tuple(islice(of_all, len(passage))) for passage in passages]


def _highest(values: NDArray[np.float32], n: int) -> NDArray[np.int64]:
    """The places of the n highest values, highest first, the earlier of equals first."""
    n = max(0, min(n, len(values)))
    if not n:
        return np.zeros(0, dtype=np.int64)
    enough = np.flatnonzero(values >= np.partition(values, len(values) - n)[len(values) - n])
    return enough[np.argsort(-values[enough], kind="stable")[:n]]
