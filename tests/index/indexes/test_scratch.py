"""A room is lent to one at a time, and used again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from newsdesk.index.indexes.scratch import Room, Scratch


def test_a_room_that_was_given_back_is_lent_again_with_its_arrays() -> None:
    scratch = Scratch()
    with scratch.lent() as first:
        first.of("rows", (100,), np.int32)[:] = 7
    with scratch.lent() as second, scratch.lent() as third:
        assert second is first
        assert third is not first
        assert (second.of("rows", (10, 5), np.int32) == 7).all()


def test_a_room_is_given_back_after_an_error() -> None:
    scratch = Scratch()
    with pytest.raises(ZeroDivisionError), scratch.lent() as room:
        _ = 1 // 0
    with scratch.lent() as again:
        assert again is room


def test_threads_at_once_have_rooms_of_their_own() -> None:
    scratch, together = Scratch(), threading.Barrier(8)

    def fill(number: int) -> bool:
        together.wait()
        for _ in range(200):
            with scratch.lent() as room:
                rows = room.of("rows", (1_000,), np.int32)
                rows[:] = number
                if not (rows == number).all():
                    return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(fill, range(8)))


def test_arrays_of_a_room_grow() -> None:
    room = Room()
    for size in (0, 3, 1_000, 10):
        assert room.of("rows", (size, 2), np.uint64).shape == (size, 2)
