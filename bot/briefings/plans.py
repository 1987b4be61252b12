"""When a chat is briefed next: after a briefing, a changed schedule, or another time zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from newsdesk.bot.context import Context
from newsdesk.bot.store.models import Follow, Plan

from .schedule_grammar import next_due

_UNNOTED = "a sign of life of a chat is not noted"
CLOSED = "I may not write here"  # why a schedule is paused


async def planned(context: Context, plan: Plan, now: float) -> Plan:
    """A schedule with the moment that it is due next, after `now`."""
    if not plan.on or plan.paused:
        return msgspec.structs.replace(plan, due=None)
    zone = await context.zone(plan.chat)
    return msgspec.structs.replace(plan, due=next_due(plan.hours, zone, now))


async def changed(context: Context, before: Plan, plan: Plan) -> Plan:
    """A schedule that was changed, with the moment that it is due next.

    Where neither the hours nor whether it runs have changed, what is due already stays due.
    """
    same = (before.on, before.paused, before.hours) == (plan.on, plan.paused, plan.hours)
    return plan if same else await planned(context, plan, context.clock())


async def alive(context: Context, chat: int) -> None:
    """Note a sign of life: where someone writes to the bot, it may write again."""
    is_active, plans = await context.store.read(
        lambda store: (store.is_active(chat), store.briefings.plans_of(chat))
    )
    if not is_active:
        await context.store.write_soon(lambda store: store.set_active(chat, True), _UNNOTED)
    for plan in plans:
        if plan.paused == CLOSED:
            going = msgspec.structs.replace(plan, paused="")
            await set_soon(context, await planned(context, going, context.clock()))


async def set_soon(context: Context, plan: Plan) -> None:
    """Write a schedule, which is waited for only while no other program holds the file."""
    await context.store.write_soon(lambda store: store.briefings.set_plan(plan), _UNNOTED)


async def set_plan(context: Context, plan: Plan) -> None:
    """Write a schedule."""
    await context.store.write(lambda store: store.briefings.set_plan(plan))


async def plan_of(context: Context, chat: int, topic: int) -> Plan:
    """When a chat, or a topic of a forum, is briefed."""
    return await context.store.read(lambda store: store.briefings.plan(chat, topic))


async def follows_of(context: Context, chat: int, topic: int) -> list[Follow]:
    """The topics that are followed, the first one first."""
    return await context.store.read(lambda store: store.briefings.follows(chat, topic))


async def replan(context: Context, chat: int) -> None:
    """Find anew when a chat's briefings are due: its time zone has changed."""
    for plan in await context.store.read(lambda store: store.briefings.plans_of(chat)):
        await set_plan(context, await planned(context, plan, context.clock()))


async def at(context: Context, chat: int, moment: float) -> str:
    """A moment by the clock of a chat."""
    local = datetime.fromtimestamp(moment, ZoneInfo(await context.zone(chat)))
    return f"{local:%a} {local.day} {local:%b} at {local:%H:%M}"


async def following(context: Context, plan: Plan, now: float, missed: bool) -> Plan:
    """A schedule after its briefing was due: with the next moment, and whether this was missed."""
    due = plan.due
    plan = await planned(context, plan, max(now, due) if due and due <= now else now)
    return msgspec.structs.replace(plan, missed=(due or 0.0) if missed else plan.missed)
