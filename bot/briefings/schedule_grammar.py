"""When a briefing is due: the hour and the days that people name, and the moments they mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from newsdesk.bot.store.models import Hours

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EVERY_DAY = frozenset(range(7))
WEEKDAYS = frozenset(range(5))
WEEKENDS = frozenset({5, 6})
_DAY = 86_400
_ON_TIME = 5 * 60  # seconds until it counts as late
STILL_SENT = 3 * 3600  # seconds until it is too late to be sent
_AHEAD = 16  # days to look at: a weekly one whose day the calendar skipped, and a day each side
_HOW = "Write it as /schedule 08:00 weekdays."
_QUOTED = 40  # characters of what was written that an error repeats
_TIME = re.compile(r"([0-9]{1,2})(?:[:.h]?([0-9]{2})|h)?(am|pm)?", re.IGNORECASE)
_TOGETHER = re.compile(r"\b([ap])\.?\s?m\b\.?", re.IGNORECASE)  # "p.m."
_MERIDIEM = re.compile(r"(?<=[0-9])\s+(?=[ap]m\b)", re.IGNORECASE)  # "8 pm"
_CLOCK = {"noon": 12 * 60, "midday": 12 * 60, "midnight": 0}
_FILLER = frozenset("at on in every each and the day days o'clock oclock time zone".split())
_DAY_NAME = r"(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?"
_RANGE = re.compile(
    rf"\b({_DAY_NAME})\.?\s*(?:-|–|to|through|till|until)\s*({_DAY_NAME})\b", re.IGNORECASE
)
_BETWEEN = re.compile(rf"[,;&]|(?<=[a-z])\.(?=\s|$)|[/+](?={_DAY_NAME}(?![a-z]))", re.IGNORECASE)
_NAMED_DAYS = {
    **dict.fromkeys(("daily", "everyday"), EVERY_DAY),
    **dict.fromkeys(("weekday", "weekdays", "workday", "workdays", "working"), WEEKDAYS),
    **dict.fromkeys(("weekend", "weekends"), WEEKENDS),
}


class Lateness(StrEnum):
    """What has become of something due."""

    ON_TIME = "on time"
    LATE = "late"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class ParsedSchedule:
    """The hours that /schedule names, or what is wrong with its words."""

    hours: Hours | None = None
    zone: str | None = None  # None where none was written
    error: str = ""


def read(text: str) -> ParsedSchedule:
    """The hour, the days and the time zone that some words name, in any order."""
    minutes: list[int] = []
    days: frozenset[int] = frozenset()
    left: list[str] = []
    for word in _words(text):
        minute = _minute(word)
        if minute is not None:
            minutes.append(minute)
        elif word[0] in "0123456789":
            return ParsedSchedule(error=f"“{word[:_QUOTED]}” is no time of the day. {_HOW}")
        elif named := _days_named(word):
            days |= named
        elif word.lower() not in _FILLER:
            left.append(word)
    if len(minutes) != 1:
        wrong = "One hour only, please." if minutes else "I see no hour in that."
        return ParsedSchedule(error=f"{wrong} {_HOW}")
    zone, error = zone_named(" ".join(left)) if left else (None, "")
    if error:
        return ParsedSchedule(error=error)
    return ParsedSchedule(Hours(minutes[0], days or EVERY_DAY), zone)


def zone_named(name: str) -> tuple[str | None, str]:
    """The time zone that a name or a city means, or what is wrong with it."""
    wanted = "_".join(name.split()).casefold()
    names = _zones().get(wanted, ())
    if len(names) == 1:
        return names[0], ""
    shown = " ".join(name.split())[:_QUOTED]
    if names:
        return None, f"“{shown}” may be {' or '.join(names)}. Write one of them."
    return None, (
        f"I do not understand “{shown}”. {_HOW} "
        "A time zone can follow, by the name of its city: Europe/Bucharest."
    )


def next_due(hours: Hours, zone: str, after: float) -> float:
    """The first moment strictly after `after`, in Unix seconds.

    An hour that the clocks skip is due as much later as they skip; one that comes twice, the first
    time.
    """
    where = ZoneInfo(zone)
    # What was due the day before may have been put off into this one.
    first = datetime.fromtimestamp(after, where).date() - timedelta(days=1)
    for day in (first + timedelta(days=n) for n in range(_AHEAD + 1)):
        if day.weekday() in hours.days and _exists(day, where):
            due = _moment(day, hours.minute, where).timestamp()
            if due > after:
                return due
    raise ValueError(f"{zone} has no day for {said(hours, zone)}")


def is_sane(due: float, hours: Hours, zone: str, now: float) -> bool:
    """Whether something may be due then, as the clock is now.

    False after a clock that was far ahead came back. A day more than the longest wait is allowed:
    a clock that is put back by a second after a briefing must not make it due again.
    """
    longest = now + (_longest_wait(hours) + 1) * _DAY
    return due <= longest or due <= next_due(hours, zone, now)


def late(due: float, now: float) -> Lateness:
    """Whether something due is on time, late, or too late to be sent by itself."""
    if now - due < _ON_TIME:
        return Lateness.ON_TIME
    return Lateness.LATE if now - due <= STILL_SENT else Lateness.MISSED


def said(hours: Hours, zone: str) -> str:
    """The hours in words: "08:00 on weekdays, Europe/Bucharest"."""
    return f"{hours.minute // 60:02}:{hours.minute % 60:02} {_days_said(hours.days)}, {zone}"


def _words(text: str) -> list[str]:
    """The words of a schedule, with what belongs together in one: "7pm", "mon-fri"."""
    text = _MERIDIEM.sub("", _TOGETHER.sub(r"\1m", text.replace("’", "'")))
    text = _RANGE.sub(r"\1-\2", text)
    return _BETWEEN.sub(" ", text).split()


def _minute(word: str) -> int | None:
    """The minute of the day that a word names, if it names one."""
    match = _TIME.fullmatch(word)
    if not match:
        return _CLOCK.get(word.lower())
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    if minute > 59 or hour > 23 or (half and not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + 12 * (half == "pm")
    return hour * 60 + minute


def _days_named(word: str) -> frozenset[int]:
    """The days of the week that a word names; none if it names none."""
    word = word.lower()
    first, dash, last = word.partition("-")
    if dash:
        ends = _day_named(first), _day_named(last)
        if None in ends:
            return frozenset()
        start, length = ends[0] or 0, ((ends[1] or 0) - (ends[0] or 0)) % 7
        return frozenset((start + n) % 7 for n in range(length + 1))
    day = _day_named(word)
    return frozenset({day}) if day is not None else _NAMED_DAYS.get(word, frozenset())


def _day_named(word: str) -> int | None:
    if not re.fullmatch(_DAY_NAME, word):
        return None
    return next(n for n, name in enumerate(DAYS) if name.lower().startswith(word[:3]))


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    """Time zones by their names and by their cities, in small letters."""
    cities: dict[str, list[str]] = {}
    names = sorted(available_timezones() - {"localtime", "Factory"})
    for name in names:
        if not name.startswith("Etc/"):  # Etc/GMT+2 is two hours behind, which nobody means
            cities.setdefault(name.rpartition("/")[2].casefold(), []).append(name)
    by_city = {city: _different(zones) for city, zones in cities.items()}
    return by_city | {name.casefold(): (name,) for name in names}


def _different(names: Sequence[str]) -> tuple[str, ...]:
    """One name for each time zone that has several: Europe/Istanbul is Asia/Istanbul."""
    seen: dict[tuple[timedelta | None, ...], str] = {}
    for name in sorted(
        names, key=lambda name: (name.count("/"), not name.startswith(("Europe/", "US/")))
    ):
        seen.setdefault(_clock(name), name)
    return tuple(seen.values())


def _clock(name: str) -> tuple[timedelta | None, ...]:
    """How far a zone's clocks were from UTC at some moments: the same only in the same zone."""
    where = ZoneInfo(name)
    moments = (datetime(year, month, 1, 12) for year in (1990, 2010, 2026) for month in (1, 4, 7))
    return tuple(moment.replace(tzinfo=where).utcoffset() for moment in moments)


def _days_said(days: frozenset[int]) -> str:
    whole = {EVERY_DAY: "every day", WEEKDAYS: "on weekdays", WEEKENDS: "at weekends"}
    if days in whole:
        return whole[days]
    *most, last = [f"{DAYS[day]}s" for day in sorted(days)]
    return f"on {', '.join(most)} and {last}" if most else f"on {last}"


def _moment(day: date, minute: int, where: ZoneInfo) -> datetime:
    """A time of a day. `fold` is 0: before the clocks change, whichever way they do."""
    return datetime.combine(day, time(minute // 60, minute % 60), where)


def _exists(day: date, where: ZoneInfo) -> bool:
    """Whether a place had that day: Samoa went from 29 to 31 December 2011."""
    return datetime.fromtimestamp(_moment(day, 0, where).timestamp(), where).date() == day


def _longest_wait(hours: Hours) -> int:
    """The days that lie between two of them at most."""
    days = sorted(hours.days)
    return max(then - day for day, then in zip(days, [*days[1:], days[0] + 7], strict=True))
