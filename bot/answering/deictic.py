"""Words that only point at a message: "what is this about?", written as a reply to it."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_POINTS = frozenset("this that it these those here above".split())
_GENERAL = frozenset(
    "a about again all am an and any anything are article articles at background be been behind by"
    " can check claim confirm confirmed context correct could did do does ever explain fact facts"
    " fake false find for from give going got had happened happening has have heard here how i if"
    " in info information is just know known look lookup me mean means message more my new news of"
    " on or our out over please post real really reported right say says search see show so some"
    " something source sources still story tell text the there thing to true truth up us was we"
    " were what what's what’s when where whether which who why will with would you your".split()
)


def only_points(text: str) -> bool:
    """Whether words ask nothing by themselves, but point at what they reply to.

    >>> only_points("what is this about?"), only_points("is it true?"), only_points("who is Orban?")
    (True, True, False)
    """
    words = [word.casefold() for word in _WORD.findall(text)]
    if not words:
        return True  # "?"
    return any(word in _POINTS for word in words) and all(
        word in _POINTS or word in _GENERAL for word in words
    )
