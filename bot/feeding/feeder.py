"""Finishes what administrators handed over, and publishes what channels brought."""

from __future__ import annotations

import asyncio
import logging
import time
from functools import partial

from newsdesk.bot import logs
from newsdesk.bot.context import Context
from newsdesk.bot.store.models import Addition
from newsdesk.bot.transport.outbox import Stopping
from newsdesk.bot.turns import Stopped
from newsdesk.index.errors import NewsdeskError

from . import received
from .additions import go_on
from .channels import take_held

_LOG = logging.getLogger("newsdesk.feeding")
_AGAIN = 30.0  # seconds until what failed is tried again
_AT_ONCE = 8  # additions in hand; the others wait in the store
_GATHERED = 0.5  # seconds in which posts that come together are published together
_REST = 2.0  # times as long as it took to publish, that it is not done again


class Feeder:
    """Works off the additions in the store, several at once, in the order they came."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._waiting: dict[str, float] = {}  # key -> when one that failed is tried again

    async def run(self) -> None:
        """Finish what is to be finished, until cancelled."""
        try:
            await _tidy(self._context)
            while True:
                await self._begin_all()
                await _heard(self._context.handed, _AGAIN if self._waiting else None)
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _begin_all(self) -> None:
        now = asyncio.get_running_loop().time()
        busy = set(self._busy)  # one that ends while the store is read is no longer as it is read
        try:
            unfinished = await self._context.store.read(lambda s: s.feeding.unfinished())
        except NewsdeskError as error:
            _LOG.error("additions wait: %s", error)
            return
        for addition in unfinished:
            is_free = addition.key not in busy and len(self._busy) < _AT_ONCE
            if is_free and now >= self._waiting.get(addition.key, 0.0):
                task = asyncio.create_task(go_on(self._context, addition))
                self._busy[addition.key] = task
                task.add_done_callback(partial(self._ended, addition))

    def _ended(self, addition: Addition, task: asyncio.Task[None]) -> None:
        self._busy.pop(addition.key, None)
        self._waiting.pop(addition.key, None)
        error = None if task.cancelled() else task.exception()
        if error and not isinstance(error, Stopping | Stopped):
            _LOG.error("an addition waits: %s", logs.described(error))
            self._waiting[addition.key] = asyncio.get_running_loop().time() + _AGAIN
        self._context.handed.set()  # another may begin


async def publish(context: Context) -> None:
    """Publish what channels brought, until cancelled; at first, what an earlier run left.

    What waited for an administrator's yes is taken before.
    """
    has_channels = bool(context.settings.telegram.channels)
    if has_channels or await context.store.read(lambda store: store.feeding.has_channels()):
        context.posted.set()
    while True:
        await _heard(context.posted, None)
        await asyncio.sleep(_GATHERED)
        began = time.monotonic()
        try:
            await take_held(context)
            await context.librarian.catch_up()
        except NewsdeskError as error:
            _LOG.error("posts are stored, and not yet answered from: %s", error)
            context.posted.set()
            await asyncio.sleep(_AGAIN)
        except Stopped:
            return
        await asyncio.sleep(_REST * (time.monotonic() - began))


async def _heard(event: asyncio.Event, seconds: float | None) -> None:
    """Wait for an event, for so many seconds at most."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
    event.clear()


async def _tidy(context: Context) -> None:
    """Delete files of additions that came to nothing when a run was killed."""
    if not await asyncio.to_thread((context.settings.home / received.FOLDER).is_dir):
        return
    try:
        sources = await context.librarian.sources()
        unfinished = await context.store.read(lambda store: store.feeding.unfinished())
    except NewsdeskError as error:
        _LOG.error("files that were sent are not looked through: %s", error)
        return
    kept = {state.source.place for state in sources} | {one.key for one in unfinished}
    await asyncio.to_thread(received.tidy, context.settings.home, kept)
