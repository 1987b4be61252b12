"""The queue of updates, which stores each before Telegram is told that it arrived.

python-telegram-bot puts the updates that it polled, or that a webhook brought, into a queue, and
confirms them to Telegram afterwards. This queue stores each update first. One that was not handled
when the bot was killed is handled at the next start; one that arrives twice is handled once.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import json
import logging
from collections.abc import AsyncIterator, Awaitable
from functools import partial
from typing import Any

from telegram import Bot, Update
from telegram.ext import BaseUpdateProcessor

from newsdesk.bot import in_hand
from newsdesk.bot.store.store import Store
from newsdesk.bot.store.threads import StoreThreads
from newsdesk.index.errors import NewsdeskError

from .typed import Typed

_LOG = logging.getLogger("newsdesk.inbox")
_PATIENCE = 1.0  # seconds that storing an update is waited for
_TRIES = 3  # of an update: runs that were killed while it was in hand


class Inbox(asyncio.Queue[object]):
    """The queue between Telegram and the handlers; it stores what is put into it."""

    def __init__(
        self, store: StoreThreads, suspects: Suspects | None = None, typed: Typed | None = None
    ) -> None:
        """`suspects` gets the updates that were in hand when a run was killed; `typed` has the
        inline queries that wait.
        """
        super().__init__()
        self.typed = typed or Typed()
        self._store = store
        self._suspects = Suspects() if suspects is None else suspects
        self._unstored: dict[int, asyncio.Future[bool]] = {}  # update -> its being stored
        self.trouble = ""  # what the store said last, while it fails

    # asyncio.Queue calls these by their names: what is asked goes before inline queries.

    def _init(self, _: int) -> None:
        self._queue: list[tuple[bool, int, object]] = []
        self._numbers = itertools.count()

    def _put(self, item: object) -> None:
        is_typed = isinstance(item, Update) and item.inline_query is not None
        heapq.heappush(self._queue, (is_typed, next(self._numbers), item))

    def _get(self) -> object:
        return heapq.heappop(self._queue)[-1]

    @property
    def first_unstored(self) -> int | None:
        """The number of the first update that was passed on and is not yet stored."""
        return min(self._unstored, default=None)

    async def put(self, item: object) -> None:
        """Store an update and pass it on, unless it arrived before, or has nothing in it.

        While another program holds the file, it is passed on before it is stored.
        """
        if isinstance(item, Update) and _is_bare(item):
            return
        if isinstance(item, Update) and _lasts(item) and not await self._take(item):
            return
        await super().put(item)

    def put_typed(self, update: dict[str, Any], bot: Bot) -> bool:
        """Pass on an inline query whose turn it is; False for one that cannot be read."""
        try:
            self.put_nowait(Update.de_json(update, bot))
        except (AttributeError, KeyError, TypeError, ValueError):
            number = update["update_id"]
            _LOG.error("update %s is passed over: python-telegram-bot cannot read it", number)
            return False
        return True

    async def stored(self, update: int, seconds: float) -> bool:
        """Wait until an update is stored, or could not be; False if that takes longer."""
        storing = self._unstored.get(update)
        if storing:
            await asyncio.wait({storing}, timeout=seconds)
        return storing is None or storing.done()

    async def again(self, bot: Bot) -> int:
        """Pass on the updates that an earlier run stored and did not handle; returns how many.

        One that cannot be read, or was in hand when the bot ended without a word several times,
        is set aside instead: it must not stop every start.
        """
        left = 0
        await self._store.write(lambda store: store.count_tries())
        for number, packed, tries in await self._store.read(lambda store: store.unanswered()):
            update = _read(packed, bot)
            if update is None or tries >= _TRIES:
                why = "the bot ended while handling it" if update else "it cannot be read"
                _LOG.error("update %s is set aside: %s", number, why)
                await self._store.write(partial(Store.set_aside, update=number))
                continue
            if tries:
                self._suspects.add(update)
            self.put_nowait(update)
            left += 1
        return left

    async def _take(self, update: Update) -> bool:
        """Begin to store an update, and wait unless the file is held; False if it is known."""
        number, packed = update.update_id, update.to_json()
        is_known = False
        with contextlib.suppress(NewsdeskError):
            is_known = await self._store.read(lambda store: store.knows(number))
        if is_known or number in self._unstored:
            return False
        storing = self._store.begin(lambda store: store.take(number, packed))
        self._unstored[number] = storing
        storing.add_done_callback(partial(self._taken, number))
        await asyncio.wait({storing}, timeout=0 if self._store.is_held else _PATIENCE)
        # One that could not be stored is taken for new: better answered than not.
        return not storing.done() or storing.exception() is not None or storing.result()

    def _taken(self, number: int, storing: asyncio.Future[bool]) -> None:
        del self._unstored[number]
        if storing.cancelled():
            return
        error = storing.exception()
        self.trouble = str(error) if error else ""
        if error:
            _LOG.error("an update would not outlive a crash: %s", error)


class Suspects:
    """Updates that may have ended earlier runs: those are handled one at a time, so that which of
    them ends the bot is known."""

    def __init__(self) -> None:
        self._done: dict[int, tuple[int, asyncio.Event]] = {}  # update -> its chat, its end
        self._alone = asyncio.Lock()

    def add(self, update: Update) -> None:
        """Suspect an update."""
        self._done[update.update_id] = _chat(update), asyncio.Event()

    @contextlib.asynccontextmanager
    async def turn(self, update: Update) -> AsyncIterator[None]:
        """The turn of an update: of a suspect after the others, else after those of its chat."""
        number, chat = update.update_id, _chat(update)
        if number in self._done:
            try:
                async with self._alone:
                    yield
            finally:
                self._done.pop(number)[1].set()
            return
        for where, done in list(self._done.values()):
            if where == chat:
                await done.wait()
        yield


class Processor(BaseUpdateProcessor):
    """Handles updates side by side; the order within a chat is kept by `Context.lock`."""

    def __init__(self, store: StoreThreads, typed: Typed | None = None) -> None:
        """`typed` is told which inline queries are handled."""
        # Updates in hand; those that wait hold up none but their own chat.
        super().__init__(100_000)
        self._store = store
        self._typed = typed or Typed()
        self.unfinished: set[int] = set()  # updates to answer after a restart
        self.suspects = Suspects()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Handle an update, and mark it as handled unless it was left for later."""
        if not isinstance(update, Update):
            await coroutine
            return
        if not _lasts(update):
            try:
                await coroutine
            finally:
                self._typed.done(update.update_id)
            return
        number = update.update_id
        async with self.suspects.turn(update):
            with in_hand.handling(partial(self._store.note_in_hand, number)):
                await coroutine
        if number not in self.unfinished:
            strike = partial(Store.strike, update=number)
            self._store.write_later(strike, "an update was not struck off")

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do."""


def _lasts(update: Update) -> bool:
    """Whether an update is stored: not inline queries, which nobody waits for after a restart."""
    return update.inline_query is None


def _is_bare(update: Update) -> bool:
    """Whether an update has nothing but its number, as those do that polling has taken out."""
    return not any(getattr(update, kind) is not None for kind in Update.ALL_TYPES)


def _chat(update: Update) -> int:
    """The chat that an update is of; 0 for none."""
    return update.effective_chat.id if update.effective_chat else 0


def _read(packed: str, bot: Bot) -> Update | None:
    """A stored update; None for one that cannot be read."""
    try:
        return Update.de_json(json.loads(packed), bot)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
