"""Parses moments as people name them on the command line: "24h", "Monday", "2021-12-29 08:00"."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from .brief_request import parse_brief_request
from .dates import parse_day

_FIRST, _LAST = date(1900, 1, 1), date(9000, 1, 1)  # no article is from outside
_CLOCK = re.compile(r"(?:(?:today|at) )?(\d{1,2}:\d\d(?::\d\d)?)", re.IGNORECASE)
_HOURS = re.compile(r"(?:the )?(?:last |past )?(\w+) ?h(?:(?:ou)?rs?)?(?: ago)?", re.IGNORECASE)


def start_of(words: str, now: datetime) -> datetime | None:
    """The moment at which a named time begins; None if `words` name no time.

    `now` is timezone-aware; relative times count from it, and its time zone is the default.

    >>> from datetime import UTC
    >>> start_of("24h", datetime(2021, 12, 29, 8, tzinfo=UTC)).isoformat()
    '2021-12-28T08:00:00+00:00'
    """
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
    """The first moment after a named time: after its day, month or year. None if there is none.

    >>> from datetime import UTC
    >>> end_of("2021-12", datetime(2021, 12, 29, 8, tzinfo=UTC)).isoformat()
    '2022-01-01T00:00:00+00:00'
    """
    exact = _parse_exact(words, now)
    if exact:
        return exact
    request = parse_brief_request(words, now, ())
    if request.until and not request.topic:
        return request.until
    last = parse_day(words, last=True, now=now)
    return _midnight(min(last, _LAST) + timedelta(days=1), now) if last else None


def _parse_exact(words: str, now: datetime) -> datetime | None:
    """Parse "now", hours ago, or a time of day with a date or of today; else None.

    In the time zone of `now` unless the words name one.
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
    """Parse ISO 8601 with a time of day; None for anything else, and for a date alone."""
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
