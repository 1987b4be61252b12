"""Asks with a narrowing, and gives it up where it was only tentative and makes things worse."""

from __future__ import annotations

from dataclasses import replace

from newsdesk.index.query.filters import Narrowing
from newsdesk.index.settings import Answering
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Answer, Article, Hit, Passage, Query

from .answer import compose
from .searcher import Searcher

_WORSE = 0.05  # probability that a tentative narrowing may cost
_SPARE = 3  # times as many articles are looked at as are shown: some say the same


def ask(searcher: Searcher, query: Query, narrowing: Narrowing) -> tuple[Answer, Narrowing]:
    """The answer, and the narrowing that it was found under: none where it was given up."""
    if not narrowing:
        return searcher.ask(query), narrowing
    if narrowing.since or narrowing.until:  # a time of its own, so today does not count
        query = replace(query, asked=None)
    narrow = replace(query, since=narrowing.since, until=narrowing.until, sources=narrowing.sources)
    if narrowing.open and query.text == narrowing.question and not query.context:
        answer = newest(searcher, narrow)
        if answer.passages or not narrowing.tentative:
            return answer, narrowing
    narrowed = searcher.ask(narrow)
    if not narrowing.tentative:
        return narrowed, narrowing
    # An outlet is meant, whatever the date is.
    wide = searcher.ask(replace(query, sources=narrowing.sources))
    if narrowed.verdict != "none" and narrowed.probability >= wide.probability - _WORSE:
        return narrowed, narrowing
    left = narrowing.said[-1:] if narrowing.sources else ()
    return wide, replace(narrowing, since=None, until=None, said=left, tentative=False)


def newest(searcher: Searcher, query: Query) -> Answer:
    """The newest articles that a query allows, each by its beginning, which tells what is new.

    For a question that asks for no more than that. The verdict is never more than `weak`: they
    are what there is, and nobody can say that one of them is what was meant.
    """
    given = (query.since, query.until, query.sources)
    found = searcher.engine.newest(query.k * _SPARE, *given)
    hits = [_hit(article, passage, rank) for rank, (article, passage) in enumerate(found, start=1)]
    alike = searcher.settings.answer.near_duplicate
    settings = Answering(answered=1.0, weak=0.0, near_duplicate=alike)
    return compose(query, hits, {}, Analyzer(), settings)


def _hit(article: Article, passage: Passage, rank: int) -> Hit:
    """A passage that was compared with no question: the newer it is the better, and its first
    sentence best."""
    nearness = (1.0, *(0.0 for _ in passage.sentences[1:]))
    return Hit(passage, article, rank, 1 / rank, {"bm25": 0.0, "dense": 0.0}, nearness, nearness)
