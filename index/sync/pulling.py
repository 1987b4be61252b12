"""Fetching sources: several hosts at once, the sources of one host one after the other."""

from __future__ import annotations

import queue
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from newsdesk.index import readers
from newsdesk.index.library import Entry, Source
from newsdesk.index.net import Fetcher, FetchFailed, Reply, Robots
from newsdesk.index.settings import Settings
from newsdesk.index.types import Article

from . import replies
from .replies import Given

_PAGES = 50  # behind teasers, that are fetched for one source in one round
_UNREAD = ""  # digest of an entry whose page is still to be read


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a source gave; `complete` unless pages behind its entries are left for the next time."""

    source: Source
    reply: Reply | None = None
    given: tuple[Given, ...] = ()
    error: FetchFailed | None = None
    complete: bool = True


Known = Mapping[int, Mapping[str, Entry]]  # source's id -> article's id -> entry


class Puller:
    """Fetches sources; what each gives is taken from `pull` in the order it comes."""

    def __init__(self, settings: Settings, fetcher: Fetcher, robots: Robots, known: Known) -> None:
        self._settings, self._fetcher = settings, fetcher
        self._robots, self._known = robots, known
        self._stopped = threading.Event()

    def pull(self, sources: Sequence[Source]) -> Iterator[Pulled]:
        """What each of some sources gives, or what went wrong with it. Raises nothing."""
        lanes: defaultdict[str, list[Source]] = defaultdict(list)
        for source in sources:
            lanes[urlsplit(source.asked).hostname or ""].append(source)
        arrived: queue.SimpleQueue[Pulled] = queue.SimpleQueue()
        pool = ThreadPoolExecutor(self._settings.net.at_once, thread_name_prefix="fetching")
        try:
            tasks = [pool.submit(self._lane, lane, arrived) for lane in lanes.values()]
            for _ in sources:
                yield _next(arrived, tasks)
        finally:
            self._stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)

    def _lane(self, sources: Sequence[Source], arrived: queue.SimpleQueue[Pulled]) -> None:
        wait_until = 0.0
        for source in sources:
            left = wait_until - time.monotonic()
            if self._stopped.is_set():
                return
            if left > 0:
                pulled = Pulled(source, error=FetchFailed("its host asked to wait", 429, left))
            else:
                pulled = self.one(source)
            if pulled.error and pulled.error.wait:
                wait_until = max(wait_until, time.monotonic() + pulled.error.wait)
            arrived.put(pulled)

    def one(self, source: Source, reply: Reply | None = None) -> Pulled:
        """What one source gives; `reply` is what was fetched already, if it was."""
        try:
            if reply is None:
                self._robots.check(source.asked)
                reply = self._fetcher.get(source.asked, source.etag, source.modified)
            if reply.unchanged or replies.body_digest(reply) == source.digest:
                return Pulled(source, replace(reply, status=304))
            given = replies.given(reply, self._settings.readers)
        except FetchFailed as error:
            return Pulled(source, error=error)
        if source.kind == "feed":
            return self._with_pages(source, reply, given)
        return Pulled(source, reply, tuple(given))

    def _with_pages(self, source: Source, reply: Reply, given: Sequence[Given]) -> Pulled:
        """Entries with the texts of the pages behind them, where they only point there."""
        known, read, whole, left = self._known.get(source.id, {}), 0, [], 0
        for each in given:
            entry = known.get(each.article.id)
            if (entry and entry.digest == each.digest) or not readers.is_teaser(each.article):
                whole.append(each)
            elif read >= _PAGES or self._stopped.is_set():
                left += 1
            else:
                read += 1
                whole.append(self._behind(each))
        return Pulled(source, reply, tuple(whole), complete=not left)

    def _behind(self, teaser: Given) -> Given:
        page = self._page(teaser.article.url)
        if page is None:  # taken as it is; read when the feed gives it the next time
            return Given(teaser.article, _UNREAD)
        return Given(readers.with_page(teaser.article, page), teaser.digest)

    def _page(self, url: str) -> Article | None:
        try:
            self._robots.check(url)
            return replies.page(self._fetcher.get(url), self._settings.readers)
        except FetchFailed:
            return None


def _next(arrived: queue.SimpleQueue[Pulled], tasks: Sequence[object]) -> Pulled:
    """The next that arrives. Raises what a lane failed with that should not fail."""
    from concurrent.futures import Future

    while True:
        try:
            return arrived.get(timeout=1.0)
        except queue.Empty:
            for task in tasks:
                if isinstance(task, Future) and task.done():
                    task.result()
