"""Sends messages at Telegram's pace, and repeats a send that failed.

What is repeated depends on what is known of the send, and on who waits for it:

- It surely never reached Telegram (the connection was refused), or Telegram refused it for now
  (429, a group that moved): it is repeated.
- Its fate is unknown (the connection broke after it went out, or the server failed), and somebody
  waits for it (an answer, a line, a panel, a document): it is repeated. In the worst case it stands
  in the chat twice, and the buttons of both work.
- Its fate is unknown, and nobody waits for it (a briefing that was due, `Letter.once`): it is not
  repeated. The caller gets None and tells its stories another time.

No message is edited to find out whether it arrived.
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
from typing import TypeVar

from telegram import Bot, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import TelegramError

from newsdesk.bot import in_hand
from newsdesk.bot.store.threads import StoreThreads

from .buttons import Keyboard
from .errors import Failure, Meaning, classify, worded
from .keyboard_markup import inline_keyboard
from .rate_limit import Pace

_LOG = logging.getLogger("newsdesk.outbox")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # between tries
_TAG = re.compile(r"<[^>]*>")
_T = TypeVar("_T")


_OPEN = contextlib.nullcontext()
_UNNOTED = "what became of a chat is not noted"


class Stopping(Exception):
    """The bot ends before a message could be sent; whoever waits for it leaves it for later."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to send, and what to do about it when that fails.

    Attributes:
        chat: id of the chat.
        html: text of the message.
        markup: buttons below it.
        topic: topic of a forum; None for none.
        reply_to: number of the message it replies to; None for none.
        quiet: whether it comes without a sound.
        once: whether it is not repeated where it may have arrived.
        tried: called before each try, with the id of the chat; not called if the bot ends before.
        unsent: called after each try that surely put no message into the chat.
        closed: called where the chat, or its topic, accepts no messages from the bot.
        topic_gone: called where the topic was deleted.
        bulk: whether nobody waits for it; such messages never delay many answers.
        patience: seconds after which it is no longer worth sending.
    """

    chat: int
    html: str
    markup: Keyboard | None = None
    topic: int | None = None
    reply_to: int | None = None
    quiet: bool = False
    once: bool = False
    tried: Callable[[int], Awaitable[None]] | None = None
    unsent: Callable[[], Awaitable[None]] | None = None
    closed: Callable[[], Awaitable[None]] | None = None
    topic_gone: Callable[[], Awaitable[None]] | None = None
    bulk: bool = False
    patience: float = 600.0  # seconds after which a message is no longer worth sending


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a message stands; the chat may be another by now."""

    chat: int
    message: int


class Outbox:
    """Sends and edits messages. A chat that has to wait does not hold up another."""

    def __init__(self, bot: Bot, store: StoreThreads, pace: Pace) -> None:
        self._bot = bot
        self._store = store
        self._pace = pace
        self._stopping = asyncio.Event()
        self._bulk = asyncio.Semaphore(8)  # messages that nobody waits for, on their way at once
        self.failures = 0  # messages that could not be sent, for /stats
        self.waiting = 0  # messages and edits on their way

    def stop(self) -> None:
        """End whatever waits for longer than a second: it raises Stopping."""
        self._stopping.set()

    async def send(self, letter: Letter) -> Sent | None:
        """Send a message; None if that failed, or is not known. Raises Stopping."""

        async def attempt(chat: int, plain: bool) -> Sent:
            if letter.tried:
                await letter.tried(chat)
            message = await self._bot.send_message(
                chat,
                _plain(letter.html) if plain else letter.html,
                parse_mode=None if plain else ParseMode.HTML,
                message_thread_id=letter.topic,
                reply_parameters=_reply(letter.reply_to),
                reply_markup=inline_keyboard(letter.markup),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                disable_notification=letter.quiet,
            )
            return Sent(chat, message.message_id)

        return await self._deliver(letter, attempt)

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

        return bool(await self._deliver(Letter(chat, text), attempt, done=True))

    async def react(self, chat: int, message: int, emoji: str) -> None:
        """React to a message; nobody waits for it, so a failure is only logged."""
        try:
            await self._bot.set_message_reaction(chat, message, emoji)
        except TelegramError as error:
            _LOG.debug("a reaction was not taken: %s", worded(error))

    async def leave(self, chat: int) -> str:
        """Leave a group; returns what Telegram says against it, if anything."""
        try:
            await self._bot.leave_chat(chat)
        except TelegramError as error:
            return error.message
        return ""

    async def send_document(
        self, letter: Letter, content: bytes, name: str, caption: str
    ) -> Sent | None:
        """Send a file; None if that failed, or is not known. Raises Stopping."""

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

        return await self._deliver(letter, attempt)

    async def _deliver(
        self,
        letter: Letter,
        attempt: Callable[[int, bool], Awaitable[_T]],
        done: _T | None = None,
    ) -> _T | None:
        """As `_repeated`, counted as waiting meanwhile."""
        self.waiting += 1
        try:
            return await self._repeated(letter, attempt, done)
        finally:
            self.waiting -= 1

    async def _repeated(
        self,
        letter: Letter,
        attempt: Callable[[int, bool], Awaitable[_T]],
        done: _T | None,
    ) -> _T | None:
        """Call `attempt` until it succeeds, is refused, or must not be repeated.

        Args:
            letter: what is sent, and its rules.
            attempt: sends it to a chat, as plain text if its second argument is true.
            done: result of an edit that changes nothing; None for what is no edit.
        """
        chat, plain, pause = letter.chat, False, _FIRST_PAUSE
        end = time.monotonic() + letter.patience
        while time.monotonic() < end:
            await self._wait(self._pace.for_chat(chat, edit=done is not None))
            try:
                async with self._bulk if letter.bulk else _OPEN:
                    await self._wait(self._pace.for_all())
                    return await attempt(chat, plain)
            except TelegramError as error:
                failure = classify(error)
                _LOG.log(*_told(failure, chat, error))
            if failure.meaning is Meaning.UNKNOWN and letter.once:
                break
            if failure.meaning is not Meaning.UNKNOWN and letter.unsent:
                await letter.unsent()
            if failure.meaning is Meaning.WAIT:
                self._pace.hold(chat, failure.seconds)
            elif failure.meaning is Meaning.MOVED:
                await self._moved(chat, failure.chat)
                chat = failure.chat
            elif failure.meaning is Meaning.UNREADABLE and not plain:
                plain = True
            elif failure.meaning is Meaning.FATAL:
                raise Stopping
            elif failure.meaning in (Meaning.UNSENT, Meaning.UNKNOWN):
                await self._wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                return await self._given_up(chat, failure, done, letter)
        self.failures += 1
        return None

    async def _moved(self, old: int, new: int) -> None:
        await self._store.write_soon(lambda store: store.move_chat(old, new), _UNNOTED)

    async def _given_up(
        self, chat: int, failure: Failure, done: _T | None, letter: Letter
    ) -> _T | None:
        if failure.meaning is Meaning.DONE:
            return done
        if failure.meaning is Meaning.CLOSED and letter.closed:
            await letter.closed()
        if failure.meaning is Meaning.TOPIC_GONE and letter.topic_gone:
            await letter.topic_gone()
        if failure.meaning is Meaning.GONE:
            await self._store.write_soon(lambda store: store.set_active(chat, False), _UNNOTED)
        if failure.meaning is not Meaning.MISSING:
            self.failures += 1
        return None

    async def _wait(self, seconds: float) -> None:
        if self._stopping.is_set() and seconds > 1:
            raise Stopping
        if seconds > 1:
            async with in_hand.waiting():
                await self._sleep(seconds)
        elif seconds > 0:
            await self._sleep(seconds)

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
        if seconds > 1:
            raise Stopping
        await asyncio.sleep(seconds)


def _reply(message: int | None) -> ReplyParameters | None:
    return ReplyParameters(message, allow_sending_without_reply=True) if message else None


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub("", text))


def _told(failure: Failure, chat: int, error: TelegramError) -> tuple[int, str, str, str, str]:
    expected = failure.meaning in (Meaning.DONE, Meaning.MISSING)
    level = logging.DEBUG if expected else logging.WARNING
    kind = "a private chat" if chat > 0 else "a group"
    return level, "to %s: %s: %s", kind, failure.meaning.name.lower(), worded(error)
