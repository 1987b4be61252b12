"""The menu of commands that Telegram shows, by kind of chat."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from .errors import Meaning, classify, worded

_LOG = logging.getLogger("newsdesk.commands")
_PAUSE = 60.0  # seconds before commands that were refused are registered again
_ASK = ("ask", "ask a question: /ask who is in the B9?")
_HELP = ("help", "what I can do, with examples")
_SOURCES = ("sources", "what articles I hold")
_SETTINGS = ("settings", "time zone, length of answers")
_BRIEF = ("brief", "what is new: /brief Ukraine talks 24h")
_TOPICS = ("topics", "what is followed here, and when it is told")
_FOLLOW = ("follow", "follow a topic: /follow who is on strike?")
_UNFOLLOW = ("unfollow", "follow a topic no more")
_SCHEDULE = ("schedule", "when I tell what is new: /schedule 08:00 weekdays")
_FORGET_ME = ("forgetme", "delete what I keep of you")
_FORGET = ("forget", "delete what I keep of this chat")
_ALL = (_HELP, _SOURCES, _SETTINGS)
_CHANGES = (_FOLLOW, _UNFOLLOW, _SCHEDULE)
_PRIVATE = (_ASK, _BRIEF, _TOPICS, *_CHANGES, *_ALL, _FORGET_ME)
_OF_ADMINS = (
    ("feeds", "where articles come from, and feeds to add"),
    ("add", "add a feed or page: /add https://news.example/feed"),
    ("remove", "remove a source or an article: /remove 3"),
    ("stats", "how the bot does"),
    ("reload", "move to the newest state of the library"),
    ("leave", "leave a group: /leave -1001234567890"),
)
_Commands = Sequence[tuple[str, str]]
_COMMANDS: tuple[tuple[BotCommandScope, _Commands], ...] = (
    (BotCommandScopeAllPrivateChats(), _PRIVATE),
    (BotCommandScopeAllGroupChats(), (_ASK, _BRIEF, _TOPICS, _HELP, _SOURCES, _FORGET_ME)),
    (BotCommandScopeAllChatAdministrators(), (*_PRIVATE, _FORGET)),
)
_NAMES = ("start", *dict.fromkeys(name for _, commands in _COMMANDS for name, _ in commands))
_NAMES_OF_ADMINS = (*_NAMES, *(name for name, _ in _OF_ADMINS))


def names(is_admin: bool) -> Sequence[str]:
    """The commands that there are for someone, by name."""
    return _NAMES_OF_ADMINS if is_admin else _NAMES


class CommandMenu:
    """The menu of a bot; its administrators have more in theirs, in private."""

    def __init__(self, bot: Bot, admins: Sequence[int] = ()) -> None:
        self._bot = bot
        self._admins = admins
        self._without: set[int] = set()  # administrators who never wrote to the bot

    async def register(self) -> float:
        """Register the commands with Telegram.

        Returns the seconds after which to try again, as the log then says; 0 where all is done.
        """
        pauses = [await self._set(scope, commands) for scope, commands in _COMMANDS]
        pauses += [await self._set_for(admin) for admin in self._admins]
        return max(pauses)

    async def register_later(self, pause: float) -> None:
        """Register the commands after `pause` seconds, until that succeeds."""
        while pause:
            await asyncio.sleep(pause)
            pause = await self.register()

    async def seen(self, person: int) -> None:
        """Give an administrator the menu who writes to the bot for the first time."""
        if person in self._without:
            await self._set_for(person)

    async def _set_for(self, admin: int) -> float:
        self._without.discard(admin)
        return await self._set(BotCommandScopeChat(admin), (*_PRIVATE, *_OF_ADMINS), admin)

    async def _set(self, scope: BotCommandScope, commands: _Commands, admin: int = 0) -> float:
        """Register the commands of a scope; returns when to try again, 0 for not at all."""
        try:
            told = [BotCommand(*command) for command in commands]
            await self._bot.set_my_commands(told, scope=scope)
        except TelegramError as error:
            failure = classify(error)
            if admin and failure.meaning is Meaning.GONE:
                self._without.add(admin)
                return 0.0
            _LOG.warning("commands were not registered, trying again: %s", worded(error))
            return failure.seconds or _PAUSE
        return 0.0
