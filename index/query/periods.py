"""The days that a question names: "since Monday", "in December 2021", "last week's news".

Patterns find the words that may be meant; `dates.day` says which days they are.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .dates import parse_day

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_NUMBER = r"\d{1,2}(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_ABSOLUTE = (
    rf"(?:{_NUMBER} {_MONTH},? \d{{4}}|{_MONTH} {_NUMBER},? \d{{4}}|{_MONTH},? \d{{4}}"
    rf"|\d{{4}}-\d\d-\d\d|\d{{4}}-\d\d|(?:19|20)\d\d)"
)
_PARTLY = rf"(?:{_NUMBER} {_MONTH}|{_MONTH} {_NUMBER}|{_MONTH})"  # of the year that is past
_AGO = r"(?:\d{1,3}|one|two|three|four|five|six|seven|ten) (?P<unit>day|week|month|year)s? ago"
_FROM_TODAY = (
    rf"(?:(?:last |this )?{_WEEKDAY}|yesterday|today"
    rf"|(?:last|this|the past) (?:week|month|year)|{_AGO.replace('P<unit>', ':')})"
)
_UNIT_FROM_TODAY = re.compile(
    r"(?P<how>last|this|the past) (?P<unit>week|month|year)", re.IGNORECASE
)
_DATE = rf"(?:{_ABSOLUTE}|{_PARTLY}|{_FROM_TODAY})"
END = r"(?![\w'’-])"
_OF_NEWS = r"(?:articles?|news|stories|reports|coverage|headlines)"
_PUBLISHED = rf"(?:(?:{_OF_NEWS}(?: published| written)?|published|written|reported) )"
_BETWEEN = re.compile(
    rf"\b(?P<published>{_PUBLISHED})?(?:between|from) (?P<first>{_DATE}|{_NUMBER}) "
    rf"(?:and|to|until|till) (?P<last>{_DATE}){END}",
    re.IGNORECASE,
)
_SPAN = re.compile(
    rf"\b(?P<published>{_PUBLISHED})?"
    r"(?P<how>since|after|before|until|till|up to|in|on|of|from|during) "
    rf"(?P<date>{_DATE}){END}",
    re.IGNORECASE,
)
_LAST_N = re.compile(
    rf"\b(?P<published>{_PUBLISHED}(?=(?:in|over|during|within|from|of|the|last|past)\b))?"
    r"(?:(?:in|over|during|within|from|of|since) )?(?:the )?(?P<how>last|past) "
    r"(?P<n>\d{1,3}|two|three|four|five|six|seven|ten|few)? ?"
    rf"(?P<unit>hour|day|week|month|year)s?(?P<own>['’]s?)?{END}(?! of\b)(?P<news> {_OF_NEWS})?",
    re.IGNORECASE,
)
_THIS = re.compile(
    rf"\b(?P<published>{_PUBLISHED})?(?:(?:in|from|of|during|since) )?"
    r"(?:this (?P<unit>week|month|year)|(?P<day>today|yesterday)"
    rf"|(?P<part>last night|tonight|this (?:morning|afternoon|evening)))(?P<own>['’]s)?{END}"
    rf"(?P<news> {_OF_NEWS})?",
    re.IGNORECASE,
)
_BACK = re.compile(rf"\b(?P<date>last {_WEEKDAY}|{_AGO})(?:['’]s)?{END}", re.IGNORECASE)
_STATE = re.compile(  # "is it called Meta today" asks how things are, not what was written today
    r"\b(?:is|are|do|does|has|have|can)\b(?!.*\b(?:news?|happening|going on|latest)\b)",
    re.IGNORECASE | re.DOTALL,
)
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10, "few": 3}
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_AROUND = {"week": 3, "month": 15, "year": 183}  # "two weeks ago" is not to the day
_WITHIN = frozenset({"in", "on", "of", "from", "during"})


@dataclass(frozen=True, slots=True)
class Period:
    """Days that some words of a question name; no end where it goes on."""

    start: int
    end: int
    since: date | None
    until: date | None
    tentative: bool  # whether the words may as well be what is asked about

    @property
    def said(self) -> str:
        """The days, as they follow "only articles": "since Monday, 22 November 2021"."""
        since, until = self.since, self.until
        if not since or not until:
            return f"since {_day_text(since)}" if since else f"until {_day_text(until)}"
        if since == until:
            return f"of {_day_text(since)}"
        if (since, until) == _whole_unit(since, "year"):
            return f"of {since.year}"
        if (since, until) == _whole_unit(since, "month"):
            return f"of {since:%B %Y}"
        return f"from {_day_text(since)} to {_day_text(until)}"


def find_period(question: str, now: datetime) -> Period | None:
    """The first days that a question names; `now` is in the time zone of whoever asks."""
    finders = (_between, _bound, _last_n, _this, _span, _last_weekday_or_ago)
    return next((days for find in finders if (days := find(question, now))), None)


def _between(question: str, now: datetime) -> Period | None:
    match = _BETWEEN.search(question)
    if not match:
        return None
    first = match["first"]
    if re.fullmatch(_NUMBER, first, re.IGNORECASE):  # "between 3 and 10 December 2021"
        number = re.search(_NUMBER, match["last"], re.IGNORECASE)
        first = match["last"].replace(number[0], first, 1) if number else ""
    since, until = parse_day(first, False, now), parse_day(match["last"], True, now)
    if since and until and since > until and re.fullmatch(_WEEKDAY, first, re.IGNORECASE):
        week = timedelta(days=7)  # each alone is the last there was, and today none
        since, until = (
            (since, until + week) if until + week <= now.date() else (since - week, until)
        )
    if not since or not until or since > until:
        return None
    hard = match["published"] or re.fullmatch(_FROM_TODAY, first, re.IGNORECASE)
    return Period(match.start(), match.end(), since, until, tentative=not hard)


def _last_n(question: str, now: datetime) -> Period | None:
    """The last three days; the last week as a whole, Monday to Sunday; likewise month and year."""
    match = _LAST_N.search(question)
    if not match:
        return None
    today, unit = now.date(), match["unit"].lower()
    if match["n"] or unit in ("hour", "day") or match["how"].lower() == "past":
        since, until = _days_back(match["n"] or "1", unit, now), today
    else:
        until = _whole_unit(today, unit)[0] - timedelta(days=1)
        since = _whole_unit(until, unit)[0]
    # Articles of this year tell of the last one too.
    tentative = unit == "year" and not match["published"] and not match["news"]
    end = match.start("news") if match["news"] else match.end()
    return Period(match.start(), end, since, until, tentative)


def _days_back(n: str, unit: str, now: datetime) -> date:
    many = int(n) if n.isdecimal() else _NUMBERS[n.lower()]
    if unit == "hour":
        return (now.replace(tzinfo=None) - timedelta(hours=many)).date()
    return now.date() - timedelta(days=max(1, many * _DAYS[unit]))


def _this(question: str, now: datetime) -> Period | None:
    match = _THIS.search(question)
    if not match:
        return None
    today, published = now.date(), bool(match["published"] or match["news"])
    since, until, tentative = today, today, False
    if match["unit"]:
        since, tentative = (
            _whole_unit(today, match["unit"].lower())[0],
            match["unit"].lower() == "year",
        )
    elif match["part"]:
        since -= timedelta(days=match["part"].lower() == "last night")
    elif match["day"].lower() == "yesterday":
        since = until = today - timedelta(days=1)
        tentative = match["day"][0] == "Y" and match.start() > 0  # a title, in a sentence
    else:
        tentative = bool(match["own"] or _STATE.search(question))
    end = match.start("news") if match["news"] else match.end()
    return Period(match.start(), end, since, until, tentative and not published)


def _bound(question: str, now: datetime) -> Period | None:
    """ "since yesterday", "before last week": the bound is meant, and not that day or week."""
    return _span(question, now, bounds=True)


def _span(question: str, now: datetime, bounds: bool = False) -> Period | None:
    for match in _SPAN.finditer(question):
        words, how = match["date"], match["how"].lower()
        from_today = bool(re.fullmatch(_FROM_TODAY, words, re.IGNORECASE))
        published = bool(match["published"])
        if bounds and (how in _WITHIN or not from_today):
            continue
        if how in ("of", "from") and not published:
            continue
        first, last = _named_days(words, now)
        if first is None or last is None:
            continue
        if first > last:  # "in December", said in December: the day that is past, and one to come
            last = first.replace(day=monthrange(first.year, first.month)[1])
        if how in _WITHIN:
            first, last = _widened(words, first, last)
        since, until = _bounds(how, first, last)
        years = words.lower().endswith(" year")  # "since last year" compares, as a rule
        hard = published or (from_today and not years and how not in ("in", "on", "of"))
        hard = hard or bool(re.fullmatch(_PARTLY, words, re.IGNORECASE) and how == "since")
        return Period(match.start(), match.end(), since, until, tentative=not hard)
    return None


def _named_days(words: str, now: datetime) -> tuple[date | None, date | None]:
    """The first and the last of the days that some words name."""
    unit = _UNIT_FROM_TODAY.fullmatch(words)
    if not unit:
        return parse_day(words, False, now), parse_day(words, True, now)
    today, of = now.date(), unit["unit"].lower()
    if unit["how"].lower() == "the past":
        return _days_back("1", of, now), today
    if unit["how"].lower() == "this":
        return _whole_unit(today, of)[0], today
    return _whole_unit(_whole_unit(today, of)[0] - timedelta(days=1), of)


def _widened(words: str, first: date, last: date) -> tuple[date, date]:
    """The days as they are, or about as many more as "two weeks ago" may mean."""
    ago = re.fullmatch(_AGO, words, re.IGNORECASE)
    more = timedelta(days=_AROUND.get(ago["unit"].lower(), 0) if ago else 0)
    return first - more, last + more


def _bounds(how: str, first: date, last: date) -> tuple[date | None, date | None]:
    if how == "since":
        return first, None
    if how == "after":
        return (last if last == date.max else last + timedelta(days=1)), None
    if how == "before":
        return None, (first if first == date.min else first - timedelta(days=1))
    if how in ("until", "till", "up to"):
        return None, last
    return first, last


def _last_weekday_or_ago(question: str, now: datetime) -> Period | None:
    """ "last Friday", "two weeks ago": when something was, so only tentatively."""
    match = _BACK.search(question)
    then = parse_day(match["date"], False, now) if match else None
    if not match or not then:
        return None
    since, until = _widened(match["date"], then, then)
    return Period(match.start(), match.end(), since, until, tentative=True)


def _whole_unit(of: date, unit: str) -> tuple[date, date]:
    """The week, month or year that a day lies in."""
    if unit == "week":
        monday = of - timedelta(days=of.weekday())
        return monday, monday + timedelta(days=6)
    if unit == "month":
        return of.replace(day=1), of.replace(day=monthrange(of.year, of.month)[1])
    return of.replace(month=1, day=1), of.replace(month=12, day=31)


def _day_text(value: date | None) -> str:
    return f"{value:%A}, {value.day} {value:%B %Y}" if value else ""
