"""Which sentence answers: features of a question and a sentence, and a linear model over them.

In news the words of a question often stand in the headline and the first sentence, while the
answer comes later: "It has cost about $10 billion." So a word also counts by how few of the
sentences at hand it stands in, what stands just before a sentence is its context, and the kind of
thing that is asked for (a number, a name, a date, a reason) has to be there.

What was tried, on some 3,000 questions of four collections, and gave .005 or less or was lost on
the next: names and numbers that the best sentences of other passages have too; how close together,
or in what order, the question's words stand; the share of the question in the whole passage; a
pronoun at the beginning. A hidden layer over the features gives no more than the linear model; a
bilinear form over the vectors learns its own set by heart (.88 to .98) and gains nothing elsewhere.
To learn from the questions of tests/week/ too is worth .03 on those held out there, and costs .025
on real news. A cross-encoder on the same weights would read some forty times as many tokens as a
question has, and had learned little from 1,200 questions in nine minutes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsdesk.index.linear_model import LinearModel
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Hit, Span

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

# The kinds of question: what in it asks for that kind, and what in a sentence may give it.
_KINDS: Mapping[str, tuple[str, str]] = {
    "money": (
        r"how much|\bcosts?\b|\bprices?\b|\bworth\b|prize money|\bbudget\b|\bfined?\b",
        r"[$€£¥₽]|(?i:\b(?:dollars?|euros?|pounds?|kronor|roubles?|rubles?|percent|cents)\b)|%",
    ),
    "duration": (
        rf"how long(?!.*\b{_LENGTH}\b)(?! (?:is|are)\b)|how many {_TIME}\b",
        rf"(?i:{_NUMBER}[^,;:.\d]{{0,16}}?\b{_TIME}\b|\ban hour\b|overnight)",
    ),
    "age": (
        r"how old|\bages?\b|\baged\b",
        r",\s\d{1,3},|(?i:\b\d{1,3}[\s-]years?[\s-]old|\baged?\b|\bturned\b|\bborn\b)",
    ),
    "measure": (
        r"how (?:heavy|far|tall|high|big|large|deep|wide|fast|hot|close|long)|\bweighs?\b"
        r"|\blength\b",
        rf"(?i:{_NUMBER}[^,;:.\d]{{0,25}}?\b{_LENGTH}\b)",
    ),
    "count": (
        r"how many|how often|number of|\btoll\b|\bscore\b|percent(?:age)?|what share"
        r"|\bpopulation\b",
        rf"(?i:{_NUMBER})",
    ),
    "date": (
        rf"\bwhen\b|(?:what|which) {_THING}(?:year|date|day|month|time|century|decade)\b|\bdate\b",
        rf"{_MONTH}|{_DAY}|\b[12]\d{{3}}s?\b|\b\d{{1,2}}(?::\d\d)?\s?[ap]\.?m\b|\bmidnight\b|\bcentury\b",
    ),
    "who": (
        rf"\bwho(?:m|se)?\b|(?:which|what) {_THING}(?:man|woman|person|people|players?|leaders?|"
        r"presidents?|ministers?|authors?|teams?|compan(?:y|ies)|athletes?|countr(?:y|ies)|"
        r"nations?|states?|members?)\b|\bmembers\b|\bnames? of\b",
        r"",
    ),
    "where": (
        rf"\bwhere\b|(?:which|what) {_THING}(?:city|cities|place|town|region|building|port)\b"
        r"|\bcapital\b",
        r"\b(?:in|at|near|from|off|on|to|of|outside|across|between)\s+(?:the\s+)?(?:[a-z]+\s)?[A-Z]\w+",
    ),
    "why": (
        r"\bwhy\b|\breasons?\b|\bcaused?\b|how come|what for\b|\bpurpose\b|what (?:led|set off)",
        r"(?i:\b(?:because|since|due|owing|caused?|so that|in order|reasons?|blam\w+|after|for fear"
        r"|to (?:protect|avoid|prevent|allow|keep|help|make|give|stop|show)|aim\w*|thanks|as)\b)",
    ),
    "said": (
        r"what did\b.*\b(?:say|call|warn|threaten|promise|demand|tell|announce|think|ask|want)\b",
        r"[“”\"]|(?i:\b(?:said|says|saying|told|called|warned|added|promised|demanded|announced|"
        r"acknowledged|argued|insisted|asked|want(?:s|ed))\b)",
    ),
}
MODEL = LinearModel(
    Path(__file__).with_suffix(".json"),
    (
        *("cosine", "contrast", "covered", "local", "rarest", "near", "form", "score", "first_hit"),
        *("lead", "few_words", "length", "beyond", "near_beyond", "fits"),
        *(f"fits_{kind}" for kind in _KINDS),
    ),
)
_ASKING = {kind: re.compile(asks, re.IGNORECASE) for kind, (asks, _) in _KINDS.items()}
_GIVING = {kind: re.compile(gives) for kind, (_, gives) in _KINDS.items() if gives}
_NAME = re.compile(r"\b[A-Z][\w’'-]*[a-z][\w’'-]*(?:\s+[A-Z][\w’'-]*[a-z][\w’'-]*)*")
_CALENDAR = re.compile(rf"{_MONTH}|{_DAY}")
_COUNTED = re.compile(rf"(?i:{_NUMBER})[\w,.]*[\s-]+((?:[\w’'-]+\s+){{0,3}}[\w’'-]+)")
_COUNTS_NOTHING = re.compile(  # dates, years, times of day, ages and places in a ranking
    rf"\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}(?:\s+\d{{4}})?|{_MONTH}\s+\d{{1,2}}\b(?:,\s*\d{{4}})?"
    r"|\b(?:19|20)\d\d\b(?!,\d)|\b\d{1,2}(?::\d\d)?\s?[ap]\.?m\b|,\s\d{1,3},|\bNo\.\s?\d+"
    r"|(?i:\b(?:one of|no one|the first|the second|the third)\b)"
)
_HOW_MANY = re.compile(r"how (?:many|much) (\w+(?: \w+)?)", re.IGNORECASE)
_COUNTING = frozenset({"count", "measure", "money"})
_OF_THINGS = frozenset({"count", "duration"})
_PLAIN = frozenset({"why", "said", "where"})  # kinds that are given in words of the question too
_FEW_WORDS = 7  # a sentence shorter than this seldom stands by itself
_LONG = 40  # words
_STEM = 5  # letters that two forms of one word share


@dataclass(frozen=True, slots=True)
class SentenceCandidate:
    """A sentence of a hit, with what speaks for it."""

    hit: int  # its place among the hits
    span: Span
    features: Mapping[str, float]

    @property
    def merit(self) -> float:
        """The weighted sum of the features."""
        return float(MODEL.score(self.features))


@dataclass(frozen=True, slots=True)
class _Read:
    hit: int
    number: int  # of the sentence in its passage
    span: Span
    text: str
    terms: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Question:
    kind: str
    terms: frozenset[str]
    weights: Mapping[str, float]  # idf in the collection
    local: Mapping[str, float]  # idf among the sentences at hand
    counted: frozenset[str]  # what "how many" is asked of


def kind_of(question: str) -> str:
    """What a question asks for: the kind whose words come first in it, or "other"."""
    found = [
        (match.start(), place, kind)
        for place, (kind, asking) in enumerate(_ASKING.items())
        if (match := asking.search(question))
    ]
    return min(found)[2] if found else "other"


def candidates(
    question: str, hits: Sequence[Hit], weights: Mapping[str, float], analyzer: Analyzer
) -> list[SentenceCandidate]:
    """Every sentence of the hits with its features, each about 0..1.

    `weights` are the idf of the question's terms, spelt as the collection does.
    """
    read = [
        _Read(
            place, number, span, text := span.of(hit.article.text), frozenset(analyzer.terms(text))
        )
        for place, hit in enumerate(hits)
        for number, span in enumerate(hit.passage.sentences)
    ]
    terms = frozenset(analyzer.terms(question)) | weights.keys()
    many = _HOW_MANY.search(question)
    counted = frozenset(analyzer.terms(many[1])) if many else frozenset[str]()
    asked = _Question(kind_of(question), terms, weights, _local(weights, read), counted)
    titles = [frozenset(analyzer.terms(hit.article.title)) for hit in hits]
    found = []
    for before, one in zip([None, *read], read, strict=False):
        near = one.terms | titles[one.hit]
        if before is not None and one.number:
            near |= before.terms
        beyond = {term: w for term, w in weights.items() if term not in titles[one.hit]}
        features = _features(asked, one, near, hits[one.hit], analyzer)
        features["beyond"] = share(one.terms, beyond) if beyond else 1.0
        features["near_beyond"] = share(near, beyond) if beyond else 1.0
        features["fits"] = sum(v for n, v in features.items() if n.startswith("fits_"))
        found.append(SentenceCandidate(one.hit, one.span, features))
    return found


def share(terms: Container[str], weights: Mapping[str, float]) -> float:
    """Which share of the weights belongs to `terms`; 0 if there are none."""
    total = sum(weights.values())
    return sum(w for term, w in weights.items() if term in terms) / total if total else 0.0


def _local(weights: Mapping[str, float], read: Sequence[_Read]) -> dict[str, float]:
    """How well each term tells these sentences apart: its idf among them, at most the whole's."""
    found = {}
    for term, weight in weights.items():
        containing = sum(term in one.terms for one in read)
        rarity = math.log1p((len(read) - containing + 0.5) / (containing + 0.5))
        found[term] = min(weight, rarity)
    return found


def _features(
    asked: _Question, one: _Read, near: frozenset[str], hit: Hit, analyzer: Analyzer
) -> dict[str, float]:
    words = len(one.text.split())
    rarest = max(asked.local.values(), default=0.0)
    held = max((w for term, w in asked.local.items() if term in one.terms), default=0.0)
    fit = {f"fits_{asked.kind}": _fit(asked, one, analyzer)} if asked.kind in _KINDS else {}
    return {
        "cosine": hit.sentence_cosines[one.number],
        "contrast": hit.sentence_contrasts[one.number],
        "covered": share(one.terms, asked.weights),
        "local": share(one.terms, asked.local),
        "rarest": held / rarest if rarest else 0.0,
        "near": share(near, asked.weights),
        "form": _forms(asked, one),
        "score": hit.score,
        "first_hit": float(hit.rank == 1),
        "lead": float(one.span.start == 0),
        "few_words": float(words < _FEW_WORDS),
        "length": min(words, _LONG) / _LONG,
        **fit,
    }


def _forms(asked: _Question, one: _Read) -> float:
    """The share of the question's missing terms that begin like a word of the sentence."""
    heads = {term[:_STEM] for term in one.terms if len(term) >= _STEM}
    missing = [term for term in asked.weights if term not in one.terms and len(term) >= _STEM]
    return sum(term[:_STEM] in heads for term in missing) / max(1, len(asked.weights))


def _fit(asked: _Question, one: _Read, analyzer: Analyzer) -> float:
    """Whether the sentence holds the kind of thing asked for, other than what the question has."""

    def new(words: str) -> bool:
        known = asked.terms - asked.counted  # "85 days" answers "how many days"
        return known.isdisjoint(analyzer.terms(words)) or asked.kind in _PLAIN

    if asked.kind == "who":
        names = [match.group() for match in _NAME.finditer(one.text, 1)]
        names = [name for name in names if new(name) and not _CALENDAR.fullmatch(name)]
        whole = any(" " in name for name in names)
        return 1.0 if whole or len(names) > 2 else 0.5 * bool(names)
    if (
        asked.kind in _OF_THINGS
        and asked.counted
        and not any(
            asked.counted & set(analyzer.terms(match[1]))
            for match in _COUNTED.finditer(_COUNTS_NOTHING.sub(" ", one.text))
        )
    ):
        return 0.5 * _holds(asked, one, new)
    return float(_holds(asked, one, new))


def _holds(asked: _Question, one: _Read, new: Callable[[str], bool]) -> bool:
    giving = _GIVING.get(asked.kind)
    if giving is None:
        return False
    text = _COUNTS_NOTHING.sub(" ", one.text) if asked.kind in _COUNTING else one.text
    return any(new(match.group()) for match in giving.finditer(text))
