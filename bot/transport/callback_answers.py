"""The answer that every press of a button gets."""

from __future__ import annotations

import logging

from telegram import CallbackQuery
from telegram.error import TelegramError

from .errors import Meaning, classify, worded

_LOG = logging.getLogger("newsdesk.buttons")
_NOTICE = 60  # characters; longer words are shown as an alert, which stays until it is closed


class CallbackAnswer:
    """Answers a press once, so that its button stops turning."""

    def __init__(self, query: CallbackQuery) -> None:
        self._query = query
        self.given = False

    async def __call__(self, words: str = "", url: str = "") -> None:
        """Answer with words to show or a link to open, unless that was done; late is no error."""
        if self.given:
            return
        self.given = True
        try:
            await self._query.answer(
                words or None, show_alert=len(words) > _NOTICE, url=url or None
            )
        except TelegramError as error:
            if classify(error).meaning is not Meaning.MISSING:
                _LOG.warning("a press was not answered: %s", worded(error))
