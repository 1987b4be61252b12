"""Files that administrators sent: kept in the library's home, where `sync` reads them as any file.

home/received/KEY/NAME      KEY is that of the addition
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection
from pathlib import Path

from newsdesk.index.errors import LibraryDamaged
from newsdesk.index.library import describe_os_error

FOLDER = "received"
_UNFIT = re.compile(r"[^\w.,()&+ -]|^[. -]+")
_LONGEST = 80  # characters of a name


def path_of(home: Path, key: str, name: str) -> Path:
    """Where the file of an addition lies; the name it was sent by is made harmless."""
    stem, dot, suffix = Path(name.replace("\\", "/")).name.rpartition(".")
    whole = f"{stem[: _LONGEST - len(suffix)]}{dot}{suffix}"
    safe = _UNFIT.sub("_", whole.encode("utf-8", "replace").decode())[:_LONGEST]
    return (home / FOLDER / key / (safe.strip() or "file")).absolute()


def write(file: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises LibraryDamaged."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.parent / ".partial"
        with partial.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.rename(file)
    except OSError as error:
        raise LibraryDamaged(describe_os_error(error, file)) from error


def drop(home: Path, key: str) -> None:
    """Delete the file of an addition, if there is one."""
    shutil.rmtree(home / FOLDER / key, ignore_errors=True)


def tidy(home: Path, kept: Collection[str]) -> None:
    """Delete files that no source and no unfinished addition needs, by what lies in `kept`:
    the places of sources, and the keys of additions."""
    folder = (home / FOLDER).absolute()
    needed = {Path(place).parent.name for place in kept if Path(place).is_relative_to(folder)}
    for each in folder.iterdir() if folder.is_dir() else ():
        if each.name not in needed and each.name not in kept:
            shutil.rmtree(each, ignore_errors=True)
