"""/brief, and the buttons below a briefing."""

from __future__ import annotations

import msgspec
from telegram import CallbackQuery, MaybeInaccessibleMessage, Update

from newsdesk.bot.answering.requests import of_command
from newsdesk.bot.briefings import on_demand
from newsdesk.bot.context import Desk
from newsdesk.bot.store.models import KeptBrief
from newsdesk.bot.transport.callback_answers import answered
from newsdesk.bot.views import keyboards
from newsdesk.bot.views.keyboards import Press

from .settings import may_change
from .start import is_welcome

_GONE = "I do not know this briefing any more. /brief makes a new one."
_ONLY_ADMINISTRATORS = "Only administrators of this group choose what it hears less of."
_LESS = "You will hear less of this story and of those like it."
_AGAIN = "You will hear of it again."
_WHICH = "Of which story do you want to hear less?"


async def on_brief(desk: Desk, update: Update) -> None:
    """Tell what is new, of what follows the command."""
    message = update.effective_message
    if message is None or not await is_welcome(desk, message):
        return
    request = of_command(message, update.update_id)
    async with desk.lock(request.chat):
        await on_demand.give(desk, request, await on_demand.read(desk, request))


async def on_press(
    desk: Desk,
    query: CallbackQuery,
    message: MaybeInaccessibleMessage,
    press: Press,
    key: str,
    rest: str,
) -> None:
    """Turn to another page or a story of a briefing, for all who read it; or hear less of one."""
    kept = desk.store.briefings.brief(key)
    number = int(rest) if rest.isdecimal() else 0
    if kept is None or number > max(len(kept.stories), len(kept.pages)):
        await answered(query, _GONE)
        return
    if press is Press.LESS and number:
        if not await may_change(desk, message.chat, query.from_user.id):
            await answered(query, _ONLY_ADMINISTRATORS)
            return
        await answered(query, _AGAIN if kept.stories[number - 1].less else _LESS)
    else:
        await answered(query, _WHICH if press is Press.LESS else "")
    async with desk.lock(message.chat.id):
        fresh = desk.store.briefings.brief(key) or kept
        fresh.chat, fresh.message = message.chat.id, message.message_id
        await _do(desk, fresh, press, number)


async def _do(desk: Desk, kept: KeptBrief, press: Press, number: int) -> None:
    if press is Press.BRIEF:
        kept.page = min(number, len(kept.pages) - 1)
    elif press is Press.LESS and number:
        _less(desk, kept, number)
    desk.store.briefings.keep_brief(kept)
    story = number if press is not Press.BRIEF else 0
    page = kept.stories[story - 1].page if story else kept.pages[kept.page]
    choosing = press is Press.LESS and not number
    markup = keyboards.of_brief(kept, story, choosing)
    await desk.outbox.edit(kept.chat, kept.message, page, markup)


def _less(desk: Desk, kept: KeptBrief, number: int) -> None:
    """Take down that less of a story is wanted, or take that back."""
    story = kept.stories[number - 1]
    story.less = not story.less
    plan = desk.store.briefings.plan(kept.chat, kept.topic)
    others = [one for one in plan.less if one not in story.articles]
    less = (*others, *story.articles) if story.less else tuple(others)
    desk.store.briefings.set_plan(msgspec.structs.replace(plan, less=less))
