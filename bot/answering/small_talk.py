"""What people say that is no question: thanks, greetings, "ok", a smile, a mark, "stop", "help"."""

from __future__ import annotations

import re

from newsdesk.bot.context import Context
from newsdesk.index.query.courtesy import is_bare_courtesy

from . import replies
from .requests import Request

_LIKED = "👍"
_WELCOME = "Hello. Type a question, such as: who is in the B9? /help says what else I can do."
_ABOUT = (
    "I answer from the news articles I hold, with the passage and where it stands. Type a"
    " question, such as: who is in the B9? /help says what else I can do."
)
HOW_TO_END = (
    "/schedule off ends my briefings here, and /forgetme deletes what I keep of you. Otherwise I"
    " write only when I am asked."
)
_ENDS = re.compile(r"\W*(?:please )?(?:stop|quit|unsubscribe|cancel|stop it)\W*", re.IGNORECASE)
_ASKS_ABOUT_BOT = re.compile(
    r"\W*(?:(?:please )?help(?: me)?(?: please)?|(?:what|who) (?:are|r) (?:you|u)"
    r"|what(?: is|['’]s) this bot|what (?:can|do) (?:you|u) do|what can i (?:ask|do)(?: here| you)?"
    r"|how (?:does|do) (?:this|it|you|the bot)(?: bot)? work"
    r"|how (?:do|can) i use (?:this|it|you)(?: bot)?)\W*",
    re.IGNORECASE,
)
_GREETS = re.compile(
    r"\W*(?:(?:hi+|hello+|hey+|hiya|howdy|yo|good (?:morning|afternoon|evening|day)|@\w+)\b\W*)+",
    re.IGNORECASE,
)


def is_no_question(request: Request) -> bool:
    """Whether a message to the bot asks nothing."""
    is_meant = any(known.fullmatch(request.text) for known in (_ENDS, _ASKS_ABOUT_BOT))
    return not request.forwarded and (is_meant or is_bare_courtesy(request.text))


async def acknowledge(context: Context, request: Request) -> None:
    """What is asked about the bot itself is answered with a line. In private so is a greeting or a
    mark, and the rest gets a reaction."""
    if _ASKS_ABOUT_BOT.fullmatch(request.text):
        await replies.line(context, request, _ABOUT)
        return
    if not request.private:
        return
    if _ENDS.fullmatch(request.text):
        await replies.line(context, request, HOW_TO_END)
        return
    has_words = any(character.isalnum() for character in request.text)
    is_mark = not has_words and request.text.isascii()
    if is_mark or _GREETS.fullmatch(request.text):
        await replies.line(context, request, _WELCOME)
    else:
        await context.outbox.react(request.chat, request.message, _LIKED)
