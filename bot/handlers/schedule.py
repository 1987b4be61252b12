"""/schedule: when a chat, or a topic of a forum, is briefed; and places, for their time zone."""

from __future__ import annotations

import msgspec
from telegram import (
    CallbackQuery,
    InlineKeyboardMarkup,
    MaybeInaccessibleMessage,
    Message,
    Update,
)
from telegram.constants import ChatType

from newsdesk.bot.answering import replies
from newsdesk.bot.answering.requests import Request, of_command
from newsdesk.bot.briefings import schedule_grammar, timezones
from newsdesk.bot.briefings.plans import at, changed, planned
from newsdesk.bot.context import Desk
from newsdesk.bot.store.models import Follow, Plan
from newsdesk.bot.transport.callback_answers import answered
from newsdesk.bot.transport.html import Page, shortened
from newsdesk.bot.transport.outbox import Letter
from newsdesk.bot.views import keyboards

from .settings import is_changer, may_change, panel, set_zone
from .start import is_welcome

HOW = "/schedule 08:00 weekdays has me tell what is new by myself."
SHOWN = 150  # units of each topic in a list: all of them fit into a message
_OFF = ("off", "stop", "none", "never")
_ONLY_ADMINISTRATORS = "Only administrators of this group change when it is briefed."
_NOWHERE = "I know no time zone of that place. Write it as /schedule 08:00 Europe/Bucharest."
_MINUTES = (7 * 60, 8 * 60, 9 * 60, 12 * 60, 18 * 60, 20 * 60)
_DAYS = (
    ("Every day", schedule_grammar.EVERY_DAY),
    ("Weekdays", schedule_grammar.WEEKDAYS),
    ("Weekends", schedule_grammar.WEEKENDS),
)


async def on_schedule(desk: Desk, update: Update) -> None:
    """Show when briefings come, or set it by what follows the command."""
    message = update.effective_message
    if message is None or not await is_welcome(desk, message):
        return
    request = of_command(message, update.update_id)
    async with desk.lock(request.chat):
        if request.text:
            trouble = await _set(desk, message, request)
            if trouble:
                await replies.line(desk, request, trouble)
                return
        await _show(desk, request)


async def on_place(desk: Desk, update: Update) -> None:
    """Take the time zone of a place that someone shares; in groups, in reply to the bot."""
    message = update.effective_message
    if message is None or message.location is None:
        return
    replied = message.reply_to_message
    to_us = replied and replied.from_user and replied.from_user.id == desk.me.id
    if message.chat.type != ChatType.PRIVATE and not to_us:
        return
    if not await is_welcome(desk, message):
        return
    request = of_command(message, update.update_id)
    async with desk.lock(request.chat):
        if not await is_changer(desk, message):
            await replies.line(desk, request, _ONLY_ADMINISTRATORS)
            return
        zone = timezones.zone_of(message.location.latitude, message.location.longitude)
        if zone is None:
            await replies.line(desk, request, _NOWHERE)
            return
        set_zone(desk, request.chat, zone)
        await _show(desk, request)


async def on_press(
    desk: Desk, query: CallbackQuery, message: MaybeInaccessibleMessage, name: str, value: str
) -> None:
    """Set what a button stands for."""
    if value == "show":
        await answered(query)
        request = Request(message.chat.id, query.from_user.id, "", topic=topic_of(message) or None)
        await _show(desk, request)
        return
    if not await may_change(desk, message.chat, query.from_user.id):
        await answered(query, _ONLY_ADMINISTRATORS)
        return
    await answered(query)
    chat, topic = message.chat.id, topic_of(message)
    if name == "zone":
        await desk.outbox.edit(chat, message.message_id, *panel(desk, chat))
        return
    async with desk.lock(chat):
        before = desk.store.briefings.plan(chat, topic)
        plan = changed(desk, before, _changed(before, name, value))
        desk.store.briefings.set_plan(plan)
        await desk.outbox.edit(chat, message.message_id, _page(desk, plan), _markup(plan))


def topic_of(message: MaybeInaccessibleMessage) -> int:
    """The topic of a forum that a message stands in; 0 for none."""
    if isinstance(message, Message) and message.is_topic_message:
        return message.message_thread_id or 0
    return 0


def named(follow: Follow) -> str:
    """A topic as it stands among others."""
    return shortened(follow.name, SHOWN) or "everything"


def told(desk: Desk, plan: Plan) -> str:
    """When briefings come, in words."""
    return schedule_grammar.said(plan.hours, desk.zone(plan.chat))


def tell(page: Page, desk: Desk, plan: Plan) -> None:
    """Write when briefings come, and when the next one does."""
    if not plan.on:
        page.add("No briefings are scheduled. ").add(HOW)
        return
    page.add(f"Briefings: {told(desk, plan)}, {'loud' if plan.loud else 'without a sound'}.")
    if plan.paused:
        page.add(f"\nThey wait: {plan.paused}.")
    if plan.due:
        page.add("\nThe next one: ")
        page.add(at(desk, plan.chat, plan.due), f'tg-time unix="{int(plan.due)}" format="wDT"')


async def _set(desk: Desk, message: Message, request: Request) -> str:
    """Set what a command says; returns what is wrong with it, if anything."""
    if not await is_changer(desk, message):
        return _ONLY_ADMINISTRATORS
    plan = desk.store.briefings.plan(request.chat, request.topic or 0)
    if request.text.casefold() in _OFF:
        plan = msgspec.structs.replace(plan, on=False)
    else:
        found = schedule_grammar.read(request.text)
        if found.hours is None:
            return found.error
        if found.zone:
            set_zone(desk, request.chat, found.zone)
        days = tuple(sorted(found.hours.days))
        plan = msgspec.structs.replace(
            plan, minute=found.hours.minute, days=days, on=True, paused=""
        )
    desk.store.briefings.set_plan(planned(desk, plan, desk.clock()))
    return ""


def _changed(plan: Plan, name: str, value: str) -> Plan:
    """A schedule with one thing set; the same where the value is none that is offered."""
    number = int(value) if value.isdecimal() else -1
    if name == "at" and number in _MINUTES:
        return msgspec.structs.replace(plan, minute=number, on=True, paused="")
    if name == "days" and 0 <= number < len(_DAYS):
        days = tuple(sorted(_DAYS[number][1]))
        return msgspec.structs.replace(plan, days=days, on=True, paused="")
    if name == "off":
        return msgspec.structs.replace(plan, on=False)
    if name == "loud" and number in (0, 1):
        return msgspec.structs.replace(plan, loud=bool(number))
    if name == "quiet" and number in (0, 1):
        return msgspec.structs.replace(plan, all_quiet=bool(number))
    return plan


async def _show(desk: Desk, request: Request) -> None:
    plan = desk.store.briefings.plan(request.chat, request.topic or 0)
    letter = Letter(
        request.chat, _page(desk, plan), _markup(plan), request.topic, request.message or None
    )
    await desk.outbox.send(letter)


def _page(desk: Desk, plan: Plan) -> str:
    page = Page()
    tell(page, desk, plan)
    follows = desk.store.briefings.follows(plan.chat, plan.topic)
    page.add(f"\nTopics: {', '.join(map(named, follows)) or 'everything'}")
    quiet = "I say so" if plan.all_quiet else "no message"
    page.add(f"\nWhen nothing is new: {quiet}")
    page.add("\n\nAny other time: ").add("/schedule 18:30 mon, wed and fri", "code")
    page.add("\nAnother time zone: ").add("/schedule 08:00 Europe/Bucharest", "code")
    page.add(", or share a place with me, in a group as a reply to this.")
    return page.html


def _markup(plan: Plan) -> InlineKeyboardMarkup:
    hours = [
        (_chosen(f"{m // 60:02}:{m % 60:02}", plan.on and m == plan.minute), "at", str(m))
        for m in _MINUTES
    ]
    days = [
        (_chosen(name, plan.on and frozenset(plan.days) == wanted), "days", str(place))
        for place, (name, wanted) in enumerate(_DAYS)
    ]
    sound = [
        (_chosen("Without a sound", not plan.loud), "loud", "0"),
        (_chosen("Loud", plan.loud), "loud", "1"),
    ]
    silence = [
        (_chosen("Silent when all is quiet", not plan.all_quiet), "quiet", "0"),
        (_chosen("Say so", plan.all_quiet), "quiet", "1"),
    ]
    off = [("Off", "off", "1")] if plan.on else []
    zone = [("Time zone …", "zone", "0")]
    return keyboards.of_plan([hours[:3], hours[3:], days, sound, silence, [*zone, *off]])


def _chosen(label: str, chosen: bool) -> str:
    return f"✓ {label}" if chosen else label
