"""Decides what is searched next: questions first, then one inline query of each person."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
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
    person: int | None = None  # of an inline query


class Turns:
    """Searches that wait for a thread of a pool.

    Questions go before inline queries, which never take the last thread of several. Of a person,
    one inline query is searched at a time and only the newest waits, behind those of all others:
    who types fast delays nobody.
    """

    def __init__(self, pool: Executor, threads: int) -> None:
        """Give turns in `pool`, which has so many threads. Used from one event loop."""
        self._pool = pool
        self._free = threads
        self._free_inline = max(1, threads - 1)
        self._questions: deque[_Job] = deque()
        self._inline: OrderedDict[int, _Job] = OrderedDict()  # by person
        self._typing: set[int] = set()  # people whose inline query is being searched
        self._stopped = False

    def stop(self) -> None:
        """Drop what waits: inline queries for good, questions for the next start."""
        self._stopped = True
        for job in (*self._inline.values(), *self._questions):
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

    async def inline(self, person: int, work: Callable[[], _T]) -> _T | None:
        """Run `work` in the turn of an inline query; None where a newer one took its place."""
        if self._stopped:
            return None
        job = _Job(work, asyncio.get_running_loop().create_future(), person)
        older = self._inline.get(person)
        self._inline[person] = job  # in the place of the older one, if one waits
        if older:
            _end(older)
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
            if not job.done.done():
                return job
        if not self._free_inline:
            return None
        person = next((one for one in self._inline if one not in self._typing), None)
        return None if person is None else self._inline.pop(person)

    def _start(self, job: _Job) -> None:
        self._free -= 1
        if job.person is not None:
            self._free_inline -= 1
            self._typing.add(job.person)
        running = asyncio.get_running_loop().run_in_executor(self._pool, job.work)
        running.add_done_callback(lambda ended: self._ended(job, ended))

    def _ended(self, job: _Job, ended: asyncio.Future[Any]) -> None:
        self._free += 1
        if job.person is not None:
            self._free_inline += 1
            self._typing.discard(job.person)
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
    if job.person is None:
        job.done.set_exception(Stopped())
    else:
        job.done.set_result(None)
