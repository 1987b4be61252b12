"""Filters in words: "since Monday", "in December 2021", "from Reuters", "articles in German".

Words narrow for certain where they can be no part of the question: what counts from today ("since
Monday", "last week"), what speaks of publishing ("articles of March 2014"), a source that is set
off ("…, from Reuters") or said of news ("news from Reuters"), and a language likewise. A date
behind "in", "on", "since 2014" may as well be what the question is about; so may a year ("last
year"), how things are today, and a name in the middle of a question ("how far is the Earth from the
Sun"). These narrow tentatively: `search.ask` keeps them only if the answer is none the worse. Where
nothing is asked besides ("what happened in December 2021", "any news from Reuters?"), it shows
whatever is new there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from . import languages
from .languages import find_languages
from .periods import END, Period, find_period

_FROM = r"from|via|according to|(?:articles?|news|stories|reports?|coverage|published|written) by"
_PERSONS = re.compile(
    r"\b(?:is|are|was|were|be|been|come|comes|came|who|man|woman|people|person|journalists?"
    r"|reporters?|editors?|someone|anyone|resign(?:ed|s)?|fired|left|not|except|other than)\s*$",
    re.IGNORECASE,
)
_NOT_IT = r"(?!\s+(?:journalists?|reporters?|editors?|magazine|to)\b)"  # "from time to time"
_EMPTY = re.compile(r"\(\s*\)")
_MARKS, _ENDS = ",;:(–—-", "?!.,;:)"
_NEWS_BEFORE = re.compile(
    r"\b(?:articles?|news|stories|reports?|coverage|headlines|anything|published|written|reported)$",
    re.IGNORECASE,
)
_NEWS_WITHIN = re.compile(
    r"(?:articles?|news|stories|reports?|coverage|published|written) by\b", re.I
)
_OUTLETS = (  # that people name without asking whether they are held
    "reuters|associated press|ap|afp|agence france-presse|dpa|bloomberg|bbc(?: news| world)?|cnn"
    "|al jazeera|the guardian|guardian|new york times|nyt|washington post|wall street journal|wsj"
    "|financial times|ft|the times|the economist|economist|the independent|the telegraph|politico"
    "|axios|npr|nbc(?: news)?|cbs(?: news)?|abc(?: news)?|fox(?: news)?|sky news|euronews"
    "|deutsche welle|dw|der spiegel|spiegel|die zeit|faz|süddeutsche zeitung|le monde|le figaro"
    "|el país|el pais|la repubblica|corriere della sera|xinhua|tass|kyiv independent|haaretz|itv"
    "|france 24|usa today|los angeles times|digi24|hotnews|agerpres"
)
_FROM_OUTLET = re.compile(
    rf"\b(?:from|according to) (?P<name>(?:the )?(?:{_OUTLETS}))\W*(?:only\W*)?$"
    rf"|^\W*(?:from|according to) (?P<first>(?:the )?(?:{_OUTLETS}))\s*[:,]",
    re.IGNORECASE,
)
_SET_OFF = re.compile(
    r"(?:^|[,;:(–—-])\s*(?:from|via|according to)\s+(?P<name>[^,;:?!()]{3,60}?)\s*(?:[?!.,;:)]|$)",
    re.IGNORECASE,
)
_AFTER_FROM = re.compile(rf"\b(?:{_FROM})\s+(?:the\s+)?", re.IGNORECASE)
_WORD = re.compile(r"[^\s,;:?!()]+")
_LONG_ENOUGH = 5  # letters of a name, that a like word may be meant to be
_NEAR = 80.0  # of 100, from which two names are alike
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
_LONG = 25  # words: people narrow questions that are shorter
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
    said: tuple[str, ...] = ()  # each as it follows "only articles": time, sources, languages
    tentative: bool = False  # whether the words of a time may as well be what is asked about
    is_source_tentative: bool = False  # whether the name of a source may be
    shorter: str = ""  # `question` without a source that is named tentatively
    unknown: str = ""  # what is named as if it were a source, and is the name of none
    nearly: str = ""  # what may be the misspelt name of one, or what is asked about
    languages: tuple[str, ...] = ()  # codes
    open: bool = False  # whether nothing else is asked, so that all there is of it is meant

    def __bool__(self) -> bool:
        return bool(self.said)

    @property
    def is_doubtful(self) -> bool:
        """Whether some of the filters are tentative."""
        return self.tentative or self.is_source_tentative

    def without_name(self, name: str) -> Narrowing:
        """The narrowing of the question without a source's name that is none: "from Reuterz"."""
        said = re.compile(rf"\b(?:{_FROM})\s+(?:the\s+)?{re.escape(name)}(?!\w)", re.IGNORECASE)
        match = said.search(self.question)
        return replace(self, question=_without(self.question, [match.span()])) if match else self

    def without(self, time: bool = False, sources: bool = False) -> Narrowing:
        """The narrowing without its time or without its sources."""
        dated = bool(self.since or self.until)
        behind = len(self.said) - bool(self.languages)
        said = (
            *self.said[: dated and not time],
            *(() if sources else self.said[dated:behind]),
            *self.said[behind:],
        )
        return replace(
            self,
            since=None if time else self.since,
            until=None if time else self.until,
            sources=() if sources else self.sources,
            said=said,
            tentative=self.tentative and not time,
            is_source_tentative=self.is_source_tentative and not sources,
        )

    def trials(self) -> Iterator[Narrowing]:
        """What to try: all filters, then without a tentative time, then without the source."""
        yield self
        if self.tentative and self.is_source_tentative:
            yield self.without(time=True)
            yield self.without(sources=True)


def narrow(question: str, now: datetime | None, sources: Sequence[str]) -> Narrowing:
    """Find the filters in a question. `now` is in the time zone of whoever asks.

    Without it only days that do not count from today are found. `sources` are the names that the
    library has; only those can be named.
    """
    spoken = find_languages(question)
    if not spoken:
        return _narrow(question, now, sources)
    start, end, codes = spoken
    rest = _without(question, [(start, end)])
    is_all = rest == question  # nothing else is said
    found = _narrow(rest, now, sources)
    return replace(
        found,
        languages=codes,
        said=(*found.said, languages.named(codes)),
        open=found.open or is_all or (not found.said and _is_open(rest, [])),
    )


def _narrow(question: str, now: datetime | None, sources: Sequence[str]) -> Narrowing:
    """Find times and sources in a question."""
    days = find_period(question, now) if now else _dated(question)
    if days and _is_told_of(question, days):
        days = replace(days, tentative=True)
    mention = find_sources(question, sources)
    if _compares(question, mention, sources):  # each source and date is a part of what is asked
        mention, days = None, replace(days, tentative=True) if days else None
    if len(question.split()) > _LONG:  # it tells what it asks about: its names and days are of that
        mention = mention if mention and _is_set_off(question, *mention[:2]) else None
        is_told_of = days and (days.tentative or _A_YEAR.search(question, days.start, days.end))
        days = None if is_told_of else days
    unknown = "" if mention else _unknown_source(question, sources)
    nearly = "" if mention or unknown else _nearly_source(question, sources)
    if not days and not mention:
        return Narrowing(question, unknown=unknown, nearly=nearly)
    names = mention[2] if mention else ()
    spans = [(mention[0], mention[1])] if mention else []
    certain = [span for span in spans if _is_certain(question, *span)]
    of_days = [(days.start, days.end)] if days else []
    is_open = _is_open(question, [*spans, *of_days])
    taken = of_days if days and not days.tentative else []
    return Narrowing(
        question=question if is_open else _without(question, [*certain, *taken]),
        since=days.since if days else None,
        until=days.until if days else None,
        sources=names,
        said=(*([days.said] if days else []), *([f"from {' or '.join(names)}"] if names else [])),
        tentative=bool(days and days.tentative),
        is_source_tentative=bool(spans) and not certain and not is_open,
        shorter=_without(question, [*spans, *taken]),
        unknown=unknown,
        nearly=nearly,
        open=is_open,
    )


def _is_set_off(question: str, start: int, end: int) -> bool:
    """Whether a source stands at the end of a question, behind a mark."""
    before, after = question[:start].rstrip(), question[end:].strip(_ENDS + " ")
    return not after and before[-1:] in _MARKS


def _is_certain(question: str, start: int, end: int) -> bool:
    """Whether a source can be no part of a question: it is set off, or said of news."""
    before, after = question[:start].rstrip(), question[end:].lstrip()
    is_last = not after or after[0] in _ENDS
    if _NEWS_BEFORE.search(before) or _NEWS_WITHIN.match(question, start):
        return is_last or any(letter.isupper() for letter in question[start:end])
    if before:
        return is_last and before[-1] in _MARKS
    is_cited = not question[start:].lower().startswith("from")
    return not after or after[0] in (_ENDS if is_cited else ":;)")  # "from the Sun, how far is …"


def named(sources: Sequence[str], most: int = 5) -> str:
    """Names of sources in a row, the first `most` of them.

    >>> named(["A", "B", "C"], 2)
    'A, B and 1 more'
    """
    names = [name for name in sources if name.strip()]
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def unheld_outlet(question: str, sources: Sequence[str]) -> str:
    """A known outlet that a question narrows itself to at its end, and that is none of `sources`.

    >>> unheld_outlet("who is in the B9, from Reuters?", ["Newsdesk World"])
    'Reuters'
    >>> unheld_outlet("what do we hear from Reuters?", ["Reuters"])
    ''
    """
    match = _FROM_OUTLET.search(question)
    if not match:
        return ""
    said = match["name"] or match["first"]
    named = said.casefold().removeprefix("the ")
    held = {_composed(name).casefold().removeprefix("the ") for name in sources}
    # "BBC" is not unheld where "BBC News" is held.
    is_held = any(name == named or name.startswith(f"{named} ") for name in held)
    return "" if is_held else said


def _unknown_source(question: str, sources: Sequence[str]) -> str:
    """A name that is set off as a source's is, and is nearly the name of one."""
    from rapidfuzz import fuzz, process

    if unheld := unheld_outlet(question, sources):
        return unheld
    match = _SET_OFF.search(question)
    if not match:
        return ""
    names = [_composed(name).casefold() for name in sources if name.strip()]
    named = _composed(match["name"]).casefold()
    if {named, named.removeprefix("the ")} & set(names):
        return ""  # it is one, and the question is about it
    near = process.extractOne(named, names, scorer=fuzz.ratio, score_cutoff=_NEAR)
    return match["name"] if near else ""


def _nearly_source(question: str, sources: Sequence[str]) -> str:
    """Words that stand where a source is named and are one's misspelt name: "from Reuterz"."""
    from rapidfuzz import fuzz, process

    names = [_bare(name) for name in sources if len(name.strip()) >= _LONG_ENOUGH]
    by_length: dict[int, list[str]] = {}
    for name in names:
        by_length.setdefault(len(name.split()), []).append(name)
    for match in _AFTER_FROM.finditer(question) if names else ():
        if _PERSONS.search(question, 0, match.start()):
            continue
        words = _WORD.findall(question[match.end() :].split("\n", 1)[0])[: max(by_length)]
        for count in range(len(words), 0, -1):
            said = " ".join(words[:count])
            few = by_length.get(count, [])
            if _bare(said) not in names and process.extractOne(
                _bare(said), few, scorer=fuzz.ratio, score_cutoff=_NEAR
            ):
                return said
    return ""


def _bare(name: str) -> str:
    """A name as it is compared with others: without case and "the"."""
    return " ".join(_composed(name).casefold().split()).removeprefix("the ")


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
