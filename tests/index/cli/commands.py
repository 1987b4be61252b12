"""Commands in this process, as processes of their own, and in a terminal of a given width."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.helpers.support import ROOT, Command, Done

_STYLES = re.compile(r"\x1b(\[[\d;]*m|\]8;[^\x1b]*\x1b\\)")


def in_this_process(
    run: Callable[[Sequence[str]], int],
    library: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Command:
    """What runs commands, by the function that does; on a library, unless told otherwise."""

    def command(*arguments: str, home: Path = library, **environment: str) -> Done:
        monkeypatch.setenv("NEWSDESK_HOME", str(home))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = run(arguments)
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return command


def environment(home: Path, **more: str) -> dict[str, str]:
    """The process's variables without the settings and the width that it was started with."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("NEWSDESK_", "COLUMNS"))}
    paths = f"{ROOT / '.namespace'}{os.pathsep}{ROOT}"
    return {**own, "NEWSDESK_HOME": str(home), "PYTHONPATH": paths, **more}


def in_terminal(
    arguments: Sequence[str], home: Path, width: int, code: str = "", styled: bool = False
) -> str:
    """What a command, or else some code, shows in a terminal of a width."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    what = ["-c", code] if code else ["-m", "newsdesk.bot.cli", *arguments]
    process = subprocess.Popen(
        [sys.executable, *what],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=ROOT,
        env=environment(home, TERM="xterm-256color"),
    )
    os.close(slave)
    shown = b""
    with os.fdopen(master, "rb", buffering=0) as terminal, contextlib.suppress(OSError):
        while piece := terminal.read(4096):  # raises OSError when the other end is closed
            shown += piece
    assert process.wait() == 0, shown.decode()
    return shown.decode() if styled else _STYLES.sub("", shown.decode())
