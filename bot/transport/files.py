"""Fetches files that people send, none that is larger than a bot may have."""

from __future__ import annotations

import asyncio
import logging

from telegram import Bot
from telegram.constants import FileSizeLimit
from telegram.error import TelegramError

from .errors import Meaning, classify, worded

_LOG = logging.getLogger("newsdesk.files")
MOST = int(FileSizeLimit.FILESIZE_DOWNLOAD)  # bytes; Telegram gives a bot no larger file
_TRIES = 4
_FIRST_PAUSE = 0.5  # seconds between tries, doubled with each
_LATER = (Meaning.WAIT, Meaning.UNSENT, Meaning.UNKNOWN)  # the same again may succeed


class FileRefused(Exception):
    """A file that Telegram does not give, with the reason in words."""


class Files:
    """Fetches files from Telegram."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def fetch(self, file_id: str) -> bytes:
        """The content of a file, in memory. Raises FileRefused.

        Its size is asked for before anything of it is fetched.
        """
        pause = _FIRST_PAUSE
        for tried in range(1, _TRIES + 1):
            try:
                return await self._once(file_id)
            except TelegramError as error:
                failure = classify(error)
                _LOG.warning("a file was not fetched: %s", worded(error))
                if failure.meaning not in _LATER or tried == _TRIES:
                    raise FileRefused(_why(failure.meaning)) from error
            await asyncio.sleep(max(pause, failure.seconds))
            pause *= 2
        raise FileRefused(_why(Meaning.UNKNOWN))

    async def _once(self, file_id: str) -> bytes:
        file = await self._bot.get_file(file_id)
        if (file.file_size or 0) > MOST:
            raise FileRefused(too_large(file.file_size or 0))
        return bytes(await file.download_as_bytearray())


def too_large(size: int) -> str:
    """Why a file of so many bytes is not fetched, and what to do instead."""
    return (
        f"It has {size / 1e6:,.1f} MB, and Telegram gives a bot at most {MOST / 1e6:.0f} MB. Send a"
        " link to it, or add it in a terminal: newsdesk add FILE"
    )


def _why(meaning: Meaning) -> str:
    if meaning in _LATER:
        return "Telegram does not give it just now. Please send it again later."
    return "Telegram does not give it any more. Please send it again."
