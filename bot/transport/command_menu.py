"""The menu of commands that Telegram shows, by kind of chat."""

from __future__ import annotations

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

_LOG = logging.getLogger("newsdesk.commands")
_ASK = ("ask", "ask a question: /ask who is in the B9?")
_HELP = ("help", "what I can do, with examples")
_SOURCES = ("sources", "what articles I hold")
_SETTINGS = ("settings", "time zone, length of answers")
_BRIEF = ("brief", "what is new: /brief Ukraine talks 24h")
_TOPICS = ("topics", "what is followed here, and when it is told")
_FOLLOW = ("follow", "follow a topic: /follow who is on strike?")
_UNFOLLOW = ("unfollow", "follow a topic no more")
_SCHEDULE = ("schedule", "when I tell what is new: /schedule 08:00 weekdays")
_ALL = (_HELP, _SOURCES, _SETTINGS)
_CHANGES = (_FOLLOW, _UNFOLLOW, _SCHEDULE)
_COMMANDS: tuple[tuple[BotCommandScope, tuple[tuple[str, str], ...]], ...] = (
    (BotCommandScopeAllPrivateChats(), (_ASK, _BRIEF, _TOPICS, *_CHANGES, *_ALL)),
    (BotCommandScopeAllGroupChats(), (_ASK, _BRIEF, _TOPICS, _HELP, _SOURCES)),
    (
        BotCommandScopeAllChatAdministrators(),
        (_ASK, _BRIEF, _TOPICS, *_CHANGES, *_ALL),
    ),
)
NAMES = ("start", *dict.fromkeys(name for _, commands in _COMMANDS for name, _ in commands))


async def register(bot: Bot) -> None:
    """Register the commands with Telegram; where that fails, a warning is logged."""
    for scope, commands in _COMMANDS:
        try:
            await bot.set_my_commands([BotCommand(*command) for command in commands], scope=scope)
        except TelegramError as error:
            _LOG.warning("commands were not registered: %s", error.message)
