"""What kind of thing a question asks for, and whether a sentence holds it.

By patterns over words: "how many" asks for a count, which is given by a number that is no date, no
age and no place in a ranking. Names, numbers and reasons that the question itself has do not count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsdesk.index.text.analyzer import Analyzer

_NUMBER = (
    r"(?:\d[\d,.]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|"
    r"forty|fifty|sixty|seventy|eighty|ninety|dozens?|hundreds?|thousands?|half|third|quarter|"
    r"quarters|once|twice|million|billion|trillion)\b)"
)
_MONTH = (
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Aug|Sept|Oct|Nov|Dec)\.)"
)
_DAY = r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
_TIME = r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?|century|centuries)"
_LENGTH = (
    r"(?:kilomet(?:er|re)s?|met(?:er|re)s?|miles?|feet|foot|inch(?:es)?|tons?|tonnes?|pounds?"
    r"|kilos?|kilograms?|grams?|kg|km|acres?|square|degrees?|mph|percent|knots)"
)
_THING = r"(?:(?!(?:did|does|do|is|was|were|are)\b)\w+ ){0,2}?"


class _Kind:
    """A kind of question: what in it asks for that kind, and what in a sentence may give it."""

    def __init__(
        self,
        asks: str,
        gives: str = r"(?!)",
        counts: bool = False,
        of_things: bool = False,
        in_plain_words: bool = False,
    ) -> None:
        """`asks` is sought whatever the case, `gives` as it is written.

        counts: dates, ages and the like in a sentence are no such number; of_things: a number
        counts in full only with what is counted; in_plain_words: words of the question give it too.
        """
        self.asks, self.gives = re.compile(asks, re.IGNORECASE), re.compile(gives)
        self.counts, self.of_things = counts, of_things
        self.in_plain_words = in_plain_words


# Of two that ask in the same place of a question, the first here is meant.
_KINDS = {
    "money": _Kind(
        r"how much|\bcosts?\b|\bprices?\b|\bworth\b|prize money|\bbudget\b|\bfined?\b",
        r"[$€£¥₽]|(?i:\b(?:dollars?|euros?|pounds?|kronor|roubles?|rubles?|percent|cents)\b)|%",
        counts=True,
    ),
    "duration": _Kind(
        rf"how long(?!.*\b{_LENGTH}\b)(?! (?:is|are)\b)|how many {_TIME}\b",
        rf"(?i:{_NUMBER}[^,;:.\d]{{0,16}}?\b{_TIME}\b|\ban hour\b|overnight)",
        of_things=True,
    ),
    "age": _Kind(
        r"how old|\bages?\b|\baged\b",
        r",\s\d{1,3},|(?i:\b\d{1,3}[\s-]years?[\s-]old|\baged?\b|\bturned\b|\bborn\b)",
    ),
    "measure": _Kind(
        r"how (?:heavy|far|tall|high|big|large|deep|wide|fast|hot|close|long)|\bweighs?\b"
        r"|\blength\b",
        rf"(?i:{_NUMBER}[^,;:.\d]{{0,25}}?\b{_LENGTH}\b)",
        counts=True,
    ),
    "count": _Kind(
        r"how many|how often|number of|\btoll\b|\bscore\b|percent(?:age)?|what share"
        r"|\bpopulation\b",
        rf"(?i:{_NUMBER})",
        counts=True,
        of_things=True,
    ),
    "date": _Kind(
        rf"\bwhen\b|(?:what|which) {_THING}(?:year|date|day|month|time|century|decade)\b|\bdate\b",
        rf"{_MONTH}|{_DAY}|\b[12]\d{{3}}s?\b|\b\d{{1,2}}(?::\d\d)?\s?[ap]\.?m\b|\bmidnight\b|\bcentury\b",
    ),
    "who": _Kind(
        rf"\bwho(?:m|se)?\b|(?:which|what) {_THING}(?:man|woman|person|people|players?|leaders?|"
        r"presidents?|ministers?|authors?|teams?|compan(?:y|ies)|athletes?|countr(?:y|ies)|"
        r"nations?|states?|members?)\b|\bmembers\b|\bnames? of\b",
    ),
    "where": _Kind(
        rf"\bwhere\b|(?:which|what) {_THING}(?:city|cities|place|town|region|building|port)\b"
        r"|\bcapital\b",
        r"\b(?:in|at|near|from|off|on|to|of|outside|across|between)\s+(?:the\s+)?(?:[a-z]+\s)?[A-Z]\w+",
        in_plain_words=True,
    ),
    "why": _Kind(
        r"\bwhy\b|\breasons?\b|\bcaused?\b|how come|what for\b|\bpurpose\b|what (?:led|set off)",
        r"(?i:\b(?:because|since|due|owing|caused?|so that|in order|reasons?|blam\w+|after|for fear"
        r"|to (?:protect|avoid|prevent|allow|keep|help|make|give|stop|show)|aim\w*|thanks|as)\b)",
        in_plain_words=True,
    ),
    "said": _Kind(
        r"what did\b.*\b(?:say|call|warn|threaten|promise|demand|tell|announce|think|ask|want)\b",
        r"[“”\"]|(?i:\b(?:said|says|saying|told|called|warned|added|promised|demanded|announced|"
        r"acknowledged|argued|insisted|asked|want(?:s|ed))\b)",
        in_plain_words=True,
    ),
}
KINDS = tuple(_KINDS)

_NAME = re.compile(r"\b[A-Z][\w’'-]*[a-z][\w’'-]*(?:\s+[A-Z][\w’'-]*[a-z][\w’'-]*)*")
_CALENDAR = re.compile(rf"{_MONTH}|{_DAY}")
_COUNTED = re.compile(rf"(?i:{_NUMBER})[\w,.]*[\s-]+((?:[\w’'-]+\s+){{0,3}}[\w’'-]+)")
_COUNTS_NOTHING = re.compile(  # dates, years, times of day, ages and places in a ranking
    rf"\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}(?:\s+\d{{4}})?|{_MONTH}\s+\d{{1,2}}\b(?:,\s*\d{{4}})?"
    r"|\b(?:19|20)\d\d\b(?!,\d)|\b\d{1,2}(?::\d\d)?\s?[ap]\.?m\b|,\s\d{1,3},|\bNo\.\s?\d+"
    r"|(?i:\b(?:one of|no one|the first|the second|the third)\b)"
)
_HOW_MANY = re.compile(r"how (?:many|much) (\w+(?: \w+)?)", re.IGNORECASE)


def kind_of(question: str) -> str:
    """What a question asks for: the kind whose words come first in it, or "other".

    >>> kind_of("How many troops are there?"), kind_of("Who met in Riga, and when?")
    ('count', 'who')
    """
    asked = [
        (match.start(), place, name)
        for place, (name, kind) in enumerate(_KINDS.items())
        if (match := kind.asks.search(question))
    ]
    return min(asked)[2] if asked else "other"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The kind of thing that a question asks for, to be looked for in sentences."""

    kind: str  # one of KINDS, or "other"
    known: frozenset[str]  # terms that are no answer, since the question has them
    counted: frozenset[str]  # terms of what "how many" is asked of

    @classmethod
    def of(cls, question: str, terms: frozenset[str], analyzer: Analyzer) -> Wanted:
        """What a question with these terms asks for."""
        many = _HOW_MANY.search(question)
        counted = frozenset(analyzer.terms(many[1])) if many else frozenset[str]()
        # Not what is counted: "85 days" answers "how many days".
        return cls(kind_of(question), terms - counted, counted)

    def fit(self, sentence: str, analyzer: Analyzer) -> float:
        """1 if a sentence holds such a thing, 0.5 if it may, 0 if not."""
        if self.kind == "who":
            return self._names(sentence, analyzer)
        kind = _KINDS.get(self.kind)
        if kind is None:
            return 0.0
        text = _COUNTS_NOTHING.sub(" ", sentence) if kind.counts else sentence
        holds = any(
            kind.in_plain_words or self._is_new(match.group(), analyzer)
            for match in kind.gives.finditer(text)
        )
        uncounted = kind.of_things and self.counted and not self._counts(sentence, analyzer)
        return 0.5 * holds if uncounted else float(holds)

    def _names(self, sentence: str, analyzer: Analyzer) -> float:
        names = [match.group() for match in _NAME.finditer(sentence, 1)]
        new = [
            name for name in names if self._is_new(name, analyzer) and not _CALENDAR.fullmatch(name)
        ]
        whole = any(" " in name for name in new)
        return 1.0 if whole or len(new) > 2 else 0.5 * bool(new)

    def _is_new(self, words: str, analyzer: Analyzer) -> bool:
        return self.known.isdisjoint(analyzer.terms(words))

    def _counts(self, sentence: str, analyzer: Analyzer) -> bool:
        """Whether a number is of what is asked for."""
        text = _COUNTS_NOTHING.sub(" ", sentence)
        return any(
            self.counted & set(analyzer.terms(match[1])) for match in _COUNTED.finditer(text)
        )
