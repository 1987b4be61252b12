"""When a chat is briefed next: after a briefing, a changed schedule, or another time zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from newsdesk.bot.context import Context
from newsdesk.bot.store.models import Plan

from .schedule_grammar import next_due

CLOSED = "I may not write here"  # why a schedule is paused


def planned(context: Context, plan: Plan, now: float) -> Plan:
    """A schedule with the moment that it is due next, after `now`."""
    if not plan.on or plan.paused:
        return msgspec.structs.replace(plan, due=None)
    return msgspec.structs.replace(plan, due=next_due(plan.hours, context.zone(plan.chat), now))


def changed(context: Context, before: Plan, plan: Plan) -> Plan:
    """A schedule that was changed, with the moment that it is due next.

    Where neither the hours nor whether it runs have changed, what is due already stays due.
    """
    same = (before.on, before.paused, before.hours) == (plan.on, plan.paused, plan.hours)
    return plan if same else planned(context, plan, context.clock())


def alive(context: Context, chat: int) -> None:
    """Note a sign of life: where someone writes to the bot, it may write again."""
    if not context.store.is_active(chat):
        context.store.set_active(chat, True)
    for plan in context.store.briefings.plans_of(chat):
        if plan.paused == CLOSED:
            going = msgspec.structs.replace(plan, paused="")
            context.store.briefings.set_plan(planned(context, going, context.clock()))


def replan(context: Context, chat: int) -> None:
    """Find anew when a chat's briefings are due: its time zone has changed."""
    for plan in context.store.briefings.plans_of(chat):
        context.store.briefings.set_plan(planned(context, plan, context.clock()))


def at(context: Context, chat: int, moment: float) -> str:
    """A moment by the clock of a chat."""
    local = datetime.fromtimestamp(moment, ZoneInfo(context.zone(chat)))
    return f"{local:%a} {local.day} {local:%b} at {local:%H:%M}"


def following(context: Context, plan: Plan, now: float, missed: bool) -> Plan:
    """A schedule after its briefing was due: with the next moment, and whether this was missed."""
    due = plan.due
    plan = planned(context, plan, max(now, due) if due and due <= now else now)
    return msgspec.structs.replace(plan, missed=(due or 0.0) if missed else plan.missed)
