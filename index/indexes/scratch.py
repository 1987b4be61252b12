"""Room for what a question works out, used again for the next one."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Room:
    """Arrays by name; what was in them before is in them still.

    >>> room = Room()
    >>> first = room.of("rows", (2, 3), np.int32)
    >>> room.of("rows", (4,), np.int32).shape, first.shape
    ((4,), (2, 3))
    """

    def __init__(self) -> None:
        self._held: dict[str, NDArray[Any]] = {}

    def of(self, name: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """An array of a name, which goes with one dtype. It is good until that comes again."""
        size = math.prod(shape)
        held = self._held.get(name)
        if held is None or len(held) < size:
            held = self._held[name] = np.empty(size + size // 4, dtype=dtype)
        return held[:size].reshape(shape)


class Scratch:
    """Rooms that are lent; as many as were needed at once. Safe to use from several threads.

    To get some megabytes from the system anew costs as much as to fill them, for each page of them
    is made when it is touched. Where that is a virtual machine's, several times as much.

    >>> scratch = Scratch()
    >>> with scratch.lent() as room, scratch.lent() as other:
    ...     room is other
    False
    """

    def __init__(self) -> None:
        self._free: list[Room] = []

    @contextlib.contextmanager
    def lent(self) -> Iterator[Room]:
        """A room that nobody else has meanwhile. Its arrays are not to be kept longer."""
        try:
            room = self._free.pop()
        except IndexError:
            room = Room()
        try:
            yield room
        finally:
            self._free.append(room)


# Questions go through one index after the other, so that all may have their rooms here.
SCRATCH = Scratch()
