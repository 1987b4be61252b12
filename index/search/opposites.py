"""Whether a sentence tells of those who did not, where a question asks who did.

Words, vectors and the reader find "Ostland refused to sign" as near as "Norland signed". Only
questions for persons and names are looked at: "did Ostland sign?" is answered by either.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from newsdesk.index.text.analyzer import Analyzer

_WHO = re.compile(
    r"\bwho(?:m|se)?\b|\b(?:which|what) (?:\w+ ){0,2}?(?:man|woman|person|people|players?|leaders?|"
    r"presidents?|ministers?|authors?|teams?|compan(?:y|ies)|athletes?|countr(?:y|ies)|nations?|"
    r"states?|members?)\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"refus\w*|declin(?:e[sd]?|ing)|reject\w*|oppos(?:e[sd]?|ing)|object(?:ed|s)|boycott\w*|veto\w*"
    r"|abstain\w*|den(?:y|ies|ied)|fail(?:s|ed)?|against|not|never|without|neither|nor|no"
    r"|cannot|\w+n['’]t",
    re.IGNORECASE,
)
_WORD = re.compile(r"[\w'’]+|[,;:.]")
_BEFORE, _BEHIND = 3, 1  # words around one of the question's in which it is denied


def is_negative(question: str) -> bool:
    """Whether a question itself asks who did not.

    >>> is_negative("who voted against it?"), is_negative("who voted for it?")
    (True, False)
    """
    return any(_DENIES.fullmatch(word) for word in _WORD.findall(question))


def asks_who(question: str) -> bool:
    """Whether a question asks for persons or names, of whom a sentence may tell the opposite."""
    return _WHO.search(question) is not None


def denies(sentence: str, terms: Collection[str], analyzer: Analyzer) -> bool:
    """Whether a sentence denies one of the terms of a question wherever it has it.

    >>> denies("Ostland refused to sign the treaty.", {"sign"}, Analyzer())
    True
    """
    words = _WORD.findall(sentence)
    places: dict[str, list[bool]] = {}
    for place, word in enumerate(words):
        for term in analyzer.terms(word):
            if term in terms and not _DENIES.fullmatch(word):
                places.setdefault(term, []).append(_is_denied(words, place))
    return any(all(denied) for denied in places.values())


def _is_denied(words: list[str], place: int) -> bool:
    before = words[max(0, place - _BEFORE) : place]
    for at in range(len(before) - 1, -1, -1):
        if before[at] in ",;:.":
            before = before[at + 1 :]
            break
    near = [*before, *words[place + 1 : place + 1 + _BEHIND]]
    return any(_DENIES.fullmatch(word) for word in near)
