"""Reads what administrators hand over, and the posts of channels. No I/O."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from telegram import Chat, Message, MessageOriginChannel, Update
from telegram.ext import filters

from newsdesk.bot.answering.requests import Request
from newsdesk.bot.context import Context
from newsdesk.bot.store.models import Handed, Post

from .addressing import request_of

_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_ORDER = re.compile(
    r"(?:please |pls |can you )?(?:add|read|index|take|subscribe to)(?: this| these)?:?\s+(?=http)",
    re.IGNORECASE,
)
_POLITE = re.compile(r"[,;.!]?\s+(?:please|pls|thanks|thank you|thx)[.!]*$", re.IGNORECASE)
_MOST = 20  # links in one message


class IsLinks(filters.MessageFilter):
    """A message that says nothing but links."""

    def filter(self, message: Message) -> bool:
        """Whether a message is one."""
        return bool(links(message.text or ""))


class IsHanded(filters.MessageFilter):
    """A file, links or a forwarded post of a channel, from an administrator of the bot."""

    def __init__(self, admins: Collection[int]) -> None:
        super().__init__()
        self._admins = admins

    def filter(self, message: Message) -> bool:
        """Whether a message is one."""
        sender = message.from_user
        return sender is not None and sender.id in self._admins and _handed(message) is not None


def read(context: Context, update: Update) -> Request | None:
    """What an administrator hands over, as a request."""
    message = update.effective_message
    handed = _handed(message) if message else None
    if message is None or handed is None:
        return None
    return replace(request_of(context, update, message), handed=handed)


def post(context: Context, update: Update) -> Post | None:
    """A post of a channel, new or changed; None for one that the bot made, or without a text."""
    message = update.effective_message
    text = (message.text or message.caption or "").strip() if message else ""
    if message is None or not text:
        return None
    if message.via_bot and message.via_bot.id == context.me.id:
        return None
    date = message.date.timestamp()
    return _post(message.chat, message.message_id, text, date, message.author_signature)


def links(text: str) -> tuple[str, ...]:
    """The links that a text consists of; none where it says anything else.

    >>> links("https://news.example/a https://news.example/b")
    ('https://news.example/a', 'https://news.example/b')
    >>> links("what is https://news.example/a about?")
    ()
    """
    words = text.split()
    are_links = 0 < len(words) <= _MOST and all(map(_LINK.fullmatch, words))
    return tuple(dict.fromkeys(words)) if are_links else ()


def ordered(text: str) -> tuple[str, ...]:
    """The links that someone says are to be added, in so many words or in none.

    >>> ordered("please add https://news.example/a, thanks!")
    ('https://news.example/a',)
    """
    return links(_POLITE.sub("", _ORDER.sub("", text.strip(), count=1)))


def _handed(message: Message) -> Handed | None:
    document, origin = message.document, message.forward_origin
    if document:
        name = document.file_name or document.file_unique_id
        return Handed(file=name, file_id=document.file_id, size=document.file_size or 0)
    if isinstance(origin, MessageOriginChannel):
        text = (message.text or message.caption or "").strip()
        date = origin.date.timestamp()
        given = (origin.chat, origin.message_id, text, date, origin.author_signature)
        return Handed(post=_post(*given)) if text else None
    names = ordered(message.text or "")
    return Handed(names=names) if names else None


def _post(chat: Chat, message: int, text: str, date: float, author: str | None) -> Post:
    return Post(
        channel=chat.id,
        username=chat.username or "",
        title=chat.title or chat.username or str(chat.id),
        message=message,
        text=text,
        date=date,
        author=author or "",
    )
