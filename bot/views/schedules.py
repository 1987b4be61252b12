"""When briefings come and what they are about, and the buttons that change it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from newsdesk.bot.store.models import Follow, Plan
from newsdesk.bot.transport.buttons import Keyboard
from newsdesk.bot.transport.html import Page, shortened

from . import keyboards
from .keyboards import chosen

HOW = "/schedule 08:00 weekdays has me tell what is new by myself."
SHOWN = 150  # units of each topic in a list: all of them fit into a message
MINUTES = (7 * 60, 8 * 60, 9 * 60, 12 * 60, 18 * 60, 20 * 60)
DAYS = (
    ("Every day", frozenset(range(7))),
    ("Weekdays", frozenset(range(5))),
    ("Weekends", frozenset({5, 6})),
)
_NONE = "No topic is followed here. /follow Ukraine talks follows one."
_A_ROW = 3  # hours


def page(plan: Plan, follows: Sequence[Follow], hours: str, zone: str) -> str:
    """A schedule whole. `hours` says in words when it is due, in the time zone `zone`."""
    page = Page()
    tell(page, plan, hours, zone)
    page.add(f"\nTopics: {_names(follows)}")
    quiet = "I say so" if plan.all_quiet else "no message"
    page.add(f"\nWhen nothing is new: {quiet}")
    page.add("\n\nAny other time: ").add("/schedule 18:30 mon, wed and fri", "code")
    page.add("\nAnother time zone: ").add("/schedule 08:00 Europe/Bucharest", "code")
    page.add(", or share a place with me, in a group as a reply to this.")
    return page.html


def resumed(plan: Plan, follows: Sequence[Follow], hours: str, zone: str) -> str:
    """What a chat is told when the bot may write there again."""
    page = Page().add("I am back, and have kept what was set here.", "b").add("\n")
    tell(page, plan, hours, zone)
    page.add(f"\nTopics: {_names(follows)}")
    return page.html


def topics(plan: Plan, follows: Sequence[Follow], hours: str, zone: str, choosing: bool) -> str:
    """What is followed in a chat and when it is told, or the choice of what to follow no more."""
    page = Page()
    if not follows:
        page.add(_NONE)
    else:
        page.add("Which one is to be followed no more?" if choosing else "Followed here", "b")
    for follow in follows:
        page.add(f"\n• {named(follow)}")
    page.add("\n\n")
    tell(page, plan, hours, zone)
    return page.html


def tell(page: Page, plan: Plan, hours: str, zone: str) -> None:
    """Write when briefings come, and when the next one does."""
    if not plan.on:
        page.add("No briefings are scheduled. ").add(HOW)
        return
    page.add(f"Briefings: {hours}, {'loud' if plan.loud else 'without a sound'}.")
    if plan.paused:
        page.add(f"\nThey wait: {plan.paused}.")
    if plan.due:
        page.add("\nThe next one: ")
        page.add(moment(plan.due, zone), f'tg-time unix="{int(plan.due)}" format="wDT"')


def moment(seconds: float, zone: str) -> str:
    """A moment, in seconds since 1970, by the clock of a time zone."""
    when = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    return f"{when:%a} {when.day} {when:%b} at {when:%H:%M}"


def named(follow: Follow) -> str:
    """A topic as it stands among others."""
    return shortened(follow.name, SHOWN) or "everything"


def keyboard(plan: Plan) -> Keyboard:
    """The choices for a schedule, with a tick at what holds now."""
    hours = [
        (chosen(f"{m // 60:02}:{m % 60:02}", plan.on and m == plan.minute), "at", str(m))
        for m in MINUTES
    ]
    days = [
        (chosen(name, plan.on and frozenset(plan.days) == wanted), "days", str(place))
        for place, (name, wanted) in enumerate(DAYS)
    ]
    sound = [
        (chosen("Without a sound", not plan.loud), "loud", "0"),
        (chosen("Loud", plan.loud), "loud", "1"),
    ]
    silence = [
        (chosen("Silent when all is quiet", not plan.all_quiet), "quiet", "0"),
        (chosen("Say so", plan.all_quiet), "quiet", "1"),
    ]
    off = [("Off", "off", "1")] if plan.on else []
    zone = [("Time zone …", "zone", "0")]
    return keyboards.of_plan([hours[:_A_ROW], hours[_A_ROW:], days, sound, silence, [*zone, *off]])


def _names(follows: Sequence[Follow]) -> str:
    return ", ".join(map(named, follows)) or "everything"
