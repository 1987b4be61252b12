"""The menu of commands that Telegram shows, by kind of chat."""

from __future__ import annotations

import asyncio
import logging

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)
from telegram.error import TelegramError

from .errors import classify

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
_COMMANDS: tuple[tuple[BotCommandScope, tuple[tuple[str, str], ...]], ...] = (
    (BotCommandScopeAllPrivateChats(), (_ASK, _BRIEF, _TOPICS, *_CHANGES, *_ALL, _FORGET_ME)),
    (BotCommandScopeAllGroupChats(), (_ASK, _BRIEF, _TOPICS, _HELP, _SOURCES, _FORGET_ME)),
    (
        BotCommandScopeAllChatAdministrators(),
        (_ASK, _BRIEF, _TOPICS, *_CHANGES, *_ALL, _FORGET_ME, _FORGET),
    ),
)
NAMES = ("start", *dict.fromkeys(name for _, commands in _COMMANDS for name, _ in commands))


async def register(bot: Bot) -> float:
    """Register the commands with Telegram.

    Returns the seconds after which to try again, as the log then says; 0 where all is done.
    """
    pause = 0.0
    for scope, commands in _COMMANDS:
        try:
            await bot.set_my_commands([BotCommand(*command) for command in commands], scope=scope)
        except TelegramError as error:
            failure = classify(error)
            pause = max(pause, failure.seconds, _PAUSE if failure.seconds == 0 else 0.0)
            _LOG.warning("commands were not registered, trying again: %s", error.message)
    return pause


async def register_later(bot: Bot, pause: float) -> None:
    """Register the commands after `pause` seconds, until that succeeds."""
    while pause:
        await asyncio.sleep(pause)
        pause = await register(bot)
