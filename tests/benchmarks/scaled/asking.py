"""Opening a large library, and questions asked of it from end to end."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from newsdesk.index.generation import open_current
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Reading, Settings

_WARM = 10  # questions before those that count
_ASKERS = 20
_PER_ASKER = 8


def settings(home: Path, reader: bool = False) -> Settings:
    """Settings for one of the libraries."""
    return Settings(home=home, reader=Reading() if reader else Reading(model="none"))


def memory() -> dict[str, float]:
    """Megabytes of this process in memory: all, and those that are its own."""
    told = dict(
        line.split(":", 1)
        for line in Path("/proc/self/status").read_text().splitlines()
        if ":" in line
    )
    return {
        "resident MB": int(told["VmRSS"].split()[0]) / 1024,
        "private MB": int(told["RssAnon"].split()[0]) / 1024,
    }


def opening(home: Path, models: Path) -> dict[str, Any]:
    """What it takes to open a library, for a process that has asked nothing yet."""
    times = []
    before = memory()
    for _ in range(5):
        begun = time.perf_counter()
        searcher = Searcher(settings(home), models=models)
        times.append(1000 * (time.perf_counter() - begun))
    begun = time.perf_counter()
    searcher.ask("what happened in the capital?")
    first = 1000 * (time.perf_counter() - begun)
    after = memory()
    # The first time numpy, ONNX Runtime and the model are loaded too.
    found = {
        "first opening ms": times[0],
        "opening ms": median(times[1:]),
        "first question ms": first,
    }
    return found | {name: after[name] - before[name] for name in after}


def asked(home: Path, models: Path, questions: Sequence[str]) -> dict[str, Any]:
    """Times of whole questions, one after the other, and from many askers at once."""
    found: dict[str, Any] = {"passages": open_current(home).manifest.passages}
    with Searcher(settings(home), models=models) as searcher:
        wall, used = _times(searcher, questions)
        found |= _told("question", wall, used)
        found["questions/s of 20 askers"] = _at_once(searcher, questions, _ASKERS)
        found |= memory()
    found["questions/s of 20 askers, of two processes"] = _of_two(home, models, questions)
    with Searcher(settings(home, reader=True), models=models) as searcher:
        found |= _told("with reader", *_times(searcher, questions))
        found |= {f"with reader, {name}": value for name, value in memory().items()}
    return found


def _times(searcher: Searcher, questions: Sequence[str]) -> tuple[list[float], list[float]]:
    wall, used = [], []
    for question in questions:
        begun, before = time.perf_counter(), time.process_time()
        searcher.ask(question)
        wall.append(1000 * (time.perf_counter() - begun))
        used.append(1000 * (time.process_time() - before))
    return wall[_WARM:], used[_WARM:]


def _told(name: str, wall: Sequence[float], used: Sequence[float]) -> dict[str, float]:
    return {
        f"{name} ms": median(wall),
        f"{name} p95 ms": float(np.percentile(wall, 95)),
        f"{name} processor ms": median(used),
        f"{name} p95 processor ms": float(np.percentile(used, 95)),
    }


def _at_once(searcher: Searcher, questions: Sequence[str], askers: int, first: int = 0) -> float:
    """Questions a second from askers who ask the next as soon as they have an answer."""
    start = threading.Barrier(askers + 1)

    def ask(number: int) -> None:
        start.wait()
        for turn in range(_PER_ASKER):
            # Words that no other asker's question ends with: none is answered from a cache.
            searcher.ask(f"{questions[(number * _PER_ASKER + turn) % len(questions)]} {number}")

    with ThreadPoolExecutor(askers) as pool:
        futures = [pool.submit(ask, first + number) for number in range(askers)]
        start.wait()
        begun = time.perf_counter()
        for future in futures:
            future.result()
    return askers * _PER_ASKER / (time.perf_counter() - begun)


def _of_two(home: Path, models: Path, questions: Sequence[str]) -> float:
    """The same where half of the askers ask another process, which maps the same files."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(2)
    with ProcessPoolExecutor(2, context, _keep, (ready,)) as pool:
        futures = [
            pool.submit(_half, home, models, list(questions), first) for first in (0, _ASKERS // 2)
        ]
        return sum(future.result() for future in futures)


_ready: list[Any] = []  # the barrier that the processes of `_of_two` begin at


def _keep(barrier: Any) -> None:
    _ready.append(barrier)


def _half(home: Path, models: Path, questions: Sequence[str], first: int) -> float:
    """Questions a second of half the askers, once both processes are warm."""
    with Searcher(settings(home), models=models) as searcher:
        _times(searcher, questions)
        _ready[0].wait()
        return _at_once(searcher, questions, _ASKERS // 2, first)
