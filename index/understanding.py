"""Asks with a narrowing, and gives it up where it was only tentative and makes things worse."""

from __future__ import annotations

from dataclasses import replace

from .narrowing import Narrowing
from .search import Searcher
from .types import Answer, Query

_WORSE = 0.05  # probability that a tentative narrowing may cost


def ask(searcher: Searcher, query: Query, narrowing: Narrowing) -> tuple[Answer, Narrowing]:
    """The answer, and the narrowing that it was found under: none where it was given up."""
    if not narrowing:
        return searcher.ask(query), narrowing
    if narrowing.since or narrowing.until:  # a time of its own, so today does not count
        query = replace(query, asked=None)
    narrowed = searcher.ask(
        replace(query, since=narrowing.since, until=narrowing.until, sources=narrowing.sources)
    )
    if not narrowing.tentative:
        return narrowed, narrowing
    # An outlet is meant, whatever the date is.
    wide = searcher.ask(replace(query, sources=narrowing.sources))
    if narrowed.verdict != "none" and narrowed.probability >= wide.probability - _WORSE:
        return narrowed, narrowing
    left = narrowing.said[-1:] if narrowing.sources else ()
    return wide, replace(narrowing, since=None, until=None, said=left, tentative=False)
