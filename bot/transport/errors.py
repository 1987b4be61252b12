"""Classifies Telegram's errors by what to do about them.

Telegram tells its 400s apart by their words alone; this is the one module that reads them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)


class Meaning(Enum):
    """What to do about an error."""

    WAIT = auto()  # too much at once: the same again, later
    MOVED = auto()  # the group became a supergroup: the same again, there
    UNSENT = auto()  # it never reached Telegram: the same again
    UNKNOWN = auto()  # it may have been done: whether it is done again, see `outbox.py`
    GONE = auto()  # blocked, kicked, or no such chat: leave the chat alone
    CLOSED = auto()  # no right to write, or the topic is closed: nothing to do for now
    TOPIC_GONE = auto()  # the topic was deleted: it never comes back
    UNREADABLE = auto()  # our HTML: the same again, as plain text
    DONE = auto()  # it already is as wanted
    MISSING = auto()  # no such message to edit, or the press is too old: nothing left to do
    REFUSED = auto()  # anything else: a mistake of ours
    FATAL = auto()  # the token, or another bot with the same one


@dataclass(frozen=True, slots=True)
class Failure:
    """An error and what it means."""

    meaning: Meaning
    seconds: float = 0.0  # to wait, if that is what it means
    chat: int = 0  # where the chat moved to


_WORDS = (
    ("message is not modified", Meaning.DONE),
    ("can't parse entities", Meaning.UNREADABLE),
    ("chat not found", Meaning.GONE),
    ("user is deactivated", Meaning.GONE),
    ("peer_id_invalid", Meaning.GONE),
    ("bot was kicked", Meaning.GONE),
    ("bot is not a member", Meaning.GONE),
    ("group chat was deactivated", Meaning.GONE),
    ("topic_closed", Meaning.CLOSED),
    ("topic_deleted", Meaning.TOPIC_GONE),
    ("message thread not found", Meaning.TOPIC_GONE),
    ("topic_id_invalid", Meaning.TOPIC_GONE),
    ("need administrator rights", Meaning.CLOSED),
    ("chat_admin_required", Meaning.CLOSED),
    ("not enough rights", Meaning.CLOSED),
    ("have no rights", Meaning.CLOSED),
    ("chat_write_forbidden", Meaning.CLOSED),
    ("chat_restricted", Meaning.CLOSED),
    ("message to edit not found", Meaning.MISSING),
    ("message can't be edited", Meaning.MISSING),
    ("message_id_invalid", Meaning.MISSING),
    ("query is too old", Meaning.MISSING),
    ("query_id_invalid", Meaning.MISSING),
)
# Not the number of a token: without it, what is secret of the token would not be known for one.
_ID = re.compile(r"-?\d{5,}(?![\d:])")
# What httpx raises before a request has gone out.
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def worded(error: TelegramError) -> str:
    """What Telegram says, for the log: without the ids of chats.

    Example:
        >>> worded(TelegramError("Group migrated to supergroup. New chat id: -1001234567890"))
        'Group migrated to supergroup. New chat id: …'
    """
    return _ID.sub("…", error.message)


def classify(error: TelegramError) -> Failure:
    """Classify an error by its type, and by its words where the type does not tell."""
    if isinstance(error, RetryAfter):
        given = error.retry_after
        return Failure(
            Meaning.WAIT, given if isinstance(given, int | float) else given.total_seconds()
        )
    if isinstance(error, ChatMigrated):
        return Failure(Meaning.MOVED, chat=error.new_chat_id)
    if isinstance(error, InvalidToken | Conflict):
        return Failure(Meaning.FATAL)
    if isinstance(error, BadRequest | Forbidden):
        return Failure(_by_words(error))
    if isinstance(error, NetworkError):
        before = isinstance(error.__cause__, _BEFORE_SENDING)
        return Failure(Meaning.UNSENT if before else Meaning.UNKNOWN)
    return Failure(Meaning.UNKNOWN)  # an answer that cannot be read, to what may have been done


def _by_words(error: TelegramError) -> Meaning:
    words = error.message.lower()
    for part, meaning in _WORDS:
        if part in words:
            return meaning
    return Meaning.GONE if isinstance(error, Forbidden) else Meaning.REFUSED
