"""Context shared by all handlers: settings, store, outbox, clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from newsdesk.bot.settings import BotSettings

from .librarian import Librarian
from .library import Asker
from .metrics import Metrics
from .quota import Limits
from .store.models import ChatSettings
from .store.threads import StoreThreads
from .transport.administrators import Administrators
from .transport.command_menu import CommandMenu
from .transport.files import Files
from .transport.outbox import Outbox
from .transport.polling import Watch
from .transport.typed import Typed

_DAY = 86_400.0  # seconds between two notes to a chat that is not allowed
_ALBUMS, _NOTES = 1_000, 10_000  # remembered at most


@dataclass(frozen=True, slots=True)
class Identity:
    """The bot as people address it."""

    id: int
    username: str


@dataclass
class Context:
    """The parts of the bot, and what it holds in memory only."""

    settings: BotSettings
    me: Identity
    asker: Asker
    librarian: Librarian
    store: StoreThreads
    outbox: Outbox
    administrators: Administrators
    files: Files
    menu: CommandMenu
    limits: Limits
    watch: Watch
    clock: Callable[[], float] = time.time  # what briefings are due by
    started: float = field(default_factory=time.monotonic)
    handed: asyncio.Event = field(default_factory=asyncio.Event)  # something is to be added
    posted: asyncio.Event = field(default_factory=asyncio.Event)  # something is to be published
    metrics: Metrics = field(default_factory=Metrics)
    ticked: float = field(default_factory=time.monotonic)  # when the scheduler last looked
    typed: Typed = field(default_factory=Typed)  # inline queries that wait
    _locks: WeakValueDictionary[int, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _turning: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _albums: dict[str, None] = field(default_factory=dict)
    _noted: dict[int, float] = field(default_factory=dict)

    def lock(self, chat: int) -> asyncio.Lock:
        """The lock of a chat: one request at a time there, in the order they came."""
        lock = self._locks.get(chat)
        if lock is None:
            lock = self._locks[chat] = asyncio.Lock()
        return lock

    def turning(self, key: str) -> asyncio.Lock:
        """The lock of a briefing: who turn its pages at once do so one after another."""
        lock = self._turning.get(key)
        if lock is None:
            lock = self._turning[key] = asyncio.Lock()
        return lock

    def allowed(self, chat: int, user: int) -> bool:
        """Whether the bot answers `user` in `chat`."""
        allowed = self.settings.allowed_chats
        if not allowed or self.is_admin(user):
            return True
        return chat in allowed or any(one in allowed for one in self.store.former(chat))

    def is_admin(self, user: int) -> bool:
        """Whether someone is an administrator of the bot."""
        return user in self.settings.admins

    async def chosen(self, chat: int) -> ChatSettings:
        """The settings of a chat, with the bot's own where it has chosen none."""
        settings = await self.store.read(lambda store: store.chat(chat))
        telegram = self.settings.telegram
        return ChatSettings(
            zone=settings.zone or telegram.zone,
            passages=settings.passages or telegram.passages,
            follow_ups=settings.follow_ups,
        )

    async def zone(self, chat: int) -> str:
        """The time zone of a chat."""
        return (await self.chosen(chat)).zone or self.settings.telegram.zone

    async def passages(self, chat: int) -> int:
        """How many passages a chat wants at once."""
        return (await self.chosen(chat)).passages or self.settings.telegram.passages

    def first_of_album(self, album: str | None) -> bool:
        """False for all but the first picture of several that were sent as one."""
        if album is None:
            return True
        if album in self._albums:
            return False
        self._albums[album] = None
        if len(self._albums) > _ALBUMS:
            del self._albums[next(iter(self._albums))]
        return True

    def may_note(self, chat: int) -> bool:
        """Whether a chat may be told why it is not answered: once a day."""
        now = time.monotonic()
        if now - self._noted.get(chat, -_DAY) < _DAY:
            return False
        self._noted[chat] = now
        if len(self._noted) > _NOTES:
            del self._noted[next(iter(self._noted))]
        return True

    def link(self, payload: str) -> str:
        """A link that opens the private chat with the bot."""
        return f"https://t.me/{self.me.username}?start={payload}"
