"""Finds the period a question names: "since Monday", "in December 2021", "last week's news".

Regular expressions find the words; `dates.parse_day` says which days they name.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from newsdesk.index.text.patterns import LatePattern

from .dates import DATED, MONTH, NUMBER, PARTLY, WEEKDAY, day_order, parse_day, whole_unit


def _unnamed(patterns: Iterable[str]) -> str:
    """One of some patterns, to be found in a text: without names of groups, which must differ."""
    marks = re.sub(r"\(\?P=mark\)", r"[-/.]", "|".join(patterns))
    return f"(?:{re.sub(r'[(][?]P<[a-z]+>', '(?:', marks)})"


_ABSOLUTE = _unnamed(DATED)
_PARTLY = _unnamed(PARTLY)  # of the year before now
_AGO = (
    r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|ten) "
    r"(?P<unit>day|week|fortnight|month|year)s? ago"
)
_BEFORE_LAST = r"(?:the )?(?:week|month|year) before last"
_BEFORE_YESTERDAY = r"(?:the )?day before yesterday"
_FROM_TODAY = (
    rf"(?:(?:last |this )?{WEEKDAY}|{_BEFORE_YESTERDAY}|{_BEFORE_LAST}|yesterday|today"
    rf"|last {MONTH}|(?:last|this|the past) (?:week|month|quarter|year)"
    rf"|{_AGO.replace('P<unit>', ':')})"
)
_UNIT_FROM_TODAY = LatePattern(r"(?P<how>last|this|the past) (?P<unit>week|month|quarter|year)")
_DATE = rf"(?:{_ABSOLUTE}|{_PARTLY}|{_FROM_TODAY})"
# Parts of a period that have no days of their own: the whole is looked at.
_PART_OF = (
    r"(?:(?:early|late|mid)[ -]|the (?:beginning|start|middle|end) of "
    r"|(?:the )?(?:spring|summer|autumn|fall)(?: of)? (?=\d{4}))"
)
END = r"(?![\w'’-]|[/.]\d)"
_TO = r"(?: ?[-–] ?| (?:and|to|until|till|through) (?:the )?)"
_OF_NEWS = r"(?:articles?|news|stories|reports|coverage|headlines)"
_PUBLISHED = rf"(?:(?:{_OF_NEWS}(?: published| written)?|published|written|reported) )"
_BETWEEN = LatePattern(
    rf"\b(?P<published>{_PUBLISHED})?(?:between|from) (?P<first>{_DATE}|(?:the )?{NUMBER}) "
    rf"(?:and|to|until|till|through|–|-) (?P<last>{_DATE}){END}",
)
_DASHED = LatePattern(  # "1-5 May 2021", "May 1 to 5, 2021", "2019-2021"
    rf"\b(?:on|from|between|during|over|in|for) (?:the )?(?:(?P<first>{NUMBER}){_TO}"
    rf"(?P<last>{NUMBER}(?: of)? {MONTH}(?:,? \d{{4}})?)"
    rf"|(?P<month>{MONTH}) (?P<begin>{NUMBER}){_TO}(?P<end>{NUMBER})(?P<year>,? \d{{4}})?"
    rf"|(?P<from>(?:19|20)\d\d){_TO}(?P<to>(?:19|20)\d\d)){END}",
)
_SPAN = LatePattern(
    rf"\b(?P<published>{_PUBLISHED})?"
    r"(?P<how>since|after|(?<!\bday )(?<!\bdays )before|until|till|up to|in|on|of|from"
    r"|during|throughout"
    rf"|for(?= (?:the )?{_ABSOLUTE})|at(?= the )) (?P<part>{_PART_OF})?"
    rf"(?P<date>{_DATE}){END}",
)
_LAST_N = LatePattern(
    rf"\b(?P<published>{_PUBLISHED}(?=(?:in|over|during|within|from|of|the|last|past)\b))?"
    r"(?:(?:in|over|during|within|from|of|since) )?(?:the )?(?P<how>last|past) "
    r"(?P<n>\d{1,3}|two|three|four|five|six|seven|ten|few)? ?"
    rf"(?P<unit>hour|day|week|fortnight|month|quarter|year)s?(?P<own>['’]s?)?{END}(?! of\b)"
    rf"(?P<news> {_OF_NEWS})?",
)
_THIS = LatePattern(
    rf"\b(?P<published>{_PUBLISHED})?(?:(?:in|from|of|during|since) )?"
    r"(?:this (?P<unit>week|month|quarter|year)"
    rf"|(?P<day>{_BEFORE_YESTERDAY}|today|(?<!before )yesterday)"
    rf"|(?P<part>last night|tonight|this (?:morning|afternoon|evening)))(?P<own>['’]s)?{END}"
    rf"(?P<news> {_OF_NEWS})?",
)
_BACK = LatePattern(rf"\b(?P<date>last (?:{WEEKDAY}|{MONTH})|{_BEFORE_LAST}|{_AGO})(?:['’]s)?{END}")
_FIXED = LatePattern(rf"{_BEFORE_LAST}|last {MONTH}")
_STATE = re.compile(  # "is it called Meta today" asks how things are, not what was written today
    r"\b(?:is|are|do|does|has|have|can)\b(?!.*\b(?:news?|happening|going on|latest)\b)",
    re.IGNORECASE | re.DOTALL,
)
# What every period has; most questions name none, and need no more than this.
_SOME_TIME = re.compile(
    r"(?<!\w)\d|\bq[1-4]|\b(?:yester|today|tonight|last|past|this|quarter)|day\b|\bago\b"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.IGNORECASE,
)
NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10}
NUMBERS |= {"twelve": 12, "few": 3}
_DAYS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 91, "year": 365}
_AROUND = {"week": 3, "fortnight": 3, "month": 15, "year": 183}  # "two weeks ago" is not to the day
_WITHIN = frozenset({"in", "on", "of", "from", "during", "throughout", "for", "at"})
_PART = re.compile(r"quarter", re.IGNORECASE)
_MONTH_OF = re.compile(rf"\b{MONTH}(?: of)? (?:the )?\Z", re.IGNORECASE)
_YEARLY = frozenset({"quarter", "year"})  # articles of this one tell of the last one too
# What may follow a time that narrows; after another word the time may be a name: "since May left".
_GOES_ON = re.compile(
    r"\W*$|\s*[^\w\s’'-]|\s+(?:about|at|by|for|from|in|of|on|over|to|with|and|but|or|please|pls"
    r"|a|an|the|i|you|he|she|it|we|they|what|which|who|how|when|where|why|that|there|any|all)\b",
    re.IGNORECASE,
)
_TITLE = re.compile(  # in the middle of a question: USA Today, Good Morning Britain
    r"\b(?:Today|Yesterday|Tonight|Last|This|Past|Night|Morning|Afternoon|Evening|Week|Month|Year)\b"
)
_UNNUMBERED = LatePattern(rf"(?:since|after|before|until|till) (?:{WEEKDAY}|{MONTH})")


@dataclass(frozen=True, slots=True)
class Period:
    """A period, named at start..end of a question; `since` and `until` inclusive, None is open."""

    start: int
    end: int
    since: date | None
    until: date | None
    tentative: bool  # the words may as well be the subject of the question

    @property
    def said(self) -> str:
        """The period in words that can follow "only articles".

        >>> Period(0, 0, date(2021, 11, 22), None, tentative=False).said
        'since Monday, 22 November 2021'
        """
        since, until = self.since, self.until
        if not since or not until:
            return f"since {_day_text(since)}" if since else f"until {_day_text(until)}"
        if since == until:
            return f"of {_day_text(since)}"
        if (since, until) == whole_unit(since, "year"):
            return f"of {since.year}"
        if (since, until) == whole_unit(since, "month"):
            return f"of {since:%B %Y}"
        return f"from {_day_text(since)} to {_day_text(until)}"


def find_period(question: str, now: datetime) -> Period | None:
    """Find the first period that a question names; None if there is none.

    `now` is in the time zone of the person who asks.

    >>> period = find_period("Who met in December 2021?", datetime(2022, 1, 5))
    >>> period.since, period.until
    (datetime.date(2021, 12, 1), datetime.date(2021, 12, 31))
    """
    return _found(question, now) if _SOME_TIME.search(question) else None


def _found(question: str, now: datetime) -> Period | None:
    finders = (_between, _dashed, _bound, _last_n, _this, _span, _last_weekday_or_ago)
    period = next((days for find in finders if (days := find(question, now))), None)
    if period and not period.tentative and _may_be_a_name(question, period):
        return replace(period, tentative=True)
    return period


def _may_be_a_name(question: str, period: Period) -> bool:
    """Whether words that name a period may be a name: "since May left", "in USA Today"."""
    words = question[period.start : period.end]
    if _UNNUMBERED.fullmatch(words) and not _GOES_ON.match(question, period.end):
        return True
    is_mixed = not question.istitle() and not question.isupper()
    return is_mixed and bool(_TITLE.search(question, max(period.start, 1), period.end))


def _between(question: str, now: datetime) -> Period | None:
    """Parse "between DATE and DATE", "from DATE to DATE"."""
    match = _BETWEEN.search(question)
    if not match:
        return None
    first, (since, until) = match["first"], _both_ends(match["first"], match["last"], now)
    if since and until and since > until and re.fullmatch(WEEKDAY, first, re.IGNORECASE):
        week = timedelta(days=7)  # each alone is the last there was, and today none
        since, until = (
            (since, until + week) if until + week <= now.date() else (since - week, until)
        )
    if not since or not until or since > until:
        return None
    hard = match["published"] or re.fullmatch(_FROM_TODAY, first, re.IGNORECASE)
    return Period(match.start(), match.end(), since, until, tentative=not hard)


def _dashed(question: str, now: datetime) -> Period | None:
    """Parse the days of one month, or years, that stand side by side: "1-5 May 2021"."""
    match = _DASHED.search(question)
    if not match:
        return None
    first, last = match["first"] or match["from"], match["last"] or match["to"]
    if match["month"]:
        first = match["begin"]
        last = f"{match['end']} {match['month']}{(match['year'] or '').replace(',', '')}"
    since, until = _both_ends(first, last, now)
    if not since or not until or since > until:
        return None
    return Period(match.start(), match.end(), since, until, tentative=True)


def _both_ends(first: str, last: str, now: datetime) -> tuple[date | None, date | None]:
    """The days from which and until which "between 1 May and 5 June 2021" reaches."""
    order = day_order([first, last])
    if re.fullmatch(rf"(?:the )?{NUMBER}", first, re.IGNORECASE):  # "3 and 10 December 2021"
        number = re.search(NUMBER, last, re.IGNORECASE)
        first = last.replace(number[0], first.removeprefix("the "), 1) if number else ""
    until = parse_day(last, True, now, order)
    if until and re.fullmatch(_PARTLY, first, re.IGNORECASE):  # the last there was before the end
        now = datetime.combine(until, time(), now.tzinfo)
    since = parse_day(first, False, now, order)
    if since and until and since > until and re.fullmatch(_PARTLY, last, re.IGNORECASE):
        now = datetime.combine(since.replace(month=12, day=31), time(), now.tzinfo)
        until = parse_day(last, True, now, order)  # "from December 2020 to May" is of the next year
    return since, until


def _last_n(question: str, now: datetime) -> Period | None:
    """Parse "the last three days", or "last week" (Monday to Sunday), "last month", "last year"."""
    match = _LAST_N.search(question)
    if not match or _MONTH_OF.search(question, 0, match.start()):  # "May of last year"
        return None
    today, unit = now.date(), match["unit"].lower()
    if match["n"] or unit in ("hour", "day", "fortnight") or match["how"].lower() == "past":
        since, until = _days_back(match["n"] or "1", unit, now), today
    else:
        until = whole_unit(today, unit)[0] - timedelta(days=1)
        since = whole_unit(until, unit)[0]
    tentative = unit in _YEARLY and not match["published"] and not match["news"]
    end = match.start("news") if match["news"] else match.end()
    return Period(match.start(), end, since, until, tentative)


def _days_back(n: str, unit: str, now: datetime) -> date:
    many = int(n) if n.isdecimal() else NUMBERS[n.lower()]
    if unit == "hour":
        return (now.replace(tzinfo=None) - timedelta(hours=many)).date()
    return now.date() - timedelta(days=max(1, many * _DAYS[unit]))


def _this(question: str, now: datetime) -> Period | None:
    """Parse "this week", "today", "yesterday", "last night"."""
    match = _THIS.search(question)
    if not match:
        return None
    today, published = now.date(), bool(match["published"] or match["news"])
    since, until, tentative = today, today, False
    if match["unit"]:
        since, tentative = (
            whole_unit(today, match["unit"].lower())[0],
            match["unit"].lower() in _YEARLY,
        )
    elif match["part"]:
        since -= timedelta(days=match["part"].lower() == "last night")
    elif match["day"].lower() != "today":
        since = until = today - timedelta(days=2 if "before" in match["day"].lower() else 1)
        tentative = match["day"][0] == "Y" and match.start() > 0  # a title, in a sentence
    else:
        tentative = bool(match["own"] or _STATE.search(question))
    end = match.start("news") if match["news"] else match.end()
    return Period(match.start(), end, since, until, tentative and not published)


def _bound(question: str, now: datetime) -> Period | None:
    """Parse bounds counted from today: "since yesterday", "before last week"."""
    return _span(question, now, bounds=True)


def _span(question: str, now: datetime, bounds: bool = False) -> Period | None:
    """Parse a preposition with a date: "in May 2021", "since Monday"."""
    for match in _SPAN.finditer(question):
        words, how = match["date"], match["how"].lower()
        from_today = bool(re.fullmatch(_FROM_TODAY, words, re.IGNORECASE))
        published = bool(match["published"])
        if bounds and (how in _WITHIN or not from_today):
            continue
        if how in ("of", "from") and not published:
            continue
        if match["part"] and how not in (*_WITHIN, "since"):
            continue
        first, last = _named_days(words, now)
        if first is None or last is None:
            continue
        if first > last:  # "in December", said in December: the day that is past, and one to come
            last = first.replace(day=monthrange(first.year, first.month)[1])
        if how in _WITHIN:
            first, last = _widened(words, first, last)
        since, until = _bounds(how, first, last)
        years = words.lower().endswith(
            (" year", " quarter")
        )  # "since last year" compares, as a rule
        hard = published or (from_today and not years and how not in ("in", "on", "of"))
        # "Since the third quarter" may be of a match.
        is_part = re.fullmatch(_PARTLY, words, re.IGNORECASE) and not _PART.search(words)
        hard = hard or bool(is_part and how == "since")
        return Period(match.start(), match.end(), since, until, tentative=not hard)
    return None


def _named_days(words: str, now: datetime) -> tuple[date | None, date | None]:
    """The first and the last day that some words name."""
    unit = _UNIT_FROM_TODAY.fullmatch(words)
    if not unit:
        return parse_day(words, False, now), parse_day(words, True, now)
    today, of = now.date(), unit["unit"].lower()
    if unit["how"].lower() == "the past":
        return _days_back("1", of, now), today
    if unit["how"].lower() == "this":
        return whole_unit(today, of)[0], today
    return whole_unit(whole_unit(today, of)[0] - timedelta(days=1), of)


def _widened(words: str, first: date, last: date) -> tuple[date, date]:
    """The days, widened on both sides where they are vague, as in "two weeks ago"."""
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
    """Parse "last Friday", "two weeks ago"; tentatively, since they may say when something was."""
    match = _BACK.search(question)
    first, last = _named_days(match["date"], now) if match else (None, None)
    if not match or not first or not last:
        return None
    if not _FIXED.fullmatch(match["date"]):
        last = first
    since, until = _widened(match["date"], first, last)
    return Period(match.start(), match.end(), since, until, tentative=True)


def _day_text(value: date | None) -> str:
    return f"{value:%A}, {value.day} {value:%B %Y}" if value else ""
