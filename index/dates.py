"""Days as people name them when they narrow a question."""

from __future__ import annotations

import calendar
import re
from datetime import date

_YEAR = re.compile(r"(\d{4})(?:-(\d{1,2}))?")


def day(words: str, last: bool = False) -> date | None:
    """The day that `words` name; of a month or a year its first day, or its last. None if none.

    Words such as "last week" count back from today.
    """
    words = words.strip()
    try:
        return date.fromisoformat(words)
    except ValueError:
        pass
    whole = _YEAR.fullmatch(words)
    return _edge(int(whole[1]), int(whole[2] or 0), last) if whole else _written(words, last)


def _edge(year: int, month: int, last: bool) -> date | None:
    if not 1 <= year <= 9999 or month > 12:
        return None
    if last:
        month = month or 12
        return date(year, month, calendar.monthrange(year, month)[1])
    return date(year, month or 1, 1)


def _written(words: str, last: bool) -> date | None:
    import dateparser

    settings = {
        "PREFER_DATES_FROM": "past",
        "PREFER_DAY_OF_MONTH": "last" if last else "first",
    }
    found = dateparser.parse(words, languages=["en"], settings=settings)
    return found.date() if found else None
