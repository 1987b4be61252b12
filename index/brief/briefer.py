"""`Briefer`: makes briefings of what a library holds."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.search.answer import link
from newsdesk.index.search.searcher import Opened, Searcher
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.text.passages import paragraph_at
from newsdesk.index.types import Article

from . import telling, topics
from .clusters import clusters
from .types import Brief, BriefQuery, Story, StorySentence, Topic, falls_within, moment
from .window import ArticleSentences, Window, WindowReader, local_generation, unit

LOOK_BACK = timedelta(days=7)  # a story whose last article is older begins anew
_DAY = timedelta(days=1)
_KEPT = 4  # windows that are remembered
_SAME = 64  # and briefings: many chats ask for the same at the same time
_FRESH = 24.0  # hours: a story is told as it stood then, not as it began
_A_DAY = 24.0  # hours: what is a day old counts a third
_ORDER = {"fit": 1.0, "outlets": 0.5, "recency": 0.5, "less": -0.5}
_MANY = 8  # sources, that count in full

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _PreparedWindow:
    """A window of a generation, with its stories; shared by all who ask for that time."""

    opened: Opened
    reader: WindowReader
    window: Window
    stories: tuple[Rows, ...]


@dataclass(frozen=True, slots=True)
class _ScoredStory:
    """A story as it is for one query: its articles of the period, and what was known of it."""

    rows: Rows  # those that tell it now, in the order of time
    before: Rows  # those that are known, if what is new is to be told
    fit: float
    score: float
    parts: Mapping[str, float]


class Briefer:
    """Makes briefings. Safe to use from several threads."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._analyzer = Analyzer()
        self._windows: OrderedDict[tuple[object, ...], _PreparedWindow] = OrderedDict()
        self._briefs: OrderedDict[tuple[str, BriefQuery], Brief] = OrderedDict()
        self._making = threading.Lock()

    def brief(self, query: BriefQuery) -> Brief:
        """What is new for a topic in a period, as stories, best first."""
        prepared = self._prepared(query.since - LOOK_BACK, query.until)
        key = (prepared.opened.engine.state, query)
        found = self._briefs.get(key) or self._brief(prepared, query)
        with self._making:
            self._briefs[key] = found
            if len(self._briefs) > _SAME:
                self._briefs.popitem(last=False)
        return found

    def _brief(self, prepared: _PreparedWindow, query: BriefQuery) -> Brief:
        matters, period = self._matters(prepared, query)
        stories: list[Story] = []
        left_out = 0
        for matter in matters:
            if len(stories) == query.k:
                left_out += self._would_be_told(prepared, matter, query)
            elif story := self._story(prepared, matter, query):
                stories.append(story)
        seen = [prepared.window.articles[row].id for one in matters for row in one.rows.tolist()]
        return Brief(query, tuple(stories), left_out, tuple(seen), period)

    def period(self) -> tuple[date, date] | None:
        """The days of the first and the last article that has one; None if none has."""
        return self._searcher.engine.period()

    def _prepared(self, since: datetime, until: datetime) -> _PreparedWindow:
        """The window that holds a period: whole days of UTC, so that many can share it."""
        opened = self._searcher.opened
        start, end = _midnight(since), _midnight(until) + _DAY
        key = (opened.engine.state, start, end)
        with self._making:
            prepared = self._windows.pop(key, None) or self._made(opened, start, end)
            self._windows[key] = prepared
            if len(self._windows) > _KEPT:
                self._windows.popitem(last=False)
        return prepared

    def _made(self, opened: Opened, start: datetime, end: datetime) -> _PreparedWindow:
        reader = WindowReader(
            local_generation(opened.engine), opened.engine.weights, self._analyzer
        )
        window = reader.window(start, end)
        same = self._searcher.settings.brief.same
        return _PreparedWindow(opened, reader, window, tuple(clusters(window, same)))

    def _matters(
        self, prepared: _PreparedWindow, query: BriefQuery
    ) -> tuple[list[_ScoredStory], tuple[str, ...]]:
        """The stories that are to be told, best first, and the ids of the period's articles."""
        window = prepared.window
        within = _flags(
            falls_within(a.published, query.since, query.until) for a in window.articles
        )
        of_topic = _flags(_is_of(a, query.topic) for a in window.articles)
        known = self._known(window, query, within)
        past = _flags(_came_before(a, query.until) for a in window.articles)
        less = _flags(one.id in query.less for one in window.articles)
        split = [_split(rows, within & of_topic, known, query.repeat) for rows in prepared.stories]
        told = [
            (rows[past[rows]], new, before)
            for rows, (new, before) in zip(prepared.stories, split, strict=True)
            if len(new) and not less[rows].any()
        ]
        fits = self._fits(prepared, query.topic, [rows for rows, _, _ in told])
        matters = [
            self._matter(window, query, new, before, float(fit))
            for (_, new, before), fit in zip(told, fits, strict=True)
            if fit >= self._searcher.settings.brief.fit
        ]
        matters.sort(key=lambda one: (-one.score, -int(one.rows[-1])))
        return matters, tuple(window.articles[row].id for row in np.flatnonzero(within))

    def _known(self, window: Window, query: BriefQuery, within: Flags) -> Flags:
        if query.known is None:  # whatever of the topic's sources came out before the period
            return _flags(
                _is_of(a, query.topic) and _came_before(a, query.since) for a in window.articles
            ) & (~within)
        known = query.known
        return _flags(one.id in known for one in window.articles)

    def _fits(
        self, prepared: _PreparedWindow, topic: Topic, stories: list[Rows]
    ) -> NDArray[np.float64]:
        if not topic.words.strip():
            return np.ones(len(stories))
        opened = prepared.opened
        terms = opened.engine.spell(self._analyzer.query_terms(topic.words))
        weights = opened.engine.weights(terms)
        generation = local_generation(opened.engine)
        wanted = topics.profile(topic.words, generation, opened.encode, weights, self._analyzer)
        return topics.fits(wanted, prepared.window, stories, self._analyzer)

    def _matter(
        self, window: Window, query: BriefQuery, rows: Rows, before: Rows, fit: float
    ) -> _ScoredStory:
        articles = [window.articles[row] for row in rows.tolist()]
        sources = len({one.source or one.author or one.id for one in articles})
        hours = (query.until - moment(articles[-1].published or query.since)).total_seconds() / 3600
        parts = {
            "fit": fit,
            "outlets": math.log(min(sources, _MANY)) / math.log(_MANY),
            "recency": math.exp(-max(0.0, hours) / _A_DAY),
        }
        if query.less:
            parts["less"] = self._likeness(window, rows, query)
        weighed = {name: _ORDER[name] * value for name, value in parts.items()}
        return _ScoredStory(rows, before, fit, sum(weighed.values()), weighed)

    def _likeness(self, window: Window, rows: Rows, query: BriefQuery) -> float:
        """How near a story comes to those of which less is wanted: a cosine, 0 for none."""
        others = np.flatnonzero(_flags(one.id in query.less for one in window.articles))
        nearness = window.vectors[rows] @ window.vectors[others].T
        return max(0.0, float(nearness.max(initial=0.0)))

    def _story(
        self, prepared: _PreparedWindow, matter: _ScoredStory, query: BriefQuery
    ) -> Story | None:
        """The story told; None if nothing in it is new and it is not to be told again."""
        rows, before = matter.rows, matter.before
        chosen = self._told(prepared, rows, before)
        if not chosen and not query.repeat:
            return None
        if not chosen:
            before = before[:0]
            chosen = self._told(prepared, rows, before)
        if not chosen:
            return None
        articles = prepared.window.articles
        return Story(
            headline=chosen[0].article.title or chosen[0].text,
            sentences=tuple(chosen),
            articles=tuple(articles[row] for row in rows[::-1].tolist()),
            fit=matter.fit,
            score=matter.score,
            parts=matter.parts,
            before=tuple(articles[row].id for row in before.tolist()),
        )

    def _would_be_told(
        self, prepared: _PreparedWindow, matter: _ScoredStory, query: BriefQuery
    ) -> bool:
        if query.repeat or not len(matter.before):
            return True
        return bool(self._told(prepared, matter.rows, matter.before))

    def _told(self, prepared: _PreparedWindow, rows: Rows, before: Rows) -> list[StorySentence]:
        """The sentences that tell a story, or what is new in it where some of it is known."""
        window = prepared.window
        hours = window.hours[rows]
        fresh = rows[hours >= hours.max() - _FRESH]
        middle = unit(window.vectors[rows].mean(axis=0, keepdims=True))[0]
        found = telling.score_sentences(
            self._read(prepared, fresh), middle, window.idf, self._analyzer
        )
        if not len(before):
            return [_cited(one) for one in telling.choose(found)]
        old = self._read(prepared, before)
        vectors = np.concatenate([read.vectors for _, read in old])
        terms = frozenset(
            term for a, _ in old for term in self._analyzer.terms(f"{a.title}\n{a.text}")
        )
        return [_cited(one) for one in telling.choose_new(found, vectors, terms, window.idf)]

    def _read(
        self, prepared: _PreparedWindow, rows: Rows
    ) -> list[tuple[Article, ArticleSentences]]:
        window = prepared.window
        return [
            (
                window.articles[row],
                prepared.reader.sentences(int(window.numbers[row]), window.articles[row]),
            )
            for row in rows.tolist()
        ]


def _split(rows: Rows, wanted: Flags, known: Flags, repeat: bool) -> tuple[Rows, Rows]:
    """The articles of a story that tell it now, and the known ones that it is new beside."""
    now = rows[wanted[rows]]
    new = now[~known[now]]
    if repeat and not len(new):
        return now, rows[:0]
    return new, rows[known[rows]]


def _is_of(article: Article, topic: Topic) -> bool:
    """Whether an article is of the sources and languages that a topic names."""
    sources = {one.casefold() for one in topic.sources}
    languages = {one.casefold() for one in topic.languages}
    return (not sources or article.source.casefold() in sources) and (
        not languages or article.language.casefold().split("-")[0] in languages
    )


def _came_before(article: Article, then: datetime) -> bool:
    return article.published is not None and moment(article.published) < then


def _midnight(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _flags(values: Iterable[bool]) -> Flags:
    return np.fromiter(values, dtype=bool)


def _cited(one: telling.ScoredSentence) -> StorySentence:
    text, span = one.article.text, one.span
    words = span.of(text)
    paragraph = paragraph_at(text, span.start)
    return StorySentence(
        words, one.article, span.start, span.end, paragraph, link(one.article, words)
    )
