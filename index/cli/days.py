"""Days that people name in options."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from newsdesk.index.errors import UsageError


def day_options(since: str | None, until: str | None) -> tuple[date | None, date | None]:
    """The days that --since and --until name; see `day_option`.

    03/11/2026 is of the order that the other one tells, if it tells one. Raises UsageError for what
    names no day, and for a first day after the last.
    """
    from newsdesk.index.query.dates import day_order

    order = day_order([text for text in (since, until) if text])
    first = day_option("--since", since, last=False, day_first=order)
    last = day_option("--until", until, last=True, day_first=order)
    if first and last and first > last:
        raise UsageError(f"--since {since} is after --until {until}; swap them")
    return first, last


def day_option(
    option: str, text: str | None, last: bool, day_first: bool | None = None
) -> date | None:
    """The day that an option names: a date, a month, a quarter or a year (its first or last day).

    Raises UsageError for what names no day, or may name two.
    """
    if text is None:
        return None
    from newsdesk.index.query.dates import parse_day, readings

    named = parse_day(text, last, day_first=day_first)
    if named is None:
        raise UsageError(f"{option} {text[:40]!r}: {_mend(readings(text))}")
    return named


def _mend(days: Sequence[date]) -> str:
    """How to write what names no day, or may name one of several."""
    if len(days) > 1:
        written = [day.isoformat() for day in days]
        return f"may be {len(days)} days; write it as {' or '.join(written)}"
    return "no date; write it as 2021-12-29, 2021-12 or 2021"
