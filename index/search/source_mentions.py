"""Which sources a question names: "as reported by The Verge", "what did Reuters say"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_SECTION = re.compile(r"\s+[-–—|:]\s+")  # "The Independent - Travel" is called The Independent
_DOMAIN = re.compile(r"(?:www\.)?([\w-]+)(?:\.[a-z]{2,6}){1,2}", re.IGNORECASE)  # cnn.com is CNN
_THE = re.compile(r"the\s+(?=\S)", re.IGNORECASE)
_CITED = r"(?:according to|(?:reported|published|written) (?:by|in))\s+(?:the\s+)?"
_WORD = re.compile(r"\w+")


class SourceNames:
    """The names of a collection's sources, looked up in questions.

    Indexed by their first words, once for a collection. Not each name in turn: with 5,000 sources
    that took a question 16 ms.

    >>> SourceNames(["Reuters", "The Verge"]).named("what does the Verge say of chips?")
    {1}
    """

    def __init__(self, sources: Sequence[str]) -> None:
        self._called: dict[str, list[tuple[int, str]]] = {}
        for place, source in enumerate(sources):
            for name in _names(source):
                self._called.setdefault(_first(name), []).append((place, name))

    def named(self, question: str) -> set[int]:
        """The places of the sources that a question names.

        A name of one word is often a word as well ("Time", "The Age", "Fortune"): it has to be
        written with a capital, or be cited.
        """
        words = {word.casefold() for word in _WORD.findall(question)}
        likely = (pair for word in (*words, "") for pair in self._called.get(word, ()))
        return {place for place, name in likely if _is_named(name, question)}


def _first(name: str) -> str:
    """The first word of a name; empty for one without any."""
    word = _WORD.search(name)
    return word[0].casefold() if word else ""


def _is_named(name: str, question: str) -> bool:
    words = r"\s+".join(re.escape(word) for word in name.split())
    mentions = re.findall(rf"(?<!\w){words}(?!\w)", question, re.IGNORECASE)
    if " " in name or not mentions:
        return bool(mentions)
    if not question.isupper() and any(not mention.islower() for mention in mentions):
        return True
    return bool(re.search(rf"{_CITED}{words}(?!\w)", question, re.IGNORECASE))


def _names(source: str) -> tuple[str, ...]:
    """What a source is called: as it is written, without its section, without "the"."""
    return tuple(dict.fromkeys(_spoken(" ".join(source.split()))))


def _spoken(source: str) -> Iterator[str]:
    for name in (source, _SECTION.split(source)[0]):
        domain = _DOMAIN.fullmatch(name)
        bare = domain[1] if domain else _THE.sub("", name, count=1)
        if len(bare) > 1:
            yield bare
