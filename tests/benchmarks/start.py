"""A cold start: `newsdesk --help` and `newsdesk ask`, beside the least that has to be imported.

    python -m tests.benchmarks.start [--home FOLDER] [--explain]

Starts each as a process of its own, one after the other, many times. Without --home, a library of
seeds/ is made first, with the real model. The bounds: `--help` within half a second, without
importing torch; `ask`, the library there, at most 5 times `python -c "import numpy, onnxruntime"`.
--explain lists what is imported, and what that takes. Exits with 1 if a bound is missed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median

from .side_by_side import HEAD, in_turns, show, verdict

ROOT = Path(__file__).parent.parent.parent
QUESTION = "who is in the B9?"
HELPING = 0.5  # s
TIMES = 5.0
_BASE, _HELP, _ASK = "import numpy, onnxruntime", "newsdesk --help", "newsdesk ask"
_WARM = 2  # runs before those that count
_EXPLAINED = 5
_LISTED = 20
_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| +(\S+)")

Command = Sequence[str]


def main() -> None:
    """Start everything in turns, say whether the bounds are kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=Path, help="a library that is there; default: of seeds/")
    parser.add_argument("--runs", type=int, default=21, help="of each; default: 21")
    parser.add_argument("--explain", action="store_true", help="list what is imported")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = given.home or Path(scratch)
        if not given.home:
            _start([_newsdesk(), "index", str(ROOT / "seeds")], home)
        kept = _compare(home, given.runs)
        if given.explain:
            _explain(home)
    sys.exit(0 if kept else 1)


def _compare(home: Path, runs: int) -> bool:
    commands: dict[str, Command] = {
        "python -c pass": [sys.executable, "-c", "pass"],
        _BASE: [sys.executable, "-c", _BASE],
        _HELP: [_newsdesk(), "--help"],
        _ASK: [_newsdesk(), "ask", QUESTION],
    }
    starts = {name: partial(_start, command, home) for name, command in commands.items()}
    taken = in_turns(starts, range(runs + _WARM), _WARM)
    middle = {name: one.median for name, one in taken.items()}
    rows = [[*one.row(name), f"{middle[name] / middle[_BASE]:.2f}"] for name, one in taken.items()]
    show([f"cold start, {runs} of each", *HEAD, "times imports"], rows)
    torch = [name for name in (_HELP, _ASK) if "torch" in _imported(commands[name], home)]
    kept = [
        verdict("seconds for --help", middle[_HELP] / 1000, HELPING),
        verdict("ask, times the imports", middle[_ASK] / middle[_BASE], TIMES),
        verdict("commands that import torch", len(torch), 0),
    ]
    return all(kept)


def _start(command: Command, home: Path, _: int = 0) -> str:
    """Run a command to its end; returns what it wrote to stderr."""
    # Bytecode is kept, as where it was installed, but not in anyone's source folder.
    kept = {"NEWSDESK_HOME": str(home), "PYTHONPYCACHEPREFIX": str(home / "bytecode")}
    environ = {name: value for name, value in os.environ.items() if name != _NO_BYTECODE}
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**environ, **kept}
    )
    return done.stderr


def _newsdesk() -> str:
    return str(Path(sysconfig.get_path("scripts"), "newsdesk"))


def _imported(command: Command, home: Path) -> dict[str, tuple[int, int]]:
    """What a command imports, with its own microseconds and those with all it imports."""
    if command[0] != sys.executable:
        command = [sys.executable, *command]
    told = _start([command[0], "-X", "importtime", *command[1:]], home)
    return {name: (int(own), int(whole)) for own, whole, name in _IMPORT.findall(told)}


def _explain(home: Path) -> None:
    """What `ask` imports beyond the bare minimum, the slowest first; and what packages take."""
    base = _imported([sys.executable, "-c", _BASE], home)
    runs = [_imported([_newsdesk(), "ask", QUESTION], home) for _ in range(_EXPLAINED)]
    own = {
        name: median(run[name][0] for run in runs if name in run) / 1000
        for name in set().union(*runs) - base.keys()
    }
    packages: dict[str, float] = {}
    for name, ms in own.items():
        package = name.partition(".")[0]
        packages[package] = packages.get(package, 0.0) + ms
    _list("imported by ask beyond those", own)
    _list(f"by package, {sum(own.values()):.0f} ms in all", packages)


def _list(head: str, taken: dict[str, float]) -> None:
    slowest = sorted(taken.items(), key=lambda pair: -pair[1])[:_LISTED]
    show([head, "own ms"], [[name, f"{ms:.1f}"] for name, ms in slowest])


if __name__ == "__main__":
    main()
