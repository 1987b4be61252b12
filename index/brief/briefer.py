"""`Briefer`: composes briefings from the articles of a library."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.library.arrivals import arrivals
from newsdesk.index.query.languages import code_of
from newsdesk.index.search.searcher import Opened, Searcher
from newsdesk.index.search.text_fragment import link
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.text.passages import paragraph_at
from newsdesk.index.types import Article

from . import telling, topics
from .clusters import clusters
from .types import Brief, BriefQuery, Story, StorySentence, Topic, falls_within
from .window import ArticleSentences, Window, WindowReader, local_generation, unit

LOOK_BACK = timedelta(days=7)  # a story whose last article is older begins anew
_DAY = timedelta(days=1)
_CACHED_WINDOWS = 4  # of the periods that were asked for last; each is all of its vectors
_CACHED_BRIEFS = 64  # many people ask for the same briefing at the same time
_FRESH = 24.0  # hours before a story's newest article: its sentences come from these articles only
_DECAY = 24.0  # hours after which recency falls to 1/e
# Weights of a story's score. The keys are shown to users: "outlets" counts sources.
_ORDER = {"fit": 1.0, "outlets": 0.5, "recency": 0.5, "less": -0.5}
_MANY = 8  # sources; more count no further

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _PreparedWindow:
    """A window of one generation with its stories; cached, shared by queries for the same days."""

    opened: Opened
    reader: WindowReader
    window: Window
    stories: tuple[Rows, ...]


@dataclass(frozen=True, slots=True)
class _ScoredStory:
    """A story as one query sees it: new and known articles, topic fit and score."""

    rows: Rows  # articles that tell it now, oldest first
    before: Rows  # known articles, oldest first; empty if the whole story is to be told
    fit: float
    score: float
    parts: Mapping[str, float]


class Briefer:
    """Composes briefings from the newest generation of a library; thread-safe.

    Windows (articles with their stories) and finished briefings are cached.

    >>> from datetime import UTC, datetime, timedelta
    >>> day = datetime(2021, 12, 7, tzinfo=UTC)
    >>> with Searcher(load_settings()) as searcher:
    ...     brief = Briefer(searcher).brief(BriefQuery(Topic(), day, day + timedelta(days=1)))
    >>> brief.stories[0].headline
    'Biden Warns Putin of Economic Penalties in Two-Hour Video Call'
    """

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._analyzer = Analyzer()
        self._windows: OrderedDict[tuple[object, ...], _PreparedWindow] = OrderedDict()
        self._briefs: OrderedDict[tuple[str, BriefQuery], Brief] = OrderedDict()
        self._making = threading.Lock()

    def brief(self, query: BriefQuery) -> Brief:
        """Compose the briefing of a query.

        Returns a `Brief` whose stories are ordered by score, highest first. Raises LibraryError
        if the library is not in this process.
        """
        prepared = self._prepared(query.since - LOOK_BACK, query.until)
        key = (prepared.opened.engine.state, query)
        brief = self._briefs.get(key) or self._brief(prepared, query)
        with self._making:
            self._briefs[key] = brief
            if len(self._briefs) > _CACHED_BRIEFS:
                self._briefs.popitem(last=False)
        return brief

    def _brief(self, prepared: _PreparedWindow, query: BriefQuery) -> Brief:
        ranked, period = self._score_stories(prepared, query)
        stories: list[Story] = []
        left_out = 0
        for scored in ranked:
            if len(stories) == query.k:
                left_out += self._has_news(prepared, scored, query)
            elif story := self._story(prepared, scored, query):
                stories.append(story)
        seen = [
            prepared.window.articles[row].id for scored in ranked for row in scored.rows.tolist()
        ]
        return Brief(query, tuple(stories), left_out, tuple(seen), period)

    def period(self) -> tuple[date, date] | None:
        """The days of the first and the last dated article; None if no article has a date."""
        return self._searcher.engine.period()

    def _prepared(self, since: datetime, until: datetime) -> _PreparedWindow:
        """The cached window of a period, widened to whole UTC days so that queries share it."""
        opened = self._searcher.opened
        start, end = _midnight(since), _midnight(until) + _DAY
        key = (opened.engine.state, start, end)
        with self._making:
            prepared = self._windows.pop(key, None) or self._prepare(opened, start, end)
            self._windows[key] = prepared
            if len(self._windows) > _CACHED_WINDOWS:
                self._windows.popitem(last=False)
        return prepared

    def _prepare(self, opened: Opened, start: datetime, end: datetime) -> _PreparedWindow:
        reader = WindowReader(
            local_generation(opened.engine, self._searcher.settings.home),
            opened.engine.weights,
            self._analyzer,
        )
        came = arrivals(self._searcher.settings.home, start.timestamp())
        window = reader.window(start, end, came)
        same = self._searcher.settings.brief.same
        return _PreparedWindow(opened, reader, window, tuple(clusters(window, same)))

    def _score_stories(
        self, prepared: _PreparedWindow, query: BriefQuery
    ) -> tuple[list[_ScoredStory], tuple[str, ...]]:
        """The stories to tell, highest score first, and the ids of the period's articles."""
        window = prepared.window
        within = _within(window, query)
        of_topic = _flags(_matches(a, query.topic) for a in window.articles)
        known = self._known(window, query, within)
        past = window.hours < _hours(query.until)
        unwanted = _flags(article.id in query.less for article in window.articles)
        split = [_split(rows, within & of_topic, known, query.repeat) for rows in prepared.stories]
        untold = [
            (rows[past[rows]], new, before)
            for rows, (new, before) in zip(prepared.stories, split, strict=True)
            if len(new) and not unwanted[rows].any()
        ]
        fits = self._topic_fits(prepared, query.topic, [rows for rows, _, _ in untold])
        stories = [
            self._score_story(window, query, new, before, float(fit))
            for (_, new, before), fit in zip(untold, fits, strict=True)
            if fit >= self._searcher.settings.brief.fit
        ]
        stories.sort(key=lambda story: (-story.score, -int(story.rows[-1])))
        return stories, tuple(window.articles[row].id for row in np.flatnonzero(within))

    def _known(self, window: Window, query: BriefQuery, within: Flags) -> Flags:
        """The articles that are no news, and the copies of these, though they say a little more."""
        known = self._told(window, query, within)
        of_known = window.copies[known & (window.copies > 0)]
        return known | np.isin(window.copies, of_known)

    def _told(self, window: Window, query: BriefQuery, within: Flags) -> Flags:
        if query.known is None:  # the topic's articles from before the period
            of_topic = _flags(_matches(a, query.topic) for a in window.articles)
            return of_topic & (window.hours < _hours(query.since)) & (~within)
        known = query.known
        return _flags(article.id in known for article in window.articles)

    def _topic_fits(
        self, prepared: _PreparedWindow, topic: Topic, stories: list[Rows]
    ) -> NDArray[np.float64]:
        if not topic.words.strip():
            return np.ones(len(stories))
        opened = prepared.opened
        terms = opened.engine.spell(self._analyzer.query_terms(topic.words))
        weights = opened.engine.weights(terms)
        generation = local_generation(opened.engine, self._searcher.settings.home)
        wanted = topics.profile(topic.words, generation, opened.encode, weights, self._analyzer)
        return topics.fits(wanted, prepared.window, stories, self._analyzer)

    def _score_story(
        self, window: Window, query: BriefQuery, rows: Rows, before: Rows, fit: float
    ) -> _ScoredStory:
        """A story with its score: the weighted sum of fit, sources, recency and similarity."""
        articles = [window.articles[row] for row in rows.tolist()]
        sources = len({article.source or article.author or article.id for article in articles})
        hours = _hours(query.until) - float(window.hours[rows[-1]])
        parts = {
            "fit": fit,
            "outlets": math.log(min(sources, _MANY)) / math.log(_MANY),
            "recency": math.exp(-max(0.0, hours) / _DECAY),
        }
        if query.less:
            parts["less"] = self._similarity_to_unwanted(window, rows, query)
        weighed = {name: _ORDER[name] * value for name, value in parts.items()}
        return _ScoredStory(rows, before, fit, sum(weighed.values()), weighed)

    def _similarity_to_unwanted(self, window: Window, rows: Rows, query: BriefQuery) -> float:
        """The largest cosine of a story's articles to the unwanted ones; 0 without any."""
        others = np.flatnonzero(_flags(article.id in query.less for article in window.articles))
        nearness = window.vectors[rows] @ window.vectors[others].T
        return max(0.0, float(nearness.max(initial=0.0)))

    def _story(
        self, prepared: _PreparedWindow, scored: _ScoredStory, query: BriefQuery
    ) -> Story | None:
        """A story with its sentences; None if nothing in it is new and repeats are not wanted."""
        rows, before = scored.rows, scored.before
        chosen = self._tell(prepared, rows, before)
        if not chosen and not query.repeat:
            return None
        if not chosen:
            before = before[:0]
            chosen = self._tell(prepared, rows, before)
        if not chosen:
            return None
        articles = prepared.window.articles
        return Story(
            headline=chosen[0].article.title or chosen[0].text,
            sentences=tuple(chosen),
            articles=tuple(articles[row] for row in rows[::-1].tolist()),
            fit=scored.fit,
            score=scored.score,
            parts=scored.parts,
            before=tuple(articles[row].id for row in before.tolist()),
        )

    def _has_news(self, prepared: _PreparedWindow, scored: _ScoredStory, query: BriefQuery) -> bool:
        if query.repeat or not len(scored.before):
            return True
        return bool(self._tell(prepared, scored.rows, scored.before))

    def _tell(self, prepared: _PreparedWindow, rows: Rows, before: Rows) -> list[StorySentence]:
        """The one or two sentences that tell a story, or what is new in it if part is known."""
        window = prepared.window
        hours = window.hours[rows]
        fresh = rows[hours >= hours.max() - _FRESH]
        middle = unit(window.vectors[rows].mean(axis=0, keepdims=True))[0]
        sentences = telling.score_sentences(
            self._read_articles(prepared, fresh), middle, window.idf, self._analyzer
        )
        if not len(before):
            return [_story_sentence(sentence) for sentence in telling.choose(sentences)]
        old = self._read_articles(prepared, before)
        vectors = np.concatenate([contents.vectors for _, contents in old])
        terms = frozenset(
            term for a, _ in old for term in self._analyzer.terms(f"{a.title}\n{a.text}")
        )
        return [
            _story_sentence(sentence)
            for sentence in telling.choose_new(sentences, vectors, terms, window.idf)
        ]

    def _read_articles(
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
    """Split a story's articles into those that tell it now and those known before."""
    now = rows[wanted[rows]]
    new = now[~known[now]]
    if repeat and not len(new):
        return now, rows[:0]
    return new, rows[known[rows]]


def _matches(article: Article, topic: Topic) -> bool:
    """Whether an article has one of the topic's sources and one of its languages."""
    sources = {name.casefold() for name in topic.sources}
    languages = {code_of(name) for name in topic.languages}
    return (not sources or article.source.casefold() in sources) and (
        not languages or article.said_language in languages
    )


def _within(window: Window, query: BriefQuery) -> Flags:
    """Which articles a query asks for, by when they came out and when the library got them."""
    since, until = _hours(query.since), _hours(query.until)
    within = _flags(
        falls_within(article.published, query.since, query.until)
        if article.published
        else since <= hour < until
        for article, hour in zip(window.articles, window.hours.tolist(), strict=True)
    )
    return within if query.got_since is None else within & (window.got >= _hours(query.got_since))


def _hours(at: datetime) -> float:
    return at.timestamp() / 3600


def _midnight(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _flags(values: Iterable[bool]) -> Flags:
    return np.fromiter(values, dtype=bool)


def _story_sentence(sentence: telling.ScoredSentence) -> StorySentence:
    text, span = sentence.article.text, sentence.span
    words = span.of(text)
    paragraph = paragraph_at(text, span.start)
    place = link(sentence.article, words, span.start)
    return StorySentence(words, sentence.article, span.start, span.end, paragraph, place)
