"""Milvus for tests: a file of milvus-lite, or its core serving a port of this machine.

`milvus-lite` 2.5.1 carries Milvus' own core as a program that serves a file, by default on a
socket of its own; given an address, it serves that. So a client reaches it as it does a server.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import structs

from newsdesk.index.settings import Milvus, Settings

from .support import small, write

_STARTING = 60.0  # seconds


def missing() -> str:
    """Why there is no Milvus to test with; empty where there is."""
    for name in ("pymilvus", "milvus_lite"):
        if importlib.util.find_spec(name) is None:
            return f"{name} is not installed: pip install newsdesk[milvus]"
    return "" if _program().is_file() else f"{_program()} is not there: no wheel for this machine"


def in_milvus(home: Path, uri: str, **given: object) -> Settings:
    """Settings of a small library in `home` that is asked in Milvus."""
    options = {"uri": uri, "grace": 0.0, "wait": 20.0, "timeout": 20.0} | given
    return structs.replace(
        small(home), engine="milvus", milvus=structs.replace(Milvus(), **options)
    )


class Served:
    """A served Milvus of one file, which can be stopped and started."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._address = f"127.0.0.1:{free.getsockname()[1]}"
        self.uri = f"http://{self._address}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        program = _program()
        self._process = subprocess.Popen(
            [program, self._file, self._address, "FATAL"],
            env={**os.environ, "LD_LIBRARY_PATH": str(program.parent)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        host, _, port = self._address.partition(":")
        until = time.monotonic() + _STARTING
        while time.monotonic() < until:
            with socket.socket() as tried:
                if not tried.connect_ex((host, int(port))):
                    return
            time.sleep(0.05)
        raise RuntimeError(f"{program} does not listen on {self._address}")

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill it with SIGKILL, if it runs."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """A served Milvus of an empty file in a folder."""
    served = Served(folder / "served.db")
    served.start()
    try:
        yield served
    finally:
        served.kill()


def _program() -> Path:
    found = importlib.util.find_spec("milvus_lite")
    return Path(found.origin or "").parent / "lib" / "milvus" if found else Path("nowhere")


def articles(
    folder: Path,
    given: Mapping[str, tuple[str, str, str]],
    languages: Mapping[str, str] | None = None,
) -> Path:
    """Write articles as Markdown: name -> day, source and text. Returns the folder."""
    files: dict[str, str | bytes] = {}
    for name, (day, source, text) in given.items():
        language = (languages or {}).get(name, "")
        lines = [f"title: {name}", f"date: {day}" * bool(day), f"source: {source}" * bool(source)]
        lines.append(f"language: {language}" * bool(language))
        files[f"{name}.md"] = (
            "---\n" + "".join(f"{one}\n" for one in lines if one) + f"---\n\n{text}\n"
        )
    return write(folder, files)
