"""Citing all outlets that have a passage: the copies of its story that were not searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from newsdesk.index.text import copies
from newsdesk.index.text.passages import paragraph_at
from newsdesk.index.types import Answer, Citation, Query, Shown, Span

from .engine import Copy, Engine
from .text_fragment import link

_LEAST = 0.5  # of a passage's words, that a copy must have to be cited for it


def with_copies(answer: Answer, engine: Engine, query: Query) -> Answer:
    """The answer with citations of all articles that have its passages nearly alike.

    Only of articles that the filters of the query allow. Costs nothing where there are no copies.
    """
    if not any(shown.hit.story for shown in answer.passages):
        return answer
    return replace(answer, passages=tuple(_cited(s, engine, query) for s in answer.passages))


def copies_of(engine: Engine, article_id: str, query: Query) -> list[str]:
    """The ids of an article's copies that the filters of a query allow; mostly none."""
    story = engine.story(article_id)
    if not story:
        return []
    found = engine.load_copies(story, query.filters)
    return [copy.article.id for copy in found if copy.article.id != article_id]


def _cited(shown: Shown, engine: Engine, query: Query) -> Shown:
    if not shown.hit.story:
        return shown
    known = {shown.citation.article.id, *(citation.article.id for citation in shown.also)}
    found = engine.load_copies(shown.hit.story, query.filters)
    passage = copies.Text(shown.hit.passage.text)
    cited = [
        _citation(shown.citation.number, copy, place)
        for copy in found
        if copy.article.id not in known and (place := _place(passage, copy))
    ]
    return replace(shown, also=(*cited, *shown.also))


def _place(passage: copies.Text, copy: Copy) -> Span | None:
    """Where a copy has the passage: its sentences that stand there, the longest run of them."""
    text = copy.article.text
    best, run = list[Span](), list[Span]()
    for sentence in copy.sentences:
        if copies.stands_in(sentence.of(text), passage):
            run.append(sentence)
            if _length(run) > _length(best):
                best = list(run)
        else:
            run = []
    if not best:
        return None
    place = Span(best[0].start, best[-1].end)
    has = copies.Text(place.of(text)).words
    return place if has >= _LEAST * passage.words else None


def _length(sentences: Sequence[Span]) -> int:
    return sum(sentence.end - sentence.start for sentence in sentences)


def _citation(number: int, copy: Copy, place: Span) -> Citation:
    article = copy.article
    paragraph = paragraph_at(article.text, place.start)
    address = link(article, place.of(article.text), place.start)
    return Citation(number, article, place.start, place.end, paragraph, address)
