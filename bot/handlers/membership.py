"""Chats that come, go and move: noted, so that nothing is sent where it cannot be."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec

from newsdesk.bot.answering.requests import ChatEvent
from newsdesk.bot.briefings import panels
from newsdesk.bot.briefings.plans import CLOSED, changed, planned
from newsdesk.bot.context import Context
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
    came_back = active and not (event.was_in and context.store.is_active(chat))
    context.store.set_active(chat, active)
    _LOG.info("a chat %s", "may be written to" if active else "may not be written to any more")
    if active and event.group and not event.was_in and not event.muted:
        await _greet(context, event)
    plans = context.store.briefings.plans_of(chat)
    if active and event.muted:
        _pause(context, plans, CLOSED)
    elif active:
        paused = [plan for plan in plans if plan.paused == CLOSED]
        await _resume(context, chat, plans if came_back else paused)


async def on_migration(context: Context, event: ChatEvent) -> None:
    """A group became a supergroup; each side says so once."""
    if event.moved_to:
        context.store.move_chat(event.chat, event.moved_to)
        _LOG.info("a group became a supergroup")


async def on_topic_closed(context: Context, event: ChatEvent) -> None:
    """A topic of a forum was closed: its briefings wait."""
    _pause(context, [context.store.briefings.plan(event.chat, event.topic)], _CLOSED_TOPIC)


async def on_topic_reopened(context: Context, event: ChatEvent) -> None:
    """A topic of a forum was opened again: its briefings go on."""
    plan = context.store.briefings.plan(event.chat, event.topic)
    await _resume(context, event.chat, [plan] if plan.paused else [])


async def _greet(context: Context, event: ChatEvent) -> None:
    """Say in a group that the bot was added to what it does; its id where it is not allowed."""
    is_allowed = context.allowed(event.chat, event.user)
    if not is_allowed and context.settings.telegram.leave_not_allowed:
        context.store.set_active(event.chat, False)
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


def _pause(context: Context, plans: Sequence[Plan], why: str) -> None:
    for plan in plans:
        if plan.on:
            paused = msgspec.structs.replace(plan, paused=why)
            context.store.briefings.set_plan(planned(context, paused, context.clock()))


async def _resume(context: Context, chat: int, plans: Sequence[Plan]) -> None:
    """Let schedules go on, and say what was kept; those that are off are left alone."""
    async with context.lock(chat):
        for plan in [plan for plan in plans if plan.on]:
            going = msgspec.structs.replace(plan, paused="")
            going = changed(context, plan, going)
            context.store.briefings.set_plan(going)
            page = panels.resumed(context, going)
            letter = Letter(chat, page, topic=plan.topic or None, quiet=not plan.loud)
            await context.outbox.send(letter)
