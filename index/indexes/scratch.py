"""Room for what a question works out, used again for the next one."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Scratch(threading.local):
    """Arrays by name, each thread its own; what was in them before is in them still.

    To get some megabytes from the system anew costs as much as to fill them, for each page of them
    is made when it is touched. Where that is a virtual machine's, several times as much.

    >>> scratch = Scratch()
    >>> first = scratch.of("rows", (2, 3), np.int32)
    >>> scratch.of("rows", (4,), np.int32).shape, first.shape
    ((4,), (2, 3))
    """

    def __init__(self) -> None:
        self._held: dict[str, NDArray[Any]] = {}

    def of(self, name: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """An array of a name, which goes with one dtype. It is good until that comes again."""
        size = math.prod(shape)
        held = self._held.get(name)
        if held is None or len(held) < size:
            held = self._held[name] = np.empty(size + size // 2, dtype=dtype)
        return held[:size].reshape(shape)
