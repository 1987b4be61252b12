"""The buttons below an answer: pressed at once, a week later, twice, or by someone else."""

from __future__ import annotations

import copy

from newsdesk.bot.answering import articles, replies
from newsdesk.bot.answering.requests import ButtonPress, Request
from newsdesk.bot.context import Context
from newsdesk.bot.store.models import KeptAnswer
from newsdesk.bot.views import keyboards
from newsdesk.bot.views.keyboards import Action

from . import permissions

_FORGOTTEN = "I no longer know this answer. Please ask again."
_THANKS = {1: "Thank you. Noted as helpful.", -1: "Thank you. Noted as not helpful."}
_KNOWN = "That was noted already. Thank you."
_ABOVE = "It was sent already; it is further down in this chat."
_NOT_YOURS = "Only who asked can change this answer. /ask asks your own."
_OPENS = {Action.PAGE, Action.CONTEXT, Action.ARTICLE}  # for another person, in private


async def on_vote(context: Context, press: ButtonPress) -> None:
    """Note whether an answer was helpful."""
    kept = await context.store.answer(press.key)
    if kept is None:
        await press.answer(_FORGOTTEN)
        return
    vote = 1 if press.action is Action.UP else -1
    user, judged = press.request.user, copy.deepcopy(kept)
    new = await context.store.write(lambda store: store.vote(judged, user, vote))
    await press.answer(_THANKS[vote] if new else _KNOWN)


async def on_press(context: Context, press: ButtonPress) -> None:
    """Turn the pages of an answer, show what is behind it, or ask it otherwise."""
    kept = await context.store.answer(press.key)
    if kept is None:
        await press.answer(_FORGOTTEN)
        return
    if not await permissions.meanwhile_answered(press, _is_own(context, press.request, kept)):
        await _elsewhere(context, press, kept)
        return
    action, number = _meant(press, kept)
    if action is Action.ARTICLE and _is_given(kept, number):
        await press.answer(_ABOVE)
        return
    if action is Action.CONTEXT and not await articles.can_be_opened(context, kept, number):
        await press.answer(articles.REMOVED)
        return
    await press.answer()
    async with context.lock(press.request.chat):
        fresh = await context.store.answer(press.key)
        if fresh:
            fresh.chat, fresh.message = press.request.chat, press.request.message
            await _do(context, fresh, action, number)


def _meant(press: ButtonPress, kept: KeptAnswer) -> tuple[Action, int]:
    """What to do with which passage: where a page has one article, there is nothing to choose."""
    on_page = keyboards.on_page(kept, kept.page)
    of_page = {kept.places[number - 1].article for number in on_page}
    if press.action is Action.ARTICLES and len(of_page) == 1:
        return Action.ARTICLE, keyboards.first_on(kept, kept.page)
    return press.action, press.number


async def _is_own(context: Context, request: Request, kept: KeptAnswer) -> bool:
    """Whether an answer is to the one who presses.

    Of an anonymous administrator no more is known than the group, so it is any administrator's.
    """
    if request.private or request.user == kept.user:
        return True
    if kept.user != request.chat:
        return False
    return await context.administrators.has(request.chat, request.user)


async def _elsewhere(context: Context, press: ButtonPress, kept: KeptAnswer) -> None:
    """What someone else wants to see opens in private: others go on reading the message."""
    action, number = press.action, press.number
    if action is Action.ARTICLES:
        action, number = Action.ARTICLE, keyboards.first_on(kept, kept.page)
    if action in _OPENS:
        await press.answer(url=context.link(f"{action}-{kept.key}-{number}"))
    else:
        await press.answer(_NOT_YOURS)


async def _do(context: Context, kept: KeptAnswer, action: Action, number: int) -> None:
    if action is Action.PAGE:
        await replies.turn_to(context, kept, number)
        await replies.show(context, kept)
    elif action is Action.CONTEXT:
        await articles.show_context(context, kept, number)
    elif action is Action.ARTICLES:
        await articles.choose(context, kept)
    elif action is Action.ARTICLE:
        await articles.send(context, kept, number)
    else:
        await _again(context, kept, action)


async def _again(context: Context, kept: KeptAnswer, action: Action) -> None:
    """Ask the same question anew, without what was narrowed, or without what went before."""
    request = Request(
        chat=kept.chat,
        user=kept.user,
        text=kept.typed,
        message=kept.question_message,
        topic=kept.topic,
        before=await context.store.answer(kept.before) if kept.before else None,
        alone=kept.alone or action is Action.ALONE,
        whole=kept.whole or action is Action.WHOLE,
    )
    await replies.give_again(context, kept, request)


def _is_given(kept: KeptAnswer, number: int) -> bool:
    """Whether the article was sent below this answer before."""
    citation = articles.citation(kept, number)
    return citation is not None and citation.article in kept.given
