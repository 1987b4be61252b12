"""Where learned weights are from: the command, the day, and checksums of the data."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent

_HOME = "--home"  # where things are kept meanwhile: of no matter to the result


def provenance(script: str, datasets: Iterable[Path]) -> dict[str, Any]:
    """What a data file of weights says under "fitted".

    `script` is the benchmark's `__file__`. Data outside the repository goes by its name alone: its
    checksum tells what it was, wherever it lies.
    """
    datasets = list(datasets)
    names = {str(path): _name(path) for path in datasets}
    pairs = zip(["", *sys.argv[1:]], sys.argv[1:], strict=False)
    given = [word for before, word in pairs if _HOME not in (before, word) and word != "--write"]
    arguments = [names.get(word, word) for word in given]
    return {
        "command": " ".join(["python", "-m", _module(Path(script)), *arguments, "--write"]),
        "date": str(datetime.now(UTC).date()),
        "data": {_name(file): _sha256(file) for path in datasets for file in _files(path)},
    }


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())


def _name(path: Path) -> str:
    whole = path.resolve()
    if whole.is_relative_to(ROOT):
        return whole.relative_to(ROOT).as_posix()
    at = whole.parts.index("datasets") + 1 if "datasets" in whole.parts[:-1] else -1
    return "/".join(whole.parts[at:])


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _module(script: Path) -> str:
    """The name that a script of this folder is run by: benchmarks are run as modules."""
    return _name(script).removesuffix(".py").replace("/", ".")
