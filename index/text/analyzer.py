"""One analyzer for the index, the question and the highlighting.

A token is found in the text as it stands, then made into one or more terms:

    B9, b9          b9                     U.S., US, u.s.     us
    B-9             b, 9, b9               Zelenskyy’s        zelenskyy
    COVID-19        covid, 19, covid19     O’Brien            obrien, brien
    14,000          14000                  3.5                3.5
    build-up        build, up, buildup     WHO (not who)      WHO
    F-16s           f, 16s, f16            $3.5bn             3.5, bn

so that a word is found however it is typed. Letters lose their case and accents, words their
endings (Snowball), and the words that carry no subject are dropped. Scripts written without
spaces become pairs of characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import Stemmer

# Of the terms; a generation built with another one, or by another stemmer, is built anew.
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
_SILENT = "\u00ad\u200c\u200d\u2060"  # within a word, and not typed when one looks for it
_DROPPED = frozenset(_SILENT + " ")  # blanks come out of ligatures that are whole phrases

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
_CODES = re.compile(r"[a-z]+\d+s")  # F-16s, which Snowball does not know as a plural
_NO_LETTER = re.compile(r"[. ]")
_SEPARATORS = re.compile(r"[,\u00a0\u202f ]")
_STROKED = str.maketrans(  # letters that no normal form takes apart
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
_ENDINGS = frozenset({"s", "d", "ll", "re", "ve", "m"})
_CACHE_LIMIT = 400_000  # distinct words; a million passages hold about that many


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of a text and the terms it is found by (none for a stop word)."""

    start: int
    end: int
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """What to look for: `words` should be there, `joined` are other ways to write them."""

    words: tuple[str, ...]
    joined: tuple[str, ...]


class Analyzer:
    """Text to terms. Keeps the terms of words it has seen, so hold on to one."""

    def __init__(self) -> None:
        self._stem = Stemmer.Stemmer("english").stemWord
        self._seen: dict[tuple[str, bool], tuple[str, ...]] = {}

    def tokens(self, text: str) -> Iterator[Token]:
        """Every token of `text`, in order, with its offsets."""
        shouted = text.isupper()
        for match in TOKEN.finditer(text):
            yield Token(match.start(), match.end(), self._terms(match, shouted))

    def terms(self, text: str) -> list[str]:
        """The terms of a text to be indexed, repeated as often as they occur."""
        shouted, seen = text.isupper(), self._seen
        terms: list[str] = []
        for match in TOKEN.finditer(text):  # most words were seen before, and all go through here
            known = seen.get((match.group(), shouted))
            terms += self._terms(match, shouted) if known is None else known
        return terms

    def query_terms(self, text: str) -> QueryTerms:
        """The terms of a question, each once.

        Words that only put the question ("how many", "the name of") are left out, unless nothing
        else is left. "B 9" and "covid 19" are also looked for as one word.
        """
        asked = _FRAMING.sub(_blank, text)
        return self._query_terms(asked) if any(self.terms(asked)) else self._query_terms(text)

    def _query_terms(self, text: str) -> QueryTerms:
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
        if kind == "unspaced":
            whole = unicodedata.normalize("NFC", raw)
            yield from (whole[i : i + 2] for i in range(max(1, len(whole) - 1)))
        elif kind == "acronym":
            letters = _NO_LETTER.sub("", _APOSTROPHES.split(raw)[0])
            yield letters if letters.isupper() and letters.lower() in STOP_WORDS else fold(letters)
        elif kind == "number":
            yield _SEPARATORS.sub("", raw)
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


def _blank(match: re.Match[str]) -> str:
    """The words of a question's frame as blanks, so that what is left keeps its place."""
    kept = match["who"] or ""
    return kept + " " * (len(match.group()) - len(kept))


def fold(word: str) -> str:
    """Lower case, compatibility forms, and no accents on Latin, Greek or Cyrillic letters."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word.casefold()).casefold().translate(_STROKED)
    kept = "".join(c for c in decomposed if not ("\u0300" <= c <= "\u036f" or c in _DROPPED))
    return unicodedata.normalize("NFC", kept)


def count_words(text: str) -> int:
    """How many words a reader would count; two characters of an unspaced script are one."""
    return sum(map(_words_in, TOKEN.finditer(text)))


def end_of_words(text: str, most: int) -> int:
    """How many characters of `text` can be taken before there are more than `most` words."""
    left = most
    for match in TOKEN.finditer(text):
        words = _words_in(match)
        if words > left:
            return match.start() + 2 * left
        left -= words
    return len(text)


def _words_in(match: re.Match[str]) -> int:
    return max(1, (match.end() - match.start()) // 2) if match.lastgroup == "unspaced" else 1
