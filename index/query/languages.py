"""The languages that people name: "in German", "auf Deutsch", "German-language news".

Codes are those of BCP 47 without a country, as `Article.said_language` gives them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_NAMES = """
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
_ROWS = [row.split() for row in _NAMES.casefold().split(",")]
_CODES = {name: code for code, *names in _ROWS for name in names}
_ENGLISH = {code: names[0].capitalize() for code, *names in _ROWS}
_IN = r"(?:in|auf|en|em|în|på|po|на)"
_BEHIND = re.compile(rf"(?:^|\s){_IN}\s(?P<names>\S+(?:\s(?:and|or)\s\S+)*)$", re.IGNORECASE)
_ANY = "|".join(sorted(map(re.escape, _CODES), key=len, reverse=True))
_SEVERAL = rf"(?P<names>(?:{_ANY})(?:\s*,?\s+(?:and|or)\s+(?:{_ANY}))*)"
_OF_NEWS = (
    r"(?:articles?|news|stories|reports?|reporting|coverage|headlines|press|newspapers?|outlets?"
    r"|sources?|media|papers?)"
)
_LENGTH = 60  # characters of a time or of languages
_SAID_BEFORE = re.compile(  # "what is said of it"; not "who works"
    r"\b(?:sa(?:y|ys|id)|writ(?:e|es|ten)|report(?:s|ed)?|told|covered|published)\b", re.IGNORECASE
)
_NEWS_BEFORE = re.compile(  # "articles in German", "any news about floods in German"
    rf"\b{_OF_NEWS}(?:\s+(?:that\s+(?:is|are)|only))?$"
    r"|^\W*(?:(?:are there|is there|any|show|give|find|list|me|us|all|some|the|latest|recent)\s+)*"
    r"(?:articles?|news|stories|reports?|coverage|headlines)\s",
    re.IGNORECASE,
)
# Where a language can be no part of the question, and what has to stand before it: set off by a
# mark at the end, or said of news.
_SURE: tuple[tuple[re.Pattern[str], re.Pattern[str] | None], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), needed)
    for pattern, needed in (
        (rf"\s*[,;:–—-]\s*(?:only\s+)?in\s+{_SEVERAL}(?:\s+only)?(?=\W*$)", None),
        (rf"\s*\(\s*(?:only\s+)?in\s+{_SEVERAL}(?:\s+only)?\s*\)", None),
        (rf",?\s*\baccording to\s+(?:the\s+)?{_SEVERAL}[\s-]language\s+{_OF_NEWS}\b", None),
        (
            rf"(?<=\w)\s+in\s+(?:the\s+)?{_SEVERAL}[\s-]language\s+{_OF_NEWS}(?=\W*$)",
            _SAID_BEFORE,
        ),
        (rf"^{_SEVERAL}-language\b(?=\s+{_OF_NEWS}\b)", None),
        (
            rf"(?<=\w)\s+(?:published\s+|written\s+)?in\s+{_SEVERAL}(?!\w)(?=\W*$)",
            _NEWS_BEFORE,
        ),
    )
)


def code_of(given: str) -> str:
    """The code of a language that is given by its name or by a tag.

    >>> code_of("German"), code_of("de-AT"), code_of("Deutsch")
    ('de', 'de', 'de')
    """
    said = " ".join(given.casefold().split())
    return _CODES.get(said) or said.replace("_", "-").partition("-")[0]


def name_of(code: str) -> str:
    """The English name of a language; its code where that is not known.

    >>> name_of("de"), name_of("ga")
    ('German', 'ga')
    """
    return _ENGLISH.get(code, code)


def named(codes: Iterable[str]) -> str:
    """What follows "only articles": "in German or English"."""
    return f"in {' or '.join(map(name_of, codes))}"


def take_languages(text: str, known: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Take the languages off a text's end; returns the rest and the codes of them.

    Only those that are `known` to the library: "Made in Italian" is no language elsewhere.

    >>> take_languages("floods in German and English", ["de", "en"])
    ('floods', ('de', 'en'))
    """
    said = text.rstrip("?!. ")
    match = _BEHIND.search(said, max(0, len(said) - _LENGTH))
    codes = _codes(match["names"]) if match else []
    if not match or not all(code in known for code in codes):
        return text, ()
    return text[: match.start()], tuple(dict.fromkeys(codes))


def find_languages(question: str) -> tuple[int, int, tuple[str, ...]] | None:
    """The span of a question that can only say in which language articles are to be, and codes.

    >>> question = "who won the election, in German?"
    >>> start, end, codes = find_languages(question)
    >>> question[start:end], codes
    (', in German', ('de',))
    """
    for pattern, needed in _SURE:
        match = pattern.search(question)
        if match and (needed is None or needed.search(question[: match.start()])):
            return match.start(), match.end(), tuple(dict.fromkeys(_codes(match["names"])))
    return None


def _codes(names: str) -> list[str]:
    return [_CODES.get(name, "") for name in re.split(r"\s*,?\s+(?:and|or)\s+", names.casefold())]
