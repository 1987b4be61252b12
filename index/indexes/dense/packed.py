"""Vectors in half the space: 16-bit whole numbers, with one scale for each row.

The largest component of a row becomes 32767, so that a component is off by at most 1/65534 of it:
cosines stay the same to 1e-5. Not half-precision floats, which are less exact here and slower:
numpy turns whole numbers into floats many at a time. See RESULTS.md, "A million passages".
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.indexes.scratch import SCRATCH

from .models import Matrix

_MOST = np.iinfo(np.int16).max
_AT_ONCE = 512  # rows: their floats fit the processor's cache


def pack(vectors: Matrix) -> tuple[NDArray[np.int16], NDArray[np.float32]]:
    """The rows of `PackedVectors`, shape (n, d), and their scales, shape (n,).

    No component above 0 becomes 0, so that a vector's 1-bit code stays as it is.
    """
    highest = np.abs(vectors).max(axis=1, initial=0.0).astype(np.float32)
    scales = np.maximum(highest / np.float32(_MOST), np.finfo(np.float32).tiny)
    rows = np.rint(vectors / scales[:, None])
    rows[(rows == 0) & (vectors > 0)] = 1
    return rows.astype(np.int16), scales


class PackedVectors:
    """Vectors that `pack` made, read as a float32 matrix of shape (n, d) is.

    >>> vectors = PackedVectors(*pack(np.array([[0.6, -0.8], [1.0, 0.0]], dtype=np.float32)))
    >>> vectors.shape, vectors[0].round(4).tolist()
    ((2, 2), [0.6000000238418579, -0.800000011920929])
    """

    dtype = np.dtype(np.float32)

    def __init__(self, rows: NDArray[np.int16], scales: NDArray[np.float32]) -> None:
        self._rows, self._scales = rows, scales
        self.shape = rows.shape

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, key: Any) -> Matrix:
        taken: Matrix = self._rows[key].astype(np.float32)
        scales = self._scales[key]
        taken *= scales[:, None] if taken.ndim > 1 else scales
        return taken

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        whole = self[:]
        return whole if dtype is None else whole.astype(dtype)

    def dots(self, vector: Matrix) -> Matrix:
        """The dot product of each row with a vector, shape (n,)."""
        return self.dots_of(np.arange(len(self)), vector)

    def dots_of(self, places: NDArray[np.integer[Any]], vector: Matrix) -> Matrix:
        """The dot product of some rows with a vector, in the order asked, shape (n,)."""
        found = np.empty(len(places), dtype=np.float32)
        with SCRATCH.lent() as room:
            for start in range(0, len(places), _AT_ONCE):
                some = places[start : start + _AT_ONCE]
                shape = (len(some), self.shape[1])
                taken, floats = (room.of(kind, shape, kind) for kind in ("int16", "float32"))
                # Rows are there: "clip" has them put where they belong, and not first elsewhere.
                np.take(self._rows, some, axis=0, mode="clip", out=taken)
                floats[...] = taken
                np.vecdot(floats, vector, out=found[start : start + len(some)])
        found *= self._scales[places]
        return found
