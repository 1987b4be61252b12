"""Changes the library, off the event loop: adds, fetches, removes, publishes.

Two threads: one for what waits for servers, one at a time of that; one for what is done in a
moment. Between them, and with `newsdesk sync` in a terminal, the locks of the home decide.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from filelock import FileLock, Timeout

from newsdesk.bot.settings import BotSettings
from newsdesk.bot.turns import Stopped
from newsdesk.index import sync as syncing
from newsdesk.index.indexes.dense import Encoder
from newsdesk.index.library import Library
from newsdesk.index.sync import SourceState, SyncReport
from newsdesk.index.sync.syncing import SYNC_LOCK
from newsdesk.index.update.locking import LOCK

_LOOK = 0.2  # seconds between two looks whether another process is done
_T = TypeVar("_T")


class Librarian:
    """The library, as it is changed by the bot. Close it at the end.

    What is stopped on its way raises Stopped, and leaves a sound library: done again, it finds
    what is stored and goes on.
    """

    def __init__(
        self, settings: BotSettings, load: Callable[[str], Encoder] | None = None
    ) -> None:
        """`load` makes the encoder from the model's name; by default `dense.PassageEncoder`."""
        self._settings = settings
        self._load = load
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="syncing")
        self._quick = ThreadPoolExecutor(1, thread_name_prefix="changing")
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End what is going on as soon as that can be."""
        self._stopping.set()

    def close(self) -> None:
        """Begin nothing more."""
        self.stop()
        for pool in (self._slow, self._quick):
            pool.shutdown(wait=False, cancel_futures=True)

    async def sync(self) -> SyncReport:
        """Bring everything up to date. Raises Stopped, or what `sync` raises."""
        return await self._run(
            self._slow,
            lambda: syncing.sync(
                self._settings, progress=self._progress, waiting=self._waiting, load=self._load
            ),
        )

    async def sources(self) -> list[SourceState]:
        """Every source, with how it went and how many articles it gave. Raises LibraryError."""
        return await self._run(self._quick, self._sources)

    def _sources(self) -> list[SourceState]:
        with Library(self._settings.home) as library:
            return syncing.states(library)

    async def _run(self, pool: ThreadPoolExecutor, work: Callable[[], _T]) -> _T:
        if self._stopping.is_set():
            raise Stopped
        return await asyncio.get_running_loop().run_in_executor(pool, work)

    def _progress(self, *_: object) -> None:
        """Called between two steps of a work: the moment to end it."""
        if self._stopping.is_set():
            raise Stopped

    def _waiting(self) -> None:
        """Wait while another process changes the library, unless the bot ends meanwhile."""
        while not all(self._is_free(name) for name in (SYNC_LOCK, LOCK)):
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
