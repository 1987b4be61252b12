"""Runs index updates that are stopped on the way.

`python -m tests.helpers.interrupted` reads an order a line, a JSON object: `home`, `articles`, and
what stops the update: `point`, the number of the thing it does (a call of SQLite, a file it touches
or syncs, a step it tells) before which it kills itself; `seconds`, after which it is killed from
outside; `bytes`, above which no file may grow; `pause`, the step at which it waits for a line. Each
gets one line back: the signal that ended it, the points it passed, its report or its error.

Every update runs in a fork of this process, so that importing is paid for once.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

from msgspec import structs

from newsdesk.index.errors import NewsdeskError
from newsdesk.index.settings import Dense
from newsdesk.index.update import update

from .support import SmallEncoder, small

_TOUCHING = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.listdir", "os.utime"}


class Trap:
    """Counts what an update does in its home, and kills it before one of the things."""

    def __init__(self, home: str, at: int | None) -> None:
        self.points: list[str] = []
        self._home, self._at = home, at
        sys.addaudithook(self._touched)
        sys.setprofile(self._called)

    def passed(self, point: str) -> None:
        """Count one thing that is about to be done."""
        if len(self.points) == self._at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.points.append(point)

    def _touched(self, event: str, given: tuple[Any, ...]) -> None:
        if event in _TOUCHING and given and str(given[0]).startswith(self._home):
            path = Path(str(given[0]))
            self.passed(f"{event} {'in .new' if path.parent.name == '.new' else path.name}")

    def _called(self, frame: FrameType, event: str, called: Any) -> None:
        if event != "c_call":
            return
        if isinstance(getattr(called, "__self__", None), sqlite3.Connection):
            self.passed(f"sql {frame.f_code.co_name}")
        elif called is os.fsync:
            self.passed("fsync")


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Obey one order in this process."""
    trap = Trap(order["home"], order.get("point"))

    def progress(step: str, done: int, total: int, /) -> None:
        trap.passed(f"progress {step}")
        if step == order.get("pause"):
            print("paused", flush=True)
            sys.stdin.readline()

    settings = structs.replace(small(Path(order["home"])), dense=Dense(batch=4))
    if "bytes" in order:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["bytes"], order["bytes"]))
    try:
        report = update(settings, [Path(order["articles"])], progress, load=SmallEncoder)
        return {"report": asdict(report), "points": trap.points}
    except NewsdeskError as error:
        return {"error": type(error).__name__, "told": str(error), "points": trap.points}


def forked(
    order: dict[str, Any], run: Callable[[dict[str, Any]], dict[str, Any]] = run
) -> dict[str, Any]:
    """Obey one order in a fork, by `run`; kill that after `seconds`."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        with os.fdopen(writing, "w") as stream:
            json.dump(run(order), stream)
        os._exit(0)
    os.close(writing)
    if "seconds" in order:
        time.sleep(order["seconds"])
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading) as stream:
        told = stream.read()
    _, status = os.waitpid(child, 0)
    whole = os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0
    if whole:
        return {"signal": 0, **json.loads(told)}
    return {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else -1}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(forked(json.loads(line))), flush=True)
