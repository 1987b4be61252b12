"""The queue of updates, which stores each before Telegram is told that it arrived.

python-telegram-bot puts the updates that it polled, or that a webhook brought, into a queue, and
confirms them to Telegram afterwards. This queue stores each update first. One that was not handled
when the bot was killed is handled at the next start; one that arrives twice is handled once.
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


class Inbox(asyncio.Queue[object]):
    """The queue between Telegram and the handlers; it stores what is put into it."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store

    async def put(self, item: object) -> None:
        """Store an update and pass it on, unless it arrived before."""
        if isinstance(item, Update) and _lasts(item) and not self._take(item):
            return
        await super().put(item)

    def again(self, bot: Bot) -> int:
        """Pass on the updates that an earlier run stored and did not handle; returns how many."""
        packed = self._store.unanswered()
        for text in packed:
            self.put_nowait(Update.de_json(_decoded(text), bot))
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
        # Updates in hand; those that wait hold up none but their own chat.
        super().__init__(100_000)
        self._store = store
        self.unfinished: set[int] = set()  # updates to answer after a restart

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Handle an update, and mark it as handled unless it was left for later."""
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


def _decoded(packed: str) -> dict[str, Any]:
    import json

    update: dict[str, Any] = json.loads(packed)
    return update
