"""Days as people name them when they narrow a question."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime

_YEAR = re.compile(r"(\d{4})(?:-(\d{1,2}))?")


def parse_day(words: str, last: bool = False, now: datetime | None = None) -> date | None:
    """The day that `words` name; of a month or a year its first day, or its last. None if none.

    Words such as "last week" count back from `now`, by default this moment.
    """
    words = words.strip()
    try:
        return date.fromisoformat(words)
    except ValueError:
        pass
    whole = _YEAR.fullmatch(words)
    if whole:
        return _first_or_last_day(int(whole[1]), int(whole[2]) if whole[2] else None, last)
    return _parse_prose(words, last, now)


def _first_or_last_day(year: int, month: int | None, last: bool) -> date | None:
    month = (12 if last else 1) if month is None else month
    if not year or not 1 <= month <= 12:
        return None
    return date(year, month, calendar.monthrange(year, month)[1] if last else 1)


def _parse_prose(words: str, last: bool, now: datetime | None) -> date | None:
    import dateparser

    settings: dict[str, object] = {
        "PREFER_DATES_FROM": "past",
        "PREFER_DAY_OF_MONTH": "last" if last else "first",
    }
    if now is not None:
        settings["RELATIVE_BASE"] = now.replace(tzinfo=None)
    parsed = dateparser.parse(words, languages=["en"], settings=settings)
    return parsed.date() if parsed else None
