"""One article more in a large library: when it is answered from, and how that disturbs readers."""

from __future__ import annotations

import json
import os
import random
import shutil
import threading
import time
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from newsdesk.index.generation import open_current
from newsdesk.index.library import FILE
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.sync import sync
from newsdesk.index.types import Query
from newsdesk.index.update import update

from .asking import settings

_TIMES = 5
_WORDS = "harbour council bridge vote river market school winter report minister".split()


def added(home: Path, models: Path) -> dict[str, Any]:
    """Add to a copy of the library."""
    copy = home / "adding"
    _copy(home, copy)
    folder = copy / "articles"
    folder.mkdir()
    _write(folder, 0)
    begun = time.perf_counter()
    update(settings(copy), [folder], models=models)
    found: dict[str, Any] = {"first s": time.perf_counter() - begun}
    try:
        with Searcher(settings(copy), models=models) as searcher:
            alone = _asked_while(searcher, lambda: time.sleep(10))
            times, published, used = list[float](), list[float](), list[float]()
            during: list[float] = []

            def add() -> None:
                for number in range(1, _TIMES + 1):
                    whole, until, work = _add(copy, models, folder, number, searcher)
                    times.append(whole)
                    published.append(until)
                    used.append(work)

            during = _asked_while(searcher, add)
        found |= {
            "one article s": median(times),
            "slowest s": max(times),
            "until published s": median(published),
            "processor s": median(used),
            "question, nothing added ms": median(alone),
            "question meanwhile ms": median(during),
            "p95, nothing added ms": float(np.percentile(alone, 95)),
            "p95 meanwhile ms": float(np.percentile(during, 95)),
        }
        return found
    finally:
        shutil.rmtree(copy)


def _copy(home: Path, copy: Path) -> None:
    """Copy the library's file, and link the generation's, which nobody changes."""
    shutil.rmtree(copy, ignore_errors=True)
    name = open_current(home).folder.name
    shutil.copytree(home / "generations" / name, copy / "generations" / name, copy_function=os.link)
    shutil.copy2(home / "CURRENT", copy / "CURRENT")
    shutil.copy2(home / FILE, copy / FILE)


def _write(folder: Path, number: int) -> None:
    chance = random.Random(number)
    text = [
        " ".join([f"unmistakable{number}", *chance.choices(_WORDS, k=15)]).capitalize() + "."
        for _ in range(18)
    ]
    fields = {"id": f"added-{number}", "title": f"Story {number}", "text": " ".join(text)}
    (folder / f"more-{number}.jsonl").write_text(json.dumps(fields), "utf-8")


def _add(
    home: Path, models: Path, folder: Path, number: int, searcher: Searcher
) -> tuple[float, float, float]:
    """Seconds from the file being there until it answers, until it is published, and of processor.

    The last are those of this thread: the model runs in others.
    """
    _write(folder, number)
    begun, used = time.perf_counter(), time.thread_time()
    sync(settings(home), network=False, models=models)
    published = time.perf_counter() - begun
    searcher.refresh()
    (hit,) = searcher.search(Query(f"unmistakable{number}", k=1))
    if hit.article.id != f"added-{number}":
        raise SystemExit(f"it is not found: {hit.article.id}")
    return time.perf_counter() - begun, published, time.thread_time() - used


def _asked_while(searcher: Searcher, work: Any) -> list[float]:
    """Milliseconds of questions that are asked while something is done."""
    ended = threading.Event()
    times: list[float] = []

    def ask() -> None:
        for number in count():
            if ended.is_set():
                return
            begun = time.perf_counter()
            searcher.ask(f"what did the minister say about bridge {number}?")
            times.append(1000 * (time.perf_counter() - begun))
            time.sleep(0.1)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        work()
    finally:
        ended.set()
        thread.join()
    return times
