"""The answer that every press of a button gets."""

from __future__ import annotations

import logging

from telegram import CallbackQuery
from telegram.error import TelegramError

from .errors import Meaning, classify

_LOG = logging.getLogger("newsdesk.buttons")


async def answered(query: CallbackQuery, words: str = "", url: str = "") -> None:
    """Answer a press, so that its button stops turning; too late is no matter."""
    try:
        await query.answer(words or None, show_alert=len(words) > 60, url=url or None)
    except TelegramError as error:
        if classify(error).meaning is not Meaning.MISSING:
            _LOG.warning("a press was not answered: %s", error.message)
