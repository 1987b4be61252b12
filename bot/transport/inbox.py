"""The queue of updates, which stores each before Telegram is told that it arrived.

python-telegram-bot puts the updates that it polled, or that a webhook brought, into a queue, and
confirms them to Telegram afterwards. This queue stores each update first. One that was not handled
when the bot was killed is handled at the next start; one that arrives twice is handled once.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable
from typing import Any

from telegram import Bot, Update
from telegram.ext import BaseUpdateProcessor

from newsdesk.bot.store.store import Store
from newsdesk.index.errors import NewsdeskError

_LOG = logging.getLogger("newsdesk.inbox")
_TRIES = 3  # of an update, in runs that were killed


class Inbox(asyncio.Queue[object]):
    """The queue between Telegram and the handlers; it stores what is put into it."""

    def __init__(self, store: Store, suspects: set[int] | None = None) -> None:
        """`suspects` gets the updates that were in hand when two runs or more were killed."""
        super().__init__()
        self._store = store
        self._suspects = set() if suspects is None else suspects
        self.trouble = ""  # what the store said last, while it fails

    async def put(self, item: object) -> None:
        """Store an update and pass it on, unless it arrived before."""
        if isinstance(item, Update) and _lasts(item) and not self._take(item):
            return
        await super().put(item)

    def again(self, bot: Bot) -> int:
        """Pass on the updates that an earlier run stored and did not handle; returns how many.

        One that cannot be read, or in hand when the bot ended without a word several times, is
        set aside instead: it must not stop every start.
        """
        left = 0
        for number, packed, tries in self._store.unanswered():
            update = _read(packed, bot)
            if update is None or tries >= _TRIES:
                why = "the bot ended while handling it" if update else "it cannot be read"
                _LOG.error("update %s is set aside: %s", number, why)
                self._store.set_aside(number)
                continue
            if tries:
                self._suspects.add(number)
            self.put_nowait(update)
            left += 1
        self._store.try_again()
        return left

    def _take(self, update: Update) -> bool:
        try:
            is_new = self._store.take(update.update_id, update.to_json())
            self.trouble = ""
            return is_new
        except NewsdeskError as error:  # better answered and forgotten than not answered
            self.trouble = str(error)
            _LOG.error("an update would not outlive a crash: %s", error)
            return True


class Processor(BaseUpdateProcessor):
    """Handles updates side by side; the order within a chat is kept by `Context.lock`."""

    def __init__(self, store: Store) -> None:
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
                self._store.try_again(update.update_id)
                await coroutine
        else:
            await coroutine
        if isinstance(update, Update) and update.update_id not in self.unfinished:
            try:
                self._store.strike(update.update_id)
            except NewsdeskError as error:
                _LOG.error("an update was not struck off: %s", error)

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
