"""Filters in words: "since Monday", "in December 2021", "from Reuters".

What counts from today ("since Monday", "last week"), what speaks of publishing ("articles of
March 2014") and a source's name behind "from" are meant to narrow, and their words are no part of
the question. A date behind "in", "on", "since 2014" may as well be what the question is about; so
may a year ("last year") and how things are today. These narrow tentatively: `search.ask`
keeps them only if the answer is none the worse. Where nothing is asked besides ("what happened in
December 2021", "any news from Reuters?"), it shows whatever is new there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from .periods import END, Period, find_period

_FROM = r"from|via|according to|(?:articles?|news|stories|reports?|coverage|published|written) by"
_PERSONS = re.compile(
    r"\b(?:is|are|was|were|be|been|come|comes|came|who|man|woman|people|person|journalists?"
    r"|reporters?|editors?|someone|anyone|resign(?:ed|s)?|fired|left|not|except|other than)\s*$",
    re.IGNORECASE,
)
_NOT_IT = r"(?!\s+(?:journalists?|reporters?|editors?|magazine|to)\b)"  # "from time to time"
_EMPTY = re.compile(r"\(\s*\)")
_NEWS = (
    r"happen(?:s|ed|ing)?|(?:going|went) on|news|new|newest|latest|headlines?|stor(?:y|ies)"
    r"|articles?|reports?|coverage|events?|updates?|reported|published|written|miss(?:ed)?|occurred"
)
_PLAIN = (  # what asks for news without saying of what; no pronouns, which stand for something
    r"what(?:['’]?s)?|which|(?:are|is|was|were) there|is|was|are|were|has|have|had|been|did|do|does"
    r"|i|me|we|us|you|any|anything|something|everything|all|the|a|an|some|that|in|on|of|for|from|at"
    r"|and|about|tell|show|give|list|find|please|can|could|top|main|important|most|biggest|big|best"
    r"|recent|in the world|around the world"
)
_ASKS_FOR_NEWS = re.compile(rf"\W*(?:(?:{_PLAIN}|(?P<news>{_NEWS}))(?:\W+|$))*", re.IGNORECASE)
_OF_NEWS = re.compile(rf"\b(?:{_NEWS})\b", re.IGNORECASE)
# Apart in year, month, day of the month and of the week: no words count to the same day from both.
_ANY_TWO = (datetime(2001, 3, 7, 12), datetime(2012, 10, 25, 12))
_ARTICLE = re.compile(r"\b(?:the|an?|another)\s+(?:\S+\s+)?(?:article|report)\b", re.IGNORECASE)
_TOLD = re.compile(r"(?:published|written|reported)\b", re.IGNORECASE)
_A_YEAR = re.compile(r"\b\d{4}\b")
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being)\s+$", re.IGNORECASE)
_STRAY = re.compile(r"\s+(?=[?!.,;:)])")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a question narrows the search to, and what is left to search for."""

    question: str
    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()
    said: tuple[str, ...] = ()  # each as it follows "only articles"; of the sources last
    tentative: bool = False  # whether the words may as well be what is asked about
    open: bool = False  # whether nothing else is asked, so that all there is of it is meant

    def __bool__(self) -> bool:
        return bool(self.said)


def narrow(question: str, now: datetime | None, sources: Sequence[str]) -> Narrowing:
    """Find the filters in a question. `now` is in the time zone of whoever asks.

    Without it only days that do not count from today are found. `sources` are the names that the
    library has; only those can be named.
    """
    days = find_period(question, now) if now else _dated(question)
    if days and _is_told_of(question, days):
        days = replace(days, tentative=True)
    heard = find_sources(question, sources)
    if _compares(question, heard, sources):  # each source and date is a part of what is asked
        heard, days = None, replace(days, tentative=True) if days else None
    if not days and not heard:
        return Narrowing(question)
    taken = [(heard[0], heard[1])] if heard else []
    if days and not days.tentative:
        taken.append((days.start, days.end))
    names = heard[2] if heard else ()
    spans = [one[:2] for one in (heard, (days.start, days.end) if days else None) if one]
    is_open = _is_open(question, spans)
    return Narrowing(
        question=question if is_open else _without(question, taken),
        since=days.since if days else None,
        until=days.until if days else None,
        sources=names,
        said=(*([days.said] if days else []), *([f"from {' or '.join(names)}"] if names else [])),
        tentative=bool(days and days.tentative),
        open=is_open,
    )


def _compares(
    question: str, heard: tuple[int, int, tuple[str, ...]] | None, sources: Sequence[str]
) -> bool:
    """Whether a question sets articles or sources beside each other: "… while Reuters says …"."""
    if len(_ARTICLE.findall(question)) > 1:
        return True
    if not heard:
        return False
    rest = f"{question[: heard[0]]} {question[heard[1] :]}"
    others = (name for name in sources if name not in heard[2] and name.strip() in rest)
    return any(
        re.search(rf"(?<!\w){re.escape(name.strip())}(?!\w)", rest)
        for name in others
        if name.strip()
    )


def _is_told_of(question: str, days: Period) -> bool:
    """Whether the question may be about what was published then: "what was published in 1937?"."""
    words = question[days.start : days.end]
    return bool(_TOLD.match(words) and _A_YEAR.search(words)) and bool(
        _PASSIVE.search(question, 0, days.start)
    )


def _dated(question: str) -> Period | None:
    """The days that a question names whenever it is asked."""
    days, later = (find_period(question, moment) for moment in _ANY_TWO)
    return days if days == later else None


def find_sources(question: str, sources: Sequence[str]) -> tuple[int, int, tuple[str, ...]] | None:
    """The span of a question that names sources of the library, and their names."""
    words = question.casefold()
    likely = (
        name for name in sources if name.strip() and _composed(name).split()[0].casefold() in words
    )
    names = sorted(likely, key=len, reverse=True)  # one name may begin another
    for name in names:
        # "in" and "by" say it of a name of several words only: others are places and people.
        how = rf"{_FROM}|by|in|on" if " " in name.strip() else _FROM
        pattern = rf"\b(?:{how})\s+{_named(name)}"
        for match in re.finditer(pattern, question, re.IGNORECASE):
            if not _PERSONS.search(question, 0, match.start()):
                found, end = [name], match.end()
                while more := _another(question, end, names):
                    found.append(more[0])
                    end = more[1]
                return match.start(), end, tuple(dict.fromkeys(found))
    return None


def _another(question: str, start: int, names: Sequence[str]) -> tuple[str, int] | None:
    """The source that "and" or "or" adds to the one before it, and where its name ends."""
    for name in names:
        match = re.compile(rf"\s*,?\s+(?:and|or)\s+{_named(name)}", re.IGNORECASE).match(
            question, start
        )
        if match:
            return name, match.end()
    return None


def _composed(name: str) -> str:
    """A name with its accents encoded as keyboards do."""
    return unicodedata.normalize("NFC", name)


def _named(name: str) -> str:
    words = r"\s+".join(re.escape(word) for word in _composed(name).split())
    return rf"(?:the\s+)?{words}{END}{_NOT_IT}"


def _is_open(question: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a question asks for news, if for anything, beside the words that narrow it."""
    rest = question
    for start, end in sorted(spans, reverse=True):
        rest = f"{rest[:start]} {rest[end:]}"
    found = _ASKS_FOR_NEWS.fullmatch(rest)
    if not found:
        return False
    said = found["news"] or any(_OF_NEWS.search(question, *span) for span in spans)
    return bool(said) or not re.search(r"\w", rest)


def _without(question: str, taken: Sequence[tuple[int, int]]) -> str:
    """A question without some of its words; whole where nothing would be left to search for."""
    rest = question
    for start, end in sorted(taken, reverse=True):
        before, after = rest[:start], rest[end:].lstrip()
        if not after or after[0] in "?!.,;:)":  # "who is in it, from Reuters?"
            before = before.rstrip(" ,;:")
        rest = f"{before} {after}"
    rest = " ".join(_EMPTY.sub(" ", rest).split())
    rest = _STRAY.sub("", rest).strip(" ,;:")
    return rest if re.search(r"\w", rest) else question
