"""Questions that go on from the last: "and who leads it?", "when was that?", "what about Latvia?".

Decided by the words where they tell: a pronoun that nothing before it in the question can be, a
question too bare to stand by itself, or one that says so ("what about …"). Such a question is
searched for together with the words of the one before; all others are left as they are. Where the
words do not tell (`lean`), `search.ask` decides by what the library holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Turn

_ENOUGH = 8  # terms of a question that says what its pronouns stand for, at least
_ENOUGH_OF_PEOPLE = 4  # "which letters did they skip before Omicron": people, whoever they are
_BARE = 1  # terms of a question that is too bare to stand by itself, at most
_FEW = 2  # terms that do not say what "else", or the result of what, at most
_ABOUT = re.compile(
    r"^\W*(?:and |but |so |ok(?:ay)? )?(?:what|how) about\s+(?P<what>.+?)\W*$", re.IGNORECASE
)
_AND = re.compile(r"^\W*(?:and|but|or)\b(?:\s+(?P<rest>.+?))?\W*$", re.IGNORECASE | re.DOTALL)
_ASKS = re.compile(
    r"\b(?:who|whom|whose|what|when|where|why|how|which|is|are|was|were|do|does|did|has|have|had"
    r"|can|could|will|would|tell|show)\b",
    re.IGNORECASE,
)
_ELSE = re.compile(r"\b(?:who|what|where|anyone|anything|someone|something) else\b", re.IGNORECASE)
_ONES = re.compile(
    r"\bwhich ones?\b|\bthe others\b|\bthe (?:first|second|third|last|next|other)(?: ones?)?\W*$",
    re.IGNORECASE,
)
_MORE = re.compile(r"\W*(?:(?:tell me|show me|any(?:thing)?) )?more\W*", re.IGNORECASE)
_RELATION = re.compile(  # nouns that are always of something
    r"\bthe (?:aim|answer|cause|consequence|cost|date|deal|death toll|details?|effect|final score"
    r"|goal|host|leader|location|loser|main point|name|number|outcome|plan|point|price|problem"
    r"|purpose|reaction|reason|response|result|score|size|target|topic|total|turnout|victim|vote"
    r"|winner)s?\b(?! (?:of|in|for|to|at|on|between|from|behind|against)\b)",
    re.IGNORECASE,
)
_NO_NAME = re.compile(r"(?:the|its|his|her|their|a|an|how|why)\b", re.IGNORECASE)
_IN = re.compile(r"^(?:in|at|for|to|from|of|on|with)\s+(?=\S)", re.IGNORECASE)
_NAMED = re.compile(r"\S\s+[A-Z]\w|\d")
_FILLER = re.compile(  # at the beginning; it says nothing
    r"\W*(?:(?:thanks|thank you|ok(?:ay)?|great|nice|cool|well|so|oh|hm+|i see|interesting|right"
    r"|good|and|but)\b\W*)+",
    re.IGNORECASE,
)
_SUBJECT = re.compile(  # the pronoun that the question itself is about
    r"\b(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|'s|’s|isn'?t"
    r"|aren'?t|wasn'?t|didn'?t|doesn'?t)\s+(?:it|he|she|they|this|that|those|these)\b",
    re.IGNORECASE,
)
_OBJECT = re.compile(
    r"(?P<within>\b(?:it|they|he|she)"
    r"(?= (?:will|would|is|was|are|were|can|could|has|had|must|may)\b))"
    r"|\b(?:it|him|them)\b|\b(?:that|this|those|these)\b(?=\W*$)"
    r"|\b(?:next|that|this|other|another|first|last) ones?\b",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"\b(?:do|did|have|had|will|would) they\b", re.IGNORECASE)
_PLACE = re.compile(
    r"(?<!is )(?<!are )(?<!was )(?<!were )(?<!will )\b(?:there|then)\b"
    r"(?=\W*(?:now|today|yet|again|since)?\W*$)",
    re.IGNORECASE,
)
_AT_LAST = re.compile(  # whatever was said before it, that is not what this means
    r"\b(?:of|about|after|before|for|by|from|with|since|during|like) (?:that|this|it|them)\W*$",
    re.IGNORECASE,
)
_EMPTY = re.compile(  # a pronoun that stands for nothing
    r"\b(?:is|was|isn'?t) it (?=true|possible|known|safe|legal|the case|\w+ (?:to|that)\b)"
    r"|\bit(?= (?:takes?|seems?) \w)|(?<=\bmake )it\b|(?<=\bmakes )it\b|(?<=\bmade )it\b"
    r"|\b(?:is|was) it (?=called (?!that\b|this\b|so\b|in\b)\w)",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:it|its|he|him|his|she|her|they|them|their|theirs|itself|himself|herself)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"\b(?:and|when|after|before|because|while|if|that|which|who|why|how|where|what)\b",
    re.IGNORECASE,
)
_NAMES = re.compile(r"\b[A-Z][\w’'-]*(?:\s+[A-Z][\w’'-]*)*")


_WEATHER = re.compile(  # "it" is the sky, or the hour
    r"\b(?:is|was|will|does|did|has|isn['’]?t) it (?:be |been |still |ever |going to )*"
    r"(?:rain|snow|hail|thunder|drizzl|freez|storm|pour|sleet|cold|hot|warm|sunny|cloudy|windy|foggy"
    r"|dry|wet|dark|late|early|noon|midnight|winter|summer|spring|autumn)\w*\b(?!['’-])(?= (?:in|at"
    r"|on|near|over|across|outside|there|here|today|now|tomorrow|tonight)\b|\W*$)",
    re.IGNORECASE,
)
_OWN_NAME = re.compile(r"(?<!^)(?<=\s)[A-Z][\w’'-]|\d")
_ANYONE = re.compile(
    r"\b(?:any(?:one|body)|some(?:one|body)|no(?:body| one)|everyone|everybody|people|persons?"
    r"|children|women|men|passengers|how many|others)\b",
    re.IGNORECASE,
)
_OF_WHAT = re.compile(
    r"\b(?:in|at|on|by|from|of|with|for|against|during|after|before|to|when|that|who)\s+\w",
    re.IGNORECASE,
)
_DEFINES = re.compile(r"\W*(?:what|who|where)(?:['’]s| is| are| was| were)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Understood:
    """What to search for."""

    question: str
    carried: str = ""  # what it was understood with, in the words that were typed; often nothing
    context: str = ""  # what to search with besides, see `types.Query`

    @property
    def whole(self) -> str:
        """The question and its context, as the next may go on from them."""
        return f"{self.question} {self.context}".strip()


def understand(question: str, before: Turn | None, analyzer: Analyzer) -> Understood:
    """A question with what it leaves unsaid, if it goes on from another."""
    if before is None or not before.question.strip() or not goes_on(question, analyzer):
        return Understood(question)
    other, carried = _other(question), " ".join(before.question.split("\n"))
    if other and not _NO_NAME.match(other):
        return Understood(_in_its_place(other, carried), carried)
    return Understood(question, carried, before.question)


def lean(question: str, analyzer: Analyzer) -> Literal["certain", "joined", "alone"]:
    """Whether the words of a question tell if it goes on; if not, how they lean.

    >>> lean("is it open in Leedham?", Analyzer()), lean("was a man arrested?", Analyzer())
    ('joined', 'alone')
    """
    has_name = bool(_OWN_NAME.search(question))
    if goes_on(question, analyzer):
        is_certain = _other(question) or _AND.match(question) or not has_name
        return "certain" if is_certain or not _SUBJECT.search(question) else "joined"
    terms = set(analyzer.query_terms(question).words)
    is_short = 0 < len(terms) <= _FEW and _ASKS.match(question.lstrip()) is not None
    return "alone" if is_short and not has_name and not _DEFINES.match(question) else "certain"


def goes_on(question: str, analyzer: Analyzer) -> bool:
    """Whether a question cannot be understood without another."""
    if _WEATHER.search(question):
        return False
    if _other(question) or _ONES.search(question) or _MORE.fullmatch(question):
        return True
    return _is_of_anyone(question, analyzer) or _stands_open(question, analyzer)


def _stands_open(question: str, analyzer: Analyzer) -> bool:
    """Whether something in a question is left open, or all of it."""
    terms = analyzer.query_terms(question).words
    if _ELSE.search(question):
        return len(terms) <= _FEW + 1
    words = _EMPTY.sub(" ", _without_filler(question))
    if _AT_LAST.search(words) or (len(terms) <= _FEW and _is_of_something(words)):
        return True
    if len(terms) >= (_ENOUGH_OF_PEOPLE if _PEOPLE.search(words) else _ENOUGH):
        return False
    return _leaves_open(words, analyzer)


def _is_of_anyone(question: str, analyzer: Analyzer) -> bool:
    """Whether it asks what became of anyone, and does not say in what: "was anyone hurt?"."""
    if not _ANYONE.search(question) or _OWN_NAME.search(question) or _OF_WHAT.search(question):
        return False
    rest = _ANYONE.sub(" ", question)
    return len(set(analyzer.query_terms(rest).words)) <= _BARE


def _leaves_open(question: str, analyzer: Analyzer) -> bool:
    """Whether a pronoun stands for nothing in the question, or it is too bare."""
    for pattern in (_SUBJECT, _OBJECT, _PLACE):
        if pattern.search(question):
            return not _said_before(question, pattern, analyzer)
    pronoun = _PRONOUN.search(question)
    if pronoun and not analyzer.terms(question[: pronoun.start()]):
        return True
    terms = analyzer.terms(question)
    # One word may name a thing ("omicron?"), but "how many?" and "who won?" ask on.
    bare = len(set(terms)) <= _BARE and (_ASKS.search(question) or not terms)
    return bool(bare) and not _names_a_thing(question, terms)


def _without_filler(question: str) -> str:
    """A question without "ok, and" at its beginning."""
    filler = _FILLER.match(question)
    return question[filler.end() :] if filler else question


def _is_of_something(question: str) -> bool:
    """Whether it asks for "the result", "the winner", and does not say of what."""
    return bool(_RELATION.search(question)) and not _NAMED.search(question)


def _names_a_thing(question: str, terms: list[str]) -> bool:
    """Whether a question of one term has a name, or is asked of a thing ("what is omicron")."""
    if not terms:
        return False
    named = _NAMED.search(question)
    about = re.match(
        r"\W*(?:what|who|where)(?:\s+(?:is|are|was|were)|'s|’s)\s", question, re.IGNORECASE
    )
    return bool(named or about) and not _PRONOUN.search(question)


def _said_before(question: str, pattern: re.Pattern[str], analyzer: Analyzer) -> bool:
    """Whether a clause before the pronoun says what it may stand for."""
    match = pattern.search(question)
    head = question[: match.start()] if match else ""
    if match and match.groupdict().get("within"):  # "which company said it will …"
        return len(set(analyzer.terms(head))) > _BARE
    clauses = list(_CLAUSE.finditer(head, 1))
    return bool(clauses) and len(set(analyzer.terms(head[: clauses[-1].start()]))) > 0


def _in_its_place(other: str, before: str) -> str:
    """The old question asked of another thing, which takes the place of the last name in it."""
    names = [one for one in _NAMES.finditer(before) if one.start()]
    if not names:
        return f"{before} {other}"
    other = _IN.sub("", other)
    return f"{before[: names[-1].start()]}{other}{before[names[-1].end() :]}"


def _other(question: str) -> str | None:
    """The other thing that the old question is asked of: "what about Latvia?", "and Putin?"."""
    about = _ABOUT.match(question)
    if about:
        return about["what"]
    joined = _AND.match(question)
    if joined and joined["rest"] and not _ASKS.search(joined["rest"]):
        return joined["rest"]
    return None
