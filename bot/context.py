"""What every handler works with."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from telegram import Bot, User

from newsdesk.bot.settings import BotSettings

from .library import Asker
from .quota import Limits
from .store.store import Store
from .transport.outbox import Outbox

_EVERY = 86_400.0  # seconds between two notes to a chat that is not allowed


@dataclass(slots=True)
class Watch:
    """How polling goes, for /stats."""

    polled: float = 0.0  # monotonic seconds; 0 before the first
    trouble: str = ""  # the last thing that was said of it; empty while all is well


@dataclass
class Desk:
    """The bot's parts, and what it holds in memory only."""

    settings: BotSettings
    bot: Bot
    me: User
    asker: Asker
    store: Store
    outbox: Outbox
    limits: Limits
    watch: Watch
    clock: Callable[[], float] = time.time  # that briefings are due by
    started: float = field(default_factory=time.monotonic)
    unfinished: set[int] = field(default_factory=set)  # updates to answer after a restart
    typing: dict[int, str] = field(default_factory=dict)  # person -> the inline query that counts
    _locks: WeakValueDictionary[int, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _albums: dict[str, None] = field(default_factory=dict)
    _noted: dict[int, float] = field(default_factory=dict)

    def lock(self, chat: int) -> asyncio.Lock:
        """One at a time in a chat, in the order they came; others do not wait for it."""
        found = self._locks.get(chat)
        if found is None:
            found = self._locks[chat] = asyncio.Lock()
        return found

    def allowed(self, chat: int, user: int) -> bool:
        """Whether the bot answers there."""
        allowed = self.settings.allowed_chats
        return not allowed or chat in allowed or self.is_admin(user)

    def is_admin(self, user: int) -> bool:
        """Whether someone is an administrator of the bot."""
        return user in self.settings.admins

    def zone(self, chat: int) -> str:
        """The time zone of a chat."""
        return self.store.chat(chat).zone or self.settings.telegram.zone

    def passages(self, chat: int) -> int:
        """How many passages a chat wants at once."""
        return self.store.chat(chat).passages or self.settings.telegram.passages

    def first_of_album(self, album: str | None) -> bool:
        """False for all but the first picture of several that were sent as one."""
        if album is None:
            return True
        if album in self._albums:
            return False
        self._albums[album] = None
        if len(self._albums) > 1000:
            del self._albums[next(iter(self._albums))]
        return True

    def may_note(self, chat: int) -> bool:
        """Whether it is time to tell a chat again what it was told before."""
        now = time.monotonic()
        if now - self._noted.get(chat, -_EVERY) < _EVERY:
            return False
        self._noted[chat] = now
        if len(self._noted) > 10_000:
            del self._noted[next(iter(self._noted))]
        return True

    def link(self, payload: str) -> str:
        """A link that opens the private chat with the bot."""
        return f"https://t.me/{self.me.username}?start={payload}"
