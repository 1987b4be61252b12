"""Days that people name in an option."""

from __future__ import annotations

from datetime import date

from newsdesk.index.errors import UsageError

_SHOWN = 40  # characters of what was given


def day_option(option: str, text: str | None, last: bool) -> date | None:
    """The day that an option names: a date, a month or a year (its first or last day), "last week".

    Raises UsageError for what names no day.
    """
    if text is None:
        return None
    from newsdesk.index.query.dates import parse_day

    named = parse_day(text, last)
    if named is None:
        raise UsageError(
            f"{option} {text[:_SHOWN]!r}: no date; write it as 2021-12-29, 2021-12 or 2021"
        )
    return named
