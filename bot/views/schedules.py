"""When briefings come and what they are about, and the buttons that change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from newsdesk.bot.store.models import Follow, Plan
from newsdesk.bot.transport.buttons import Keyboard
from newsdesk.bot.transport.html import Page, isolated, shortened, units

from . import keyboards
from .keyboards import chosen

HOW = "/schedule 08:00 weekdays has me tell what is new by myself."
SHOWN = 150  # units of each topic in a list: all of them fit into a message
MINUTES = (7 * 60, 8 * 60, 9 * 60, 12 * 60, 18 * 60, 20 * 60)
DAYS = (
    ("Every day", frozenset(range(7))),
    ("Weekdays", frozenset(range(5))),
    ("Weekends", frozenset({5, 6})),
    ("Mondays", frozenset({0})),
)
_NONE = "No topic is followed here. /follow Ukraine talks follows one."
_A_ROW = 3  # hours
_NAMED = 10  # administrators that are told by name
_IN_PREVIEW, _PREVIEWED = 3, 100  # headlines of a preview, and units of each
_ROOM = 60  # units that are left for how many more there are


@dataclass(frozen=True, slots=True)
class Preview:
    """What a briefing would hold now: its headlines, and the day of the newest article here."""

    headlines: Sequence[str]
    newest: date | None


def page(
    plan: Plan,
    follows: Sequence[Follow],
    hours: str,
    zone: str,
    preview: Preview | None = None,
) -> str:
    """A schedule whole. `hours` says in words when it is due, in the time zone `zone`."""
    page = Page()
    tell(page, plan, hours, zone)
    page.add(f"\nTopics: {_names(follows)}")
    quiet = "I say so" if plan.all_quiet else "no message"
    page.add(f"\nWhen nothing is new: {quiet}")
    page.add("\n\nAny other time: ").add("/schedule 18:30 mon, wed and fri", "code")
    page.add("\nAnother time zone: ").add("/schedule 08:00 Europe/Bucharest", "code")
    page.add(", or share a place with me, in a group as a reply to this.")
    if preview:
        tell_preview(page, preview)
    return page.html


def followed(name: str, when: str, preview: Preview) -> str:
    """That a topic is followed, when it is told, and what would be told now."""
    page = Page().add(f"Following “{name or 'everything'}”. {when}")
    tell_preview(page, preview)
    return page.html


def tell_preview(page: Page, preview: Preview) -> None:
    """Write what a briefing would hold now, as far as there is room."""
    count = len(preview.headlines)
    if not count:
        newest = f": I hold nothing newer than {_day(preview.newest)}" if preview.newest else ""
        page.add(f"\n\nNow there would be nothing to tell{newest}.", "i")
        return
    page.add(f"\n\nA briefing now would hold {count:,} stor{'ies' if count > 1 else 'y'}:", "i")
    for place, headline in enumerate(preview.headlines):
        line = f"\n• {isolated(shortened(headline, _PREVIEWED))}"
        if place == _IN_PREVIEW or units(line) + _ROOM > page.left:
            page.add(f"\n… and {count - place:,} more")
            return
        page.add(line)


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def resumed(plan: Plan, follows: Sequence[Follow], hours: str, zone: str) -> str:
    """What a chat is told when the bot may write there again."""
    page = Page().add("I am back, and have kept what was set here.", "b").add("\n")
    tell(page, plan, hours, zone)
    page.add(f"\nTopics: {_names(follows)}")
    return page.html


def ended(people: Sequence[tuple[int, str]], follows: Sequence[Follow], hours: str) -> str:
    """That a schedule has ended, for a group's administrators, each an id and a name."""
    page = Page()
    for place, (person, name) in enumerate(people[:_NAMED]):
        page.add(", " if place else "")
        page.add(isolated(shortened(name, SHOWN)), f'a href="tg://user?id={person}"')
    page.add("\n" if people else "")
    page.add("A topic of this group was deleted, and with it its briefings have ended")
    page.add(f" ({hours}; {_names(follows)}). /schedule in another topic sets new ones.")
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
    if plan.missed:
        page.add(f"\nThe one due {moment(plan.missed, zone)} was not sent; the next tells it too.")
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
        (chosen(f"{m // 60:02}:{m % 60:02}", plan.on and m in plan.hours.minutes), "at", str(m))
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
