"""Parses the publication dates of articles."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from newsdesk.index.errors import Refused

# Day and month come in either order where a date is written with slashes: nobody knows, or asked.
DayFirst = Callable[[], bool]

_NUMERIC = re.compile(
    r"(?<![\d./-])(?P<first>\d{1,2})(?P<mark>[./-])[ ]?(?P<second>\d{1,2})(?P=mark)[ ]?"
    r"(?P<year>\d{4}|\d\d(?![\d:]))(?![\d/-]|\.\d)"
)
_CLOCK = re.compile(
    r"(?<![\d.:/-])\d{1,2}(?:\s*:\s*|\.|\s?h\s?)\d\d(?!\d|[./-]\d)|\d\s*[ap]\.?m\b|\dT\d\d:?\d\d",
    re.IGNORECASE,
)
_CLOCK_OTHERWISE = re.compile(  # 14.55, 14h55, às 14 h 55
    r"(?:\bàs\s+)?(?<![\d.:/-])(\d{1,2})(?:\.|\s?h\s?)(\d\d)(?!\d|[./-]\d)", re.IGNORECASE
)
_SHORT_YEAR = re.compile(  # 29 Dec 21, 29-Dec-21
    r"(?<!\d)(?P<day>\d{1,2})(?P<month>[\s-]+[^\W\d_]{3,9}\.?[\s-]+)['’]?(?P<year>\d\d)(?![\d:.])"
)
_ORDINAL = re.compile(r"(?<=\d)\.?[ºª°](?!\w)")
_NUMBER = re.compile(r"\d+")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_LENGTH = 80  # characters at most. Not longer texts: no dates, and slow to parse
_CENTURY = 70  # two-digit years from here on are of the 20th century
_NO_DATES = (date(1970, 1, 1), date(1969, 12, 31), date(1, 1, 1), date(1900, 1, 1))
_AHEAD = timedelta(days=2)  # zones, and clocks that are wrong by a little
# Zones that are an hour ahead in summer, whose letters name no offset. Not "AT": a word. And IST,
# which is written in India's papers every day, and seldom in those of Israel or Ireland.
_ZONES = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
    "AKT": "America/Anchorage",
    "IST": "Asia/Kolkata",
    "Eastern Time": "America/New_York",
    "Central Time": "America/Chicago",
    "Mountain Time": "America/Denver",
    "Pacific Time": "America/Los_Angeles",
    "Eastern": "America/New_York",
    "Central": "America/Chicago",
    "Mountain": "America/Denver",
    "Pacific": "America/Los_Angeles",
    "UK time": "Europe/London",
    "London time": "Europe/London",
}
_ZONE = re.compile(rf"[\s,(]+(?:US\s+)?(?P<zone>{'|'.join(_ZONES)})(?![^\s,.;)])[).]*")
# The languages that dates are looked for in where an article does not say its own.
LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "ca", "ro", "sv", "da", "nb", "fi", "hu", "el"),
    *("tr", "pl", "cs", "sk", "hr", "sl", "lt", "lv", "et", "ru", "uk", "bg", "ar", "fa", "he"),
    *("hi", "id", "vi", "ko", "ja", "zh"),
)


def read_date(
    given: object, language: str = "", day_first: DayFirst = lambda: False
) -> date | None:
    """Parse a date as people write it; a datetime where it has a time of day.

    `language` is the article's, as a BCP 47 tag; a date that is neither in it nor in English is
    looked for in `LANGUAGES`. `day_first` tells the order of a date such as 03/04/2021, and is
    asked for no other. Returns None for None or an empty text. Raises Refused for anything that is
    not a date.

    >>> read_date("December 29, 2021"), read_date("2021-12-29 14:55")
    (datetime.date(2021, 12, 29), datetime.datetime(2021, 12, 29, 14, 55))
    """
    if given is None or isinstance(given, date):
        return given
    text = str(given).strip() if isinstance(given, str | int) else f"a {type(given).__name__}"
    if not text:
        return None
    published = _parse(text, language, day_first) if len(text) <= _LENGTH else None
    if published is None:
        raise Refused(f"date {text[:60]!r} is no date; write it as 2021-12-29 or 2021-12-29 14:55")
    return published


def plausible(published: date | None) -> date | None:
    """A date that an article on the web can have.

    Not 1970-01-01, which software writes for no date, nor a day that is still to come: what is
    dated ahead would be the newest of all until then. Raises Refused for such a date.

    >>> plausible(date(2021, 12, 29))
    datetime.date(2021, 12, 29)
    """
    if published is None:
        return None
    day = published.date() if isinstance(published, datetime) else published
    if day in _NO_DATES:
        raise Refused(f"date {day} stands for none; give it one in the feed or the page")
    if day > date.today() + _AHEAD:
        raise Refused(f"date {day} is still to come; correct it in the feed or the page")
    return published


def numeric_order(text: str) -> bool | None:
    """Whether a date in numbers and slashes can only be day first, or month first; else None.

    >>> numeric_order("13/07/2022"), numeric_order("07/13/2022"), numeric_order("07/12/2022")
    (True, False, None)
    """
    match = _NUMERIC.search(text)
    if match is None or match["mark"] == ".":
        return None
    first, second = int(match["first"]), int(match["second"])
    if 12 < first <= 31 and 1 <= second <= 12:
        return True
    return False if 12 < second <= 31 and 1 <= first <= 12 else None


def _parse(text: str, language: str, day_first: DayFirst) -> date | None:
    return _parse_iso(text) or _parse_prose(_unambiguous(text, language, day_first), language)


def _parse_iso(text: str) -> date | None:
    for kind in (date, datetime):
        try:
            return kind.fromisoformat(text)
        except ValueError:
            continue
    return None


def _unambiguous(text: str, language: str, day_first: DayFirst) -> str:
    """The text with a date in numbers written as ISO 8601 has it, and a year in four digits."""
    text = _SHORT_YEAR.sub(_with_full_year, _ORDINAL.sub("", text))
    match = _NUMERIC.search(text)
    if match is None:
        return text
    day, month = match["first"], match["second"]
    order = numeric_order(text)
    if match["mark"] != "." and order is None and int(day) <= 12:  # dots are day first everywhere
        order = _language_order(language)
        order = day_first() if order is None else order
    if order is False:
        day, month = month, day
    iso = f"{_full_year(match['year']):04}-{int(month):02}-{int(day):02}"
    return f"{text[: match.start()]}{iso}{text[match.end() :]}"


def _with_full_year(match: re.Match[str]) -> str:
    return f"{match['day']}{match['month']}{_full_year(match['year'])}"


def _full_year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) > 2 else year + (1900 if year >= _CENTURY else 2000)


def _language_order(language: str) -> bool | None:
    """Whether a language writes the day first; None where that depends on the country."""
    tag = language.replace("_", "-").lower()
    if tag == "en-us":
        return False
    return True if tag and tag != "en" else None


def _parse_prose(text: str, language: str) -> date | None:
    # Not without a year: dateparser takes "soon" or "3" for a day of this one. Not without a day
    # beside it: to find none, in every language, takes long, and headlines have years in them.
    if not _YEAR.search(text) or len(_NUMBER.findall(text)) < 2:
        return None
    timed = bool(_CLOCK.search(text))
    zone = _ZONE.search(text) if timed else None
    parsed = _parse_in_any(_ZONE.sub("", text) if zone else text, language)
    if parsed is None:
        return None
    if not timed:
        return parsed.date()
    return _in_zone(parsed, _ZONES[zone["zone"]]) if zone else parsed


def _in_zone(local: datetime, zone: str) -> datetime:
    """A time of day in a zone, with that day's offset."""
    offset = local.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    return local.replace(tzinfo=timezone(offset)) if offset is not None else local


def _parse_in_any(text: str, language: str) -> datetime | None:
    own = language.replace("_", "-").split("-")[0].lower()
    own = {"no": "nb", "nn": "nb"}.get(own, own)
    text = _CLOCK_OTHERWISE.sub(r"\1:\2", text)
    for languages in dict.fromkeys([(own,) if own in LANGUAGES else ("en",), ("en",), LANGUAGES]):
        parsed = _dateparser(text, languages)
        if parsed is not None:
            return parsed
    return None


@lru_cache(maxsize=4096)  # articles of one day share their dates
def _dateparser(text: str, languages: Sequence[str]) -> datetime | None:
    import dateparser

    # Not the date order of a locale: what is in numbers was put in one order before.
    settings = {"REQUIRE_PARTS": ["day", "month", "year"], "DATE_ORDER": "YMD"}
    parsed: datetime | None = dateparser.parse(text, languages=list(languages), settings=settings)
    return parsed
