"""Asks the library, off the event loop, a few questions at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from newsdesk.bot.in_hand import in_turn
from newsdesk.bot.settings import BotSettings
from newsdesk.bot.turns import Turns
from newsdesk.index.brief import Brief, Briefer, BriefQuery
from newsdesk.index.errors import NewsdeskError
from newsdesk.index.generation import SourceSummary
from newsdesk.index.generation.generation import CURRENT
from newsdesk.index.library import Library
from newsdesk.index.search.examples import examples
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.types import Answer, Article, Collection, Query, Question

_LOG = logging.getLogger("newsdesk.asking")
_T = TypeVar("_T")


class Asker:
    """The library, asked by threads of its own. Moves to a new generation between two questions."""

    def __init__(self, settings: BotSettings, searcher: Searcher | None = None) -> None:
        """Open the library, or take one that is open.

        Raises what opening it raises, such as LibraryMissing.
        """
        self._settings = settings
        self._searcher = searcher or Searcher(settings)
        if searcher is None:
            # The reader is opened when it first reads: not while somebody waits.
            self._searcher.search(Query("what is new?"))
        threads = settings.telegram.threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="asking")
        self._turns = Turns(self._pool, threads)
        # Who presses a button waits for no search.
        self._read_pool = ThreadPoolExecutor(1, thread_name_prefix="reading")
        # Briefings have a thread of their own, so that no question waits behind them.
        self._briefer = Briefer(self._searcher)
        self._brief_pool = ThreadPoolExecutor(1, thread_name_prefix="briefing")
        self.trouble = ""  # why it stays with an older state of the library, while it does
        self._examples: tuple[str, list[str]] = ("", [])

    def stop(self) -> None:
        """Begin no search that waits: who asked is answered at the next start."""
        self._turns.stop()

    def close(self) -> None:
        """Let go of the library."""
        self._read_pool.shutdown(wait=False, cancel_futures=True)
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._brief_pool.shutdown(wait=False, cancel_futures=True)
        self._searcher.close()

    async def ask(self, question: Question) -> Answer:
        """Answer a question. Raises Busy, Stopped, or what asking raises."""
        return await self._run(lambda: self._searcher.ask(question))

    async def ask_inline(self, question: Question, is_wanted: Callable[[], bool]) -> Answer | None:
        """Answer an inline query; None where it is not wanted any more when its turn comes."""
        work = partial(self._fresh, lambda: self._searcher.ask(question))
        return await self._turns.inline(work, is_wanted)

    async def brief(self, query: BriefQuery) -> Brief:
        """What is new for a topic in a period."""
        loop = asyncio.get_running_loop()
        work = in_turn(partial(self._fresh, lambda: self._briefer.brief(query)))
        return await loop.run_in_executor(self._brief_pool, work)

    async def quoted(self, article_id: str, digest: str) -> Article | None:
        """An article as it was when its digest was this, be that now or before; None if never.

        Read beside the searches: a press waits behind none of them.
        """
        loop = asyncio.get_running_loop()
        work = partial(self._fresh, lambda: self._quoted(article_id, digest))
        return await loop.run_in_executor(self._read_pool, work)

    async def outlets(self) -> list[SourceSummary]:
        """Who wrote what the library holds, and when."""
        return await self._run(self._outlets)

    async def examples(self) -> list[str]:
        """Questions that the library answers; made once for each generation."""
        return await self._run(self._find_examples)

    async def languages(self) -> list[str]:
        """The codes of the languages that articles say they are in, most articles first."""
        return await self._run(lambda: list(self._searcher.engine.languages()))

    async def reload(self) -> bool:
        """Move to the newest generation, if there is one; says whether. Raises NewsdeskError."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._searcher.refresh)

    async def look(self) -> bool:
        """Move to the newest state, beside the searches; what stands against it is `trouble`.

        Always True: it returns when that is known.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._read_pool, self._fresh, lambda: True)

    async def published(self) -> float | None:
        """When what is asked was published, in seconds since 1970; None where that is not known."""
        return await asyncio.get_running_loop().run_in_executor(self._read_pool, self._published)

    async def sources_failing(self) -> tuple[int, int]:
        """How many sources are asked for news, and of how many the last try failed."""
        return await asyncio.get_running_loop().run_in_executor(self._read_pool, self._failing)

    @property
    def sources(self) -> list[str]:
        """The outlets that the library has."""
        return list(self._searcher.source_names)

    @property
    def held(self) -> Collection:
        """What the library holds now."""
        return self._searcher.collection

    def _published(self) -> float | None:
        try:
            return (self._settings.home / CURRENT).stat().st_mtime
        except OSError:
            return None

    def _failing(self) -> tuple[int, int]:
        with Library(self._settings.home) as library:
            asked = [source for source in library.sources.all() if not source.retired]
        return len(asked), sum(bool(source.error) for source in asked)

    def _quoted(self, article_id: str, digest: str) -> Article | None:
        article = self._searcher.article(article_id)
        if article and article.digest == digest:
            return article
        with Library(self._settings.home) as library:
            return library.version(article_id, digest)

    def _outlets(self) -> list[SourceSummary]:
        return self._searcher.engine.sources()

    def _find_examples(self) -> list[str]:
        name = self._searcher.engine.state
        if self._examples[0] != name:
            self._examples = (name, examples(self._searcher))
        return self._examples[1]

    async def _run(self, work: Callable[[], _T]) -> _T:
        return await self._turns.question(in_turn(partial(self._fresh, work)))

    def _fresh(self, work: Callable[[], _T]) -> _T:
        try:
            self._searcher.refresh()
            self.trouble = ""
        except NewsdeskError as error:  # the one that is open still answers
            self.trouble = str(error)
            _LOG.warning("stays with the library as it was: %s", error)
        return work()
