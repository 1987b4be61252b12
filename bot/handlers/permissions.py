"""Decides, before any handler, whether it gets a request; says why not where that is said."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any, TypeVar

from newsdesk.bot.answering import replies, small_talk
from newsdesk.bot.answering.requests import ButtonPress, Request
from newsdesk.bot.context import Context
from newsdesk.bot.quota import Leave
from newsdesk.bot.views.help import NOT_ALLOWED

_T = TypeVar("_T")
_AT_ONCE = 0.3  # seconds that a press waits for its answer, at most
_TOO_OLD = 600.0  # seconds; who asked longer ago no longer waits for the answer
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
    admin: bool = False  # that the sender is an administrator of the bot
    no: str = ""  # what others hear then, in private; nothing without it
    question: bool = False  # that a reply to the bot in a group is one to an answer
    link: bool = False  # that may come from a button in a chat that is allowed
    fresh: bool = False  # that it was not written too long ago
    text: str = ""  # what is said where nothing stands behind the command
    counted: bool = True  # that the sender has not asked too much
    changer: Lookup = Lookup.NEVER


async def admitted(context: Context, request: Request, needs: Needs) -> Request | None:
    """The request for its handler; None where it is refused."""
    if needs.admin and not context.is_admin(request.user):
        if needs.no and request.private and request.allowed:
            await replies.line(context, request, needs.no)
        return None
    if not request.allowed and needs.link and await _is_of_allowed(context, request.text):
        request = replace(request, allowed=True)
    if needs.question and not await is_question(context, request):
        return None
    refusal = _refusal(context, request, needs)
    if refusal is not None:
        if refusal:
            await replies.line(context, request, refusal)
        return None
    if needs.question and small_talk.is_no_question(request):
        await small_talk.acknowledge(context, request)
        return None
    leave = context.limits.ask(request.user) if needs.counted else Leave.GIVEN
    if leave is not Leave.GIVEN:
        if leave is Leave.REFUSED:
            most = context.settings.telegram.questions_a_minute
            await replies.line(context, request, _SLOWER.format(most=most))
        return None
    looked_up = needs.changer is Lookup.ALWAYS or (
        needs.changer is Lookup.WITH_TEXT and bool(request.text)
    )
    may = looked_up and await may_change(context, request)
    return replace(request, may_change=may)


async def admitted_press(context: Context, press: ButtonPress, changes: str) -> bool:
    """Whether a press is dealt with; `changes` is said to those who may not change settings."""
    if not press.request.allowed and not await _is_of_allowed(context, press.key):
        await press.answer()
        return False
    if changes and not await meanwhile_answered(press, may_change(context, press.request)):
        await refuse(context, press, changes)
        return False
    return True


async def meanwhile_answered(
    press: ButtonPress, work: Coroutine[Any, Any, _T], seconds: float = _AT_ONCE
) -> _T:
    """The result of a check that may ask Telegram, or of what a press does.

    The press is answered after so many seconds, should that take longer.
    """
    working = asyncio.ensure_future(work)
    await asyncio.wait({working}, timeout=seconds)
    if not working.done():
        await press.answer()
    return await working


async def refuse(context: Context, press: ButtonPress, words: str) -> None:
    """Say why nothing is done: in the answer to a press, or in the chat if that was given."""
    if press.answer.given:
        await replies.line(context, press.request, words)
    else:
        await press.answer(words)


async def may_change(context: Context, request: Request) -> bool:
    """Whether the sender may change the chat's settings: in private anyone, else administrators."""
    return request.private or await context.administrators.has(request.chat, request.user)


async def _is_of_allowed(context: Context, text: str) -> bool:
    """Whether the key of an answer, or a link with one, belongs to a chat that is allowed.

    What someone opens in private from a group's answer is shown, whoever may ask in private.
    """
    _, _, rest = text.partition("-")
    kept = await context.store.answer((rest or text).partition("-")[0])
    return kept is not None and context.allowed(kept.origin or kept.chat, 0)


async def is_question(context: Context, request: Request) -> bool:
    """Whether words to the bot ask something.

    In a group, a reply to it does only below an answer or a briefing.
    """
    if request.private or request.command or not request.replied_to:
        return True
    place, store = (request.chat, request.replied_to), context.store
    return await store.answer_in(*place) is not None or await store.brief_in(*place) is not None


def _refusal(context: Context, request: Request, needs: Needs) -> str | None:
    """Why a request is refused; empty where nothing is said, None where it is not."""
    if needs.allowed and not request.allowed:
        told = not needs.silent and context.may_note(request.chat)
        return NOT_ALLOWED.format(chat=request.chat) if told else ""
    if needs.fresh and request.age > _TOO_OLD:
        return _AWAY if context.may_note(request.chat) else ""
    return needs.text if needs.text and not request.text else None
