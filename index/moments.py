"""Moments as people name them on the command line: "24h", "Monday", "2021-12-29 08:00"."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from .arguments import arguments
from .dates import day


def start_of(words: str, now: datetime) -> datetime | None:
    """The moment that a time begins at, counted from `now` where it counts; None for none."""
    exact = _exact(words, now)
    if exact:
        return exact
    for text in (words, f"since {words}"):
        found = arguments(text, now, ())
        if found.since and not found.topic:
            return found.since
    first = day(words, now=now)
    return _midnight(first, now) if first else None


def end_of(words: str, now: datetime) -> datetime | None:
    """The first moment behind a time: behind the day, month or year that it names."""
    exact = _exact(words, now)
    if exact:
        return exact
    last = day(words, last=True, now=now)
    return _midnight(last + timedelta(days=1), now) if last else None


def _exact(words: str, now: datetime) -> datetime | None:
    """A date with a time of day, in the time zone of `now` unless it names one."""
    words = words.strip()
    try:
        date.fromisoformat(words)
    except ValueError:
        pass
    else:
        return None
    try:
        found = datetime.fromisoformat(words)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=now.tzinfo)


def _midnight(of: date, now: datetime) -> datetime:
    return datetime.combine(of, time(), now.tzinfo)
