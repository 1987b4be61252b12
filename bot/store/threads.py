"""Runs the store in threads of its own: SQLite never runs on the event loop.

One thread writes and one reads, each with its connection. Another program that holds the file's
write lock delays what is written, and nothing that is read. What an answer needs to be written
down is waited for only as long as the file is free; until it is written, it is known from memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

from newsdesk.bot import logs
from newsdesk.index.errors import LibraryDamaged, NewsdeskError

from .models import KeptAnswer, KeptBrief
from .store import Store

_LOG = logging.getLogger("newsdesk.store")
_HELD = 1.0  # seconds after which a write is no longer waited for
_LAST = 30.0  # seconds that are given, at the end, to what still waits to be written
_T = TypeVar("_T")
_K = TypeVar("_K", KeptAnswer, KeptBrief)


def _keep_brief(store: Store, kept: KeptBrief) -> None:
    store.briefings.keep_brief(kept)


class StoreThreads:
    """The bot's file, open, for use from one event loop. Close it, or use it as a context manager.

    Queries are given as functions of the `Store`, and done in the order in which they are given:

        await threads.read(lambda store: store.chat(5))
        await threads.write(lambda store: store.set_active(5, True))
    """

    def __init__(self, home: Path) -> None:
        """Open the file in `home`; see `Database` for what it raises."""
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="writing")
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="looking-up")
        self._writer = self._writing.submit(Store, home).result()
        self._reader = self._reading.submit(Store, home, False).result()
        self._begun = 0.0  # when the write that is being made began; 0 for none
        self._end = float("inf")  # when what waits is given up
        self._answers: dict[str, KeptAnswer] = {}  # to be written, by key
        self._briefs: dict[str, KeptBrief] = {}
        self._links: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what waits to be written, for half a minute at most, and close the file."""
        self._end = time.monotonic() + _LAST
        for pool, store in ((self._writing, self._writer), (self._reading, self._reader)):
            pool.submit(store.close).result()
            pool.shutdown()

    @property
    def is_held(self) -> bool:
        """Whether a write takes so long that another program must hold the file."""
        return self._begun > 0 and time.monotonic() - self._begun > _HELD

    @property
    def waiting(self) -> int:
        """How many answers, briefings and links are not written yet."""
        return len(self._answers) + len(self._briefs) + len(self._links)

    def former(self, chat: int) -> list[int]:
        """The ids that a group had before, the latest first; known without a query."""
        return self._writer.former(chat)

    def is_there(self) -> bool:
        """Whether the file that is written to is the one that has its name."""
        return self._writer.is_there()

    async def read(self, query: Callable[[Store], _T]) -> _T:
        """The result of a query that changes nothing. Raises LibraryDamaged."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reading, query, self._reader)

    async def write(self, change: Callable[[Store], _T]) -> _T:
        """Make a change, and wait until it is written. Raises LibraryDamaged."""
        return await self.begin(change)

    def begin(self, change: Callable[[Store], _T]) -> asyncio.Future[_T]:
        """Begin to make a change; the result is there when it is written."""
        loop = asyncio.get_running_loop()
        write = loop.run_in_executor(self._writing, self._made, change)
        write.add_done_callback(_seen)
        return write

    async def write_soon(self, change: Callable[[Store], Any], what: str) -> None:
        """Make a change, and wait for it unless the file is held; the log then says if it failed.

        Raises LibraryDamaged where it fails at once.
        """
        await self._soon(self.begin(change), what)

    def write_later(self, change: Callable[[Store], Any], what: str) -> None:
        """Make a change that nobody waits for; the log says if it failed."""
        self.begin(change).add_done_callback(partial(_logged, what))

    def note_in_hand(self, update: int, in_hand: bool) -> Future[Any]:
        """Note that an update is worked on, or that it waits; called in any thread.

        The result says when that is written, and is there at once while the file is held.
        """

        def change(store: Store) -> None:
            with contextlib.suppress(NewsdeskError):  # a note less; what is written next says so
                store.note_in_hand(update, in_hand)

        write = self._writing.submit(self._made, change)
        if not self.is_held:
            return write
        nothing: Future[Any] = Future()
        nothing.set_result(None)
        return nothing

    # Answers, briefings and links: known from when they are kept, be they written by then or not

    async def keep(self, kept: KeptAnswer) -> None:
        """Write an answer, new or changed, as `write_soon` does."""
        copied = copy.deepcopy(kept)
        write = self._pending(self._answers, kept.key, copied, lambda store: store.keep(copied))
        await self._soon(write, "an answer is not remembered, its buttons will not work")

    async def keep_brief(
        self, kept: KeptBrief, change: Callable[[Store, KeptBrief], Any] = _keep_brief
    ) -> None:
        """Write a briefing by `change`; as `write_soon` does where somebody waits for it."""
        copied = copy.deepcopy(kept)
        write = self._pending(self._briefs, kept.key, copied, lambda s: change(s, copied))
        if kept.due:
            await write
        else:
            await self._soon(write, "a briefing is not remembered, its buttons will not work")

    async def link(self, user: int, links: dict[str, str]) -> None:
        """Keep the questions of some links, by key, as `write_soon` does."""
        writes = []
        for key, text in links.items():
            change = partial(Store.link, text=text, key=key, user=user)
            writes.append(self._pending(self._links, key, text, change))
        for write in writes:
            await self._soon(write, "a link is not remembered, and will not work")

    async def linked(self, key: str) -> str | None:
        """The question of a link."""
        return self._links.get(key) or await self.read(lambda store: store.linked(key))

    async def answer(self, key: str) -> KeptAnswer | None:
        """The answer with a key."""
        return await self._answer(lambda kept: kept.key == key, lambda s: s.answer(key))

    async def answer_in(self, chat: int, message: int) -> KeptAnswer | None:
        """The answer that a message holds."""
        return await self._answer(
            lambda kept: (kept.chat, kept.message) == (chat, message) and message != 0,
            lambda s: s.answer_in(chat, message),
        )

    async def answer_to(self, chat: int, question_message: int) -> KeptAnswer | None:
        """The answer to the question in a message."""
        return await self._answer(
            lambda kept: (kept.chat, kept.question_message) == (chat, question_message),
            lambda s: s.answer_to(chat, question_message),
        )

    async def answer_of(self, update: int) -> KeptAnswer | None:
        """The answer to the question that an update brought."""
        return await self._answer(lambda kept: kept.update == update, lambda s: s.answer_of(update))

    async def last_answer(self, chat: int, since: float) -> KeptAnswer | None:
        """The newest answer in a chat that was asked for after `since`."""
        return await self._answer(
            lambda kept: kept.chat == chat and kept.asked >= since,
            lambda s: s.last_answer(chat, since),
        )

    async def brief(self, key: str) -> KeptBrief | None:
        """The briefing with a key."""
        return await self._brief(lambda kept: kept.key == key, lambda s: s.briefings.brief(key))

    async def brief_in(self, chat: int, message: int) -> KeptBrief | None:
        """The briefing that a message holds."""
        return await self._brief(
            lambda kept: (kept.chat, kept.message) == (chat, message) and message != 0,
            lambda s: s.briefings.brief_in(chat, message),
        )

    async def brief_of(self, update: int) -> KeptBrief | None:
        """The briefing that an update asked for."""
        return await self._brief(
            lambda kept: kept.update == update, lambda s: s.briefings.brief_of(update)
        )

    async def _answer(
        self, fits: Callable[[KeptAnswer], bool], query: Callable[[Store], KeptAnswer | None]
    ) -> KeptAnswer | None:
        return _newest(self._answers, fits) or await self.read(query)

    async def _brief(
        self, fits: Callable[[KeptBrief], bool], query: Callable[[Store], KeptBrief | None]
    ) -> KeptBrief | None:
        return _newest(self._briefs, fits) or await self.read(query)

    def _pending(
        self, pending: dict[str, _T], key: str, kept: _T, change: Callable[[Store], Any]
    ) -> asyncio.Future[Any]:
        """Begin to write something, which is known from `pending` until that is done."""
        pending.pop(key, None)
        pending[key] = kept  # the newest last

        def done(_: object) -> None:
            if pending.get(key) is kept:
                del pending[key]

        write = self.begin(change)
        write.add_done_callback(done)
        return write

    async def _soon(self, write: asyncio.Future[Any], what: str) -> None:
        await asyncio.wait({write}, timeout=0 if self.is_held else _HELD)
        if write.done():
            write.result()
        else:
            write.add_done_callback(partial(_logged, what))

    def _made(self, change: Callable[[Store], _T]) -> _T:
        """Make a change; called in the thread that writes."""
        if time.monotonic() > self._end:
            raise LibraryDamaged("the bot ended while another program held its file")
        self._begun = time.monotonic()
        try:
            return change(self._writer)
        finally:
            self._begun = 0.0


def _newest(pending: dict[str, _K], fits: Callable[[_K], bool]) -> _K | None:
    """The newest that fits of what is still to be written, as a copy of its own."""
    found = next((kept for kept in reversed(pending.values()) if fits(kept)), None)
    return copy.deepcopy(found)


def _seen(write: asyncio.Future[Any]) -> None:
    """Look at what went wrong: asyncio tells, with a traceback, of what nobody has looked at.

    Who awaits the write is told all the same; one who awaits several, of the first that failed.
    """
    if not write.cancelled():
        write.exception()


def _logged(what: str, write: asyncio.Future[Any]) -> None:
    error = None if write.cancelled() else write.exception()
    if error:
        _LOG.error("%s: %s", what, logs.described(error))
