"""Decides what is searched next: questions first, then inline queries."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, TypeVar

_MOST_WAITING = 500  # questions; beyond, people are asked to come back
_T = TypeVar("_T")


class Busy(Exception):
    """More people ask than can be answered soon."""


class Stopped(Exception):
    """The bot ends before a search began; its question is answered at the next start."""


@dataclass(slots=True)
class _Job:
    """A search that waits, or is done, for whoever waits for `done`."""

    work: Callable[[], Any]
    done: asyncio.Future[Any]
    is_wanted: Callable[[], bool] | None = None  # asked of an inline query, in its turn

    @property
    def is_inline(self) -> bool:
        """Whether it is the search of an inline query."""
        return self.is_wanted is not None

    @property
    def is_over(self) -> bool:
        """Whether nobody waits for it any more, so that it need not be made."""
        return self.done.done() or (self.is_wanted is not None and not self.is_wanted())


class Turns:
    """Searches that wait for a thread of a pool.

    Questions go before inline queries, which never take the last thread of several. While a
    question is searched no inline query begins beside it, as both would take longer; but one does
    after each question, so that inline queries go on while many ask.
    """

    def __init__(self, pool: Executor, threads: int) -> None:
        """Give turns in `pool`, which has so many threads. Used from one event loop."""
        self._pool = pool
        self._free = threads
        self._most_inline = max(1, threads - 1)
        self._questions: deque[_Job] = deque()
        self._inline: deque[_Job] = deque()
        self._searched: Counter[bool] = Counter()  # searches now, by whether they are inline
        self._is_owed = False  # whether a question has ended since an inline query began
        self._stopped = False

    def stop(self) -> None:
        """Drop what waits: inline queries for good, questions for the next start."""
        self._stopped = True
        for job in (*self._inline, *self._questions):
            _end(job)
        self._inline.clear()
        self._questions.clear()

    async def question(self, work: Callable[[], _T]) -> _T:
        """Run `work` in the turn of a question. Raises Busy, Stopped or what it raises."""
        if len(self._questions) >= _MOST_WAITING:
            raise Busy
        job = _Job(work, asyncio.get_running_loop().create_future())
        if self._stopped:
            raise Stopped
        self._questions.append(job)
        self._go_on()
        result: _T = await job.done
        return result

    async def inline(self, work: Callable[[], _T], is_wanted: Callable[[], bool]) -> _T | None:
        """Run `work` in the turn of an inline query; None where it is not wanted by then."""
        if self._stopped:
            return None
        job = _Job(work, asyncio.get_running_loop().create_future(), is_wanted)
        self._inline.append(job)
        self._go_on()
        result: _T | None = await job.done
        return result

    def _go_on(self) -> None:
        while self._free and (job := self._next()):
            self._start(job)

    def _next(self) -> _Job | None:
        """What is searched next; None where nothing waits that may be."""
        while self._questions:
            job = self._questions.popleft()
            if not job.is_over:
                return job
        while self._inline and self._may_begin_inline():
            job = self._inline.popleft()
            if not job.is_over:
                return job
            _end(job)
        return None

    def _may_begin_inline(self) -> bool:
        questions, inline = self._searched[False], self._searched[True]
        if questions:
            return self._is_owed and not inline
        return inline < self._most_inline

    def _start(self, job: _Job) -> None:
        self._free -= 1
        self._searched[job.is_inline] += 1
        if job.is_inline:
            self._is_owed = False
        running = asyncio.get_running_loop().run_in_executor(self._pool, job.work)
        running.add_done_callback(lambda ended: self._ended(job, ended))

    def _ended(self, job: _Job, ended: asyncio.Future[Any]) -> None:
        self._free += 1
        self._searched[job.is_inline] -= 1
        if not job.is_inline:
            self._is_owed = True
        error = None if ended.cancelled() else ended.exception()
        if job.done.done():  # whoever waited was cancelled
            pass
        elif ended.cancelled():
            _end(job)
        elif error:
            job.done.set_exception(error)
        else:
            job.done.set_result(ended.result())
        self._go_on()


def _end(job: _Job) -> None:
    """Let whoever waits for a search know that it is not made."""
    if job.done.done():
        return
    if job.is_inline:
        job.done.set_result(None)
    else:
        job.done.set_exception(Stopped())
