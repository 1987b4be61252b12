"""The nearest of many vectors: exactly, or by 1-bit codes first.

Codes choose in two steps. The Hamming distance to the question's own code is quick, and coarse: it
chooses more than are wanted. Of these the question itself is compared with each code, rounded to
16 steps a component, as in RaBitQ (Gao and Long, "Quantizing high-dimensional vectors with a
theoretical error bound", SIGMOD 2024): the bits of the steps are planes, each with its own Hamming
distance to a code. What is left is compared exactly. Of very many
vectors, only those in the lists nearest to the question are looked at (`lists.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.errors import LibraryDamaged
from newsdesk.index.indexes.scratch import SCRATCH, Room

from .lists import Lists
from .models import Matrix, dots, dots_of
from .packed import PackedVectors

_TINY = 1e-9  # instead of a length of 0
_CODES_AT_ONCE = 8_192  # compared in one go: their scratch space fits the processor's cache
_PAIRED = 6  # numbers up to 64 whose halves add up to what a byte holds
_COARSE = 10  # times as many are chosen by Hamming distance as are compared exactly
_PLANES = 4  # bits of a question's component
_FAR_MORE = 2  # times as many as are to be chosen: fewer are all compared with the question
_SAMPLED = 16  # of so many distances one is looked at, to guess how near is near enough
_FEW = 4  # of so many codes at most one is allowed: only those are compared


class Vectors:
    """Nearest neighbours by cosine among the rows of a matrix, shape (n, d), each of length 1.

    Up to `exact_up_to` rows, all are compared. Above, 1-bit codes, one a component, choose
    `rescore` rows, and those are compared exactly. With `lists`, codes of the nearest lists do.
    """

    def __init__(
        self,
        vectors: Matrix | PackedVectors,
        codes: NDArray[np.uint64],
        exact_up_to: int = 50_000,
        rescore: int = 2_000,
        lists: Lists | None = None,
    ) -> None:
        if len(codes) != len(vectors):
            raise LibraryDamaged(f"{len(vectors)} vectors, but {len(codes)} codes; index again")
        self._vectors = vectors
        self._codes = codes
        self._exact = len(vectors) <= exact_up_to
        self._rescore = rescore
        self._lists = lists

    def cosines(self, vector: Matrix, rows: Sequence[int]) -> list[float]:
        """The cosine of `vector` to some rows, in the order asked."""
        cosines: list[float] = dots_of(
            self._vectors, np.asarray(rows, dtype=np.int64), vector
        ).tolist()
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
                cosines = dots(self._vectors, vector)
                cosines = cosines if rows is None else cosines[rows]
            else:
                cosines = dots_of(self._vectors, rows, vector)
        else:
            rows = self._by_codes(vector, max(n, self._rescore), among)
            cosines = dots_of(self._vectors, rows, vector)
        chosen = _highest(cosines, n)
        places = chosen if rows is None else rows[chosen]
        return list(zip(places.tolist(), cosines[chosen].tolist(), strict=True))

    def _by_codes(
        self, vector: Matrix, n: int, among: NDArray[np.bool_] | None
    ) -> NDArray[np.int64]:
        """The n rows whose codes are nearest, in order."""
        with SCRATCH.lent() as room:
            return self._chosen(vector, n, among, room)

    def _chosen(
        self, vector: Matrix, n: int, among: NDArray[np.bool_] | None, room: Room
    ) -> NDArray[np.int64]:
        rows, codes, may = self._looked_at(vector, n, among, room)
        if len(rows) <= n:
            return np.sort(rows if may is None else rows[may])
        if len(rows) > _FAR_MORE * _COARSE * n:
            distances = _distances(codes, encode_bits(vector[None, :]), room)
            if may is None:
                places = _lowest(distances, _COARSE * n)
            else:
                allowed = np.flatnonzero(may)
                places = allowed[_lowest(distances[allowed], _COARSE * n)]
            chosen = room.of("chosen", (len(places), codes.shape[1]), np.uint64)
            np.take(codes, places, axis=0, mode="clip", out=chosen)
            rows, codes, may = rows[places], chosen, None
        distances = _distances(codes, _planes(vector), room)
        if may is not None:
            rows, distances = rows[may], distances[may]
        return np.sort(rows[_lowest(distances, n)])

    def _looked_at(
        self, vector: Matrix, n: int, among: NDArray[np.bool_] | None, room: Room
    ) -> tuple[NDArray[np.integer[Any]], NDArray[np.uint64], NDArray[np.bool_] | None]:
        """Rows whose codes are compared, the codes, and which rows may be found; None for all."""
        if among is not None:
            rows = np.flatnonzero(among)
            if len(rows) <= max(n, len(among) // _FEW):
                return rows, self._codes[rows], None
        if self._lists:
            return self._lists.near(vector, n, among, room)
        return np.arange(len(self._codes), dtype=np.int64), self._codes, among


def _distances(
    codes: NDArray[np.uint64], planes: NDArray[np.uint64], room: Room
) -> NDArray[np.uint16]:
    """How far many codes are from one that is given by its planes, shape (n,).

    The Hamming distance to each plane, that of a plane counting twice as much as the one before.
    """
    count, words = codes.shape
    found = np.zeros(count, dtype=np.uint16)
    at_once = min(count, _CODES_AT_ONCE)
    # Flat, and into the same scratch space each time: numpy is slow on rows of a few numbers.
    flat, repeated = codes.reshape(-1), [np.tile(plane, at_once) for plane in planes]
    combined = room.of("combined", (at_once * words,), np.uint64)
    counts = room.of("counts", (at_once * words,), np.uint8)
    sums = room.of("sums", (at_once,), np.uint16)
    for start in range(0, count, _CODES_AT_ONCE):
        end = min(start + _CODES_AT_ONCE, count)
        size = (end - start) * words
        for plane, code in enumerate(repeated):
            np.bitwise_xor(flat[start * words : end * words], code[:size], out=combined[:size])
            np.bitwise_count(combined[:size], out=counts[:size])
            own = sums[: end - start]
            _sum_rows(counts[:size].reshape(-1, words), own)
            own <<= plane
            found[start:end] += own
    return found


def _sum_rows(counts: NDArray[np.uint8], sums: NDArray[np.uint16]) -> None:
    """The sums of rows of a few numbers up to 64, into `sums`."""
    words = counts.shape[1]
    if words % 2 or words > _PAIRED:
        np.sum(counts, axis=1, dtype=np.uint16, out=sums)
        return
    pairs = counts.view(np.uint16)  # two numbers at once
    both = pairs[:, 0].copy()
    for column in range(1, words // 2):
        both += pairs[:, column]
    np.bitwise_and(both, np.uint16(0xFF), out=sums)
    sums += both >> np.uint16(8)


def _planes(vector: Matrix) -> NDArray[np.uint64]:
    """A vector in 16 even steps a component, as planes of bits: those that count least first.

    The steps lie alike on both sides of 0. So what `_distances` says of a code is, but for the same
    factor and sum for all, the dot product of the steps with the code, its bits taken as 1 and -1.
    """
    most = 2**_PLANES - 1
    step = 2 * float(np.abs(vector).max()) / most or 1.0
    steps = np.clip(np.rint(vector / step + most / 2), 0, most).astype(np.int64)
    return np.concatenate(
        [encode_bits((steps >> plane & 1).astype(np.float32)[None, :]) for plane in range(_PLANES)]
    )


def _lowest(distances: NDArray[np.uint16], n: int) -> NDArray[np.int64]:
    """The places of the n lowest distances, in order; of equals the earlier."""
    if n >= len(distances):
        return np.arange(len(distances), dtype=np.int64)
    # Distances are small whole numbers: counting them finds the n-th without sorting; and it is
    # enough to count those that are not far above what a sample says.
    guess = _limit(distances[::_SAMPLED], 2 * n // _SAMPLED + _SAMPLED)
    near = np.flatnonzero(distances <= guess)
    if len(near) < n:
        near = np.arange(len(distances), dtype=np.int64)
    own = distances[near]
    limit = _limit(own, n)
    closer, as_close = np.flatnonzero(own < limit), np.flatnonzero(own == limit)
    chosen: NDArray[np.int64] = near[np.sort(np.concatenate([closer, as_close[: n - len(closer)]]))]
    return chosen


def _limit(distances: NDArray[np.uint16], n: int) -> int:
    """The n-th lowest distance; the highest if there are fewer."""
    reached = np.cumsum(np.bincount(distances))
    return min(int(np.searchsorted(reached, n)), len(reached) - 1)


def encode_bits(vectors: Matrix) -> NDArray[np.uint64]:
    """1-bit codes, one bit a component (is it positive?), shape (n, ceil(d / 64)) uint64."""
    bits = np.packbits(vectors > 0, axis=1)
    spare = -bits.shape[1] % 8
    return np.ascontiguousarray(np.pad(bits, ((0, 0), (0, spare)))).view(np.uint64)


def sentence_cosines(
    vector: Matrix, passages: Sequence[NDArray[np.int8]]
) -> list[tuple[float, ...]]:
    """For each passage, the cosines of a question to its sentences; 0 for one without a vector."""
    return _parted(dots(_unit_rows(passages), vector), passages) if passages else []


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
