"""Dates as articles give them."""

from __future__ import annotations

import re
from datetime import date, datetime

from newsdesk.index.errors import Refused

_CLOCK = re.compile(r"\d\s*[:.]\s*\d\d|\d\s*[ap]\.?m", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_AT_MOST = 80  # characters; what is longer is no date, and would take dateparser long


def read_date(given: object) -> date | None:
    """A date as people write it; a datetime where it has a time. Raises Refused for none."""
    if given is None or isinstance(given, date):
        return given
    text = str(given).strip() if isinstance(given, str | int) else f"a {type(given).__name__}"
    if not text:
        return None
    published = (_parse_iso(text) or _parse_prose(text)) if len(text) <= _AT_MOST else None
    if published is None:
        raise Refused(f"date {text[:60]!r} is no date; write it as 2021-12-29 or 2021-12-29 14:55")
    return published


def _parse_iso(text: str) -> date | None:
    for kind in (date, datetime):
        try:
            return kind.fromisoformat(text)
        except ValueError:
            continue
    return None


def _parse_prose(text: str) -> date | None:
    if not _YEAR.search(text):  # dateparser would take "soon" or "3" for a day of this year
        return None
    import dateparser

    parsed: datetime | None = dateparser.parse(
        text, languages=["en"], settings={"REQUIRE_PARTS": ["day", "month", "year"]}
    )
    if parsed is None or _CLOCK.search(text):
        return parsed
    return parsed.date()
