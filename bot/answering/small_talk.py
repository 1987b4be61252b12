"""What people say that is no question: thanks, greetings, "ok", a smile, a mark."""

from __future__ import annotations

import re

from newsdesk.bot.context import Context
from newsdesk.index.query.courtesy import is_bare_courtesy

from . import replies
from .requests import Request

_LIKED = "👍"
_WELCOME = "Hello. Type a question, such as: who is in the B9? /help says what else I can do."
_GREETS = re.compile(
    r"\W*(?:(?:hi+|hello+|hey+|hiya|howdy|yo|good (?:morning|afternoon|evening|day)|@\w+)\b\W*)+",
    re.IGNORECASE,
)


def is_no_question(request: Request) -> bool:
    """Whether a message to the bot asks nothing."""
    return not request.forwarded and is_bare_courtesy(request.text)


async def acknowledge(context: Context, request: Request) -> None:
    """In private, one line to a greeting or a mark and a reaction to the rest; else nothing."""
    if not request.private:
        return
    has_words = any(character.isalnum() for character in request.text)
    is_mark = not has_words and request.text.isascii()
    if is_mark or _GREETS.fullmatch(request.text):
        await replies.line(context, request, _WELCOME)
    else:
        await context.outbox.react(request.chat, request.message, _LIKED)
