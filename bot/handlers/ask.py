"""Questions by message: in private, in groups and topics, and the ones that are edited."""

from __future__ import annotations

from newsdesk.bot.answering import replies
from newsdesk.bot.answering.replies import Reply
from newsdesk.bot.answering.requests import Request, before
from newsdesk.bot.briefings import on_demand
from newsdesk.bot.context import Context

from . import permissions
from .permissions import Needs

QUESTION = Needs(
    question=True, fresh=True, text="Write the question behind it: /ask who is in the B9?"
)
_CHANGED = Needs(question=True, silent=True)
_ONLY_TEXT = "I can only read text. Type a question, such as: who is in the B9?"


async def on_question(context: Context, request: Request) -> None:
    """Answer a question, or give the briefing that it wishes for."""
    is_own = not (request.replied_to or request.forwarded)
    wanted = await on_demand.wished(context, request) if is_own else None
    if wanted:
        await on_demand.give(context, request, wanted)
    else:
        await replies.give(context, request.following(await before(context, request)))


async def on_edit(context: Context, request: Request) -> None:
    """Change the answer to a question that was changed; answer one that had none."""
    old = await context.store.answer_to(request.chat, request.message)
    if old is None:
        if await permissions.admitted(context, request, QUESTION):
            await on_question(context, request)
    elif request.text != old.typed and await permissions.admitted(context, request, _CHANGED):
        earlier = await context.store.answer(old.before) if old.before else None
        await replies.give_again(context, old, request.following(earlier))


async def on_unreadable(_: Context, __: Request) -> Reply:
    """Say what works to someone who sent something other than text."""
    return replies.words(_ONLY_TEXT)
