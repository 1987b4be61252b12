"""/schedule: when a chat, or a topic of a forum, is briefed; and places, for their time zone."""

from __future__ import annotations

from dataclasses import replace

from msgspec import structs

from newsdesk.bot.answering import replies
from newsdesk.bot.answering.replies import Reply
from newsdesk.bot.answering.requests import ButtonPress, Request
from newsdesk.bot.briefings import panels, schedule_grammar, timezones
from newsdesk.bot.briefings.chat_zone import set_zone
from newsdesk.bot.briefings.plans import changed, follows_of, plan_of, planned, set_plan
from newsdesk.bot.context import Context
from newsdesk.bot.store.models import Plan
from newsdesk.bot.views import settings
from newsdesk.bot.views.schedules import DAYS, MINUTES

ONLY_ADMINISTRATORS = "Only administrators of this group change when it is briefed."
SHOW = "show"  # on a button that changes nothing
_ON = ("on", "start", "again", "resume")
_OFF = ("off", "stop", "none", "never")
_NOWHERE = "I know no time zone of that place. Write it as /schedule 08:00 Europe/Bucharest."


async def on_schedule(context: Context, request: Request) -> Reply:
    """Show when briefings come, or set it by what follows the command."""
    trouble = await _set(context, request) if request.text else ""
    if trouble:
        return replies.words(trouble)
    plan = await plan_of(context, request.chat, request.topic or 0)
    if not request.text or not plan.on:
        return await panels.schedule(context, plan)
    follows = await follows_of(context, plan.chat, plan.topic)
    return await panels.schedule(context, plan, await panels.preview(context, plan, follows))


async def on_place(context: Context, request: Request) -> Reply:
    """Take the time zone of a place that someone shares."""
    if not request.may_change:
        return replies.words(ONLY_ADMINISTRATORS)
    zone = timezones.zone_of(*request.place) if request.place else None
    if zone is None:
        return replies.words(_NOWHERE)
    await set_zone(context, request.chat, zone)
    return await _shown(context, request)


async def on_show(context: Context, press: ButtonPress) -> None:
    """Show the schedule in a message of its own."""
    await press.answer()
    shown = await _shown(context, press.request)
    await replies.send(context, press.request, replace(shown, quotes=False))


async def on_press(context: Context, press: ButtonPress) -> None:
    """Set what a button stands for, or offer the time zones."""
    chat, message = press.request.chat, press.request.message
    if press.key == "zone":
        await press.answer()
        chosen = await context.chosen(chat)
        await context.outbox.edit(chat, message, settings.page(chosen), settings.keyboard(chosen))
        return
    before = await plan_of(context, chat, press.request.topic or 0)
    plan = await changed(context, before, _changed(before, press.key, press.rest))
    await set_plan(context, plan)
    await press.answer()
    async with context.lock(chat):
        panel = await panels.schedule(context, plan)
        await context.outbox.edit(chat, message, panel.html, panel.keyboard)


async def _shown(context: Context, request: Request) -> Reply:
    plan = await plan_of(context, request.chat, request.topic or 0)
    return await panels.schedule(context, plan)


async def _set(context: Context, request: Request) -> str:
    """Set what a command says; returns what is wrong with it, if anything."""
    if not request.may_change:
        return ONLY_ADMINISTRATORS
    plan = await plan_of(context, request.chat, request.topic or 0)
    if request.text.casefold() in _OFF:
        plan = structs.replace(plan, on=False)
    elif request.text.casefold() in _ON:
        plan = structs.replace(plan, on=True, paused="")
    else:
        parsed = schedule_grammar.read(request.text)
        if parsed.hours is None:
            return parsed.error
        if parsed.zone:
            await set_zone(context, request.chat, parsed.zone)
        days = tuple(sorted(parsed.hours.days))
        minute, *also = parsed.hours.minutes
        plan = structs.replace(plan, minute=minute, also=tuple(also), days=days, on=True, paused="")
    await set_plan(context, await planned(context, plan, context.clock()))
    return ""


def _changed(plan: Plan, name: str, value: str) -> Plan:
    """A schedule with one thing set; unchanged where the value is none that is offered."""
    number = int(value) if value.isdecimal() else -1
    if name == "at" and number in MINUTES:
        return structs.replace(plan, minute=number, also=(), on=True, paused="")
    if name == "days" and 0 <= number < len(DAYS):
        days = tuple(sorted(DAYS[number][1]))
        return structs.replace(plan, days=days, on=True, paused="")
    if name == "off":
        return structs.replace(plan, on=False)
    if name == "loud" and number in (0, 1):
        return structs.replace(plan, loud=bool(number))
    if name == "quiet" and number in (0, 1):
        return structs.replace(plan, all_quiet=bool(number))
    return plan
