"""What Telegram shows when someone types a slash, by where they type it."""

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
_COMMANDS: tuple[tuple[BotCommandScope, tuple[tuple[str, str], ...]], ...] = (
    (BotCommandScopeAllPrivateChats(), (_ASK, _HELP, _SOURCES, _SETTINGS)),
    (BotCommandScopeAllGroupChats(), (_ASK, _HELP, _SOURCES)),
    (BotCommandScopeAllChatAdministrators(), (_ASK, _HELP, _SOURCES, _SETTINGS)),
)


async def register(bot: Bot) -> None:
    """Tell Telegram the commands; the bot works without."""
    for scope, known in _COMMANDS:
        try:
            await bot.set_my_commands([BotCommand(*one) for one in known], scope=scope)
        except TelegramError as error:
            _LOG.warning("commands were not registered: %s", error.message)
