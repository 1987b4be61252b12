"""Asks the library, off the event loop, a few questions at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from newsdesk.bot.settings import BotSettings
from newsdesk.index.brief import Brief, Briefer, BriefQuery
from newsdesk.index.errors import NewsdeskError
from newsdesk.index.generation import Outlet
from newsdesk.index.query.filters import Narrowing, narrow
from newsdesk.index.query.followups import Turn, Understood, understand
from newsdesk.index.search.ask import ask
from newsdesk.index.search.examples import examples
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Answer, Article, Query, Shown

_LOG = logging.getLogger("newsdesk.asking")
_MOST_WAITING = 500  # questions; beyond, people are asked to come back
_NEWEST = 500  # articles whose languages are known
_T = TypeVar("_T")


class Busy(Exception):
    """More people ask than can be answered soon."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A question as it came, with all that bears on what it means."""

    text: str
    zone: str
    passages: int  # shown at once
    before: Turn | None = None  # the exchange it may go on from
    whole: bool = False  # without narrowing


@dataclass(frozen=True, slots=True)
class Held:
    """What the library held when it was asked."""

    articles: int
    period: tuple[date, date] | None
    generation: str
    model: str


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, and how its question was understood."""

    answer: Answer
    understood: Understood
    narrowing: Narrowing
    held: Held
    passages: int  # shown at most


class Asker:
    """The library, asked by threads of its own. Moves to a new generation between two questions."""

    def __init__(self, settings: BotSettings) -> None:
        """Open the library. Raises what opening it raises, such as LibraryMissing."""
        self._settings = settings
        self._searcher = Searcher(settings)
        threads = settings.telegram.threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="asking")
        # Briefings have a thread of their own, so that no question waits behind them.
        self._briefer = Briefer(self._searcher)
        self._brief_pool = ThreadPoolExecutor(1, thread_name_prefix="briefing")
        self._analyzer = Analyzer()
        self._waiting = 0
        self._held: Held | None = None
        self._examples: tuple[str, list[str]] = ("", [])
        self._languages: tuple[str, list[str]] = ("", [])

    def close(self) -> None:
        """Let go of the library."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._brief_pool.shutdown(wait=False, cancel_futures=True)
        self._searcher.close()

    async def ask(self, wish: Wish) -> Found:
        """Answer a question with as many passages as the bot shows at once. Raises Busy."""
        return await self._run(lambda: self._ask(wish))

    async def passages(self, query: Query) -> tuple[Shown, ...]:
        """The passages of a question that was understood before, as many as `query.k`."""
        return await self._run(lambda: self._searcher.ask(query).passages)

    async def brief(self, query: BriefQuery) -> Brief:
        """What is new for a topic in a period."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._brief_pool, self._fresh, lambda: self._briefer.brief(query)
        )

    async def article(self, article_id: str) -> Article | None:
        """An article as it is now, or None."""
        return await self._run(lambda: self._searcher.article(article_id))

    async def outlets(self) -> list[Outlet]:
        """Who wrote what the library holds, and when."""
        return await self._run(self._outlets)

    async def examples(self) -> list[str]:
        """Questions that the library answers; made once for each generation."""
        return await self._run(self._find_examples)

    async def languages(self) -> list[str]:
        """The languages that the newest articles of the library say they are in."""
        return await self._run(self._find_languages)

    async def reload(self) -> bool:
        """Move to the newest generation, if there is one; says whether. Raises NewsdeskError."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._searcher.refresh)

    @property
    def sources(self) -> list[str]:
        """The outlets that the library has."""
        return self._searcher.generation.manifest.sources

    @property
    def held(self) -> Held:
        """What the library holds now."""
        generation = self._searcher.generation
        if self._held is None or self._held.generation != generation.name:
            manifest, period = generation.manifest, generation.period()
            self._held = Held(manifest.articles, period, generation.name, manifest.model.name)
        return self._held

    def _ask(self, wish: Wish) -> Found:
        sources = self._searcher.generation.manifest.sources
        now = datetime.now(ZoneInfo(wish.zone))
        narrowing = narrow(wish.text, now, sources)
        if not wish.whole:
            return self._found(wish, now, narrowing)
        # The words that narrowed are no part of the question, unless they were misread.
        texts = dict.fromkeys((narrowing.question, wish.text))
        return max(
            (self._found(wish, now, Narrowing(text)) for text in texts),
            key=lambda found: found.answer.probability,
        )

    def _found(self, wish: Wish, now: datetime, narrowing: Narrowing) -> Found:
        understood = understand(narrowing.question, wish.before, self._analyzer)
        query = Query(
            understood.question, wish.passages, context=understood.context, asked=now.date()
        )
        answer, narrowing = ask(self._searcher, query, narrowing)
        return Found(answer, understood, narrowing, self.held, wish.passages)

    def _find_languages(self) -> list[str]:
        generation = self._searcher.generation
        if self._languages[0] != generation.name:
            newest = (generation.article(number) for number in generation.newest(_NEWEST))
            found = dict.fromkeys(one.language for one in newest if one.language)
            self._languages = (generation.name, list(found))
        return self._languages[1]

    def _outlets(self) -> list[Outlet]:
        return self._searcher.generation.outlets()

    def _find_examples(self) -> list[str]:
        name = self._searcher.generation.name
        if self._examples[0] != name:
            self._examples = (name, examples(self._searcher))
        return self._examples[1]

    async def _run(self, work: Callable[[], _T]) -> _T:
        if self._waiting >= _MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, self._fresh, work)
        finally:
            self._waiting -= 1

    def _fresh(self, work: Callable[[], _T]) -> _T:
        try:
            self._searcher.refresh()
        except NewsdeskError as error:  # the one that is open still answers
            _LOG.warning("stays with the library as it was: %s", error)
        return work()
