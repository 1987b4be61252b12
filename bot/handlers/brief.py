"""/brief, and the buttons below a briefing."""

from __future__ import annotations

from functools import partial

import msgspec

from newsdesk.bot.answering import replies
from newsdesk.bot.answering.requests import ButtonPress, Request
from newsdesk.bot.briefings import on_demand
from newsdesk.bot.context import Context
from newsdesk.bot.store.models import KeptBrief
from newsdesk.bot.store.store import Store
from newsdesk.bot.views import keyboards
from newsdesk.bot.views.keyboards import Action
from newsdesk.index.query.filters import named, unheld_outlet

from . import permissions

_GONE = "I do not know this briefing any more. /brief makes a new one."
_ONLY_ADMINISTRATORS = "Only administrators of this group choose what it hears less of."
_UNHELD = "There is nothing from {name} here; held are {held}."
_LESS = "You will hear less of this story and of those like it."
_AGAIN = "You will hear of it again."
_WHICH = "Of which story do you want to hear less?"


async def on_brief(context: Context, request: Request) -> None:
    """Tell what is new, of what follows the command."""
    if unheld := unheld_outlet(request.text, context.asker.sources):
        held = named(context.asker.sources)
        await replies.line(context, request, _UNHELD.format(name=unheld, held=held))
        return
    await on_demand.give(context, request, await on_demand.read(context, request))


async def on_press(context: Context, press: ButtonPress) -> None:
    """Turn to another page or a story of a briefing, for all who read it; or hear less of one."""
    kept, number = await context.store.brief(press.key), press.number
    if kept is None or number > max(len(kept.stories), len(kept.pages)):
        await press.answer(_GONE)
        return
    less = press.action is Action.LESS
    if less and number:
        may_change = permissions.may_change(context, press.request)
        if not await permissions.meanwhile_answered(press, may_change):
            await permissions.refuse(context, press, _ONLY_ADMINISTRATORS)
            return
    async with context.turning(press.key):
        kept = await context.store.brief(press.key) or kept  # as others left it meanwhile
        kept.chat, kept.message = press.request.chat, press.request.message
        words = await _turn(context, kept, press.action, number)
    await press.answer(words)
    async with context.lock(kept.chat):
        await _show(context, kept, press.action, number)


async def _turn(context: Context, kept: KeptBrief, action: Action, number: int) -> str:
    """Take down what was pressed; returns what pops up."""
    kept.open = number if action is not Action.BRIEF else 0
    words = _WHICH if action is Action.LESS else ""
    if action is Action.BRIEF:
        kept.page = min(number, len(kept.pages) - 1)
    elif action is Action.LESS and number:
        words = _AGAIN if kept.stories[number - 1].less else _LESS
        kept.stories[number - 1].less ^= True
    taken = partial(_take_down, action=action, number=number)
    await context.store.keep_brief(kept, taken)
    return words


def _take_down(store: Store, kept: KeptBrief, action: Action, number: int) -> None:
    if action is Action.BRIEF:
        store.briefings.show(kept)
    elif action is Action.LESS and number:
        _less(store, kept, number)
    store.briefings.keep_brief(kept)


async def _show(context: Context, kept: KeptBrief, action: Action, number: int) -> None:
    story = number if action is not Action.BRIEF else 0
    page = kept.stories[story - 1].page if story else kept.pages[kept.page]
    choosing = action is Action.LESS and not number
    keyboard = keyboards.of_brief(kept, story, choosing)
    await context.outbox.edit(kept.chat, kept.message, page, keyboard)


def _less(store: Store, kept: KeptBrief, number: int) -> None:
    """Take down that less of a story is wanted, or that it is not any more."""
    story = kept.stories[number - 1]
    plan = store.briefings.plan(kept.chat, kept.topic)
    others = [article for article in plan.less if article not in story.articles]
    less = (*others, *story.articles) if story.less else tuple(others)
    store.briefings.set_plan(msgspec.structs.replace(plan, less=less))
