"""Splits a question that asks two things: "who won in Chile and who lost in Peru?"."""

from __future__ import annotations

import re

_MOST = 3  # questions in one
_LENGTH = 600  # characters of a question that is looked at
_ASKS = r"(?:(?:in|on|at|to|from|for|with|by|of) )?(?:who|whom|whose|what|when|where|why|how|which)"
_VERB = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)"
_BETWEEN = re.compile(
    rf"\?+\s+(?:(?:and|but|also)\s+)?(?=\w)|\s*[,;]?\s+(?:and|but|or)(?: also)?,?\s+(?={_ASKS}\b)"
    rf"|\s*[,;]\s+(?={_ASKS}\b)",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    rf"\W*(?:(?:and|but|so|please|tell me|say|do you know|can you tell me),? )*"
    rf"(?:{_ASKS}|{_VERB})\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_WORDS = 3  # of a question of its own, at least; "who won, and when?" is one question


def split_questions(text: str) -> tuple[str, ...]:
    """The questions that a text asks, each by itself; one for a text that asks one.

    >>> split_questions("Who won in Chile and who lost in Peru?")
    ('Who won in Chile?', 'who lost in Peru?')
    >>> split_questions("Who met in Riga, and when?")
    ('Who met in Riga, and when?',)
    """
    if len(text) > _LENGTH:
        return (text,)
    parts = [part.strip(" ,;") for part in _BETWEEN.split(text)]
    parts = [part for part in parts if part]
    if not 1 < len(parts) <= _MOST or not all(map(_is_question, parts)):
        return (text,)
    return tuple(f"{part.rstrip('?!. ')}?" for part in parts)


def _is_question(part: str) -> bool:
    return bool(_BEGINS.match(part)) and len(_WORD.findall(part)) >= _WORDS
