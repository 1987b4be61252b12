"""What people say that is no question: thanks, greetings, "ok", a smile, a mark, "stop"."""

from __future__ import annotations

import re

from newsdesk.bot.context import Context
from newsdesk.index.query.courtesy import is_bare_courtesy

from . import replies
from .requests import Request

_LIKED = "👍"
_WELCOME = "Hello. Type a question, such as: who is in the B9? /help says what else I can do."
_HOW_TO_END = (
    "/schedule off ends my briefings here, and /forgetme deletes what I keep of you. Otherwise I"
    " write only when I am asked."
)
_ENDS = re.compile(r"\W*(?:please )?(?:stop|quit|unsubscribe|cancel|stop it)\W*", re.IGNORECASE)
_GREETS = re.compile(
    r"\W*(?:(?:hi+|hello+|hey+|hiya|howdy|yo|good (?:morning|afternoon|evening|day)|@\w+)\b\W*)+",
    re.IGNORECASE,
)


def is_no_question(request: Request) -> bool:
    """Whether a message to the bot asks nothing."""
    is_talk = is_bare_courtesy(request.text) or _ENDS.fullmatch(request.text) is not None
    return not request.forwarded and is_talk


async def acknowledge(context: Context, request: Request) -> None:
    """In private, one line to a greeting or a mark and a reaction to the rest; else nothing."""
    if not request.private:
        return
    if _ENDS.fullmatch(request.text):
        await replies.line(context, request, _HOW_TO_END)
        return
    has_words = any(character.isalnum() for character in request.text)
    is_mark = not has_words and request.text.isascii()
    if is_mark or _GREETS.fullmatch(request.text):
        await replies.line(context, request, _WELCOME)
    else:
        await context.outbox.react(request.chat, request.message, _LIKED)
