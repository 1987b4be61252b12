"""Which sources a question names: "as reported by The Verge", "what did Reuters say"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

_SECTION = re.compile(r"\s+[-–—|:]\s+")  # "The Independent - Travel" is called The Independent
_DOMAIN = re.compile(r"(?:www\.)?([\w-]+)(?:\.[a-z]{2,6}){1,2}", re.IGNORECASE)  # cnn.com is CNN
_THE = re.compile(r"the\s+(?=\S)", re.IGNORECASE)
_CITED = r"(?:according to|(?:reported|published|written) (?:by|in))\s+(?:the\s+)?"
_MANY = 1_000  # sources whose patterns are kept


def named(question: str, sources: Sequence[str]) -> set[int]:
    """The places of the sources that a question names.

    A name of one word is often a word as well ("Time", "The Age", "Fortune"): it has to be written
    with a capital, or be cited.
    """
    folded = " ".join(question.casefold().split())
    return {
        place
        for place, source in enumerate(sources)
        if any(_is_named(name, question, folded) for name in _names(source))
    }


def _is_named(name: str, question: str, folded: str) -> bool:
    if name.casefold() not in folded:
        return False
    found = [match.group("name") for match in _pattern(name).finditer(question)]
    if " " in name:
        return bool(found)
    cited = re.search(rf"{_CITED}{re.escape(name)}(?!\w)", question, re.IGNORECASE)
    return bool(cited) or (not question.isupper() and any(not one.islower() for one in found))


@lru_cache(_MANY)
def _pattern(name: str) -> re.Pattern[str]:
    words = r"\s+".join(re.escape(word) for word in name.split())
    return re.compile(rf"(?<!\w)(?P<name>{words})(?!\w)", re.IGNORECASE)


@lru_cache(_MANY)
def _names(source: str) -> tuple[str, ...]:
    """What a source is called: as it is written, without its section, without "the"."""
    return tuple(dict.fromkeys(_called(" ".join(source.split()))))


def _called(source: str) -> Iterator[str]:
    for name in (source, _SECTION.split(source)[0]):
        domain = _DOMAIN.fullmatch(name)
        bare = domain[1] if domain else _THE.sub("", name, count=1)
        if len(bare) > 1:
            yield bare
