"""Sends: at Telegram's pace, once, and to the end, whatever happens on the way.

A send whose fate is unknown (the connection broke after it went out, or the server failed) is not
repeated blindly, for Telegram would show it twice. An answer has buttons that no other message
has; so the messages that came after the question are asked, one by one, to put on those very
buttons: "message is not modified" is said by the one that has them, and is the answer. Only if
none is, the answer is sent again; if that cannot be told, for so much was said in the group
meanwhile, it is not: rather none than two. Nor is a line without buttons.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeVar

from telegram import Bot, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import TelegramError

from newsdesk.bot.store.store import Store

from .buttons import Keyboard
from .errors import Failure, Meaning, classify
from .keyboard_markup import inline_keyboard
from .numbers import FURTHER, Numbers, is_supergroup
from .rate_limit import Pace

_LOG = logging.getLogger("newsdesk.outbox")
_PATIENCE = 600.0  # seconds after which a message is no longer worth sending
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # between tries
_BULK = 8  # messages that nobody waits for, on their way at once
_TAG = re.compile(r"<[^>]*>")
_T = TypeVar("_T")


_OPEN = contextlib.nullcontext()
_GONE = 4  # messages in a row that someone may have taken away
_BEFORE_THE_END = 40  # messages in which a lost one is looked for, at the end of a chat


class Place(Enum):
    """What stands at a number of a chat."""

    OURS = auto()  # the message that is looked for
    OTHER = auto()
    EMPTY = auto()


class Stopping(Exception):
    """The bot ends before a message could be sent; whoever waits for it leaves it for later."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to send.

    `after` is the question's message: an answer that was lost on the way lies behind it. `tried`
    is called before each try, with the chat, and not if the bot ends before. `closed` is
    called where the chat, or the topic of a forum, takes nothing from us. What is sent in `bulk`
    nobody waits for: it never takes the place of many answers in the queue.
    """

    chat: int
    html: str
    markup: Keyboard | None = None
    topic: int | None = None
    reply_to: int | None = None
    after: int = 0
    quiet: bool = False
    tried: Callable[[int], None] | None = None
    closed: Callable[[], None] | None = None
    bulk: bool = False
    patience: float = _PATIENCE  # seconds after which it is no longer worth sending


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a message stands; the chat may be another by now."""

    chat: int
    message: int


class Outbox:
    """The one way out for messages. Each chat's trouble is its own."""

    def __init__(self, bot: Bot, store: Store, pace: Pace) -> None:
        self._bot = bot
        self._store = store
        self._pace = pace
        self._stopping = asyncio.Event()
        self._numbers = Numbers(store)
        self._bulk = asyncio.Semaphore(_BULK)
        self.failures = 0  # messages that could not be sent, for /stats

    def stop(self) -> None:
        """Wait for nothing any more."""
        self._stopping.set()

    def saw(self, chat: int, message: int) -> None:
        """A message stands in a chat; so it is not a lost answer, of this chat or another."""
        self._numbers.saw(chat, message)

    async def send(self, letter: Letter) -> Sent | None:
        """Send a message; None if that cannot be, or is not known. Raises Stopping."""
        behind = letter.after

        async def attempt(chat: int, plain: bool) -> Sent:
            nonlocal behind
            # A group that moved meanwhile counts its messages from 1.
            behind = max(letter.after if chat == letter.chat else 1, self.newest(chat))
            if letter.tried:
                letter.tried(chat)
            text = _plain(letter.html) if plain else letter.html
            began = time.monotonic()
            message = await self._bot.send_message(
                chat,
                text,
                parse_mode=None if plain else ParseMode.HTML,
                message_thread_id=letter.topic,
                reply_parameters=_reply(letter.reply_to),
                reply_markup=inline_keyboard(letter.markup),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                disable_notification=letter.quiet,
            )
            self._numbers.saw(chat, message.message_id, began)
            return Sent(chat, message.message_id)

        async def look(chat: int) -> Sent | None:
            return await self._find(chat, behind, letter.markup, time.monotonic())

        sent = await self._deliver(
            letter.chat,
            attempt,
            look if letter.markup else None,
            gate=self._bulk if letter.bulk else _OPEN,
            closed=letter.closed,
            patience=letter.patience,
        )
        return sent if sent and sent.message else None

    def newest(self, chat: int) -> int:
        """A message that stands in a chat; whatever is sent from now on lies behind it."""
        return self._numbers.newest(chat)

    async def edit(self, chat: int, message: int, text: str, markup: Keyboard | None) -> bool:
        """Change a message; False if it is gone. Doing it twice does no harm. Raises Stopping."""

        async def attempt(where: int, plain: bool) -> bool:
            await self._bot.edit_message_text(
                _plain(text) if plain else text,
                where,
                message,
                parse_mode=None if plain else ParseMode.HTML,
                reply_markup=inline_keyboard(markup),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
            return True

        return bool(await self._deliver(chat, attempt, _again, done=True))

    async def send_document(
        self, letter: Letter, content: bytes, name: str, caption: str
    ) -> Sent | None:
        """Send a file; not sent again if its fate is unknown. Raises Stopping."""

        async def attempt(chat: int, plain: bool) -> Sent:
            message = await self._bot.send_document(
                chat,
                content,
                caption=_plain(caption) if plain else caption,
                filename=name,
                parse_mode=None if plain else ParseMode.HTML,
                message_thread_id=letter.topic,
                reply_parameters=_reply(letter.reply_to),
                reply_markup=inline_keyboard(letter.markup),
            )
            return Sent(chat, message.message_id)

        return await self._deliver(letter.chat, attempt, None)

    async def find(self, chat: int, after: int, markup: Keyboard | None) -> Sent | None:
        """The message behind `after` that an earlier run has sent, by its buttons, if it is near.

        Its number is 0 where so much was said meanwhile that it cannot be told whether it is there.
        """
        return await self._find(chat, after, markup, 0)

    async def _find(
        self, chat: int, after: int, markup: Keyboard | None, since: float
    ) -> Sent | None:
        """The same, of a message that was lost by `since`, in monotonic seconds."""
        if not after:
            return None
        empty = 0  # of them, in a row
        async with self._numbers.turn(chat):
            for message in self._numbers.where(chat, after, since):
                if message == FURTHER:
                    return Sent(chat, 0)
                found = await self._at(chat, message, markup)
                if found is Place.OURS:
                    self.saw(chat, message)
                    return Sent(chat, message)
                empty = empty + 1 if found is Place.EMPTY else 0
        return await self._further(chat, after, markup) if empty < _GONE else None

    async def _further(self, chat: int, after: int, markup: Keyboard | None) -> Sent | None:
        """The same in a supergroup where much was said meanwhile: from its end backwards."""
        if not is_supergroup(chat):
            return None

        async def is_there(message: int) -> bool:
            for one in range(message, message + _GONE):
                if self._numbers.is_known(chat, one):
                    return True
                if await self._at(chat, one, markup) is not Place.EMPTY:
                    return True
            return False

        start, step = max(after, self._numbers.newest(chat)), _GONE
        while await is_there(start + step):
            step *= 2
        low, high = start + step // 2, start + step
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if await is_there(middle) else (low, middle)
        last = low + _GONE
        for message in range(last, max(after, last - _BEFORE_THE_END), -1):
            if self._numbers.is_known(chat, message):
                continue
            if await self._at(chat, message, markup) is Place.OURS:
                self.saw(chat, message)
                return Sent(chat, message)
        return Sent(chat, 0) if last - _BEFORE_THE_END > after else None

    async def _at(self, chat: int, message: int, markup: Keyboard | None) -> Place:
        """What a message is. One that takes the buttons had none, and is rid of them."""

        async def attempt(where: int, _: bool) -> Place:
            try:
                await self._bot.edit_message_reply_markup(
                    where, message, reply_markup=inline_keyboard(markup)
                )
            except TelegramError as error:
                if classify(error).meaning is Meaning.FOREIGN:
                    return Place.OTHER
                raise
            await self._bot.edit_message_reply_markup(where, message, reply_markup=None)
            return Place.OTHER

        found = await self._deliver(chat, attempt, _again, done=Place.OURS, paced=False)
        return found or Place.EMPTY

    async def _deliver(
        self,
        chat: int,
        attempt: Callable[[int, bool], Awaitable[_T]],
        look: Callable[[int], Awaitable[_T | None]] | None,
        done: _T | None = None,
        paced: bool = True,
        gate: contextlib.AbstractAsyncContextManager[Any] = _OPEN,
        closed: Callable[[], None] | None = None,
        patience: float = _PATIENCE,
    ) -> _T | None:
        """Try until it is done or cannot be.

        `look` finds out whether it was done after all; without one it is not tried again.
        """
        end, pause, plain = time.monotonic() + patience, _FIRST_PAUSE, False
        while time.monotonic() < end:
            if paced:
                await self._wait(self._pace.for_chat(chat, edit=done is not None))
            try:
                async with gate:
                    await self._wait(self._pace.for_all())
                    return await attempt(chat, plain)
            except TelegramError as error:
                failure = classify(error)
                _LOG.log(*_told(failure, chat, error))
            if failure.meaning is Meaning.WAIT:
                self._pace.hold(chat, failure.seconds)
                await self._wait(0 if paced else failure.seconds)
            elif failure.meaning is Meaning.MOVED:
                self._store.move_chat(chat, failure.chat)
                chat = failure.chat
            elif failure.meaning is Meaning.UNREADABLE and not plain:
                plain = True
            elif failure.meaning is Meaning.FATAL:
                raise Stopping
            elif failure.meaning in (Meaning.UNSENT, Meaning.UNKNOWN):
                await self._wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                if failure.meaning is Meaning.UNKNOWN:
                    if look is None:
                        break
                    found = await look(chat)
                    if found is not None:
                        return found
            else:
                return self._given_up(chat, failure, done, closed)
        self.failures += 1
        return None

    def _given_up(
        self, chat: int, failure: Failure, done: _T | None, closed: Callable[[], None] | None
    ) -> _T | None:
        if failure.meaning is Meaning.DONE:
            return done
        if failure.meaning is Meaning.CLOSED and closed:
            closed()
        if failure.meaning is Meaning.GONE:
            self._store.set_active(chat, False)
        if failure.meaning not in (Meaning.MISSING, Meaning.FOREIGN):
            self.failures += 1
        return None

    async def _wait(self, seconds: float) -> None:
        if self._stopping.is_set() and seconds > 1:
            raise Stopping
        if seconds <= 0:
            return
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
        if seconds > 1:
            raise Stopping
        await asyncio.sleep(seconds)


async def _again(_: int) -> None:
    """For what may be done twice: nothing to look for."""


def _reply(message: int | None) -> ReplyParameters | None:
    return ReplyParameters(message, allow_sending_without_reply=True) if message else None


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub("", text))


def _told(failure: Failure, chat: int, error: TelegramError) -> tuple[int, str, int, str, str]:
    expected = failure.meaning in (Meaning.DONE, Meaning.MISSING, Meaning.FOREIGN)
    level = logging.DEBUG if expected else logging.WARNING
    return level, "chat %s: %s: %s", chat, failure.meaning.name.lower(), error.message
