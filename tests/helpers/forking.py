"""Processes that are forks of one that has imported what they need: importing costs a second.

`python -m tests.helpers.forking` reads an order a line, a JSON object: the `arguments` of the
console script, the whole `environ`, the files `log` and `status`. Each gets one line back: the
number of the process that obeys it. When that ends, its exit code stands in `status`.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from .support import ROOT

_IMPORTED = (
    *("newsdesk.bot.cli", "newsdesk.bot.runner", "newsdesk.index.brief", "onnxruntime"),
    *("tokenizers", "scipy.sparse", "httpx", "tornado.web", "telegram.ext"),
)


class Forked:
    """A process that runs the console script; what the tests use of `subprocess.Popen`."""

    def __init__(self, pid: int, status: Path) -> None:
        self.pid = pid
        self._status = status

    def poll(self) -> int | None:
        """The exit code, negative for a signal as in `subprocess`; None while it runs."""
        told = self._status.read_text("utf-8") if self._status.exists() else ""
        return int(told) if told.endswith("\n") else None

    def wait(self, timeout: float = 60) -> int:
        """Wait for the end; returns the exit code."""
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(0.005)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def forked(arguments: Sequence[str], environ: Mapping[str, str], log: Path) -> Forked:
    """Run the console script in a fork, its output added to a file."""
    descriptor, name = tempfile.mkstemp(prefix="newsdesk-exit-", dir=log.parent)
    os.close(descriptor)
    order = {"arguments": [*arguments], "environ": {**environ}, "log": str(log), "status": name}
    nursery = _nursery()
    assert nursery.stdin
    assert nursery.stdout
    nursery.stdin.write(json.dumps(order) + "\n")
    nursery.stdin.flush()
    return Forked(int(nursery.stdout.readline()), Path(name))


@cache
def _nursery() -> subprocess.Popen[str]:
    """The process that is forked: one for all tests of this one, ended when this one ends."""
    nursery = subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.forking"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    atexit.register(nursery.communicate)
    return nursery


def _obey(order: dict[str, Any]) -> int:
    """Fork what watches over a fork that obeys the order; returns the number of the latter."""
    reading, writing = os.pipe()
    watcher = os.fork()
    if watcher:
        os.close(writing)
        with os.fdopen(reading) as told:
            return int(told.readline())
    os.close(reading)
    obeying = os.fork()
    if not obeying:
        os.close(writing)
        _run(order)
    os.write(writing, f"{obeying}\n".encode())
    os.close(writing)
    _, status = os.waitpid(obeying, 0)
    Path(order["status"]).write_text(f"{os.waitstatus_to_exitcode(status)}\n", "utf-8")
    os._exit(0)


def _run(order: dict[str, Any]) -> None:
    """Be the console script in this process, to its end."""
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.clear()
    os.environ.update(order["environ"])
    sys.argv = ["newsdesk", *order["arguments"]]
    code: object = 1
    try:
        importlib.import_module("newsdesk.bot.cli").main()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    for module in _IMPORTED:
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for line in sys.stdin:
        print(_obey(json.loads(line)), flush=True)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) != (0, 0):  # watchers that have ended
                pass
