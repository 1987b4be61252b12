"""Decides, before any handler, whether it gets a request; says why not where that is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from newsdesk.bot.answering import replies
from newsdesk.bot.answering.requests import ButtonPress, Request
from newsdesk.bot.context import Context
from newsdesk.bot.quota import Leave

_TOO_OLD = 600.0  # seconds; who asked longer ago no longer waits for the answer
_NOT_ALLOWED = "This chat is not allowed here. Its id, for the administrator: {chat}"
_AWAY = "I was away when you wrote. Please ask again."
_SLOWER = "That is {most} questions in a minute. Please wait a little before the next."


class Lookup(Enum):
    """When Telegram is asked whether the sender may change the chat's settings."""

    NEVER = auto()
    WITH_TEXT = auto()  # without words behind it, the command only shows something
    ALWAYS = auto()


@dataclass(frozen=True, slots=True)
class Needs:
    """What a handler needs of a request."""

    allowed: bool = True  # that the chat is one that is answered
    silent: bool = False  # a chat that is not hears nothing, instead of its id once a day
    admin: bool = False  # that the sender is an administrator of the bot; others hear nothing
    question: bool = False  # that a reply to the bot in a group is one to an answer
    fresh: bool = False  # that it was not written too long ago
    text: str = ""  # what is said where nothing stands behind the command
    counted: bool = True  # that the sender has not asked too much
    changer: Lookup = Lookup.NEVER


async def admitted(context: Context, request: Request, needs: Needs) -> Request | None:
    """The request for its handler; None where it is refused."""
    if needs.admin and not context.is_admin(request.user):
        return None
    if needs.question and not is_question(context, request):
        return None
    refusal = _refusal(context, request, needs)
    if refusal is not None:
        if refusal:
            await replies.line(context, request, refusal)
        return None
    looked_up = needs.changer is Lookup.ALWAYS or (
        needs.changer is Lookup.WITH_TEXT and bool(request.text)
    )
    may = looked_up and await may_change(context, request)
    return replace(request, may_change=may)


async def admitted_press(context: Context, press: ButtonPress, changes: str) -> bool:
    """Whether a press is dealt with; `changes` is said to those who may not change settings."""
    if not press.request.allowed:
        await press.answer()
        return False
    if changes and not await may_change(context, press.request):
        await press.answer(changes)
        return False
    return True


async def may_change(context: Context, request: Request) -> bool:
    """Whether the sender may change the chat's settings: in private anyone, else administrators."""
    return request.private or await context.administrators.has(request.chat, request.user)


def is_question(context: Context, request: Request) -> bool:
    """Whether words to the bot ask something.

    In a group, a reply to it does only below an answer or a briefing.
    """
    if request.private or request.command or not request.replied_to:
        return True
    place, store = (request.chat, request.replied_to), context.store
    return store.answer_in(*place) is not None or store.briefings.brief_in(*place) is not None


def _refusal(context: Context, request: Request, needs: Needs) -> str | None:
    """Why a request is refused; empty where nothing is said, None where it is not."""
    if needs.allowed and not request.allowed:
        told = not needs.silent and context.may_note(request.chat)
        return _NOT_ALLOWED.format(chat=request.chat) if told else ""
    if needs.fresh and request.age > _TOO_OLD:
        return _AWAY if context.may_note(request.chat) else ""
    if needs.text and not request.text:
        return needs.text
    leave = context.limits.ask(request.user) if needs.counted else Leave.GIVEN
    if leave is Leave.REFUSED:
        return _SLOWER.format(most=context.settings.telegram.questions_a_minute)
    return "" if leave is Leave.REFUSED_AGAIN else None
