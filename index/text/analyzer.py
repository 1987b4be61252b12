"""`Analyzer`: text to terms, for indexing, queries and highlighting alike.

A token is matched in the text as it stands, then turned into one or more terms:

    B9, b9          b9                     U.S., US, u.s.     us
    B-9             b, 9, b9               Zelenskyy’s        zelenskyy
    COVID-19        covid, 19, covid19     O’Brien            obrien, brien
    14,000          14000                  3.5                3.5
    build-up        build, up, buildup     WHO (not who)      WHO
    F-16s           f, 16s, f16            $3.5bn             3.5, bn

so that a word is found however it is typed. Words are folded (case, accents) and stemmed
(Snowball), stop words are dropped. Scripts written without spaces become character bigrams.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import Stemmer

# Of the terms: a generation of another version, or of another stemmer, is rebuilt.
VERSION = f"2+{Stemmer.version()}"

STOP_WORDS = frozenset(
    "a about an and any are as at be been being but by can could did do does doing for from had "
    "has have having he her hers him his how i if in into is it its just me my no nor not of on "
    "or our ours she should so some such than that the their theirs them then there these they "
    "this those to too very was we were what when where which while who whom whose why will with "
    "would you your yours dont didnt doesnt isnt wasnt arent werent cant couldnt wouldnt im ive "
    "youre theyre whats whos hows wheres please tell "
    "get gets got going happen happened happens might used".split()
)

# Indic and Thai vowel signs are marks, which \w leaves out: without them words fall apart.
_MARKS = "\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e"
_UNSPACED = "\u0e00-\u0e7f\u0e80-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_LETTER = rf"(?:(?![{_UNSPACED}_])[\w{_MARKS}])"
_APOSTROPHE = "'’‘ʼ＇"
_HYPHEN = r"\-‐‑–−"
_SILENT = "\u00ad\u200c\u200d\u2060"  # invisible inside a word, and not typed in a query
_DROPPED = frozenset(_SILENT + " ")  # NFKD gives blanks for ligatures that are whole phrases

TOKEN = re.compile(
    rf"""
      (?P<unspaced>[{_UNSPACED}]+)
    | (?P<acronym>(?<!\w)(?:[^\W\d_]\.[ ]?)+[^\W\d_]\.(?:[{_APOSTROPHE}]s)?(?!\w)
                 |(?<!\w)(?:[^\W\d_]\.)+[^\W\d_](?![\w{_APOSTROPHE}]))
    | (?P<number>(?<![\w.,])\d{{1,3}}(?:[,\u00a0\u202f ]\d{{3}})+(?!\d))
    | (?P<decimal>(?<![\w.,])\d+\.\d+(?!\d|\.\d))
    | (?P<word>{_LETTER}+(?:[{_APOSTROPHE}{_HYPHEN}{_SILENT}]{_LETTER}+)*)
    """,
    re.VERBOSE,
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
_CODES = re.compile(r"[a-z]+\d+s")  # F-16s: no plural to Snowball
_STROKED = str.maketrans(  # letters that no normal form decomposes
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
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
        self._seen: dict[tuple[str, bool], tuple[str, ...]] = {}

    def tokens(self, text: str) -> Iterator[Token]:
        """Every token of `text`, in order."""
        shouted = text.isupper()
        for match in TOKEN.finditer(text):
            yield Token(match.start(), match.end(), self._terms(match, shouted))

    def terms(self, text: str) -> list[str]:
        """The terms of a text to be indexed, each as often as it occurs."""
        shouted, seen = text.isupper(), self._seen
        terms: list[str] = []
        for match in TOKEN.finditer(text):  # looked up here: most words are in the cache
            known = seen.get((match.group(), shouted))
            terms += self._terms(match, shouted) if known is None else known
        return terms

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
        return self._query_terms(asked) if any(self.terms(asked)) else self._query_terms(text)

    def _query_terms(self, text: str) -> QueryTerms:
        """The terms of a text, and the joined forms of neighbouring words and numbers."""
        words: list[str] = []
        joined: list[str] = []
        before: Token | None = None
        for token in self.tokens(text):
            whole = token.terms[-1:] if len(token.terms) > 2 else ()
            words += [term for term in token.terms if term not in whole]
            joined += whole
            if before and before.terms and token.start == before.end + 1:
                first, second = text[before.start : before.end], text[token.start : token.end]
                if first.isalpha() and second.isdecimal():
                    joined.append(fold(first + second))
            before = token
        unique = tuple(dict.fromkeys(words))
        return QueryTerms(unique, tuple(t for t in dict.fromkeys(joined) if t not in unique))

    def _terms(self, match: re.Match[str], shouted: bool) -> tuple[str, ...]:
        raw = match.group()
        key = (raw, shouted)
        terms = self._seen.get(key)
        if terms is None:
            if len(self._seen) >= _CACHE_LIMIT:
                self._seen.clear()
            terms = self._seen[key] = tuple(self._make(raw, match.lastgroup or "word", shouted))
        return terms

    def _make(self, raw: str, kind: str, shouted: bool) -> Iterator[str]:
        """The terms of a token of some kind; `shouted` if the whole text is in capitals."""
        if kind == "unspaced":
            whole = unicodedata.normalize("NFC", raw)
            yield from (whole[i : i + 2] for i in range(max(1, len(whole) - 1)))
        elif kind == "acronym":
            letters = _APOSTROPHES.split(raw)[0].replace(".", "").replace(" ", "")
            yield letters if letters.isupper() and letters.lower() in STOP_WORDS else fold(letters)
        elif kind == "number":
            yield "".join(filter(str.isdecimal, raw))
        elif kind == "decimal":
            yield raw
        elif not shouted and len(raw) > 1 and raw.isupper() and raw.lower() in STOP_WORDS:
            yield raw  # WHO and IT are names when the words around them are not shouted too
        else:
            yield from self._words(fold(raw))

    def _words(self, folded: str) -> Iterator[str]:
        parts = _PARTS.split(folded)
        for part in parts:
            yield from self._word(part)
        if len(parts) > 1:
            joined = _APOSTROPHES.sub("", "".join(parts))
            if joined:
                yield self._root(joined)

    def _word(self, part: str) -> Iterator[str]:
        """The stems of a word without hyphens, none for a stop word."""
        pieces = _APOSTROPHES.split(part)
        if len(pieces) > 1 and pieces[-1] in _ENDINGS:
            pieces.pop()
        joined = "".join(pieces)
        if joined in STOP_WORDS or not joined:
            return
        yield self._root(joined)
        if len(pieces) > 1 and len(pieces[-1]) > 2:
            yield self._root(pieces[-1])

    def _root(self, word: str) -> str:
        return word[:-1] if _CODES.fullmatch(word) else self._stem(word)


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
    kept = "".join(c for c in decomposed if not ("\u0300" <= c <= "\u036f" or c in _DROPPED))
    return unicodedata.normalize("NFC", kept)


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
    return max(1, (match.end() - match.start()) // 2) if match.lastgroup == "unspaced" else 1
