"""Changes the library, off the event loop: adds, fetches, removes, publishes.

Three threads: one for what waits for servers, one at a time of that; one for what is done in a
moment; one that publishes what these have stored, once for all that came meanwhile. Between them,
and with `newsdesk sync` in a terminal, the locks of the home decide.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from newsdesk.bot.settings import BotSettings
from newsdesk.bot.turns import Stopped
from newsdesk.index import sync as syncing
from newsdesk.index.errors import UsageError
from newsdesk.index.indexes.dense import Encoder
from newsdesk.index.library import Library, Source
from newsdesk.index.sync import Added, Channel, Removed, SourceState, SyncReport
from newsdesk.index.sync.syncing import SYNC_LOCK
from newsdesk.index.types import Article, stamp
from newsdesk.index.update import Action
from newsdesk.index.update.locking import LOCK

_LOOK = 0.2  # seconds between two looks whether another process is done
_GATHERED = 0.05  # seconds between two looks whether what is stored in a moment is
_SHOWN = 3  # articles of what was added
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Found:
    """What the library holds of something that is added.

    Attributes:
        places: what it is removed by: sources by their paths or addresses, or ids of articles.
        sources: its feeds and pages.
        articles: how many there are.
        passages: and of how many passages.
        newest: a few of them, the newest first.
        known: whether all of it was there before.
        failed: addresses that gave nothing, with the reason.
    """

    places: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    articles: int = 0
    passages: int = 0
    newest: tuple[Article, ...] = ()
    known: bool = False
    failed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A source or an article, by what `remove` takes and by what people know it by."""

    name: str
    title: str
    place: str = ""  # of a source


class Librarian:
    """The library, as it is changed by the bot. Close it at the end.

    What is stopped on its way raises Stopped, and leaves a sound library: done again, it finds
    what is stored and goes on.
    """

    def __init__(self, settings: BotSettings, load: Callable[[str], Encoder] | None = None) -> None:
        """`load` makes the encoder from the model's name; by default `dense.PassageEncoder`."""
        self._settings = settings
        self._load = load
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="syncing")
        self._quick = ThreadPoolExecutor(1, thread_name_prefix="changing")
        self._last = ThreadPoolExecutor(1, thread_name_prefix="publishing")
        self._stopping = threading.Event()
        self._storing = 0  # works that are done in a moment and are to be published
        self._next: asyncio.Future[bool] | None = None  # a publication that has not begun
        self._publishing = asyncio.Lock()

    def stop(self) -> None:
        """End what is going on as soon as that can be."""
        self._stopping.set()

    def close(self) -> None:
        """Begin nothing more."""
        self.stop()
        for pool in (self._slow, self._quick, self._last):
            pool.shutdown(wait=False, cancel_futures=True)

    async def sync(self) -> SyncReport:
        """Bring everything up to date. Raises Stopped, or what `sync` raises."""
        return await self._run(self._slow, lambda: syncing.sync(self._settings, **self._slow_tools))

    async def catch_up(self) -> bool:
        """Publish what is stored and not published; whether there was any. Raises Stopped, or
        NewsdeskError.

        Whoever asks before it begins shares it: of many things that are handed over together each
        would else be waited for as long as it takes to publish a library.
        """
        if self._next is None:
            self._next = asyncio.ensure_future(self._publish())
        return await asyncio.shield(self._next)

    async def _publish(self) -> bool:
        async with self._publishing:  # the one before may be going on
            while self._storing and not self._stopping.is_set():
                await asyncio.sleep(_GATHERED)
            self._next = None
            work = partial(syncing.catch_up, self._settings, **self._tools)
            return await self._run(self._last, work)

    async def add(
        self, names: Sequence[str], since: float, stored: Callable[[Found], None]
    ) -> Found:
        """Add addresses and known feeds; `stored` is called in a thread, before they are encoded.

        What was added after `since`, in seconds since 1970, counts as added by this; so it does
        when it is done again after a run that was killed. Raises Stopped, or what `add` raises.
        """
        found = await self._run(self._slow, partial(self._add, names, since, stored))
        await self.catch_up()
        return found

    async def add_file(self, file: Path, since: float, stored: Callable[[Found], None]) -> Found:
        """Add a file, or the feeds of an OPML file, as `add` does. Raises NothingUsable too."""
        if file.suffix.lower() == ".opml":
            return await self.add([str(file)], since, stored)
        return await self._stored(partial(self._add, [str(file)], since, stored))

    async def add_article(
        self, article: Article, since: float, stored: Callable[[Found], None]
    ) -> Found:
        """Add an article that stands by itself, as `add` does. Raises Stopped, or NewsdeskError."""

        def work() -> Found:
            syncing.take(self._settings, article, waiting=self._waiting, load=self._load)
            found = self._of_article(article.id, since)
            stored(found)
            return found

        return await self._stored(work)

    async def take(self, article: Article, channel: Channel) -> Action:
        """Store an article of a channel; `catch_up` publishes it. Raises what `take` raises."""
        work = partial(syncing.take, waiting=self._waiting, load=self._load)
        return await self._run(self._quick, lambda: work(self._settings, article, channel))

    async def remove(self, names: Sequence[str]) -> Removed:
        """Remove sources and articles. Raises Stopped, or what `remove_all` raises."""
        return await self._stored(
            lambda: syncing.remove_all(self._settings, names, publishing=False, **self._tools)
        )

    async def named(self, name: str) -> Named:
        """The source or article of a name. Raises UsageError for none, or several."""
        return await self._run(self._quick, partial(self._named, name))

    async def sources(self) -> list[SourceState]:
        """Every source, with how it went and how many articles it gave. Raises LibraryError."""
        return await self._run(self._quick, self._sources)

    # In the threads

    @property
    def _tools(self) -> dict[str, Any]:
        """What is given to what changes articles alone."""
        return {"progress": self._progress, "waiting": self._waiting, "load": self._load}

    @property
    def _slow_tools(self) -> dict[str, Any]:
        """What is given to what asks servers, of which there is one at a time."""
        return {**self._tools, "waiting": partial(self._waiting, SYNC_LOCK, LOCK)}

    def _sources(self) -> list[SourceState]:
        with Library(self._settings.home) as library:
            return syncing.states(library)

    def _add(self, names: Sequence[str], since: float, stored: Callable[[Found], None]) -> Found:
        added = syncing.add(self._settings, names, publishing=False, **self._slow_tools)
        found = self._of_added(names, added, since)
        if found.articles and not found.known:
            stored(found)
        return found

    def _of_added(self, names: Sequence[str], added: Added, since: float) -> Found:
        sources = (*added.sources, *added.known)
        own = [source for source in sources if source.added >= since]
        with Library(self._settings.home) as library:
            own = [found for source in own if (found := library.sources.find(source.place))]
            places = [source.place for source in own]
            files = [] if sources else [name for name in names if Path(name).is_file()]
            ids = [each for file in files for each, _ in library.ids_below(file)]
            for source in own or sources:
                ids += [entry.article_id for entry in library.sources.entries(source.id).values()]
            outcomes = added.synced.outcomes if added.synced else []
            troubles = [(each.source.place, each.error) for each in outcomes if each.error]
            return Found(
                places=(*places, *(files if ids else ())),
                sources=tuple(own or sources),
                known=bool(sources) and not own,
                failed=(*added.failed.items(), *troubles),
                **_counted(library, ids),
            )

    def _of_article(self, name: str, since: float) -> Found:
        with Library(self._settings.home) as library:
            row = library.row("SELECT added FROM articles WHERE id = ?", (name,))
            is_known = row is not None and row[0] < since
            return Found(places=(name,), known=is_known, **_counted(library, [name]))

    def _named(self, name: str) -> Named:
        with Library(self._settings.home) as library:
            sources = list(library.sources.find_all(name))
            article = library.article(name)
        if len(sources) > 1:
            numbers = ", ".join(str(source.id) for source in sources)
            raise UsageError(f"{name}: several sources are named so; say which: {numbers}")
        if sources:
            (source,) = sources
            return Named(str(source.id), source.title or source.place, source.place)
        if article:
            return Named(article.id, article.title)
        raise UsageError(f"{name}: no such source or article; /feeds lists the sources")

    async def _stored(self, work: Callable[[], _T]) -> _T:
        """Do what is done in a moment, and publish it."""
        self._storing += 1
        try:
            done = await self._run(self._quick, work)
        finally:
            self._storing -= 1
        await self.catch_up()
        return done

    async def _run(self, pool: ThreadPoolExecutor, work: Callable[[], _T]) -> _T:
        if self._stopping.is_set():
            raise Stopped
        return await asyncio.get_running_loop().run_in_executor(pool, work)

    def _progress(self, *_: object) -> None:
        """Called between two steps of a work: the moment to end it."""
        if self._stopping.is_set():
            raise Stopped

    def _waiting(self, *locks: str) -> None:
        """Wait while others change the library, unless the bot ends meanwhile."""
        while not all(self._is_free(name) for name in locks or (LOCK,)):
            if self._stopping.wait(_LOOK):
                raise Stopped

    def _is_free(self, name: str) -> bool:
        lock = FileLock(self._settings.home / name)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        lock.release()
        return True


def _counted(library: Library, ids: Sequence[str]) -> dict[str, Any]:
    """How many of some articles the library holds, their passages, and the newest of them."""
    every = [article for name in dict.fromkeys(ids) if (article := library.article(name))]
    newest = sorted(every, key=lambda article: stamp(article.published), reverse=True)
    return {
        "articles": len(every),
        "passages": sum(len(library.passages(article)) for article in every),
        "newest": tuple(islice(newest, _SHOWN)),
    }
