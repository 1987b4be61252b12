"""What a word is besides, by the words around it: a name that looks like a stop word, or a number.

"Will", "May", "Who" and "Me Too" are names where a capital says so, and then have a term of their
own, written with the capital; "3 million" is 3000000 too, "two dozen" 24. In an article a capital
inside a sentence is enough. In a question it says less, and small letters are common, so that
grammar must help: behind "did" or "the" no plain "will" or "who" can stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal


class Spelling(str):
    """A term that is but another spelling of its token: in a query it stands for no word more."""

    __slots__ = ()


STOP_WORDS = frozenset(
    "a about an and any are as at be been being but by can could did do does doing for from had "
    "has have having he her hers him his how i if in into is it its just me my no nor not of on "
    "or our ours she should so some such than that the their theirs them then there these they "
    "this those to too very was we were what when where which while who whom whose why will with "
    "would you your yours dont didnt doesnt isnt wasnt arent werent cant couldnt wouldnt im ive "
    "youre theyre whats whos hows wheres please tell "
    "get gets got going happen happened happens might used".split()
)
_NO_NAMES = frozenset(  # begin with a capital for other reasons
    "a about an and any are as at be been but by for from had has have he his how i if im in into "
    "is ive my nor not of on or our she should some such than that the their theirs there these "
    "they this those to very was we were what when where which while why with".split()
)
_NAMES = (STOP_WORDS - _NO_NAMES) | {"may", "over"}  # which are terms in small letters too
_MODALS = frozenset("will may can might".split())
_ACRONYMS = frozenset("who it".split())
CAPITALS = frozenset(word.capitalize() for word in _NAMES)
_SHOUTED = frozenset(word.upper() for word in _MODALS | _ACRONYMS | {"me", "too"})

_SCALES = {
    "dozen": 12,
    "hundred": 10**2,
    "thousand": 10**3,
    "k": 10**3,
    "million": 10**6,
    "mn": 10**6,
    "m": 10**6,
    "billion": 10**9,
    "bn": 10**9,
    "b": 10**9,
    "trillion": 10**12,
    "tn": 10**12,
}
_NAMES_OF_SCALES = {10**3: "thousand", 10**6: "million", 10**9: "billion", 10**12: "trillion"}
_ATTACHED = re.compile(r"(\d+)(k|m|mn|b|bn|tn|million|billion|trillion)", re.IGNORECASE)
_NUMBERS = {
    word: n
    for n, word in enumerate(
        "a one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen twenty".split()
    )
} | {"a": 1, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80}
_NUMBERS |= {"ninety": 90}
_FRACTIONS = {"half": Decimal("0.5"), "quarter": Decimal("0.25")}
_NUMBER_BEFORE = re.compile(
    r"(?<![\w.,])(?P<sign>[$£€¥] ?)?(?P<digits>\d[\d,]*(?:\.\d+)?)(?P<gap>[ \u00a0-]?)\Z"
    r"|(?<![\w-])(?:(?P<fraction>(?i:half|quarter))(?:(?: of)?[ -]an?)?"
    r"|(?P<word>[A-Za-z]+)(?:-(?P<unit>[A-Za-z]+))?(?P<more> and a half)?)[ -]\Z"
)
_LOOKED_AT = 24  # characters before a word

_INITIAL = re.compile(r"(?:\A|[.!?…:;\n\r\u2028|“”\"(\[–—•])[\s\"“‘'(\[]*\Z")
_QUESTION_AHEAD = re.compile(r"[^.!?\n]*\?")
_WORD_BEHIND = re.compile(r"(?:['’]s)?[ \u00a0]+([\w’'-]+)")
_WORD_BEFORE = re.compile(r"([\w’']+)[ \u00a0]+[\"“‘']?\Z")
_QUESTION_WORDS = frozenset("who what when where which why how whom".split())
_AUXILIARIES = frozenset(
    "did does do is are was were has have had been be would could should will may might can".split()
)
_BEFORE_SHOUTED_NAMES = frozenset(
    "the by from at of for says and to mr mrs ms sir dr pm actor minister president".split()
)
_FRAME = re.compile(
    r"\W*(?:who|what|where|when|which|why|how)"
    r"(?:['’]?s|\s+(?:is|are|was|were|did|does|do|will|would|can|could|may))\b",
    re.IGNORECASE,
)
_TOLD = re.compile(r"\b(?:tell|told|tells|give|gives|gave|show|shows|help|let|remind)\s+\Z", re.I)
_BEFORE_MONTHS = frozenset("in of on last next this early late mid until".split())
_FEW = 3  # words of a question that may be but a name
_NAME_AFTER_THE = frozenset("who it me them will may can".split())
_ADVERBS = frozenset("me too so not it us them just no you him her".split())


def matters(raw: str, shouted: bool) -> bool:
    """Whether the terms of a word depend on the words around it."""
    if raw in CAPITALS:
        return True
    if shouted and raw in _SHOUTED:
        return True
    lower = raw.lower()
    return lower in _SCALES or lower == "cent" or _ATTACHED.fullmatch(raw) is not None


def terms(match: re.Match[str], shouted: bool, plain: Sequence[str]) -> Iterator[str]:
    """The terms of a token that has `plain` by itself, with those by the text around it."""
    raw, text, start = match.group(), match.string, match.start()
    if raw.lower() in _SCALES or raw[0].isdecimal():
        yield from _amount(text, start, raw, plain)
        return
    yield from plain
    if raw in CAPITALS:
        if _is_name(text, start, match.end()):
            yield Spelling(raw)
            yield from map(Spelling, _run(text, start, raw))
    elif shouted and raw in _SHOUTED:
        yield from map(Spelling, _shouted_name(text, start, raw))
    elif raw.lower() == "cent" and text[:start].lower().endswith("per "):
        yield Spelling("percent")


def is_country(text: str, start: int) -> bool:
    """Whether "us" in a question may be the country: not in "tell us".

    >>> is_country("did the us agree", 8), is_country("tell us more", 5)
    (True, False)
    """
    return _TOLD.search(text[max(0, start - _LOOKED_AT) : start]) is None


def names_asked_for(question: str, alone: bool) -> list[str]:
    """The names in a question that look like stop words, as articles write them.

    alone: no other word is left, so that even small letters may be names.

    >>> names_asked_for("what did will hart open?", alone=False)
    ['Will']
    >>> names_asked_for("when will Hart open?", alone=False)
    []
    >>> names_asked_for("who are the who?", alone=True)
    ['Who', 'WHO']
    """
    words = list(re.finditer(r"[\w’']+", question))
    titled = question.isupper() or _is_headline([match.group() for match in words])
    names: list[str] = []
    before, capital_before, capital_word = "", False, False
    for number, match in enumerate(words):
        raw = match.group()
        lower = raw.lower()
        modal = lower in _MODALS and before in _QUESTION_WORDS
        # "Doctor Who" is found by its first word, and the second would but count it twice.
        behind_name = lower in _QUESTION_WORDS and capital_word and before not in STOP_WORDS
        plain = titled or modal or behind_name or _is_month(question, match, before)
        capital = raw in CAPITALS and number > 0 and not plain
        if capital or _must_be_name(before, lower):
            names += [lower.capitalize(), *([] if capital else [lower.upper()])]
        if (capital and capital_before) or {before, lower} <= _ADVERBS:
            names.append(before + lower)
        before, capital_before, capital_word = lower, raw in CAPITALS, raw[0].isupper()
    names = [name for name in names if not name.isupper() or name.lower() in _ACRONYMS]
    return names or (_left_alone(question) if alone else [])


def _is_month(question: str, match: re.Match[str], before: str) -> bool:
    """Whether "May" stands where dates do: in May, May 2021, 3 May."""
    if match.group() != "May":
        return False
    return (
        before in _BEFORE_MONTHS or before.isdecimal() or question[match.end() :][1:2].isdecimal()
    )


def _is_headline(words: list[str]) -> bool:
    """Whether a question is written as headlines are: its auxiliary verbs have capitals too."""
    return any(word[0].isupper() and word.lower() in _AUXILIARIES - _MODALS for word in words[1:])


def _must_be_name(before: str, word: str) -> bool:
    """Whether no plain "will" or "who" can stand behind a word: "did will", "the who"."""
    if word in _MODALS:
        return before in _AUXILIARIES and before != word
    return before == "the" and word in _NAME_AFTER_THE


def _left_alone(question: str) -> list[str]:
    """The names that a question of stop words may ask for."""
    frame = _FRAME.match(question)
    left = question[frame.end() :] if frame else question
    words = [word.lower() for word in re.findall(r"\w+", left)]
    likely = _MODALS | {"who"} if frame else _NAMES if len(words) <= _FEW else frozenset[str]()
    names = [word for word in words if word in likely]
    return [form for word in names for form in (word.capitalize(), word.upper())]


def _is_name(text: str, start: int, end: int) -> bool:
    """Whether a stop word with a capital is a name in an article."""
    before = text[max(0, start - _LOOKED_AT) : start]
    word = text[start:end].lower()
    if _INITIAL.search(before):
        return _is_initial_name(text, end, word)
    previous = _WORD_BEFORE.search(before)
    # "Who Will Win?": a headline's question
    return not (word in _MODALS and previous and previous[1].lower() in _QUESTION_WORDS)


def _is_initial_name(text: str, end: int, word: str) -> bool:
    """Whether the first word of a sentence is a name: it cannot be the verb of a statement."""
    behind = _WORD_BEHIND.match(text, end)
    if not behind:
        return False
    follows = behind[1]
    if word not in _MODALS:
        return follows in CAPITALS and word not in _QUESTION_WORDS
    return follows.lower() not in STOP_WORDS and not _QUESTION_AHEAD.match(text, end)


def _run(text: str, start: int, raw: str) -> Iterator[str]:
    """Two such names in a row as one word: Me Too is #MeToo."""
    previous = _WORD_BEFORE.search(text, max(0, start - _LOOKED_AT), start)
    if previous and previous[1] in CAPITALS:
        yield f"{previous[1]}{raw}".lower()


def _shouted_name(text: str, start: int, raw: str) -> Iterator[str]:
    """The names that a stop word in a text of capitals may be."""
    before = _WORD_BEFORE.search(text, max(0, start - _LOOKED_AT), start)
    first = _INITIAL.search(text, max(0, start - _LOOKED_AT), start) and "?" not in text
    if first or (before and before[1].lower() in _BEFORE_SHOUTED_NAMES):
        yield raw.capitalize()
        if raw.lower() in _ACRONYMS:
            yield raw
    if raw == "TOO" and before and before[1] == "ME":
        yield "metoo"


def _amount(text: str, start: int, raw: str, plain: Sequence[str]) -> Iterator[str]:
    """The terms of "3m", or of "million", with the whole number that it makes."""
    attached = _ATTACHED.fullmatch(raw)
    if attached:
        number: Decimal | None = Decimal(attached[1])
        scale = attached[2].lower()
        money = text[max(0, start - 2) : start].rstrip()[-1:] in tuple("$£€¥")
        yield attached[1]
    else:
        before = _NUMBER_BEFORE.search(text, max(0, start - _LOOKED_AT), start)
        scale = raw.lower()
        if before is None or (len(scale) == 1 and before["gap"] != ""):
            yield from plain
            return
        number, money = _value(before), before["sign"] is not None
    name = _NAMES_OF_SCALES.get(_SCALES[scale], scale)
    yield from _scaled(number, scale, name, plain if attached or len(scale) == 1 else (), money)


def _scaled(
    number: Decimal | None, scale: str, name: str, raw: Sequence[str], money: bool
) -> Iterator[str]:
    """The name of a scale, a word where it is clear ("bn", "$3m") and a spelling in "800m"."""
    term = "hundr" if name == "hundred" else name
    yield term if len(scale) > 1 or money else Spelling(term)
    yield from map(Spelling, raw)
    whole = None if number is None else number * _SCALES[scale]
    if whole is not None and whole == whole.to_integral_value():
        yield Spelling(int(whole))


def _value(before: re.Match[str] | None) -> Decimal | None:
    if before is None:
        return None
    if before["digits"]:
        return Decimal(before["digits"].replace(",", ""))
    if before["fraction"]:
        return _FRACTIONS[before["fraction"].lower()]
    numbers = [_NUMBERS.get(word.lower()) for word in before.group("word", "unit") if word]
    known = [Decimal(number) for number in numbers if number is not None]
    whole = sum(known, Decimal(0)) + (_FRACTIONS["half"] if before["more"] else 0)
    return whole if len(known) == len(numbers) else None
