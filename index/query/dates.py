"""Parses days as people name them: "2021-12-29", "Dec. 3, 2021", "Q1 2021", "last week".

Dates are read by the patterns here, and only words that count from today by dateparser. Not all by
dateparser: it makes a day of "Q1 2021" and of "12", and reads 03/11 and 13/11 in two orders.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from newsdesk.index.text.patterns import LatePattern

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?:\.|\b)"
)
NUMBER = r"\d{1,2}(?:st|nd|rd|th)?"
WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_ON = rf"(?:(?:{WEEKDAY}|(?:mon|tue|tues|wed|thu|thurs|fri|sat|sun)\.?),? (?:the )?)?"
_YEAR = r"(?:\d{4}|['’]\d\d)"
_DAY_MONTH = rf"{_ON}(?:the )?(?P<day>{NUMBER})(?: of)? (?P<month>{MONTH})"
_MONTH_DAY = rf"{_ON}(?P<month>{MONTH}) (?:the )?(?P<day>{NUMBER})"
_DAYS_IN_WORDS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth"),
    *("seventeenth", "eighteenth", "nineteenth", "twentieth", "twenty-first", "twenty-second"),
    *("twenty-third", "twenty-fourth", "twenty-fifth", "twenty-sixth", "twenty-seventh"),
    *("twenty-eighth", "twenty-ninth", "thirtieth", "thirty-first"),
)
_DAY_OF_MONTH = rf"{_ON}the (?P<day>{'|'.join(reversed(_DAYS_IN_WORDS))}) of (?P<month>{MONTH})"
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
_ORDINALS |= {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_PART = (
    r"(?:(?P<letter>[QH])(?P<n>[1-4])"
    r"|(?:the )?(?P<ordinal>first|second|third|fourth|last|1st|2nd|3rd|4th) (?P<part>quarter|half))"
)
_OF = r"(?:[ /-]|,? (?:of |in )?)"
NUMERIC = r"\d{1,2}(?P<mark>[-/.])\d{1,2}(?P=mark)(?:\d{4}|\d\d)"
# Of the patterns with a year and of those without; without names of groups they find dates in text.
DATED = (
    rf"{_DAY_MONTH},? (?P<year>{_YEAR}|\d\d)",
    rf"{_MONTH_DAY},? (?P<year>{_YEAR})",
    rf"{_DAY_OF_MONTH},? (?P<year>{_YEAR})",
    rf"(?P<day>{NUMBER})-(?P<month>{MONTH})-(?P<year>\d{{4}}|\d\d)",
    rf"(?P<month>{MONTH}),? (?:of )?(?P<year>{_YEAR})",
    rf"{_PART}{_OF}(?P<year>{_YEAR}|(?<=[QH]\d )\d\d)",
    r"(?P<year>\d{4})[ /-]?(?P<letter>[QH])(?P<n>[1-4])",
    r"(?P<year>\d{4})-?W(?P<week>\d\d)",
    r"week (?P<week>\d{1,2}),? (?:of |in )?(?P<year>\d{4})",
    r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
    NUMERIC,
    r"(?P<month>\d\d?)[/.](?P<year>\d{4})",
    r"(?P<year>\d{4})[-/](?P<month>\d{1,2})",
    r"(?:the year )?(?P<year>(?:19|20)\d\d|['’]\d\d)",
)
PARTLY = (
    rf"(?P<month>{MONTH}),? (?:of )?(?P<which>last|this) year",
    _DAY_MONTH,
    _MONTH_DAY,
    _DAY_OF_MONTH,
    rf"(?P<month>{MONTH})",
    r"(?P<letter>Q)(?P<n>[1-4])",
    # Not "the second half": of a match, as a rule.
    r"(?:the )?(?P<ordinal>first|second|third|fourth|1st|2nd|3rd|4th) (?P<part>quarter)(?! of\b)",
)
_OLDEST = date(1950, 1, 1)  # that two digits are meant to be the year of, where it may be another
_YEAR_ALONE = r"(?P<year>\d{4})"  # of any century, as an option names it


_READ = tuple(map(LatePattern, (*DATED, _YEAR_ALONE, *PARTLY)))
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)")
_ISO_WEEK = re.compile(r"\d{4}-?W\d\d", re.IGNORECASE)  # a whole week, to Python its Monday
_BEFORE = re.compile(rf"\A(?:(?:in|on|of|from|since) +(?=\S)|last (?={MONTH}))", re.IGNORECASE)
_UNIT = re.compile(
    r"(?:the )?(?P<how>last|previous|this) (?P<unit>week|month|quarter|year)", re.IGNORECASE
)
_BEFORE_LAST = re.compile(
    r"(?:the )?(?:(?P<day>day before yesterday)|(?P<unit>week|month|year) before last)",
    re.IGNORECASE,
)
_UNITS = r"(?:hours?|days?|weeks?|fortnights?|months?|years?|decades?)"
_COUNTED = re.compile(  # from today; nothing else is left to dateparser
    rf"(?:(?:the )?(?:last|past|this|next|previous|coming)? ?(?:{_UNITS}|{WEEKDAY})"
    rf"|(?:about )?(?:\d{{1,4}}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
    rf" {_UNITS}(?: ago)?|in \d{{1,4}} {_UNITS}|now|today|tomorrow|yesterday"
    r"|\d{4}-\d\d?-\d\d?[ T]\S.*)",
    re.IGNORECASE,
)


def parse_day(
    words: str, last: bool = False, now: datetime | None = None, day_first: bool | None = None
) -> date | None:
    """Parse the day that `words` name; None if they name none.

    Of a week, a month, a quarter or a year, the first day; the last if `last` is set. Words such as
    "last week", and dates without a year, count back from `now`, by default the current time.
    `day_first` is the order of 03/11/2026; without it such a date is none, see `day_order`.

    >>> parse_day("2021-02", last=True)
    datetime.date(2021, 2, 28)
    >>> parse_day("3 days ago", now=datetime(2021, 12, 29))
    datetime.date(2021, 12, 26)
    >>> parse_day("Q1 2021"), parse_day("03/11/2026"), parse_day("03/11/2026", day_first=True)
    (datetime.date(2021, 1, 1), None, datetime.date(2026, 11, 3))
    """
    words = _BEFORE.sub("", " ".join(words.split()), count=1)
    if not _ISO_WEEK.fullmatch(words):
        try:
            return date.fromisoformat(words)
        except ValueError:
            pass
    moment = now or datetime.now()
    try:
        days = _range(words, moment.date(), day_first)
    except (ValueError, OverflowError):  # no such day: 31 February
        return None
    if days:
        return days[1] if last else days[0]
    return _parse_counted(words, last, now) if _COUNTED.fullmatch(words) else None


def day_order(texts: Sequence[str]) -> bool | None:
    """Whether the day comes first in dates such as 13/11/2026; None if none of them tells.

    >>> day_order(["03/11/2026", "13/11/2026"]), day_order(["03/11/2026"])
    (True, None)
    """
    for match in filter(None, (_NUMERIC.fullmatch(text.strip()) for text in texts)):
        if (int(match[1]) > 12) != (int(match[3]) > 12):
            return int(match[1]) > 12
    return None


def readings(words: str) -> tuple[date, ...]:
    """The days that a date such as 03/11/2026 may be, day first and month first.

    >>> readings("03/11/2026")
    (datetime.date(2026, 11, 3), datetime.date(2026, 3, 11))
    """
    match = _NUMERIC.fullmatch(words.strip())
    return _orders(match, datetime.now().date()) if match else ()


def whole_unit(of: date, unit: str) -> tuple[date, date]:
    """The first and the last day of the week, month, quarter or year that contains a day.

    >>> whole_unit(date(2021, 12, 29), "quarter")
    (datetime.date(2021, 10, 1), datetime.date(2021, 12, 31))
    """
    if unit == "week":
        monday = of - timedelta(days=of.weekday())
        return monday, monday + timedelta(days=6)
    if unit == "quarter":
        first = of.replace(month=of.month - (of.month - 1) % 3, day=1)
        end = first.month + 2
        return first, first.replace(month=end, day=monthrange(first.year, end)[1])
    if unit == "month":
        return of.replace(day=1), of.replace(day=monthrange(of.year, of.month)[1])
    return of.replace(month=1, day=1), of.replace(month=12, day=31)


def _range(words: str, today: date, day_first: bool | None) -> tuple[date, date] | None:
    """The first and the last day that a date names. ValueError for a day that there is not."""
    numeric = _NUMERIC.fullmatch(words)
    if numeric:
        return _numeric(numeric, today, day_first)
    before = _BEFORE_LAST.fullmatch(words)
    if before:
        return _before_last(before, today)
    unit = _UNIT.fullmatch(words)
    if unit:
        return _unit(unit, today)
    for pattern in _READ:
        match = pattern.fullmatch(words)
        if match:
            return _named(match.groupdict(), today)
    return None


def _named(parts: dict[str, str | None], today: date) -> tuple[date, date] | None:
    """The days that the parts of a date name; without a year those that were last."""
    year = _full_year(parts["year"], today) if parts.get("year") else None
    make = _maker(parts)
    if make is None:
        return None
    which = (parts.get("which") or "").lower()
    if which:
        year = today.year - (which == "last")
    if year is not None:
        return make(year)
    days = make(today.year)
    return days if days[0] <= today else make(today.year - 1)


def _maker(parts: dict[str, str | None]) -> Callable[[int], tuple[date, date]] | None:
    """What makes days of a year: by its quarter or half, its week, its month, its day."""
    month, day, week = parts.get("month"), parts.get("day"), parts.get("week")
    if parts.get("letter") or parts.get("ordinal"):
        letter, number = parts.get("letter"), parts.get("n")
        is_half = (letter or "").upper() == "H" or parts.get("part") == "half"
        place = int(number) if number else _ORDINALS[(parts["ordinal"] or "").lower()]
        return _part_of_year(2 if is_half and place == 4 and not number else place, is_half)
    if week:
        return lambda year: _week(year, int(week))
    if month and day:
        return lambda year: (date(year, _month(month), _day(day)),) * 2
    if month:
        return lambda year: _months(year, _month(month), 1)
    return lambda year: _months(year, 1, 12)


def _part_of_year(place: int, is_half: bool) -> Callable[[int], tuple[date, date]] | None:
    months = 6 if is_half else 3
    if place * months > 12:
        return None
    return lambda year: _months(year, (place - 1) * months + 1, months)


def _week(year: int, week: int) -> tuple[date, date]:
    monday = date.fromisocalendar(year, week, 1)
    return monday, monday + timedelta(days=6)


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    first = date(year, month, 1)  # raises for month 13
    end = month + count - 1
    return first, date(year, end, monthrange(year, end)[1])


def _month(words: str) -> int:
    return int(words) if words.isdecimal() else _MONTHS.index(words[:3].lower()) + 1


def _day(words: str) -> int:
    if words.lower() in _DAYS_IN_WORDS:
        return _DAYS_IN_WORDS.index(words.lower()) + 1
    return int(re.sub(r"\D", "", words))


def _full_year(words: str | None, today: date) -> int:
    """The year of four digits, or the last one there was, or is next, that ends in two."""
    digits = re.sub(r"\D", "", words or "")
    year = int(digits)
    if len(digits) > 2:
        return year
    year += today.year // 100 * 100
    return year if year <= today.year + 1 else year - 100


def _numeric(match: re.Match[str], today: date, day_first: bool | None) -> tuple[date, date] | None:
    """The day that 13/11/2026 names, or None where it may be two."""
    days = _orders(match, today)
    own = day_order([match.group()])
    order = day_first if own is None else own
    if match[2] == "." and order is None:
        order = True  # with dots the day comes first wherever they are written
    if order is not None and len(match[4]) == 4:
        days = days[:1] if order or len(days) == 1 else days[1:2]
    elif order is not None and len(days) > 1:
        days = tuple(day for day in days if day == _ordered(match, order, today)) or days
    return (days[0], days[0]) if len(days) == 1 else None


def _ordered(match: re.Match[str], day_first: bool, today: date) -> date | None:
    day, month = (int(match[1]), int(match[3])) if day_first else (int(match[3]), int(match[1]))
    return _date(_full_year(match[4], today), month, day)


def _orders(match: re.Match[str], today: date) -> tuple[date, ...]:
    """The days that three numbers may be: day first, month first, or 21-12-29, year first.

    Of two digits for the year, those to come and those of long ago are left out where others are
    not.
    """
    days = [_ordered(match, True, today), _ordered(match, False, today)]
    if match[2] == "-" and len(match[4]) == 2:
        days.append(_date(_full_year(match[1], today), int(match[3]), int(match[4])))
    known = tuple(dict.fromkeys(day for day in days if day))
    if len(match[4]) == 2:
        known = tuple(day for day in known if _OLDEST <= day <= today) or known
    return known


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _before_last(match: re.Match[str], today: date) -> tuple[date, date]:
    if match["day"]:
        return (today - timedelta(days=2),) * 2
    if match["unit"].lower() == "week":
        monday = today - timedelta(days=today.weekday() + 14)
        return monday, monday + timedelta(days=6)
    if match["unit"].lower() == "year":
        return _months(today.year - 2, 1, 12)
    before = (today.replace(day=1) - timedelta(days=1)).replace(day=1) - timedelta(days=1)
    return before.replace(day=1), before


def _unit(match: re.Match[str], today: date) -> tuple[date, date]:
    """The days of this week until today, or those of the last week, month, quarter or year."""
    first, _ = whole_unit(today, match["unit"].lower())
    if match["how"].lower() == "this":
        return first, today
    return whole_unit(first - timedelta(days=1), match["unit"].lower())


def _parse_counted(words: str, last: bool, now: datetime | None) -> date | None:
    """Parse words that count from today."""
    import dateparser

    settings: dict[str, object] = {
        "PREFER_DATES_FROM": "past",
        "PREFER_DAY_OF_MONTH": "last" if last else "first",
    }
    if now is not None:
        settings["RELATIVE_BASE"] = now.replace(tzinfo=None)
    parsed = dateparser.parse(words, languages=["en"], settings=settings)
    return parsed.date() if parsed else None
