"""Commands in a terminal of a given width, and as processes of their own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence
from pathlib import Path

from tests.helpers.support import ROOT

_STYLES = re.compile(r"\x1b(\[[\d;]*m|\]8;[^\x1b]*\x1b\\)")


def environment(home: Path, **more: str) -> dict[str, str]:
    """The process's variables without the settings and the width that it was started with."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("NEWSDESK_", "COLUMNS"))}
    paths = f"{ROOT / '.namespace'}{os.pathsep}{ROOT}"
    return {**own, "NEWSDESK_HOME": str(home), "PYTHONPATH": paths, **more}


def in_terminal(arguments: Sequence[str], home: Path, width: int, code: str = "") -> str:
    """What a command, or else some code, shows in a terminal of a width; without its styles."""
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
    return _STYLES.sub("", shown.decode())
