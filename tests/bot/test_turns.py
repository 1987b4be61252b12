"""Whose search is next: a question's, and an inline query's between two of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from newsdesk.bot.turns import Turns

THREADS = 4


class Searches:
    """Searches that go on until they are let, and the order in which they began."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.turns = Turns(pool, THREADS)
        self.began: list[str] = []
        self._ends: dict[str, threading.Event] = {}
        self._asked: set[asyncio.Task[object]] = set()

    def question(self, name: str) -> None:
        self._ask(self.turns.question(self._search(name)))

    def inline(self, name: str, is_wanted: Callable[[], bool] = lambda: True) -> None:
        self._ask(self.turns.inline(self._search(name), is_wanted))

    async def end(self, *names: str) -> None:
        """Let searches end, and see what begins."""
        for name in names:
            self._ends[name].set()
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing moves."""
        for _ in range(20):
            await asyncio.sleep(0.005)

    def _ask(self, asking: Coroutine[Any, Any, object]) -> None:
        task = asyncio.ensure_future(asking)
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)

    def _search(self, name: str) -> Callable[[], None]:
        ended = self._ends[name] = threading.Event()

        def work() -> None:
            self.began.append(name)
            ended.wait(10)

        return work


def searched(script: Callable[[Searches], Coroutine[Any, Any, None]]) -> list[str]:
    """The searches that began while a script ran, in order."""

    async def run(pool: ThreadPoolExecutor) -> list[str]:
        searches = Searches(pool)
        await script(searches)
        began = list(searches.began)
        for ended in searches._ends.values():
            ended.set()
        await searches.settle()
        return began

    with ThreadPoolExecutor(THREADS) as pool:
        return asyncio.run(run(pool))


def test_no_inline_query_begins_beside_a_question_until_one_has_ended() -> None:
    async def script(searches: Searches) -> None:
        searches.inline("a")
        await searches.settle()
        searches.question("q")
        for name in "bcd":
            searches.inline(name)
        await searches.end("a")
        assert searches.began == ["a", "q"]
        searches.question("r")
        await searches.end("q")
        assert searches.began == ["a", "q", "r", "b"]
        await searches.end("b")

    assert searched(script) == ["a", "q", "r", "b"]


def test_inline_queries_go_on_however_many_questions_there_are() -> None:
    async def script(searches: Searches) -> None:
        for name in "abc":
            searches.inline(f"inline {name}")
        await searches.settle()
        await searches.end(*(f"inline {name}" for name in "abc"))
        searches.question("0")
        await searches.settle()
        for number in range(5):
            searches.inline(f"late {number}")
        for number in range(5):
            searches.question(str(number + 1))
            await searches.end(str(number))
            await searches.end(f"late {number}")

    began = searched(script)
    assert [name for name in began if name.startswith("late")] == [f"late {n}" for n in range(5)]


def test_without_questions_inline_queries_leave_one_thread() -> None:
    async def script(searches: Searches) -> None:
        for name in "abcdef":
            searches.inline(name)
        await searches.settle()

    assert searched(script) == list("abc")


def test_an_inline_query_that_is_not_wanted_in_its_turn_is_not_searched() -> None:
    async def script(searches: Searches) -> None:
        for name in "abc":
            searches.inline(name)
        searches.inline("old", lambda: False)
        searches.inline("new")
        await searches.settle()
        await searches.end("a")

    assert searched(script) == ["a", "b", "c", "new"]
