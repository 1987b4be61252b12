"""Filters in words: "since Monday", "in December 2021", "from Reuters".

What counts from today ("since Monday", "last week"), what speaks of publishing ("articles of
March 2021") and an outlet's name behind "from" are meant to narrow, and their words are no part of
the question. A date behind "in", "on", "since 2014" may as well be what the question is about; it
narrows tentatively: `understanding.ask` keeps it only if the answer is none the worse.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .dates import day

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_NUMBER = r"\d{1,2}(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_ABSOLUTE = (
    rf"(?:{_NUMBER} {_MONTH},? \d{{4}}|{_MONTH} {_NUMBER},? \d{{4}}|{_MONTH},? \d{{4}}"
    rf"|\d{{4}}-\d\d-\d\d|\d{{4}}-\d\d|(?:19|20)\d\d)"
)
_PARTLY = rf"(?:{_NUMBER} {_MONTH}|{_MONTH} {_NUMBER}|{_MONTH})"  # of the year that is past
_FROM_TODAY = (
    rf"(?:(?:last |this )?{_WEEKDAY}|yesterday|today"
    r"|(?:last|this|the past) (?:week|month|year)"
    r"|(?:\d{1,3}|one|two|three|four|five|six|seven|ten) (?:day|week|month|year)s? ago)"
)
_DATE = rf"(?:{_ABSOLUTE}|{_PARTLY}|{_FROM_TODAY})"
_END = r"(?![\w'’-])"
_PUBLISHED = (
    r"(?:(?:articles?|news|stories|reports|coverage|headlines)(?: published| written)?"
    r"|published|written|reported)"
)
_BETWEEN = re.compile(
    rf"\b(?:between|from) (?P<first>{_DATE}|{_NUMBER}) (?:and|to|until|till) (?P<last>{_DATE})"
    rf"{_END}",
    re.IGNORECASE,
)
_SPAN = re.compile(
    rf"\b(?P<published>{_PUBLISHED} )?"
    r"(?P<how>since|after|before|until|till|up to|in|on|of|from|during) "
    rf"(?P<date>{_DATE}){_END}",
    re.IGNORECASE,
)
_LAST_N = re.compile(
    r"\b(?:(?:in|over|during|within|from|of) )?(?:the )?(?:last|past) "
    r"(?P<n>\d{1,3}|two|three|four|five|six|seven|ten|few)? ?"
    rf"(?P<unit>hour|day|week|month|year)s?(?:['’]s?)?{_END}(?! of\b)",
    re.IGNORECASE,
)
_THIS = re.compile(
    rf"\b(?:(?:in|from|of|during) )?(?:(?P<this>this (?:week|month|year))|(?P<day>today|yesterday))"
    rf"(?:['’]s)?{_END}",
    re.IGNORECASE,
)
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10, "few": 3}
_UNITS = {"hour": 1, "day": 1, "week": 7, "month": 30, "year": 365}
_PERSONS = re.compile(
    r"\b(?:is|are|was|were|be|been|come|comes|came|who|man|woman|people|person|journalists?"
    r"|reporters?|editors?|someone|anyone|resign(?:ed|s)?|fired)\s*$",
    re.IGNORECASE,
)
_STRAY = re.compile(r"\s+([?!.,])")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a question narrows the search to, and what is left to search for."""

    question: str
    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()
    said: tuple[str, ...] = ()  # each as it follows "only articles": "since 22 November 2021"
    tentative: bool = False  # whether the words may as well be what is asked about

    def __bool__(self) -> bool:
        return bool(self.said)


@dataclass(frozen=True, slots=True)
class _Period:
    """Days that some words name."""

    start: int
    end: int
    since: date | None
    until: date | None
    tentative: bool


def narrow(question: str, now: datetime, sources: Sequence[str]) -> Narrowing:
    """Find the filters in a question. `now` is in the time zone of whoever asks.

    `sources` are the outlets that the library has; only those can be named.
    """
    period = _period(question, now)
    outlet = _outlet(question, sources)
    taken = [(outlet[0], outlet[1])] if outlet else []
    if period and not period.tentative:
        taken.append((period.start, period.end))
    if not period and not outlet:
        return Narrowing(question)
    return Narrowing(
        question=_without(question, taken),
        since=period.since if period else None,
        until=period.until if period else None,
        sources=(outlet[2],) if outlet else (),
        said=(*([_said(period)] if period else []), *([f"from {outlet[2]}"] if outlet else [])),
        tentative=bool(period and period.tentative),
    )


def _period(question: str, now: datetime) -> _Period | None:
    finders: Sequence[Callable[[str, datetime], _Period | None]] = (_between, _last_n, _this, _span)
    for find in finders:
        found = find(question, now)
        if found:
            return found
    return None


def _between(question: str, now: datetime) -> _Period | None:
    match = _BETWEEN.search(question)
    if not match:
        return None
    first = match["first"]
    if re.fullmatch(_NUMBER, first, re.IGNORECASE):  # "between 3 and 10 December 2021"
        number = re.search(_NUMBER, match["last"], re.IGNORECASE)
        first = match["last"].replace(number[0], first, 1) if number else ""
    since, until = day(first, False, now), day(match["last"], True, now)
    if not since or not until or since > until:
        return None
    return _Period(match.start(), match.end(), since, until, tentative=True)


def _last_n(question: str, now: datetime) -> _Period | None:
    """The last three days; the last week as a whole, Monday to Sunday; likewise month and year."""
    match = _LAST_N.search(question)
    if not match:
        return None
    today, unit = now.date(), match["unit"].lower()
    if match["n"] or unit in ("hour", "day") or "past" in match[0].lower():
        n = match["n"] or "1"
        many = int(n) if n.isdecimal() else _NUMBERS[n.lower()]
        since, until = today - timedelta(days=max(1, many * _UNITS[unit])), today
    else:
        since, until = _before_this(unit, today)
    return _Period(match.start(), match.end(), since, until, tentative=False)


def _this(question: str, now: datetime) -> _Period | None:
    match = _THIS.search(question)
    if not match:
        return None
    today = now.date()
    if match["day"]:
        since = today - timedelta(days=match["day"].lower() == "yesterday")
        return _Period(match.start(), match.end(), since, since, tentative=False)
    since = _beginning(match["this"].split()[1].lower(), today)
    return _Period(match.start(), match.end(), since, today, tentative=False)


def _span(question: str, now: datetime) -> _Period | None:
    for match in _SPAN.finditer(question):
        words, how = match["date"], match["how"].lower()
        from_today = bool(re.fullmatch(_FROM_TODAY, words, re.IGNORECASE))
        published = bool(match["published"])
        if how in ("of", "from") and not published:
            continue
        first, last = day(words, False, now), day(words, True, now)
        if first is None or last is None:
            continue
        if first > last:  # "in December", said in December: the day that is past, and one to come
            last = first.replace(day=monthrange(first.year, first.month)[1])
        since, until = _limits(how, first, last)
        hard = published or (from_today and how not in ("in", "on", "of"))
        hard = hard or bool(re.fullmatch(_PARTLY, words, re.IGNORECASE) and how == "since")
        return _Period(match.start(), match.end(), since, until, tentative=not hard)
    return None


def _limits(how: str, first: date, last: date) -> tuple[date | None, date | None]:
    if how == "since":
        return first, None
    if how == "after":
        return last + timedelta(days=1), None
    if how == "before":
        return None, first - timedelta(days=1)
    if how in ("until", "till", "up to"):
        return None, last
    return first, last


def _before_this(unit: str, today: date) -> tuple[date, date]:
    """The week, month or year before this one."""
    until = _beginning(unit, today) - timedelta(days=1)
    return _beginning(unit, until), until


def _beginning(unit: str, of: date) -> date:
    if unit == "week":
        return of - timedelta(days=of.weekday())
    return of.replace(day=1) if unit == "month" else of.replace(month=1, day=1)


def _outlet(question: str, sources: Sequence[str]) -> tuple[int, int, str] | None:
    """Where an outlet of the library is named as the one to hear, and which."""
    for name in sorted(filter(None, sources), key=len, reverse=True):
        words = r"\s+".join(re.escape(word) for word in name.split())
        how = r"from|by|via|according to|in|on" if " " in name.strip() else r"from|via|according to"
        for match in re.finditer(
            rf"\b(?:{how})\s+(?:the\s+)?{words}{_END}", question, re.IGNORECASE
        ):
            if not _PERSONS.search(question, 0, match.start()):
                return match.start(), match.end(), name
    return None


def _without(question: str, taken: Sequence[tuple[int, int]]) -> str:
    """A question without some of its words; whole where nothing would be left to search for."""
    rest = question
    for start, end in sorted(taken, reverse=True):
        rest = f"{rest[:start]} {rest[end:]}"
    rest = _STRAY.sub(r"\1", " ".join(rest.split())).strip(" ,")
    return rest if re.search(r"\w", rest) else question


def _said(period: _Period) -> str:
    if period.since and period.until:
        if period.since == period.until:
            return f"of {_written(period.since)}"
        return f"from {_written(period.since)} to {_written(period.until)}"
    if period.since:
        return f"since {_written(period.since)}"
    return f"until {_written(period.until)}" if period.until else ""


def _written(one: date) -> str:
    return f"{one:%A}, {one.day} {one:%B %Y}"
