"""`/healthz` and `/metrics`, for whoever watches over the bot.

`/healthz` answers 200 where all is well and 503 where something is not; which, its JSON says:

    {"ok": false, "checks": {"polling": {"ok": false, "told": "…", …}, "library": …, "storage": …,
                             "disk": …, "briefings": …}}

Nothing that people wrote is in it, and no name or id. Files are read in the threads of the store
and the asker, so that the event loop waits for no disk.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import shutil
import time
from collections.abc import Awaitable
from typing import Any, TypeVar

from prometheus_client import CONTENT_TYPE_LATEST
from tornado.web import RequestHandler

from newsdesk.bot.settings import BotSettings
from newsdesk.index.errors import NewsdeskError

from .context import Context
from .library import Asker
from .metrics import Levels
from .store.models import BriefingCounts
from .store.threads import StoreThreads
from .transport.http_server import Server
from .transport.inbox import Inbox
from .transport.polling import Watch

_LOG = logging.getLogger("newsdesk.health")
_STALE = 120.0  # seconds without a word from Telegram, or of the scheduler, that are too many
_PATIENCE = 5.0  # seconds that a thread is waited for
_LEAST_FREE = 200_000_000  # bytes on the disk: below, SQLite may soon find no room for its log
_T = TypeVar("_T")

Check = dict[str, Any]  # "ok", "told", and figures


class Health:
    """How the bot does. `context` is None until Telegram was reached."""

    def __init__(
        self, settings: BotSettings, asker: Asker, store: StoreThreads, inbox: Inbox, watch: Watch
    ) -> None:
        self.context: Context | None = None
        self._settings = settings
        self._asker = asker
        self._store = store
        self._inbox = inbox
        self._watch = watch

    async def checks(self) -> dict[str, Check]:
        """Every check by its name."""
        return {
            "polling": self._polling(),
            "library": await self._library(),
            "storage": await self._storage(),
            "disk": await self._disk(),
            "briefings": await self._briefings(),
        }

    async def levels(self) -> Levels:
        """What waits, and how old things are; NaN for what cannot be read now."""
        counts = await _within(self._counts())
        sources = await _within(self._asker.sources_failing()) or (0, 0)
        published = await _within(self._asker.published())
        outbox = self.context.outbox if self.context else None
        return Levels(
            outbox_waiting=outbox.waiting if outbox else 0,
            outbox_failures=outbox.failures if outbox else 0,
            store_waiting=self._store.waiting,
            articles=self._asker.held.articles,
            generation_age=time.time() - published if published else math.nan,
            sources=sources[0],
            sources_failing=sources[1],
            poll_age=self._poll_age(),
            briefing_due=(counts.due if counts else None) or math.nan,
            briefing_sent=(counts.sent if counts else None) or math.nan,
        )

    def _poll_age(self) -> float:
        return time.monotonic() - self._watch.polled if self._watch.polled else math.nan

    def _polling(self) -> Check:
        """Whether Telegram was heard of lately; of a webhook nothing can be said."""
        if self._settings.telegram.webhook_url:
            return _check(self.context is not None, "a webhook; Telegram calls")
        since = self._poll_age()
        if math.isnan(since):  # a poll without news takes ten seconds
            is_first = self.context and time.monotonic() - self.context.started < _STALE
            told = "the first poll is on its way" if is_first else "Telegram was not reached yet"
            return _check(bool(is_first), self._watch.trouble or told)
        told = self._watch.trouble or f"Telegram answered {since:.0f} s ago"
        return _check(since < _STALE, told, seconds=round(since, 1))

    async def _library(self) -> Check:
        """Whether the newest state of the library is open, and whole."""
        looked = await _within(self._asker.look())
        if looked is None:
            return _check(False, f"no answer within {_PATIENCE:.0f} s")
        held = self._asker.held
        told = self._asker.trouble or f"{held.generation} is open"
        return _check(not self._asker.trouble, told, articles=held.articles)

    async def _storage(self) -> Check:
        """Whether `bot.db` is there, can be read, and takes what is to be written."""
        if not self._store.is_there():
            return _check(False, "bot.db was moved or deleted; start the bot again")
        if await _within(self._counts()) is None:
            return _check(False, "bot.db cannot be read; `newsdesk check` says what is wrong")
        told = self._inbox.trouble
        return _check(not told, told or "bot.db is open", waiting=self._store.waiting)

    async def _disk(self) -> Check:
        usage = await _within(asyncio.to_thread(shutil.disk_usage, self._settings.home))
        free = usage.free if usage else 0
        told = f"{free / 1e9:,.1f} GB are free"
        return _check(free >= _LEAST_FREE, told, free=free)

    async def _briefings(self) -> Check:
        """Whether the scheduler runs; and when it sent the last one."""
        counts = await _within(self._counts())
        if self.context is None or counts is None:
            return _check(False, "the scheduler does not run yet")
        idle = time.monotonic() - self.context.ticked
        told = "the scheduler runs" if idle < _STALE else f"the scheduler is idle for {idle:.0f} s"
        figures = {"last": counts.sent, "due": counts.due, "scheduled": counts.chats}
        return _check(idle < _STALE, told, **figures, failed=counts.failed)

    async def _counts(self) -> BriefingCounts:
        return await self._store.read(lambda store: store.briefings.counts(time.time()))


def _check(ok: bool, told: str, **figures: Any) -> Check:
    return {"ok": ok, "told": told, **figures}


async def _within(work: Awaitable[_T]) -> _T | None:
    """The result of some work; None where it fails or takes too long."""
    try:
        return await asyncio.wait_for(work, _PATIENCE)
    except (TimeoutError, NewsdeskError, OSError) as error:
        _LOG.warning("not known for /healthz: %s", error or "no answer in time")
        return None


def server_of(health: Health) -> Server:
    """Serves `Health` over HTTP, on the event loop that it is made in."""
    return Server({"/healthz": _Healthz, "/metrics": _Page}, health=health)


class _Healthz(RequestHandler):
    def initialize(self, health: Health) -> None:
        """Take what the server was made with."""
        self._health = health

    async def get(self) -> None:
        """200 where all is well, else 503."""
        checks = await self._health.checks()
        ok = all(check["ok"] for check in checks.values())
        self.set_status(200 if ok else 503)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps({"ok": ok, "checks": checks}, ensure_ascii=False) + "\n")


class _Page(RequestHandler):
    def initialize(self, health: Health) -> None:
        """Take what the server was made with."""
        self._health = health

    async def get(self) -> None:
        """Prometheus's text format."""
        context = self._health.context
        if context is None:
            self.send_error(503)
            return
        context.metrics.set(await self._health.levels())
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(context.metrics.text())
