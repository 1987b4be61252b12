"""Runs the bot: from its first word with Telegram until everything in hand is finished."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from filelock import FileLock, Timeout
from telegram import Bot
from telegram.constants import UpdateType
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError

from newsdesk.bot.settings import BotSettings
from newsdesk.index.errors import NewsdeskError, UsageError

from . import logs
from .app import App, add_handlers, built
from .briefings.scheduler import Ticker
from .context import Context, Identity
from .library import Asker
from .quota import Limits
from .store.store import Store
from .transport import command_menu
from .transport.administrators import Administrators
from .transport.inbox import Inbox, Processor
from .transport.outbox import Outbox
from .transport.polling import REFUSED, Polling, Watch
from .transport.rate_limit import Pace

_LOG = logging.getLogger("newsdesk")
_LOCK = "bot.lock"
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # between tries to reach Telegram at the start
_WANTED = [
    *(UpdateType.MESSAGE, UpdateType.EDITED_MESSAGE, UpdateType.CALLBACK_QUERY),
    *(UpdateType.INLINE_QUERY, UpdateType.MY_CHAT_MEMBER),
    *(UpdateType.CHANNEL_POST, UpdateType.EDITED_CHANNEL_POST),
]


class BotError(NewsdeskError):
    """The bot cannot run, or cannot go on."""


def run(settings: BotSettings) -> int:
    """Run the bot until it is told to stop; returns 0 then.

    Raises UsageError without a token, LibraryMissing without a library, and BotError for a token
    that is refused, for a second bot, and for a port that is taken.
    """
    token = settings.telegram.token
    if not token:
        raise UsageError(
            "NEWSDESK_TELEGRAM_TOKEN is not set; ask @BotFather in Telegram for a token"
        )
    if not re.match(r"https?://|\Z", settings.telegram.webhook_url):
        raise UsageError("NEWSDESK_TELEGRAM_WEBHOOK_URL: write it as https://example.org/newsdesk")
    if settings.telegram.zone not in available_timezones():
        raise UsageError(
            f"NEWSDESK_TELEGRAM_ZONE: no time zone {settings.telegram.zone!r}; "
            "write it as Europe/Bucharest"
        )
    logs.start(token)
    lock = FileLock(settings.home / _LOCK)
    asker = Asker(settings)
    try:
        with _held(lock, settings.home), Store(settings.home) as store:
            return asyncio.run(_Run(settings, asker, store).serve())
    except InvalidToken:
        raise BotError(REFUSED) from None
    except TelegramError as error:
        raise BotError(f"Telegram: {logs.redacted(error.message, token)}") from None
    finally:
        asker.close()


@contextlib.contextmanager
def _held(lock: FileLock, home: Path) -> Iterator[None]:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BotError(f"{home}: another `newsdesk bot` runs here; stop that one first") from None
    try:
        yield
    finally:
        lock.release()


class _Run:
    """One run of the bot."""

    def __init__(self, settings: BotSettings, asker: Asker, store: Store) -> None:
        self._settings = settings
        self._asker = asker
        self._store = store
        self._watch = Watch()
        self._stop = asyncio.Event()
        self._polling = Polling(self._watch, settings.telegram.api_url)
        self._inbox = Inbox(store)
        self._processor = Processor(store)

    async def serve(self) -> int:
        """From the first word with Telegram to the last."""
        loop = asyncio.get_running_loop()
        self._polling.ended = loop.create_future()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stop.set)
        app = built(self._settings, self._polling, self._inbox, self._processor)
        if not await self._reached(app):
            return 0
        context = self._context(app.bot)
        add_handlers(app, context, self._processor)
        try:
            return await self._answer(app, context)
        finally:
            await app.shutdown()

    async def _answer(self, app: App, context: Context) -> int:
        await command_menu.register(app.bot)
        await app.start()
        left = self._inbox.again(app.bot)
        ticking: asyncio.Task[None] | None = None
        try:
            heard = await self._heard(app)
            if heard:
                self._greet(context, left)
                ticking = asyncio.create_task(Ticker(context).run())
            reason = await self._end() if heard else ""
        finally:
            await self._finish(app, context, ticking)
        if reason:
            raise BotError(reason)
        return 0

    def _greet(self, context: Context, left: int) -> None:
        _LOG.info(
            "@%s answers from %s articles%s",
            context.me.username,
            f"{self._asker.held.articles:,}",
            f"; {left} updates were left from before" if left else "",
        )

    async def _end(self) -> str:
        """Wait until the bot is told to stop, or cannot go on; returns why it cannot."""
        sweeper = asyncio.create_task(_sweep(self._store))
        ended = self._polling.ended
        stopped = asyncio.ensure_future(self._stop.wait())
        waiting: list[asyncio.Future[Any]] = [stopped, *([ended] if ended else [])]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        sweeper.cancel()
        return ended.result() if ended and ended.done() else ""

    async def _finish(self, app: App, context: Context, ticking: asyncio.Task[None] | None) -> None:
        """Take no more, finish what is being answered, leave the rest for the next start."""
        _LOG.info("stopping: finishing what is being answered")
        if app.updater and app.updater.running:
            with contextlib.suppress(TelegramError):  # what ended polling was told already
                await app.updater.stop()
        context.outbox.stop()
        if ticking:
            ticking.cancel()
            await asyncio.wait([ticking])
        await app.stop()

    async def _reached(self, app: App) -> bool:
        """Say hello to Telegram, however long that takes; False if told to stop meanwhile."""
        pause = _FIRST_PAUSE
        while not self._stop.is_set():
            try:
                await app.initialize()
                return True
            except (NetworkError, RetryAfter) as error:
                server = self._settings.telegram.api_url
                _LOG.warning("cannot reach %s (%s); trying again", server, error.message)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        return False

    async def _heard(self, app: App) -> bool:
        """Begin to take updates, however long that takes; False if told to stop meanwhile."""
        listening = asyncio.ensure_future(self._listen(app))
        stopped = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({listening, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not listening.done():
            listening.cancel()
            return False
        listening.result()
        return True

    async def _listen(self, app: App) -> None:
        """Take updates, by webhook where one is set, else by asking for them."""
        given = self._settings.telegram
        updater = app.updater
        if updater is None:
            return
        if not given.webhook_url:
            await updater.start_polling(
                allowed_updates=_WANTED, bootstrap_retries=-1, error_callback=lambda _: None
            )
            return
        try:
            await updater.start_webhook(
                listen=given.webhook_listen,
                port=given.webhook_port,
                url_path=urlsplit(given.webhook_url).path.strip("/"),
                webhook_url=given.webhook_url,
                secret_token=given.webhook_secret or _secret(given.token),
                allowed_updates=_WANTED,
                bootstrap_retries=-1,
            )
        except OSError as error:
            raise BotError(
                f"cannot listen at {given.webhook_listen}:{given.webhook_port} "
                f"({error.strerror}); set NEWSDESK_TELEGRAM_WEBHOOK_PORT to one that is free"
            ) from None

    def _context(self, bot: Bot) -> Context:
        telegram = self._settings.telegram
        return Context(
            settings=self._settings,
            me=Identity(bot.bot.id, bot.bot.username or ""),
            asker=self._asker,
            store=self._store,
            outbox=Outbox(bot, self._store, Pace(telegram.messages_a_second)),
            administrators=Administrators(bot),
            limits=Limits(telegram.questions_a_minute),
            watch=self._watch,
        )


async def _sweep(store: Store) -> None:
    while True:
        try:
            store.sweep()
        except NewsdeskError as error:
            _LOG.warning("%s", error)
        await asyncio.sleep(3600.0)


def _secret(token: str) -> str:
    """What Telegram is to prove itself by, where none is set: the same at every start."""
    return hashlib.sha256(f"webhook {token}".encode()).hexdigest()
