"""Chats that come, go and move: noted, so that nothing is sent where it cannot be."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec

from newsdesk.bot.answering.requests import ChatEvent
from newsdesk.bot.briefings import panels
from newsdesk.bot.briefings.plans import CLOSED, changed, plan_of, planned, set_plan
from newsdesk.bot.context import Context
from newsdesk.bot.feeding import channels
from newsdesk.bot.store.models import Plan
from newsdesk.bot.transport.html import escape
from newsdesk.bot.transport.outbox import Letter
from newsdesk.bot.views import help
from newsdesk.bot.views.help import NOT_ALLOWED

_LOG = logging.getLogger("newsdesk.chats")
_CLOSED_TOPIC = "this topic is closed"


async def on_member(context: Context, event: ChatEvent) -> None:
    """The bot was added, removed, blocked or let in again, or its rights have changed."""
    chat, active = event.chat, event.active
    is_active, plans = await context.store.read(
        lambda store: (store.is_active(chat), store.briefings.plans_of(chat))
    )
    came_back = active and not (event.was_in and is_active)
    await context.store.write(lambda store: store.set_active(chat, active))
    _LOG.info("a chat %s", "may be written to" if active else "may not be written to any more")
    # A group that has briefings knows the bot, and hears instead that they go on.
    if active and event.group and not event.was_in and not event.muted and not plans:
        await _greet(context, event)
    if active and event.channel and not event.was_in:
        async with context.lock(chat):
            await channels.ask(context, chat, event.title)
    if active and event.muted:
        await _pause(context, plans, CLOSED)
    elif active:
        paused = [plan for plan in plans if plan.paused == CLOSED]
        await _resume(context, chat, plans if came_back else paused)


async def on_migration(context: Context, event: ChatEvent) -> None:
    """A group became a supergroup; each side says so once."""
    if event.moved_to:
        old, new = event.chat, event.moved_to
        await context.store.write(lambda store: store.move_chat(old, new))
        _LOG.info("a group became a supergroup")


async def on_topic_closed(context: Context, event: ChatEvent) -> None:
    """A topic of a forum was closed: its briefings wait."""
    await _pause(context, [await plan_of(context, event.chat, event.topic)], _CLOSED_TOPIC)


async def on_topic_reopened(context: Context, event: ChatEvent) -> None:
    """A topic of a forum was opened again: its briefings go on."""
    plan = await plan_of(context, event.chat, event.topic)
    await _resume(context, event.chat, [plan] if plan.paused else [])


async def _greet(context: Context, event: ChatEvent) -> None:
    """Say in a group that the bot was added to what it does; its id where it is not allowed."""
    is_allowed = context.allowed(event.chat, event.user)
    if not is_allowed and context.settings.telegram.leave_not_allowed:
        await context.store.write(lambda store: store.set_active(event.chat, False))
        await context.outbox.leave(event.chat)
        return
    if is_allowed:
        page = help.greeting(context.me.username)
    elif context.may_note(event.chat):
        page = escape(NOT_ALLOWED.format(chat=event.chat))
    else:
        return
    async with context.lock(event.chat):
        await context.outbox.send(Letter(event.chat, page))


async def _pause(context: Context, plans: Sequence[Plan], why: str) -> None:
    for plan in plans:
        if plan.on:
            paused = msgspec.structs.replace(plan, paused=why)
            await set_plan(context, await planned(context, paused, context.clock()))


async def _resume(context: Context, chat: int, plans: Sequence[Plan]) -> None:
    """Let schedules go on, and say what was kept; those that are off are left alone."""
    async with context.lock(chat):
        for plan in [plan for plan in plans if plan.on]:
            going = msgspec.structs.replace(plan, paused="")
            going = await changed(context, plan, going)
            await set_plan(context, going)
            page = await panels.resumed(context, going)
            letter = Letter(chat, page, topic=plan.topic or None, quiet=not plan.loud)
            await context.outbox.send(letter)
