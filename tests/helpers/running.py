"""The real bot, as a process of its own, at a stand-in for the Bot API."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.botapi import StandIn

from .forking import Forked, forked
from .support import ROOT


class Running:
    """`newsdesk bot` in a process; stopped at the end, and its log is in what failed.

    The process is a fork of one that has imported what a bot does; with `anew`, Python itself is
    started, as people start it.
    """

    words: tuple[str, ...] = ("bot",)  # of the command

    def __init__(self, api: StandIn, home: Path, anew: bool = False, /, **settings: str) -> None:
        self.api = api
        self.home = home
        self.log = home / "bot.log"
        self._settings = settings
        self._anew = anew or not hasattr(os, "fork")
        self._process: subprocess.Popen[bytes] | Forked | None = None

    def __enter__(self) -> Self:
        self.start()
        self.until("answers from")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.kill()
        if error is not None:
            error.add_note(f"the bot's log:\n{self.told()[-6000:]}")

    def start(self) -> None:
        """Start it, and do not wait."""
        environ = {k: v for k, v in os.environ.items() if not k.startswith("NEWSDESK_")}
        environ |= {
            "NEWSDESK_HOME": str(self.home),
            "NEWSDESK_TELEGRAM_TOKEN": self.api.token,
            "NEWSDESK_TELEGRAM_API_URL": self.api.url,
            **{f"NEWSDESK_{name.upper()}": value for name, value in self._settings.items()},
        }
        if not self._anew:
            self._process = forked([*self.words], environ, self.log)
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "newsdesk.bot.cli", *self.words],
                cwd=ROOT,
                env=environ,
                stdout=log,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid if self._process else 0

    def told(self) -> str:
        """What it wrote to its log, over all starts."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    def until(self, words: str, times: int = 1, timeout: float = 60) -> None:
        """Wait until it has written some words."""
        end = time.monotonic() + timeout
        while self.told().count(words) < times:
            if time.monotonic() > end or (self.code() is not None):
                raise AssertionError(f"it never wrote {words!r}, but:\n{self.told()[-6000:]}")
            time.sleep(0.02)

    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll() if self._process else None

    def stop(self, signal_: signal.Signals = signal.SIGTERM, timeout: float = 30) -> int:
        """Send it a signal and wait for its end; returns its exit code."""
        if self._process is None:
            raise RuntimeError("not started")
        self._process.send_signal(signal_)
        return self._process.wait(timeout)

    def wait(self, timeout: float = 60) -> int:
        """Wait until it ends by itself; returns its exit code."""
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.wait(timeout)

    def fill_disk(self) -> None:
        """From now on none of its files can grow, as on a full disk; only its log, by some lines.

        Its database is written at the end of the write-ahead log, which is larger than the log.
        """
        size = (self.home / "bot.db-wal").stat().st_size
        if len(self.told()) > size // 2:
            raise RuntimeError("the log is too long already to be told from the database")
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, size))

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def copied(library: Path, home: Path) -> Path:
    """A home of its own with a copy of a library; the model, which is large, is the same file."""

    def copy(source: str, target: str) -> None:
        (os.link if source.endswith(".onnx") else shutil.copy2)(source, target)

    shutil.copytree(library, home, copy_function=copy)
    return home
