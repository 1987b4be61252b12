"""Runs the bot: from its first word with Telegram until everything in hand is finished."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import hashlib
import logging
import re
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from filelock import FileLock, Timeout
from telegram import Bot
from telegram.constants import UpdateType
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError

from newsdesk.bot.settings import BotSettings
from newsdesk.index.errors import LibraryOutdated, NewsdeskError, UsageError
from newsdesk.index.sync import renew

from . import logs
from .app import App, add_handlers, built
from .briefings.scheduler import Ticker
from .context import Context, Identity
from .feeding import rounds
from .feeding.feeder import Feeder, publish
from .feeding.telling import tell_admins
from .health import Health, server_of
from .librarian import Librarian
from .library import Asker
from .quota import Limits
from .store.checking import LOCK
from .store.database import FILE
from .store.threads import StoreThreads
from .transport.administrators import Administrators
from .transport.command_menu import CommandMenu
from .transport.errors import worded
from .transport.files import Files
from .transport.html import escape
from .transport.http_server import Server
from .transport.inbox import Inbox, Processor
from .transport.outbox import Outbox
from .transport.polling import REFUSED, SECOND, Polling, Watch
from .transport.rate_limit import Pace
from .transport.typed import Typed
from .transport.webhook import webhook

_LOG = logging.getLogger("newsdesk")
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # between tries to reach Telegram at the start
_WATCH = 0.5  # seconds between two looks for what needs an administrator
_GONE = "{file}: moved or deleted while the bot ran, so nothing can be kept; start the bot again"
_WANTED = [
    *(UpdateType.MESSAGE, UpdateType.EDITED_MESSAGE, UpdateType.CALLBACK_QUERY),
    *(UpdateType.INLINE_QUERY, UpdateType.MY_CHAT_MEMBER),
    *(UpdateType.CHANNEL_POST, UpdateType.EDITED_CHANNEL_POST),
]


class BotError(NewsdeskError):
    """The bot cannot run, or cannot go on."""


def run(settings: BotSettings, log_json: bool = False) -> int:
    """Run the bot until it is told to stop; returns 0 then.

    With `log_json` each line of the log is a JSON object.
    Raises UsageError without a token, LibraryMissing without a library, and BotError for a token
    that is refused, for a second bot, and for a port that is taken.
    """
    token = settings.telegram.token
    if not token:
        raise UsageError(
            "NEWSDESK_TELEGRAM_TOKEN is not set; ask @BotFather in Telegram for a token"
        )
    if re.search(r"[\s'\"]", token):
        raise UsageError(
            "NEWSDESK_TELEGRAM_TOKEN has quotes, spaces or a line's end in it; leave them out"
        )
    if not re.match(r"https?://[^/\s]", settings.telegram.api_url):
        raise UsageError(
            "NEWSDESK_TELEGRAM_API_URL: write it with its scheme, as https://api.telegram.org"
        )
    if not re.match(r"https?://|\Z", settings.telegram.webhook_url):
        raise UsageError("NEWSDESK_TELEGRAM_WEBHOOK_URL: write it as https://example.org/newsdesk")
    if settings.telegram.zone not in available_timezones():
        raise UsageError(
            f"NEWSDESK_TELEGRAM_ZONE: no time zone {settings.telegram.zone!r}; "
            "write it as Europe/Bucharest"
        )
    logs.start(token, log_json)
    faulthandler.enable()  # where it ended, should a signal end it: no texts and no names
    lock = FileLock(settings.home / LOCK)
    asker, librarian = _opened(settings), Librarian(settings)
    try:
        with _held(lock, settings.home), StoreThreads(settings.home) as store:
            return asyncio.run(Run(settings, asker, store, librarian=librarian).serve())
    except InvalidToken:
        raise BotError(REFUSED) from None
    except TelegramError as error:
        raise BotError(f"Telegram: {logs.redacted(error.message, token)}") from None
    finally:
        librarian.close()
        asker.close()


def _opened(settings: BotSettings) -> Asker:
    """The library, opened; what an earlier version wrote to be asked is built anew first."""
    try:
        return Asker(settings)
    except LibraryOutdated as error:
        _LOG.warning("%s: building it anew", str(error).partition(": ")[0])
        renew(settings)
        return Asker(settings)


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


class Run:
    """One run of the bot. In the main thread of a process, SIGTERM and Ctrl-C stop it."""

    def __init__(
        self,
        settings: BotSettings,
        asker: Asker,
        store: StoreThreads,
        started: Callable[[], object] = bool,
        librarian: Librarian | None = None,
    ) -> None:
        """`started` is called once, when the bot takes updates."""
        self.context: Context | None = None
        self._started = started
        self._settings = settings
        self._asker = asker
        self._librarian = librarian or Librarian(settings)
        self._store = store
        self._watch = Watch()
        self._stop = asyncio.Event()
        # As many as are searched, and one that is made ready meanwhile.
        self._typed = Typed(settings.telegram.threads)
        self._polling = Polling(self._watch, settings.telegram.api_url, self._typed)
        self._processor = Processor(store, self._typed)
        self._inbox = Inbox(store, self._processor.suspects, self._typed)
        self._webhook: Server | None = None
        self._health = Health(settings, asker, store, self._inbox, self._watch)

    async def serve(self) -> int:
        """From the first word with Telegram to the last."""
        loop = asyncio.get_running_loop()
        self._polling.ended = loop.create_future()
        if threading.current_thread() is threading.main_thread():
            for name in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(name, self.stop)
        app = built(self._settings, self._polling, self._inbox, self._processor)
        async with self._watched_over():
            if not await self._reached(app):
                return 0
            context = self.context = self._health.context = self._context(app.bot)
            add_handlers(app, context, self._processor)
            try:
                return await self._answer(app, context)
            finally:
                await app.shutdown()

    @contextlib.asynccontextmanager
    async def _watched_over(self) -> AsyncIterator[None]:
        """Serve /healthz and /metrics meanwhile, if a port is set. Raises BotError."""
        address, port = self._settings.health_listen, self._settings.health_port
        if not port:
            yield
            return
        server = server_of(self._health)
        try:
            server.listen(address, port)
        except OSError as error:
            raise BotError(
                f"cannot listen at {address}:{port} ({error.strerror}); set NEWSDESK_HEALTH_PORT "
                "to one that is free, or NEWSDESK_HEALTH_LISTEN to an address of this machine"
            ) from None
        _LOG.info("/healthz and /metrics are served at http://%s:%s", address, port)
        try:
            yield
        finally:
            await server.stop()

    def stop(self) -> None:
        """Take no more updates, finish what is being answered, and end."""
        self._stop.set()

    async def _answer(self, app: App, context: Context) -> int:
        pause = await context.menu.register()
        registering = asyncio.create_task(context.menu.register_later(pause))
        await app.start()
        left = await self._inbox.again(app.bot)
        working: list[asyncio.Task[None]] = []
        try:
            heard = await self._heard(app)
            if heard:
                self._greet(context, left)
                self._started()
                works = (Ticker(context).run(), rounds.run(context), Feeder(context).run())
                working = [asyncio.create_task(work) for work in (*works, publish(context))]
            reason = await self._end() if heard else ""
        finally:
            registering.cancel()
            await self._finish(app, context, working)
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
        sweeper = asyncio.create_task(_sweep(self._store, self._settings.telegram.retention_days))
        watching = asyncio.create_task(self._watched())
        ended = self._polling.ended
        stopped = asyncio.ensure_future(self._stop.wait())
        waiting: list[asyncio.Future[Any]] = [stopped, watching, *([ended] if ended else [])]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in (stopped, sweeper, watching):
            task.cancel()
        if watching.done():
            return watching.result()
        reason = ended.result() if ended and ended.done() else ""
        if reason == SECOND:
            await self._tell_admins(reason)
        return reason

    async def _watched(self) -> str:
        """Tell the administrators once what needs them; returns why the bot cannot go on."""
        told = ("", "", "")
        while self._store.is_there():
            troubles = (self._asker.trouble, self._inbox.trouble, self._librarian.trouble)
            for words, before in zip(troubles, told, strict=True):
                if words and not before:
                    await self._tell_admins(words)
            told = troubles
            await asyncio.sleep(_WATCH)
        return _GONE.format(file=self._settings.home / FILE)

    async def _tell_admins(self, words: str) -> None:
        if self.context is None:
            return
        await tell_admins(self.context, escape(f"Newsdesk needs you: {words}"))

    async def _finish(self, app: App, context: Context, working: list[asyncio.Task[None]]) -> None:
        """Take no more, finish what is being answered, leave the rest for the next start."""
        _LOG.info("stopping: finishing what is being answered")
        if app.updater and app.updater.running:
            with contextlib.suppress(TelegramError):  # what ended polling was told already
                await app.updater.stop()
        if self._webhook:
            await self._webhook.stop()
        context.outbox.stop()
        self._typed.stop()
        self._asker.stop()
        self._librarian.stop()
        for task in working:
            task.cancel()
        if working:
            await asyncio.wait(working)
        await app.stop()
        with contextlib.suppress(NewsdeskError):  # it may be what ended the bot
            await self._store.write(lambda store: store.end_tries())

    async def _reached(self, app: App) -> bool:
        """Say hello to Telegram, however long that takes; False if told to stop meanwhile."""
        pause = _FIRST_PAUSE
        while not self._stop.is_set():
            try:
                await app.initialize()
                return True
            except (NetworkError, RetryAfter) as error:
                server = self._settings.telegram.api_url
                _LOG.warning("cannot reach %s (%s); trying again", server, worded(error))
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
        secret = given.webhook_secret or _secret(given.token)
        path = urlsplit(given.webhook_url).path.strip("/")
        self._webhook = webhook(app.bot, self._inbox, path, secret)
        try:
            self._webhook.listen(given.webhook_listen, given.webhook_port)
        except OSError as error:
            raise BotError(
                f"cannot listen at {given.webhook_listen}:{given.webhook_port} "
                f"({error.strerror}); set NEWSDESK_TELEGRAM_WEBHOOK_PORT to one that is free"
            ) from None
        await self._set_webhook(app.bot, secret)

    async def _set_webhook(self, bot: Bot, secret: str) -> None:
        """Name the webhook to Telegram, however long that takes."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await bot.set_webhook(
                    self._settings.telegram.webhook_url,
                    secret_token=secret,
                    allowed_updates=_WANTED,
                )
                return
            except (NetworkError, RetryAfter) as error:
                _LOG.warning("the webhook is not set (%s); trying again", worded(error))
                await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _context(self, bot: Bot) -> Context:
        telegram = self._settings.telegram
        return Context(
            settings=self._settings,
            me=Identity(bot.bot.id, bot.bot.username or ""),
            asker=self._asker,
            librarian=self._librarian,
            store=self._store,
            outbox=Outbox(bot, self._store, Pace(telegram.messages_a_second)),
            administrators=Administrators(bot),
            files=Files(bot),
            menu=CommandMenu(bot, self._settings.admins),
            limits=Limits(telegram.questions_a_minute),
            watch=self._watch,
            typed=self._typed,
        )


async def _sweep(store: StoreThreads, days: float) -> None:
    while True:
        try:
            await store.write(lambda store: store.sweep(days))
        except NewsdeskError as error:
            _LOG.warning("%s", error)
        await asyncio.sleep(3600.0)


def _secret(token: str) -> str:
    """What Telegram is to prove itself by, where none is set: the same at every start."""
    return hashlib.sha256(f"webhook {token}".encode()).hexdigest()
