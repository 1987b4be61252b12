"""Moments as people name them on the command line: "24h", "Monday", "2021-12-29 08:00"."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from .brief_request import parse_brief_request
from .dates import parse_day

_FIRST, _LAST = date(1900, 1, 1), date(9000, 1, 1)  # no article is of a time outside
_CLOCK = re.compile(r"(?:(?:today|at) )?(\d{1,2}:\d\d(?::\d\d)?)", re.IGNORECASE)
_HOURS = re.compile(r"(?:the )?(?:last |past )?(\w+) ?h(?:(?:ou)?rs?)?(?: ago)?", re.IGNORECASE)


def start_of(words: str, now: datetime) -> datetime | None:
    """The moment that a time begins at, counted from `now` where it counts; None for none."""
    exact = _parse_exact(words, now)
    if exact:
        return exact
    for text in (words, f"since {words}"):
        request = parse_brief_request(text, now, ())
        if request.since and not request.topic:
            return request.since
    first = parse_day(words, now=now)
    return _midnight(first, now) if first else None


def end_of(words: str, now: datetime) -> datetime | None:
    """The first moment behind a time: behind the day, month or year that it names."""
    exact = _parse_exact(words, now)
    if exact:
        return exact
    request = parse_brief_request(words, now, ())
    if request.until and not request.topic:
        return request.until
    last = parse_day(words, last=True, now=now)
    return _midnight(min(last, _LAST) + timedelta(days=1), now) if last else None


def _parse_exact(words: str, now: datetime) -> datetime | None:
    """A time of day, with its date or today's, or some hours ago; else None.

    In the time zone of `now` unless it names one.
    """
    words = " ".join(words.split())
    if words.lower() == "now":
        return now
    hours = _HOURS.fullmatch(words)
    if hours:
        return parse_brief_request(
            f"last {'1' if hours[1] in ('a', 'an') else hours[1]} hours", now, ()
        ).since
    clock = _CLOCK.fullmatch(words)
    if clock:
        words = f"{now:%Y-%m-%d} {clock[1]:0>5}"
    moment = _parse_iso(words)
    if moment is None or not _FIRST <= moment.date() <= _LAST:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def _parse_iso(words: str) -> datetime | None:
    """A date in ISO's form with a time of day."""
    try:
        date.fromisoformat(words)
    except ValueError:
        pass
    else:
        return None
    try:
        return datetime.fromisoformat(words)
    except ValueError:
        return None


def _midnight(of: date, now: datetime) -> datetime:
    return datetime.combine(min(max(of, _FIRST), _LAST), time(), now.tzinfo)
