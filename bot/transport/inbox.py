"""The queue of updates, which stores each before Telegram is told that it arrived.

python-telegram-bot puts the updates that it polled, or that a webhook brought, into a queue, and
confirms them to Telegram afterwards. This queue stores each update first. One that was not handled
when the bot was killed is handled at the next start; one that arrives twice is handled once.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable
from functools import partial
from typing import Any

from telegram import Bot, Update
from telegram.ext import BaseUpdateProcessor

from newsdesk.bot.store.store import Store
from newsdesk.bot.store.threads import StoreThreads
from newsdesk.index.errors import NewsdeskError

_LOG = logging.getLogger("newsdesk.inbox")
_PATIENCE = 1.0  # seconds that storing an update is waited for
_TRIES = 3  # of an update, in runs that were killed


class Inbox(asyncio.Queue[object]):
    """The queue between Telegram and the handlers; it stores what is put into it."""

    def __init__(self, store: StoreThreads, suspects: set[int] | None = None) -> None:
        """`suspects` gets the updates that were in hand when two runs or more were killed."""
        super().__init__()
        self._store = store
        self._suspects = set() if suspects is None else suspects
        self._unstored: dict[int, asyncio.Future[bool]] = {}  # update -> its being stored
        self.trouble = ""  # what the store said last, while it fails

    @property
    def first_unstored(self) -> int | None:
        """The number of the first update that was passed on and is not yet stored."""
        return min(self._unstored, default=None)

    async def put(self, item: object) -> None:
        """Store an update and pass it on, unless it arrived before.

        While another program holds the file, it is passed on before it is stored.
        """
        if isinstance(item, Update) and _lasts(item) and not await self._take(item):
            return
        await super().put(item)

    async def stored(self, update: int, seconds: float) -> bool:
        """Wait until an update is stored, or could not be; False if that takes longer."""
        storing = self._unstored.get(update)
        if storing:
            await asyncio.wait({storing}, timeout=seconds)
        return storing is None or storing.done()

    async def again(self, bot: Bot) -> int:
        """Pass on the updates that an earlier run stored and did not handle; returns how many.

        One that cannot be read, or in hand when the bot ended without a word several times, is
        set aside instead: it must not stop every start.
        """
        left = 0
        for number, packed, tries in await self._store.read(lambda store: store.unanswered()):
            update = _read(packed, bot)
            if update is None or tries >= _TRIES:
                why = "the bot ended while handling it" if update else "it cannot be read"
                _LOG.error("update %s is set aside: %s", number, why)
                await self._store.write(partial(Store.set_aside, update=number))
                continue
            if tries:
                self._suspects.add(number)
            self.put_nowait(update)
            left += 1
        await self._store.write(lambda store: store.try_again())
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


class Processor(BaseUpdateProcessor):
    """Handles updates side by side; the order within a chat is kept by `Context.lock`."""

    def __init__(self, store: StoreThreads) -> None:
        # Updates in hand; those that wait hold up none but their own chat.
        super().__init__(100_000)
        self._store = store
        self.unfinished: set[int] = set()  # updates to answer after a restart
        self.suspects: set[int] = set()  # updates that may have ended earlier runs
        self._alone = asyncio.Lock()  # of suspects: which of them ends the bot is to be known

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Handle an update, and mark it as handled unless it was left for later."""
        if isinstance(update, Update) and update.update_id in self.suspects:
            async with self._alone:
                number = update.update_id
                await self._store.write(lambda store: store.try_again(number))
                await coroutine
        else:
            await coroutine
        if isinstance(update, Update) and update.update_id not in self.unfinished:
            strike = partial(Store.strike, update=update.update_id)
            self._store.write_later(strike, "an update was not struck off")

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do."""


def _lasts(update: Update) -> bool:
    """Whether an update is stored: not inline queries, which nobody waits for after a restart."""
    return update.inline_query is None


def _read(packed: str, bot: Bot) -> Update | None:
    """A stored update; None for one that cannot be read."""
    try:
        return Update.de_json(json.loads(packed), bot)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
