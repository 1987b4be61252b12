"""What follows `/brief`: a topic, and at its ends a time, languages, and sources anywhere.

"Ukraine talks 24h", "7d floods from Reuters", "since Monday: who is on strike?", "floods in
German". Whatever is none of these is the topic, as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from .filters import find_sources
from .periods import Period, find_period

EDGES = ' ,;:–—-"“”„«»'
_NEWS = r"(?:news|headlines|stories|articles|reports|coverage|updates?)"
_MOST_WORDS = 10  # of a time: "articles published between 3 November 2026 and 10 November 2026"
_MOST_LETTERS = 80
_LONG_AGO = date(1900, 1, 1)  # no article is older, and moments of year 1 cannot be told everywhere
_HOURS = re.compile(
    r"(?:(?:in|over|during|within|from|of|for|since) )?(?:the )?(?P<last>(?:last|past) )?"
    r"(?P<n>[1-9][0-9]{0,2}|two|three|four|five|six|ten|twelve|few)?"
    r"(?: ?(?P<short>h|hrs?)| ?hours?)",
    re.IGNORECASE,
)
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "twelve": 12, "few": 3}
# A capital D is no day: "3D printing".
_SHORT = re.compile(r"(?:(?:for|since|last|past|the last) )?([1-9][0-9]{0,2}) ?([dwW])")
_LONG = re.compile(r"(?:for )?([1-9][0-9]{0,2} (?:day|week|month)s?)", re.IGNORECASE)
_WEEKEND = re.compile(
    r"(?P<how>(?:over|at|on|during|since|from) )?(?:the |this |last |the last |the past )?weekend",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"since (?=.* (?:to|until|till) )", re.IGNORECASE)
_SINCE = re.compile(r"(?:since|from) (?=\S)", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MONTH = re.compile(r"[a-z]+(?<!day)", re.IGNORECASE)  # may be a name: "Theresa May"
_ABOUT = re.compile(
    rf"(?:(?:the )?(?:latest )?{_NEWS} )?(?:on|about|regarding|concerning) (?=\S)", re.IGNORECASE
)
_ALL = re.compile(
    rf"(?:(?:all |all the |the |the latest |latest )?{_NEWS}|everything|all|anything|the world)\W*",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(
    r"(?:^|\s)(?:in|auf|en|em|în|på|po|на)\s(?P<names>\S+(?:\s(?:and|or)\s\S+)*)$", re.IGNORECASE
)
_LANGUAGES = """
ar arabic العربية, bg bulgarian български, cs czech čeština česky, da danish dansk,
de german deutsch, el greek ελληνικά, en english, es spanish español castellano,
et estonian, fa persian farsi فارسی, fi finnish suomeksi, fr french français,
he hebrew עברית, hi hindi हिन्दी, hr croatian hrvatski, hu hungarian magyar magyarul,
it italian italiano, ja japanese 日本語, ko korean 한국어, lt lithuanian lietuvių,
lv latvian latviešu, nl dutch nederlands, no norwegian norsk, pl polish polski polsku,
pt portuguese português, ro romanian română, ru russian русский русском,
sk slovak slovenčina slovensky, sl slovenian slovene slovenščina, sr serbian srpski српски,
sv swedish svenska, tr turkish türkçe, uk ukrainian українська українською, zh chinese 中文
"""
_CODES = {
    name: row.split()[0] for row in _LANGUAGES.split(",") for name in row.casefold().split()[1:]
}


@dataclass(frozen=True, slots=True)
class BriefRequest:
    """What a briefing is to be of."""

    topic: str = ""  # words or a question as they were typed; "" is everything
    since: datetime | None = None  # both in the time zone of whoever asks; None is the default
    until: datetime | None = None  # the first moment that no longer counts; None goes on
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    said: str = ""  # the time, as it follows "briefing": "since Monday, 23 November 2026"


@dataclass(frozen=True, slots=True)
class _TimeRange:
    """A time, and whether it can be nothing else; "in May" may be a part of the topic."""

    since: datetime | None = None
    until: datetime | None = None
    said: str = ""
    hard: bool = True


def parse_brief_request(
    text: str, now: datetime, sources: Sequence[str], languages: Sequence[str] = ()
) -> BriefRequest:
    """Read what follows a command. `now` is in the time zone of whoever asks.

    `sources` and `languages` are those that the library has; only they can be named.
    """
    request = split_request(text, now, sources, languages)
    about = _ABOUT.match(request.topic)
    topic = request.topic[about.end() :] if about else request.topic
    return replace(request, topic="" if is_everything(topic) else topic)


def is_everything(topic: str) -> bool:
    """Whether a topic is none: "everything", "the latest news"."""
    return not re.search(r"\w", topic) or bool(_ALL.fullmatch(topic))


def split_request(
    text: str,
    now: datetime,
    sources: Sequence[str],
    languages: Sequence[str],
    only_hard: bool = False,
) -> BriefRequest:
    """A text's sources, time and languages, and as its topic what is left.

    With `only_hard`, a time that may be a part of the topic is one, if there is more of it.
    """
    rest, request = " ".join(text.split()), BriefRequest()
    mention = find_sources(rest, sources)
    if mention:
        start, end, names = mention
        rest, request = f"{rest[:start]} {rest[end:]}", BriefRequest(sources=names)
    before = None
    while rest != before:
        before = rest = " ".join(rest.split()).strip(EDGES)
        if not request.languages:
            rest, codes = _take_languages(rest, languages)
            request = replace(request, languages=codes)
        if not request.said:
            rest, when = _take_time(rest, now, only_hard)
            request = replace(request, since=when.since, until=when.until, said=when.said)
    return replace(request, topic=rest)


def _take_languages(text: str, known: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """A text without the languages at its end, and what the library calls them."""
    said = text.rstrip("?!. ")
    match = _LANGUAGE.search(said, max(0, len(said) - _MOST_LETTERS))
    names = re.split(r"\s(?:and|or)\s", match["names"].casefold()) if match else []
    codes = [_CODES.get(name) for name in names]
    tags = [[tag for tag in known if tag.lower().split("-")[0] == code] for code in codes]
    if not match or not all(tags):
        return text, ()
    return text[: match.start()], tuple(dict.fromkeys(tag for each in tags for tag in each))


def _take_time(text: str, now: datetime, only_hard: bool) -> tuple[str, _TimeRange]:
    """A text without the time at its end or its beginning, and that time."""
    words = text.split(" ")
    for at_end in (True, False):
        for n in range(min(_MOST_WORDS, len(words)), 0, -1):
            said, rest = (words[-n:], words[:-n]) if at_end else (words[:n], words[n:])
            if not at_end and rest[:1] == ["of"]:  # "the last day of Pompeii"
                continue
            when = _parse_time(" ".join(said).strip("?!." + EDGES), now, whole=not rest)
            if when and (when.hard or not only_hard or not rest):
                return " ".join(rest), when
    return text, _TimeRange()


def _parse_time(words: str, now: datetime, whole: bool) -> _TimeRange | None:
    """The time that some words name, if they are nothing else."""
    if not words or len(words) > _MOST_LETTERS:
        return None
    hours = _HOURS.fullmatch(words)
    if hours:
        return _last_hours(hours, now, whole)
    days = _parse_days(words, now, whole)
    hard = days and (not days.tentative or words.lower().startswith("this "))
    return _time_range(days, now, bool(hard)) if days else None


def _last_hours(match: re.Match[str], now: datetime, whole: bool) -> _TimeRange | None:
    """The last hours, to the second: not by the clock on the wall, which may have changed."""
    n = match["n"]
    if not (match["last"] or (n and (match["short"] or whole))):
        return None
    many = (_NUMBERS.get(n.lower()) or int(n)) if n else 1
    since = (now.astimezone(UTC) - timedelta(hours=many)).astimezone(now.tzinfo)
    return _TimeRange(since, None, f"of the last {many} hours" if many > 1 else "of the last hour")


def _parse_days(words: str, now: datetime, whole: bool) -> Period | None:
    weekend = _WEEKEND.fullmatch(words)
    if weekend:
        return _weekend_period((weekend["how"] or "").lower(), now)
    words = _spelled_out(words, whole)
    days = _whole_period(words, now)
    since = _SINCE.match(words)
    if not days and since:
        rest = words[since.end() :]
        days = _whole_period(f"since {rest}", now) or _whole_period(rest, now)
        return replace(days, until=None) if days and days.since else None
    # "Monday" and "20 November" are a time where they are all there is.
    if not days and (_DATE.fullmatch(words) or (whole and not _MONTH.fullmatch(words))):
        days = _whole_period(f"on {words}", now)
    return days


def _spelled_out(words: str, whole: bool) -> str:
    """A time in the words that `period` reads: "7d", "overnight"."""
    short = _SHORT.fullmatch(words)
    if short:
        return f"last {short[1]} {'days' if short[2] == 'd' else 'weeks'}"
    if words.lower() == "overnight":
        return "last night"
    if whole and (long := _LONG.fullmatch(words)):
        return f"last {long[1]}"
    return _BETWEEN.sub("from ", words, count=1)


def _whole_period(words: str, now: datetime) -> Period | None:
    days = find_period(words, now)
    return days if days and (days.start, days.end) == (0, len(words)) else None


def _weekend_period(how: str, now: datetime) -> Period:
    """The weekend that it is, or the last there was."""
    today = now.date()
    saturday = today - timedelta(days=(today.weekday() - 5) % 7)
    sunday = None if how in ("since ", "from ") else saturday + timedelta(days=1)
    return Period(0, 0, saturday, sunday, tentative=False)


def _time_range(days: Period, now: datetime, hard: bool) -> _TimeRange | None:
    """Some days as moments; nothing where they are to come, which no article can tell of."""
    since, until, today = days.since, days.until, now.date()
    if until and until >= today:
        until = None
        if since != today:
            days = replace(days, until=None)
    if not (since or until) or (since and since > today) or (until and until < _LONG_AGO):
        return None
    first = _midnight(max(since, _LONG_AGO), now) if since else None
    last = _midnight(until + timedelta(days=1), now) if until else None
    return _TimeRange(first, last, days.said, hard)


def _midnight(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time.min, now.tzinfo)
