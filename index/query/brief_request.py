"""Parses what follows `/brief`: a topic, with a time or languages at its ends, and sources.

"Ukraine talks 24h", "7d floods from Reuters", "since Monday: who is on strike?", "floods in
German". What is left is the topic, as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from .filters import find_sources
from .languages import take_languages
from .periods import NUMBERS, Period, find_period

EDGES = ' ,;:–—-"“”„«»'
_NEWS = r"(?:news|headlines|stories|articles|reports|coverage|updates?)"
_TIME_WORDS = 10  # at most: "articles published between 3 November 2026 and 10 November 2026"
_TIME_LENGTH = 80  # characters at most
_LONG_AGO = date(1900, 1, 1)  # no article is older; moments of year 1 overflow in some time zones
_HOURS = re.compile(
    r"(?:(?:in|over|during|within|from|of|for|since) )?(?:the )?(?P<last>(?:last|past) )?"
    r"(?P<n>[1-9][0-9]{0,2}|two|three|four|five|six|ten|twelve|few)?"
    r"(?: ?(?P<short>h|hrs?)| ?hours?)",
    re.IGNORECASE,
)
_MINUTES = re.compile(
    r"(?:(?:in|over|during|within|from|of|for|since) )?(?:the )?(?:(?:last|past) )?"
    r"(?P<n>[1-9][0-9]{0,3}) ?(?:m|mins?|minutes?)",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?:since|from|after) (?P<hour>[01]?[0-9]|2[0-4])(?:[:.](?P<minute>[0-5][0-9]))?"
    r"(?: ?(?P<half>[ap])\.?m\.?| ?h| ?o['’]clock)?(?: (?P<day>today|yesterday))?"
    r"|(?:since|from|after) (?P<name>noon|midday|midnight|this morning|this afternoon"
    r"|this evening|morning)",
    re.IGNORECASE,
)
_NAMED_HOURS = {
    **{"noon": 12, "midday": 12, "midnight": 0, "this morning": 6, "morning": 6},
    **{"this afternoon": 12, "this evening": 18},
}
_BARE = re.compile(r"(?:(?:for|of|in|over) )?(?:the |a |an )?(hour|day|week|month)", re.IGNORECASE)
# Not a capital D: "3D printing".
_SHORT = re.compile(r"(?:(?:for|since|last|past|the last) )?([1-9][0-9]{0,2}) ?([dwW])")
_LONG = re.compile(r"(?:for )?([1-9][0-9]{0,2} (?:day|week|month)s?)", re.IGNORECASE)
_WEEKEND = re.compile(
    r"(?P<how>(?:over|at|on|during|since|from) )?(?:the |this |last |the last |the past )?weekend",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"since (?=.* (?:to|until|till) )", re.IGNORECASE)
_SINCE = re.compile(r"(?:since|from) (?=\S)", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_ABOUT = re.compile(
    rf"(?:(?:the )?(?:latest )?{_NEWS} )?(?:on|about|regarding|concerning) (?=\S)", re.IGNORECASE
)
_ALL = re.compile(
    rf"(?:(?:all |all the |the |the latest |latest )?{_NEWS}|everything|all|anything|the world)\W*",
    re.IGNORECASE,
)
_DAYS_OF = {"day": 1, "week": 7, "month": 30}


@dataclass(frozen=True, slots=True)
class BriefRequest:
    """A briefing that someone asks for, as parsed from their words."""

    topic: str = ""  # words or a question as typed; "" for everything
    since: datetime | None = None  # in the time zone of the person who asks; None: not given
    until: datetime | None = None  # exclusive; None: open
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    said: str = ""  # the time in words: "since Monday, 23 November 2026"


@dataclass(frozen=True, slots=True)
class _TimeRange:
    """A parsed time range. Not `hard`: the words may belong to the topic, as "in May" may."""

    since: datetime | None = None
    until: datetime | None = None
    said: str = ""
    hard: bool = True


def parse_brief_request(
    text: str, now: datetime, sources: Sequence[str], languages: Sequence[str] = ()
) -> BriefRequest:
    """Parse what follows a command.

    `now` is in the time zone of the person who asks. `sources` and `languages` (codes) are
    those of the library; only they are recognised.

    >>> now = datetime(2021, 12, 29, 8, tzinfo=UTC)
    >>> request = parse_brief_request("Ukraine talks 24h", now, [])
    >>> request.topic, request.said
    ('Ukraine talks', 'of the last 24 hours')
    """
    request = split_request(text, now, sources, languages)
    about = _ABOUT.match(request.topic)
    topic = request.topic[about.end() :] if about else request.topic
    return replace(request, topic="" if is_everything(topic) else topic)


def is_everything(topic: str) -> bool:
    """Whether a topic narrows nothing: "everything", "the latest news".

    >>> is_everything("the latest news"), is_everything("floods")
    (True, False)
    """
    return not re.search(r"\w", topic) or bool(_ALL.fullmatch(topic))


def split_request(
    text: str,
    now: datetime,
    sources: Sequence[str],
    languages: Sequence[str],
    only_hard: bool = False,
) -> BriefRequest:
    """Split a text into sources, time, languages and a topic; see `parse_brief_request`.

    With `only_hard`, a time that may belong to the topic stays in it, unless it is all there is.
    """
    rest, request = " ".join(text.split()), BriefRequest()
    mention = find_sources(rest, sources)
    if mention:
        start, end, names = mention
        rest, request = f"{rest[:start]} {rest[end:]}", BriefRequest(sources=names)
    before = None
    while rest != before:
        before = rest = " ".join(rest.split()).strip(EDGES)
        if not request.languages:
            rest, codes = take_languages(rest, languages)
            request = replace(request, languages=codes)
        if not request.said:
            rest, when = _take_time(rest, now, only_hard)
            request = replace(request, since=when.since, until=when.until, said=when.said)
    return replace(request, topic=rest)


def _take_time(text: str, now: datetime, only_hard: bool) -> tuple[str, _TimeRange]:
    """Take the time off a text's end or beginning; returns the rest and the time."""
    words = text.split(" ")
    for at_end in (True, False):
        for n in range(min(_TIME_WORDS, len(words)), 0, -1):
            said, rest = (words[-n:], words[:-n]) if at_end else (words[:n], words[n:])
            if not at_end and rest[:1] == ["of"]:  # "the last day of Pompeii"
                continue
            when = _parse_time(" ".join(said).strip("?!." + EDGES), now, whole=not rest)
            if when and (when.hard or not only_hard or not rest):
                return " ".join(rest), when
    return text, _TimeRange()


def _parse_time(words: str, now: datetime, whole: bool) -> _TimeRange | None:
    """The time that words name, if they name nothing else."""
    if not words or len(words) > _TIME_LENGTH:
        return None
    bare = _BARE.fullmatch(words) if whole else None
    if bare and bare[1].lower() == "hour":
        return _last_minutes(60, now)
    hours = _HOURS.fullmatch(words)
    if hours:
        return _last_hours(hours, now, whole)
    minutes = _MINUTES.fullmatch(words)
    if minutes and (whole or "min" in words.lower()):  # "raised 90m" is money
        return _last_minutes(int(minutes["n"]), now)
    clock = _CLOCK.fullmatch(words)
    if clock and (moment := _at_clock(clock, now, whole)):
        return _TimeRange(moment, None, f"since {moment:%H:%M}, {moment:%A}")
    days = _parse_days(f"last {_DAYS_OF[bare[1].lower()]} days" if bare else words, now, whole)
    hard = days and (not days.tentative or words.lower().startswith("this "))
    return _time_range(days, now, bool(hard)) if days else None


def _last_minutes(many: int, now: datetime) -> _TimeRange:
    """The last minutes. Counted in UTC, not local time: clocks change."""
    since = (now.astimezone(UTC) - timedelta(minutes=many)).astimezone(now.tzinfo)
    return _TimeRange(since, None, f"of the last {many} minute{'s' if many > 1 else ''}")


def _at_clock(match: re.Match[str], now: datetime, whole: bool) -> datetime | None:
    """The last moment at which the clock showed a time; None for what is no time of the clock."""
    if match["name"]:
        hour, minute = _NAMED_HOURS[match["name"].lower()], 0
    else:
        hour, minute = int(match["hour"]), int(match["minute"] or 0)
        is_marked = match["minute"] or match["half"] or match["day"]
        is_bare = not is_marked and match[0][-1].isdecimal()
        if hour > 24 or (is_bare and not whole) or (match["half"] and not 1 <= hour <= 12):
            return None
        hour = hour % 12 + 12 * (match["half"].lower() == "p") if match["half"] else hour % 24
    day = now.date() - timedelta(days=(match["day"] or "").lower() == "yesterday")
    moment = datetime.combine(day, time(hour, minute), now.tzinfo)
    return moment if moment <= now else moment - timedelta(days=1)


def _last_hours(match: re.Match[str], now: datetime, whole: bool) -> _TimeRange | None:
    """The last hours. Counted in UTC, not local time: clocks change."""
    n = match["n"]
    if not (match["last"] or (n and (match["short"] or whole))):
        return None
    many = (NUMBERS.get(n.lower()) or int(n)) if n else 1
    since = (now.astimezone(UTC) - timedelta(hours=many)).astimezone(now.tzinfo)
    return _TimeRange(since, None, f"of the last {many} hours" if many > 1 else "of the last hour")


def _parse_days(words: str, now: datetime, whole: bool) -> Period | None:
    """The days that words name, if they name nothing else."""
    weekend = _WEEKEND.fullmatch(words)
    if weekend:
        return _weekend_period((weekend["how"] or "").lower(), now)
    words = _spelled_out(words, whole)
    days = _whole_period(words, now)
    since = _SINCE.match(words)
    if not days and since:
        rest = words[since.end() :]
        days = _whole_period(f"since {rest}", now) or _whole_period(rest, now)
        return replace(days, until=None) if days and days.since else None
    # "Monday" and "20 November" are a time where they are all there is.
    if not days and (_DATE.fullmatch(words) or (whole and not _is_month_like(words))):
        days = _whole_period(f"on {words}", now)
    return days


def _is_month_like(words: str) -> bool:
    """Whether a word may be a month, and so a name ("Theresa May"): letters, and no weekday."""
    return words.isascii() and words.isalpha() and not words.lower().endswith("day")


def _spelled_out(words: str, whole: bool) -> str:
    """Spell out a short form ("7d", "overnight") so that `find_period` parses it."""
    short = _SHORT.fullmatch(words)
    if short:
        return f"last {short[1]} {'days' if short[2] == 'd' else 'weeks'}"
    if words.lower() == "overnight":
        return "last night"
    if whole and (long := _LONG.fullmatch(words)):
        return f"last {long[1]}"
    return _BETWEEN.sub("from ", words, count=1)


def _whole_period(words: str, now: datetime) -> Period | None:
    days = find_period(words, now)
    return days if days and (days.start, days.end) == (0, len(words)) else None


def _weekend_period(how: str, now: datetime) -> Period:
    """The current weekend, or the last one on a weekday."""
    today = now.date()
    saturday = today - timedelta(days=(today.weekday() - 5) % 7)
    sunday = None if how in ("since ", "from ") else saturday + timedelta(days=1)
    return Period(0, 0, saturday, sunday, tentative=False)


def _time_range(days: Period, now: datetime, hard: bool) -> _TimeRange | None:
    """A period as moments; None for a period in the future, which no article is from."""
    since, until, today = days.since, days.until, now.date()
    if until and until >= today:
        until = None
        if since != today:
            days = replace(days, until=None)
    if not (since or until) or (since and since > today) or (until and until < _LONG_AGO):
        return None
    first = _midnight(max(since, _LONG_AGO), now) if since else None
    last = _midnight(until + timedelta(days=1), now) if until else None
    return _TimeRange(first, last, days.said, hard)


def _midnight(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time.min, now.tzinfo)
