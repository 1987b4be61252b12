"""When a briefing is due: the hours and the days that people name, and the moments they mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from newsdesk.bot.store.models import DAY, Hours
from newsdesk.bot.views.zones import zone_said

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EVERY_DAY = frozenset(range(7))
WEEKDAYS = frozenset(range(5))
WEEKENDS = frozenset({5, 6})
_ON_TIME = 5 * 60  # seconds until it counts as late
STILL_SENT = 3 * 3600  # seconds until it is too late to be sent
_AHEAD = 16  # days to look at: a weekly one whose day the calendar skipped, and a day each side
EXAMPLES = "/schedule 08:00 weekdays", "/schedule 8 and 18", "/schedule every 6h Europe/Bucharest"
_QUOTED = 40  # characters of what was written that an error repeats
_MINUS = "-\u2212\u2013"
_TIME = re.compile(r"([0-9]{1,2})(?:[:.h]?([0-9]{2})h?|h(?:rs?)?)?(am|pm)?(?:uhr)?", re.IGNORECASE)
_TOGETHER = re.compile(r"\b([ap])\.?\s?m\b\.?", re.IGNORECASE)  # "p.m."
_MERIDIEM = re.compile(r"(?<=[0-9])\s+(?=[ap]m\b)", re.IGNORECASE)  # "8 pm"
_DEFAULT = 8 * 60  # of what comes once a day or a week, where no hour is named
_CLOCK = {"noon": 12 * 60, "midday": 12 * 60, "midnight": 0}
# Parts of the day: what they mean without an hour, and whether an hour with them is one after noon.
_PARTS = {
    "morning": (8 * 60, False),
    "mornings": (8 * 60, False),
    "afternoon": (14 * 60, True),
    "afternoons": (14 * 60, True),
    "evening": (18 * 60, True),
    "evenings": (18 * 60, True),
    "night": (21 * 60, True),
    "nights": (21 * 60, True),
}
_FILLER = frozenset(
    "at on in every each and the day days o'clock oclock uhr time zone digest briefing"
    " briefings please then but".split()
)
_EXCEPT = frozenset(("except", "excepting", "excluding", "without", "not", "no"))
_DAY_NAME = (
    r"(?:(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?"
    r"|mo|tu|we|th|fr|sa|su)"
)
_RANGE = re.compile(
    rf"\b({_DAY_NAME})\.?\s*(?:-|–|to|through|till|until)\s*({_DAY_NAME})\b", re.IGNORECASE
)
_BETWEEN = re.compile(
    rf"[,;&]|(?<=[a-z])\.(?=\s|$)|[/+](?={_DAY_NAME}(?![a-z]))|(?<=[0-9m])/(?=[0-9])",
    re.IGNORECASE,
)
_NUMBERS = {"two": 2, "three": 3, "four": 4, "six": 6, "eight": 8, "twelve": 12}
_EVERY = re.compile(
    rf"\b(?:(?:every|each)\s+(?:([0-9]{{1,2}}|{'|'.join(_NUMBERS)})\s*-?\s*)?(?:hours?|hrs?|h)"
    r"|([0-9]{1,2})-hourly|hourly)\b"
    r"(?:\s+(?:from|start(?:ing)?(?: at)?|beginning(?: at)?)\s+([0-9]\S*))?",
    re.IGNORECASE,
)
_A_DAY = re.compile(r"\b(once|twice|(?:three|3) times) (?:a|per|every) (day|week)\b", re.IGNORECASE)
_TIMES_A_DAY = {"twice": (8 * 60, 18 * 60), "three times": (8 * 60, 13 * 60, 18 * 60)}
_OFFSET = re.compile(
    rf"\b(?:utc|gmt)\s*([+{_MINUS}])\s*([0-9]{{1,2}})(?::?([0-9]{{2}}))?\b(?!:)", re.IGNORECASE
)
# Offsets that are no whole hours, by a zone whose clocks never change.
_ODD_OFFSETS = {
    -570: "Pacific/Marquesas",
    210: "Asia/Tehran",
    270: "Asia/Kabul",
    330: "Asia/Kolkata",
    345: "Asia/Kathmandu",
    390: "Asia/Yangon",
    525: "Australia/Eucla",
    570: "Australia/Darwin",
}
# What people call their clock by, summer or winter; not the fixed offset that some of these are.
ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("est", "edt", "et"), ("America/New_York",)),
    **dict.fromkeys(("cst", "cdt", "ct"), ("America/Chicago",)),
    **dict.fromkeys(("mst", "mdt", "mt"), ("America/Denver",)),
    **dict.fromkeys(("pst", "pdt", "pt"), ("America/Los_Angeles",)),
    **dict.fromkeys(("akst", "akdt"), ("America/Anchorage",)),
    "hst": ("Pacific/Honolulu",),
    "bst": ("Europe/London",),
    "wet": ("Europe/Lisbon",),
    **dict.fromkeys(("cet", "cest", "mez", "mesz"), ("Europe/Berlin",)),
    **dict.fromkeys(("eet", "eest"), ("Europe/Bucharest",)),
    "msk": ("Europe/Moscow",),
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "pkt": ("Asia/Karachi",),
    "sgt": ("Asia/Singapore",),
    "hkt": ("Asia/Hong_Kong",),
    "jst": ("Asia/Tokyo",),
    "kst": ("Asia/Seoul",),
    "awst": ("Australia/Perth",),
    **dict.fromkeys(("aest", "aedt"), ("Australia/Sydney",)),
    **dict.fromkeys(("nzst", "nzdt"), ("Pacific/Auckland",)),
    "z": ("UTC",),
}
_NAMED_DAYS = {
    **dict.fromkeys(("daily", "everyday"), EVERY_DAY),
    **dict.fromkeys(("weekday", "weekdays", "workday", "workdays", "working"), WEEKDAYS),
    **dict.fromkeys(("weekend", "weekends"), WEEKENDS),
}
_WEEKLY = frozenset(("weekly", "week"))


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


@dataclass(slots=True)
class _Reading:
    """What was understood so far, and the first thing that was not."""

    minutes: list[int] = field(default_factory=list)
    days: frozenset[int] = frozenset()
    left_out: frozenset[int] = frozenset()  # days behind "except"
    zone: str | None = None
    left: list[str] = field(default_factory=list)
    wrong: str = ""
    part: str = ""  # of the day, whose hour comes behind it
    last: bool = False  # whether the word before was an hour that a part of the day may follow
    is_weekly: bool = False
    is_excepting: bool = False  # whether the days that follow are left out
    is_often_enough: bool = False  # whether how often says enough to do without an hour

    def take(self, word: str) -> None:
        """Understand one word."""
        lower, minute = word.lower(), _minute(word)
        was_hour, self.last = self.last, False
        if minute is not None:
            self.minutes.append(_in_part(minute, word, self.part))
            self.last, self.part = not self.part, ""
        elif word[0] in "0123456789":
            self.refuse(f"“{word[:_QUOTED]}” is no time of the day.")
        elif lower in _PARTS:
            self._take_part(lower, was_hour)
        elif lower in _WEEKLY:
            self.is_weekly = self.is_often_enough = True
        elif named := _days_named(word):
            self._take_days(named)
        elif lower in _EXCEPT:
            self.is_excepting = True
        elif lower == "for" and self.is_excepting:
            pass
        elif lower in _FILLER:
            self.last = was_hour
        else:
            self.left.append(word)

    def _take_days(self, named: frozenset[int]) -> None:
        if self.is_excepting:
            self.left_out |= named
        else:
            self.days |= named

    def _take_part(self, part: str, was_hour: bool) -> None:
        if was_hour:
            self.minutes[-1] = _in_part(self.minutes[-1], "", part)
        else:
            self._end_part()
            self.part = part

    def _end_part(self) -> None:
        """A part of the day without an hour stands for one."""
        if self.part:
            self.minutes.append(_PARTS[self.part][0])
            self.part = ""

    def refuse(self, wrong: str) -> None:
        """Note what is wrong, unless something else was before."""
        self.wrong = self.wrong or wrong

    def end(self) -> None:
        """Understand what only the whole tells."""
        self._end_part()
        if self.left:
            zone, error = zone_named(" ".join(self.left))
            self.refuse(error)
            self.zone = zone or self.zone
        if self.is_excepting:
            self.days = (self.days or EVERY_DAY) - self.left_out
            if not (self.days and self.left_out):
                self.refuse("I do not see which days are left.")
        if self.is_weekly and not self.days:
            self.days = frozenset({0})
        if not self.minutes and self.is_often_enough:
            self.minutes.append(_DEFAULT)
        if not self.minutes:
            self.refuse("I see no hour in that.")

    @property
    def words(self) -> str:
        """What was understood, in words; empty for nothing."""
        times = _times_said(self.minutes) if self.minutes else ""
        days = _days_said(self.days) if self.days else ""
        zone = zone_said(self.zone) if self.zone else ""
        return ", ".join(part for part in (f"{times} {days}".strip(), zone) if part)


def read(text: str) -> ParsedSchedule:
    """The hours, the days and the time zone that some words name, in any order.

    >>> read("every evening at 8, Bucharest").zone
    'Europe/Bucharest'
    """
    reading = _Reading()
    for word in _words(_counted(_offset(text, reading), reading)):
        reading.take(word)
    reading.end()
    if reading.wrong:
        return ParsedSchedule(error=_refusal(reading))
    first, *also = sorted(set(reading.minutes))
    return ParsedSchedule(Hours(first, reading.days or EVERY_DAY, tuple(also)), reading.zone)


def _refusal(reading: _Reading) -> str:
    """What is not understood, what is, and how to write it."""
    so_far = f" Understood so far: {reading.words}." if reading.words else ""
    return f"{reading.wrong}{so_far} Examples: {' · '.join(EXAMPLES)}"


def _offset(text: str, reading: _Reading) -> str:
    """Take out an offset such as UTC+2; returns the rest."""
    match = _OFFSET.search(text)
    if not match or "/" in text[max(0, match.start() - 1) : match.start()]:
        return text
    minutes = 60 * int(match[2]) + int(match[3] or 0)
    minutes = -minutes if match[1] in _MINUS else minutes
    reading.zone = _fixed(minutes)
    if reading.zone is None:
        reading.refuse(f"No place has the clock of “{match[0][:_QUOTED]}”.")
    return f"{text[: match.start()]} {text[match.end() :]}"


def zone_of_words(words: str) -> str | None:
    """The time zone that some words alone name: a city, an abbreviation or an offset.

    >>> zone_of_words("UTC+2"), zone_of_words("new york"), zone_of_words("nowhere")
    ('Etc/GMT-2', 'America/New_York', None)
    """
    reading = _Reading()
    rest = _offset(words, reading)
    return reading.zone or zone_named(rest)[0]


def _fixed(minutes: int) -> str | None:
    """The zone that is always so many minutes ahead of UTC."""
    if minutes % 60 or not -12 * 60 <= minutes <= 14 * 60:
        return _ODD_OFFSETS.get(minutes)
    # Not as it reads: the names of these zones have the sign turned round.
    return f"Etc/GMT{-minutes // 60:+d}" if minutes else "UTC"


def _counted(text: str, reading: _Reading) -> str:
    """Take out "every 6h", "twice a day" and "once a week"; returns the rest."""
    match = _EVERY.search(text)
    if match:
        count = match[1] or match[2] or "1"
        hours = _NUMBERS.get(count.lower()) or int(count)
        start = _minute(match[3].rstrip(",;")) if match[3] else None
        if not 1 <= hours <= 24 or (match[3] and start is None):
            reading.refuse(f"“{match[0][:_QUOTED]}” is no time of the day.")
        else:
            first = _DEFAULT if start is None and hours == 24 else start or 0
            reading.minutes += [m % (24 * 60) for m in range(first, first + 24 * 60, hours * 60)]
        text = f"{text[: match.start()]} {text[match.end() :]}"
    match = _A_DAY.search(text)
    if not match:
        return text
    often, unit = match[1].lower().replace("3", "three"), match[2].lower()
    if unit == "week" and often != "once":
        reading.refuse(f"“{match[0][:_QUOTED]}” names no days.")
    reading.is_weekly, reading.is_often_enough = unit == "week", True
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    if unit == "day" and not any(_minute(word) is not None for word in _words(rest)):
        reading.minutes += _TIMES_A_DAY.get(often, ())
    return rest


def _in_part(minute: int, word: str, part: str) -> int:
    """An hour in a part of the day: 8 in the evening is 20:00, and 12 at night is midnight."""
    if not part or word.lower().endswith("m"):
        return minute
    after_noon = _PARTS[part][1]
    if part.startswith("night") and minute < 6 * 60:
        return minute
    if part.startswith("night") and 12 * 60 <= minute < 13 * 60:
        return minute - 12 * 60
    return minute + 12 * 60 if after_noon and minute < 12 * 60 else minute


def zone_named(name: str) -> tuple[str | None, str]:
    """The time zone that a name, a city or an abbreviation means, or what is wrong with it."""
    wanted = "_".join(name.split()).casefold()
    names = ABBREVIATIONS.get(wanted) or _zones().get(wanted, ())
    if len(names) == 1:
        return names[0], ""
    shown = " ".join(name.split())[:_QUOTED]
    if names:
        return None, f"“{shown}” may be {' or '.join(names)}. Write one of them."
    return None, (
        f"I do not understand “{shown}”. "
        "A time zone is named by its city: Bucharest, or Europe/Bucharest."
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
        # With the next day's, which may come before one that was put off.
        dues = [*_dues(hours, day, where), *_dues(hours, day + timedelta(days=1), where)]
        later = [due for due in dues if due > after]
        if later:
            return min(later)
    raise ValueError(f"{zone} has no day for {said(hours, zone)}")


def _dues(hours: Hours, day: date, where: ZoneInfo) -> list[float]:
    """The moments of a day, in Unix seconds; none where it is not one of the days."""
    if day.weekday() not in hours.days or not _exists(day, where):
        return []
    return [_moment(day, minute, where).timestamp() for minute in hours.minutes]


def is_sane(due: float, hours: Hours, zone: str, now: float) -> bool:
    """Whether something may be due then, as the clock is now.

    False after a clock that was far ahead came back. A day more than the longest wait is allowed:
    a clock that is put back by a second after a briefing must not make it due again.
    """
    longest = now + (longest_wait(hours) + 1) * DAY
    return due <= longest or due <= next_due(hours, zone, now)


def late(due: float, now: float) -> Lateness:
    """Whether something due is on time, late, or too late to be sent by itself."""
    if now - due < _ON_TIME:
        return Lateness.ON_TIME
    return Lateness.LATE if now - due <= STILL_SENT else Lateness.MISSED


def said(hours: Hours, zone: str) -> str:
    """The hours in words.

    >>> said(Hours(480, WEEKDAYS, (1080,)), "Europe/Bucharest")
    '08:00 and 18:00 on weekdays, Europe/Bucharest'
    """
    return f"{_times_said(hours.minutes)} {_days_said(hours.days)}, {zone_said(zone)}"


def _times_said(minutes: Sequence[int]) -> str:
    if set(minutes) == set(range(0, 24 * 60, 60)):
        return "every hour"
    times = [f"{minute // 60:02}:{minute % 60:02}" for minute in sorted(set(minutes))]
    return f"{', '.join(times[:-1])} and {times[-1]}" if len(times) > 1 else times[0]


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
    short = word[:2] if len(word) == len("mo") else word[:3]
    return next(n for n, name in enumerate(DAYS) if name.lower().startswith(short))


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


def longest_wait(hours: Hours) -> int:
    """The days from one of its days to the next, at most."""
    days = sorted(hours.days)
    return max(then - day for day, then in zip(days, [*days[1:], days[0] + 7], strict=True))
