"""`Analyzer`: text to terms, for indexing, queries and highlighting alike.

A token is matched in the text as it stands, then turned into one or more terms:

    B9, b9          b9                     U.S., US, u.s.     us
    B-9             b, 9, b9               Zelenskyy’s        zelenskyy
    COVID-19        covid, 19, covid19     O’Brien, O´Brien   obrien, brien
    14,000          14000                  9/11               9/11
    build-up        build, up, buildup     WHO (not who)      WHO
    F-16s           f, 16s, f16            Will Hart          Will, hart
    $3.5bn          dollar, 3.5, billion, 3500000000
    eleven          11                     서울은             서울

so that a word is found however it is typed. Words are folded (case, accents) and stemmed
(Snowball), stop words are dropped. Scripts written without spaces become character bigrams, and so
do Korean words, without their particle. What depends on the words around it stands in `context.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, pairwise

import Stemmer

from newsdesk.index.types import Span

from . import context
from .context import STOP_WORDS, Spelling

# Of the terms: a generation of another version, or of another stemmer, is rebuilt.
VERSION = f"4+{Stemmer.version()}"

# Indic and Thai vowel signs are marks, which \w leaves out: without them words fall apart.
_MARKS = "\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e"
_UNSPACED = "\u0e00-\u0e7f\u0e80-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_HANGUL = "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"
_LETTER = rf"(?:(?![{_UNSPACED}{_HANGUL}_])[\w{_MARKS}])"
_APOSTROPHE = "'’‘ʼ＇´`ʻʿʾˈ′‛"
_HYPHEN = r"\-‐‑–−"
# Invisible inside a word, and not typed in a query.
_SILENT = "\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_INVISIBLE = re.compile(f"[{_SILENT} ]")  # NFKD gives blanks for ligatures that are whole phrases

_WRITTEN, _RUN = re.compile(r"\w+"), re.compile(f"[{_UNSPACED}]")

TOKEN = re.compile(
    rf"""
      (?P<unspaced>[{_UNSPACED}]+)
    | (?P<hangul>[{_HANGUL}]+)
    | (?P<acronym>(?<!\w)(?:[^\W\d_]\.[ ]?)+[^\W\d_]\.(?:[{_APOSTROPHE}]s)?(?!\w)
                 |(?<!\w)(?:[^\W\d_]\.)+[^\W\d_](?![\w{_APOSTROPHE}]))
    | (?=[\d$£€¥%+(])(?:
          (?P<sign>[$£€¥](?=\ ?\d)|(?<=\d)%|(?<=\d\ )%)
        | (?P<phone>(?<![\w(+])(?:\+\d[\d\ ().-]{{6,20}}\d|\(?\d{{3}}\)?[\ .-]\d{{3}}[\ .-]\d{{4}}
                   |0\d{{2,4}}[\ -]\d{{3,4}}(?:[\ -]?\d{{3,4}}){{0,2}})(?![\w]))
        | (?P<slashed>(?<![\w/.])\d{{1,4}}(?:/\d{{1,4}}){{1,2}}(?:[{_APOSTROPHE}]s)?(?![\w/]))
        | (?P<number>(?<![\w.,])(?:\d{{1,3}}(?:,\d{{3}})+(?!\d)
                    |[1-9]\d{{0,2}}(?:[\u00a0\u202f ]\d{{3}}){{1,6}}(?!\d)(?!\ \d)))
        | (?P<decimal>(?<![\w.,])\d+\.\d+(?!\d|\.\d))
      )
    | (?P<word>{_LETTER}+(?:(?:[{_APOSTROPHE}{_HYPHEN}]|[{_SILENT}]+){_LETTER}+)*)
    """,
    re.VERBOSE,
)
# The same tokens, by `findall`, in half the time: without names of groups, and what most words are
# is tried first, letters that nothing behind them can be joined to.
_TOKENS = re.compile(
    r"[A-Za-z]{2,}(?=[\ \n,;:!?.)]|\Z)|" + re.sub(r"\(\?P<\w+>", "(?:", TOKEN.pattern), re.VERBOSE
)
_FRAMING = re.compile(
    r"\bhow (?:many|much|long|old|often|far|big|large|heavy|tall|high|deep|wide|fast|soon|well)\b"
    r"|\b(?:what(?:[’']?s| is| was| are| were)? (?:the )?|the )names? of\b"
    r"|\baccording to\b|\bwhat (?:time|happened|happens)\b|\bsa(?:y|id) about\b"
    r"|(?<=did )(?P<who>\w+(?: \w+){0,3}) say\b",
    re.IGNORECASE,
)
_PARTS = re.compile(rf"[{_HYPHEN}]")
_APOSTROPHES = re.compile(rf"[{_APOSTROPHE}]")
_ONE_APOSTROPHE = str.maketrans(dict.fromkeys(_APOSTROPHE, "'"))
_CODES = re.compile(r"[a-z]+\d+s")  # F-16s: no plural to Snowball
_STROKED = str.maketrans(  # letters that no normal form decomposes
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
_SIGNS = {"$": "dollar", "£": "pound", "€": "euro", "¥": "yen", "%": "percent"}
_UNITS = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_NUMBERS = {word: str(n) for n, word in enumerate([*_UNITS, *_TEENS], start=1)} | {
    word: str(10 * n) for n, word in enumerate(_TENS, start=2)
}
_COMPOUND = re.compile(rf"\b({'|'.join(_TENS)})-({'|'.join(_UNITS)})\b")
# Past forms that Snowball leaves as they are. Not of "found", "left", "saw", "led", which are other
# words; not of "come", "give", "go" and their like, which say little: the Ever Given is a ship.
_PASTS = (
    "become became, begin began begun, break broke broken, bring brought, build built, "
    "buy bought, catch caught, choose chose chosen, draw drew drawn, drive drove driven, "
    "eat ate eaten, fall fell fallen, fight fought, fly flew flown, forget forgot "
    "forgotten, grow grew grown, lose lost, meet met, overthrow overthrew overthrown, pay "
    "paid, rise rose risen, run ran, sell sold, send sent, sing sang sung, sink sank "
    "sunk, speak spoke spoken, spend spent, stand stood, steal stole stolen, teach "
    "taught, throw threw thrown, win won, withdraw withdrew withdrawn, write wrote "
    "written"
)
_BASES = {past: forms.split()[0] for forms in _PASTS.split(", ") for past in forms.split()[1:]}
_SAME_WORD = _BASES | {"pct": "percent", "bn": "billion", "mn": "million", "tn": "trillion"}
_PARTICLES = tuple(  # longest first
    "이었다 입니다 에서는 에게서 에는 으로는 으로도 이라고 이라는 에서 에게 으로 부터 "
    "까지 처럼 보다 마다 조차 이나 이며 이다 였다 "
    "은 는 이 가 을 를 의 에 도 와 과 로 만 서 나 며".split()
)
_ENDINGS = frozenset({"s", "d", "ll", "re", "ve", "m"})
_CACHE_LIMIT = 400_000  # distinct words, about as many as a million passages hold


@dataclass(frozen=True, slots=True)
class Token:
    """A token: code points start..end of a text, and its terms (none for a stop word)."""

    start: int
    end: int
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """The terms of a query: `words`, and `joined` as other spellings of neighbouring words."""

    words: tuple[str, ...]
    joined: tuple[str, ...]


class Analyzer:
    """Turns text into terms. It caches the terms of words, so keep one for many texts.

    >>> Analyzer().terms("The F-16s of Zelenskyy’s allies")
    ['f', '16s', 'f16', 'zelenskyy', 'alli']
    """

    def __init__(self) -> None:
        self._stem = Stemmer.Stemmer("english").stemWord
        # Of texts that are not in capitals, and of those that are: word -> its terms.
        self._seen: tuple[dict[str, tuple[str, ...]], ...] = ({}, {})
        # Sentences and passages are weighed several times for one question, and the first passages
        # of many questions are the same. About 15 MB.
        self.term_set = lru_cache(8_192)(self._term_set)
        self.term_pairs = lru_cache(1_024)(self._term_pairs)
        self.written = lru_cache(1_024)(_written)

    def tokens(self, text: str) -> Iterator[Token]:
        """Every token of `text`, in order."""
        shouted = _is_shouted(text)
        for match in TOKEN.finditer(text):
            yield Token(match.start(), match.end(), self._terms(match, shouted))

    def terms(self, text: str) -> list[str]:
        """The terms of a text to be indexed, each as often as it occurs."""
        shouted = _is_shouted(text)
        seen = self._seen[shouted]
        try:  # most texts are of words that are in the cache
            return list(chain.from_iterable([seen[word] for word in _TOKENS.findall(text)]))
        except KeyError:
            return self._unseen_terms(text, shouted)

    def _unseen_terms(self, text: str, shouted: bool) -> list[str]:
        """The terms of a text with words that are not in the cache."""
        seen = self._seen[shouted]
        terms: list[str] = []
        for match in _TOKENS.finditer(text):
            known = seen.get(match.group())
            terms += self._unseen(match, shouted) if known is None else known
        return terms

    def _unseen(self, found: re.Match[str], shouted: bool) -> tuple[str, ...]:
        """The terms of a word that `_TOKENS` found."""
        whole = TOKEN.match(found.string, found.start())  # which tells what kind of token it is
        return self._terms(whole, shouted) if whole else ()

    def _term_set(self, text: str) -> frozenset[str]:
        """The terms of a text, remembered under `term_set`."""
        shouted = _is_shouted(text)
        try:  # not by `terms`: a question needs this of two hundred sentences
            found = map(self._seen[shouted].__getitem__, _TOKENS.findall(text))
            return frozenset(chain.from_iterable(found))
        except KeyError:
            return frozenset(self._unseen_terms(text, shouted))

    def _term_pairs(self, text: str) -> frozenset[tuple[str, str]]:
        """The pairs of neighbouring terms of a text, remembered under `term_pairs`."""
        return frozenset(pairwise(self.terms(text)))

    def places(self, text: str, wanted: set[str]) -> Iterator[Span]:
        """Where the words of `text` stand that have one of the wanted terms."""
        shouted = _is_shouted(text)
        seen = self._seen[shouted]
        for match in _TOKENS.finditer(text):
            known = seen.get(match.group())
            if not wanted.isdisjoint(self._unseen(match, shouted) if known is None else known):
                yield Span(*match.span())

    def query_terms(self, text: str) -> QueryTerms:
        """The terms of a question, each once.

        Words that only frame the question ("how many", "the name of") are left out, unless nothing
        else is left. "B 9" and "covid 19" are also searched for as one word.

        >>> Analyzer().query_terms("How many people live in Riga?")
        QueryTerms(words=('peopl', 'live', 'riga'), joined=())
        >>> Analyzer().query_terms("covid 19").joined
        ('covid19',)
        """
        asked = _FRAMING.sub(_blanked, text)
        given = self._query_terms(asked)
        return given if given.words or given.joined else self._query_terms(text, bare=True)

    def _query_terms(self, text: str, bare: bool = False) -> QueryTerms:
        """The terms of a text, and the joined forms of neighbouring words and numbers.

        bare: names that look like stop words are sought too where no other word is left.
        """
        words: list[str] = []
        joined: list[str] = []
        before: Token | None = None
        for token in self._asked_tokens(text):
            words += [term for term in token.terms if type(term) is str]
            joined += [term for term in token.terms if type(term) is not str]
            if before and before.terms and token.start == before.end + 1:
                first, second = text[before.start : before.end], text[token.start : token.end]
                if first.isalpha() and second.isdecimal():
                    joined.append(fold(first + second))
            before = token
        joined += context.names_asked_for(text, alone=bare and not words)
        unique = tuple(dict.fromkeys(words))
        return QueryTerms(unique, tuple(str(t) for t in dict.fromkeys(joined) if t not in unique))

    def _asked_tokens(self, text: str) -> Iterator[Token]:
        """The tokens of a question; a capital there says less of a name than in an article."""
        for token in self.tokens(text):
            raw = text[token.start : token.end]
            if raw == "us" and context.is_country(text, token.start):
                yield replace(token, terms=("us",))
            elif raw in context.CAPITALS:
                yield replace(token, terms=tuple(t for t in token.terms if type(t) is str))
            else:
                yield token

    def _terms(self, match: re.Match[str], shouted: bool) -> tuple[str, ...]:
        raw, seen = match.group(), self._seen[shouted]
        terms = seen.get(raw)
        if terms is None:
            terms = tuple(self._make(raw, match.lastgroup or "word", shouted))
            if context.matters(raw, shouted):
                return tuple(context.terms(match, shouted, terms))
            if len(seen) >= _CACHE_LIMIT:
                seen.clear()
            seen[raw] = terms
        return terms

    def _make(self, raw: str, kind: str, shouted: bool) -> Iterator[str]:
        """The terms of a token of some kind; `shouted` if the whole text is in capitals."""
        if kind == "unspaced":
            yield from _pairs(unicodedata.normalize("NFC", raw))
        elif kind == "hangul":
            yield from _korean(unicodedata.normalize("NFC", raw))
        elif kind == "acronym":
            letters = _APOSTROPHES.split(raw)[0].replace(".", "").replace(" ", "")
            yield letters if letters.isupper() and letters.lower() in STOP_WORDS else fold(letters)
        elif kind == "sign":
            yield _SIGNS[raw]
        elif kind == "slashed":
            yield from _slashed(_APOSTROPHES.split(raw)[0])
        elif kind in ("number", "phone"):
            yield "".join(filter(str.isdecimal, raw))
        elif kind == "decimal":
            short = raw.rstrip("0")
            yield raw if short.endswith(".") else short
        elif not shouted and len(raw) > 1 and raw.isupper() and raw.lower() in STOP_WORDS:
            yield raw  # WHO and IT are names when the words around them are not shouted too
        elif raw.isalnum() and raw.isascii():
            if raw != "us":  # the pronoun; the country is US, U.S. or u.s.
                yield from self._word(raw.lower())
        else:
            yield from self._words(fold(raw.translate(_ONE_APOSTROPHE)))

    def _words(self, folded: str) -> Iterator[str]:
        """The terms of a folded word, those of its parts, and the parts joined."""
        parts = _PARTS.split(_COMPOUND.sub(_added, folded) if "y-" in folded else folded)
        terms = [term for part in parts for term in self._word(part)]
        yield from terms
        if len(parts) > 1:
            joined = _joined(parts)
            if joined:
                yield Spelling(self._root(joined)) if len(terms) > 1 else self._root(joined)

    def _word(self, part: str) -> Iterator[str]:
        """The stems of a word without hyphens, none for a stop word."""
        pieces = _APOSTROPHES.split(part)
        if len(pieces) > 1 and pieces[-1] in _ENDINGS:
            pieces.pop()
        joined = "".join(pieces)
        if joined in STOP_WORDS or not joined:
            return
        yield _NUMBERS.get(joined) or self._root(_SAME_WORD.get(joined, joined))
        if len(pieces) > 1 and len(pieces[-1]) > 2 and pieces[-1] != joined:
            yield self._root(pieces[-1])

    def _root(self, word: str) -> str:
        return word[:-1] if _CODES.fullmatch(word) else self._stem(word)


def _written(text: str) -> frozenset[str]:
    """The words of a text as they are written, in lower case; none of a script without spaces.

    Remembered under `Analyzer.written`. Quicker to have than terms.
    """
    return frozenset() if _RUN.search(text) else frozenset(_WRITTEN.findall(text.lower()))


def _is_shouted(text: str) -> bool:
    """Whether all of a text is in capitals; one word alone may be a name."""
    return text.isupper() and len(text.split(None, 2)) > 1


def _pairs(text: str) -> Iterator[str]:
    yield from (text[i : i + 2] for i in range(max(1, len(text) - 1)))


def _korean(word: str) -> Iterator[str]:
    """The pairs of letters of a Korean word; those of an attached particle are no words.

    >>> list(_korean("서울에서")), list(_korean("강은"))
    (['서울', '울에', '에서'], ['강은', '강'])
    """
    ending = next((p for p in _PARTICLES if word.endswith(p) and len(p) < len(word)), "")
    stem = len(word) - len(ending)
    for at, pair in enumerate(_pairs(word)):
        # Not of a short word: 수도 is a capital, and no 수 with the particle 도.
        yield Spelling(pair) if 2 <= stem < at + 2 else pair
    if ending and stem == 1:
        yield Spelling(word[0])


def _slashed(raw: str) -> Iterator[str]:
    """A date or a pair of numbers as one term, and the years in it."""
    yield raw
    yield from (part for part in raw.split("/") if len(part) == 4)


def _joined(parts: Sequence[str]) -> str:
    """The parts of a word without what is between; two numbers are not one: 9-11 is 9/11."""
    between = "/" if len(parts) == 2 and all(map(str.isdecimal, parts)) else ""
    return _APOSTROPHES.sub("", between.join(parts))


def _added(match: re.Match[str]) -> str:
    return str(int(_NUMBERS[match[1]]) + int(_NUMBERS[match[2]]))


def _blanked(match: re.Match[str]) -> str:
    """Blanks for the words of a question's frame, so that the other words keep their offsets."""
    kept = match["who"] or ""
    return kept + " " * (len(match.group()) - len(kept))


def fold(word: str) -> str:
    """Fold a word: lower case, compatibility forms, no accents on Latin, Greek, Cyrillic letters.

    >>> fold("Łódź")
    'lodz'
    """
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word.casefold()).casefold().translate(_STROKED)
    kept = "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", kept))


def count_words(text: str) -> int:
    """The number of words; in scripts without spaces, two characters count as one word.

    >>> count_words("It met in May."), count_words("日本語版")
    (4, 2)
    """
    return sum(map(_words_in, TOKEN.finditer(text)))


def end_of_words(text: str, most: int) -> int:
    """The length in characters of the longest prefix of `text` with at most `most` words.

    >>> "It met in May."[: end_of_words("It met in May.", 2)]
    'It met '
    """
    left = most
    for match in TOKEN.finditer(text):
        words = _words_in(match)
        if words > left:
            return match.start() + 2 * left
        left -= words
    return len(text)


def _words_in(match: re.Match[str]) -> int:
    if match.lastgroup == "unspaced":
        return max(1, (match.end() - match.start()) // 2)
    return int(match.lastgroup != "sign")
