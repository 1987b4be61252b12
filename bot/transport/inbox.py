"""Updates on their way in: taken down before Telegram is told that they have come.

python-telegram-bot puts what it polled, and what a webhook brought, into a queue, and tells
Telegram afterwards. So this queue takes each update down first. One that was not dealt with when
the bot was killed is dealt with when it starts again; one that comes twice is dealt with once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

from telegram import Bot, Update
from telegram.ext import BaseUpdateProcessor

from newsdesk.bot.store.store import Store
from newsdesk.index.errors import NewsdeskError

_LOG = logging.getLogger("newsdesk.inbox")
_AT_ONCE = 100_000  # updates in hand; those that wait hold up none but their own chat


class Inbox(asyncio.Queue[object]):
    """The queue between Telegram and the handlers."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store

    async def put(self, item: object) -> None:
        """Take an update down and pass it on, unless it had come before."""
        if isinstance(item, Update) and _lasts(item) and not self._take(item):
            return
        await super().put(item)

    def again(self, bot: Bot) -> int:
        """Pass on what was taken down and never dealt with; returns how many."""
        packed = self._store.unanswered()
        for one in packed:
            update = Update.de_json(_decoded(one), bot)
            self.put_nowait(update)
        return len(packed)

    def _take(self, update: Update) -> bool:
        try:
            return self._store.take(update.update_id, update.to_json())
        except NewsdeskError as error:  # better answered and forgotten than not answered
            _LOG.error("an update would not outlive a crash: %s", error)
            return True


class Processor(BaseUpdateProcessor):
    """Handles updates side by side; the order within a chat is kept by `Context.lock`."""

    def __init__(self, store: Store) -> None:
        super().__init__(_AT_ONCE)
        self._store = store
        self.unfinished: set[int] = set()  # updates to answer after a restart

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Handle one, and strike it off unless it was left for later."""
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
    """Whether it is worth coming back to: what is being typed is not."""
    return update.inline_query is None


def _decoded(packed: str) -> dict[str, Any]:
    import json

    found: dict[str, Any] = json.loads(packed)
    return found
