"""Runs backups and restores that are killed on the way.

`python -m tests.helpers.restoring` reads an order a line, a JSON object: `do` ("backup" or
"restore"), `home`, `file`, and perhaps what kills it: `point`, the number of the thing it does (see
`interrupted.Trap`) before which it kills itself, or `seconds`, after which it is killed from
outside. Each gets one line back: the signal that ended it, and the points it passed.

Each runs in a fork of this process, so that importing is paid for once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from newsdesk.bot.store.checking import companion
from newsdesk.index.sync import back_up, restore_backup

from .interrupted import Trap, forked
from .support import ROOT, SmallEncoder, small


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Obey one order in this process."""
    trap = Trap(order["home"], order.get("point"))

    def progress(step: str, _done: int, _total: int, /) -> None:
        trap.passed(f"progress {step}")

    settings, file = small(Path(order["home"])), Path(order["file"])
    if order["do"] == "backup":
        back_up(settings, file, [companion()], replace=True, progress=progress)
    else:
        restore_backup(
            settings, file, [companion()], replace=True, progress=progress, load=SmallEncoder
        )
    return {"points": trap.points}


class Nursery:
    """The process that the orders are given to."""

    def __enter__(self) -> Self:
        path = os.pathsep.join([str(ROOT / ".namespace"), str(ROOT)])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.restoring"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def order(self, do: str, home: Path, file: Path, **how: float) -> dict[str, Any]:
        """Give one order; returns what came of it."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("no way to talk to it")
        packed = json.dumps({"do": do, "home": str(home), "file": str(file), **how})
        self._process.stdin.write(packed + "\n")
        self._process.stdin.flush()
        done: dict[str, Any] = json.loads(self._process.stdout.readline())
        return done


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(forked(json.loads(line), run)), flush=True)
