"""Replies about schedules and topics, out of what the store holds."""

from __future__ import annotations

from collections.abc import Sequence

from newsdesk.bot.answering.replies import Reply
from newsdesk.bot.context import Context
from newsdesk.bot.store.models import Follow, Plan
from newsdesk.bot.views import keyboards, schedules
from newsdesk.bot.views.schedules import Preview

from . import compose, schedule_grammar
from .plans import follows_of, plan_of


async def hours(context: Context, plan: Plan) -> str:
    """When briefings come, in words."""
    return schedule_grammar.said(plan.hours, await context.zone(plan.chat))


async def schedule(context: Context, plan: Plan, preview: Preview | None = None) -> Reply:
    """A schedule, and the buttons that change it."""
    follows = await follows_of(context, plan.chat, plan.topic)
    zone = await context.zone(plan.chat)
    page = schedules.page(plan, follows, await hours(context, plan), zone, preview)
    return Reply(page, schedules.keyboard(plan))


async def preview(context: Context, plan: Plan, follows: Sequence[Follow]) -> Preview:
    """What a briefing on some topics would hold now, and how new the library is."""
    headlines = await compose.preview(context, plan, follows)
    period = context.asker.held.period
    return Preview(headlines, period[1] if period else None)


async def topics(context: Context, chat: int, topic: int, choosing: bool = False) -> Reply:
    """What is followed in a chat; with a button for each where one is to be chosen."""
    follows, plan = await follows_of(context, chat, topic), await plan_of(context, chat, topic)
    when = await hours(context, plan), await context.zone(chat)
    page = schedules.topics(plan, follows, *when, choosing=choosing)
    names = [follow.name for follow in follows]
    return Reply(page, keyboards.of_follows(names) if choosing else None)


async def resumed(context: Context, plan: Plan) -> str:
    """What a chat is told when the bot may write there again."""
    follows = await follows_of(context, plan.chat, plan.topic)
    zone = await context.zone(plan.chat)
    return schedules.resumed(plan, follows, await hours(context, plan), zone)
