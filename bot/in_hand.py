"""Tells which update is worked on: what is in hand when the bot is killed may be what ended it.

An update is in hand from `begin` until it is handled, but not while it waits: for a thread
(`in_turn`), or for Telegram (`waiting`). Whoever makes work wait needs to know of no update: the
one that is handled stands in a context variable.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, wait
from contextvars import ContextVar
from typing import Any, TypeVar

_PATIENCE = 1.0  # seconds that a note is waited for
_T = TypeVar("_T")

Note = Callable[[bool], Future[Any]]  # writes down that it is worked on, or is not
_CURRENT: ContextVar[Note | None] = ContextVar("in_hand", default=None)


@contextlib.contextmanager
def handling(note: Note) -> Iterator[None]:
    """What is done inside is done for an update, which `note` writes down as in hand."""
    token = _CURRENT.set(note)
    try:
        yield
    finally:
        _CURRENT.reset(token)


async def begin() -> None:
    """Note that the update is worked on from now on; returns when that is written."""
    note = _CURRENT.get()
    if note:
        noted = asyncio.wrap_future(note(True))
        noted.add_done_callback(lambda noted: noted.cancelled() or noted.exception())  # seen
        await asyncio.wait({noted}, timeout=_PATIENCE)


def in_turn(work: Callable[[], _T]) -> Callable[[], _T]:
    """Work for a queue of threads, for whose turn the update waits from now on.

    Example:
        >>> in_turn(lambda: 4)()
        4
    """
    note = _CURRENT.get()
    if note is None:
        return work
    note(False)

    def begun() -> _T:
        wait({note(True)}, _PATIENCE)
        return work()

    return begun


@contextlib.asynccontextmanager
async def waiting() -> AsyncIterator[None]:
    """The update waits inside, and is worked on again afterwards."""
    note = _CURRENT.get()
    if note:
        note(False)
    yield
    await begin()
