"""Vectors in lists of such as lie near each other, so that a question looks at some lists only.

An inverted file: k-means finds the lists' centres, each vector belongs to the nearest one, and a
question goes through the lists whose centres are nearest to it (Jégou, Douze and Schmid, "Product
quantization for nearest neighbor search", IEEE PAMI 33(1), 2011, section IV). A list holds 1-bit
codes, which then choose as they do without lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.indexes.scratch import Room

from .models import Matrix, dots

LISTED = 200_000  # vectors, from which on lists are worth it
_LEAST, _PART = 64_000, 16  # rows that a question looks at, or one of so many if that is more
_SAMPLED, _ROUNDS = 60, 8  # vectors for each centre, that k-means goes through so often
_AT_ONCE = 8_192  # vectors compared with all centres in one go

Rows = NDArray[np.int32]
Codes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Lists:
    """The rows of a matrix in lists, with their codes.

    Attributes:
        centres: float32, shape (lists, d), each of length 1.
        starts: int64, shape (lists + 1,); list i is `starts[i]` to `starts[i + 1]` of the others.
        rows: int32, the rows of the lists; below 0 for one that is no more.
        codes: uint64, the 1-bit code of each.
        rest: int32, rows that are in no list, and are always looked at.
        rest_codes: uint64, the code of each of these.
    """

    centres: Matrix
    starts: NDArray[np.int64]
    rows: Rows
    codes: Codes
    rest: Rows
    rest_codes: Codes
    is_whole: bool = False  # whether none of the rows is no more

    def near(
        self, vector: Matrix, least: int, among: NDArray[np.bool_] | None, room: Room
    ) -> tuple[Rows, Codes, NDArray[np.bool_] | None]:
        """Rows of the lists nearest to a vector, their codes, and which of them may be found.

        None for all. So many lists that at least `least` may be found, and many more where there
        are many: those where `among` is true. A filter thus makes a question look farther, and
        loses no recall. The codes are in `room`.
        """
        wanted = max(least, _LEAST, len(self.rows) // _PART)
        nearest = np.argsort(-dots(self.centres, vector), kind="stable")
        if among is None and self.is_whole:
            sizes = np.cumsum((self.starts[1:] - self.starts[:-1])[nearest])
            lacking = wanted - len(self.rest)
            enough = int(np.searchsorted(sizes, lacking)) + 1 if lacking > 0 else 0
            return *self._of(map(self._piece, nearest[:enough].tolist()), room), None
        pieces: list[slice] = []
        found = [self._may(self.rest, among)]
        reached = int(found[0].sum())
        for piece in map(self._piece, nearest.tolist()):
            if reached >= wanted:
                break
            pieces.append(piece)
            found.append(self._may(self.rows[piece], among))
            reached += int(np.count_nonzero(found[-1]))
        return *self._of(pieces, room), np.concatenate(found)

    def _piece(self, number: int) -> slice:
        return slice(int(self.starts[number]), int(self.starts[number + 1]))

    def _of(self, pieces: Iterable[slice], room: Room) -> tuple[Rows, Codes]:
        """The rows and codes of some lists, with those that are in none."""
        pieces = list(pieces)
        rows = np.concatenate([self.rest, *(self.rows[piece] for piece in pieces)])
        codes = room.of("codes", (len(rows), self.codes.shape[1]), np.uint64)
        own = [self.rest_codes, *(self.codes[piece] for piece in pieces)]
        return rows, np.concatenate(own, out=codes)

    def hold(self, codes: Codes) -> bool:
        """Whether each of the rows that have these codes is in one list, with its code."""
        there = self._may(self.rows, None)
        rows = np.concatenate([self.rows[there], self.rest])
        own = np.concatenate([self.codes[there], self.rest_codes])
        order = np.argsort(rows, kind="stable")
        each_once = np.array_equal(rows[order], np.arange(len(codes)))
        return each_once and np.array_equal(own[order], codes)

    @staticmethod
    def _may(rows: Rows, among: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
        there: NDArray[np.bool_] = rows >= 0
        return there if among is None else there & among[rows]


def listed(vectors: Matrix, codes: Codes) -> tuple[Matrix, NDArray[np.int64], Rows, Codes]:
    """Put the rows of a matrix in lists: `centres`, `starts`, `rows` and `codes` of `Lists`.

    About as many lists as each has rows. Always the same ones of the same vectors.
    """
    centres = _centres(vectors)
    numbers = _nearest(vectors, centres)
    rows = np.argsort(numbers, kind="stable").astype(np.int32)
    sizes = np.bincount(numbers, minlength=len(centres))
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return centres, starts, rows, codes[rows]


def _centres(vectors: Matrix) -> Matrix:
    """Where k-means ends on a sample of the vectors, from some of them."""
    chance = np.random.default_rng(1)
    count = max(1, round(len(vectors) ** 0.5))
    size = min(len(vectors), _SAMPLED * count)
    sample: Matrix = vectors[np.sort(chance.choice(len(vectors), size, replace=False))]
    centres: Matrix = sample[chance.choice(size, count, replace=False)]
    for _ in range(_ROUNDS):
        numbers = _nearest(sample, centres)
        order = np.argsort(numbers, kind="stable")
        held, firsts = np.unique(numbers[order], return_index=True)
        sums = np.add.reduceat(sample[order], firsts, axis=0)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        moved = lengths[:, 0] > 0
        centres[held[moved]] = sums[moved] / lengths[moved]
    return centres


def _nearest(vectors: Matrix, centres: Matrix) -> Rows:
    """The number of the centre nearest to each vector."""
    numbers = np.empty(len(vectors), dtype=np.int32)
    for start in range(0, len(vectors), _AT_ONCE):
        cosines = vectors[start : start + _AT_ONCE] @ centres.T
        numbers[start : start + _AT_ONCE] = cosines.argmax(axis=1)
    return numbers
