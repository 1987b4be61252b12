"""Finishing a restore: its files are put in place all together, or none of them is.

A restore prepares what it brings in a folder of its own, and by one rename that folder becomes

    home/.restore/
        plan.json               what is to be done with the rest
        library.db …            files of SQLite that take the place of those in the home
        models/53aa…/           folders that take the place of those in the home

Before the rename nothing in the home has changed. After it, whoever opens the home finishes the
work first, so that a process that was killed meanwhile leaves nothing half done.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from newsdesk.index.errors import LibraryDamaged

PENDING = ".restore"
PLAN = "plan.json"
_DONE = ".restore.done"
_LOCK = "restore.lock"
_PAGES = 2_000  # of SQLite, copied between two reports
_UNUSABLE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY)

Progress = Callable[[str, int, int], None]  # step, done, of how many


def settle(home: Path, progress: Progress = lambda *_: None) -> None:
    """Finish the restore that was begun in `home`, if there is one.

    Raises LibraryDamaged where that cannot be; what is left to do is done by the next caller.

    >>> settle(Path(".newsdesk"))  # nothing to do: one look at the folder
    """
    if not (home / PENDING).is_dir():
        return
    from filelock import FileLock

    try:
        with FileLock(home / _LOCK):
            if (home / PENDING).is_dir():  # not if who held the lock has done it
                _finish(home, progress)
    except (OSError, sqlite3.Error, ValueError, KeyError) as error:
        raise LibraryDamaged(
            f"{home}: a restore was begun and cannot be finished ({error}); free some space, see "
            "that the folder can be written to and that nothing else holds its files, and run "
            "any command again"
        ) from error


def _finish(home: Path, progress: Progress) -> None:
    """Do what the plan says; each step may have been done before."""
    pending = home / PENDING
    plan = json.loads((pending / PLAN).read_text("utf-8"))
    for name in plan["withdrawn"]:  # made from what is replaced
        (home / name).unlink(missing_ok=True)
    for name in plan["databases"]:
        overwrite(pending / name, home / name, progress)
    for name in plan["folders"]:
        _move(pending / name, home / name)
    done = home / _DONE
    shutil.rmtree(done, ignore_errors=True)
    pending.rename(done)
    _sync(home)
    shutil.rmtree(done, ignore_errors=True)


def overwrite(source: Path, target: Path, progress: Progress = lambda *_: None) -> None:
    """Give a file of SQLite the content of another, in one transaction.

    Not by a rename: the write-ahead log of the former file would be applied to the new one, and
    who has the file open would go on with the former. Raises sqlite3.Error or OSError.
    """

    def report(_: int, left: int, total: int) -> None:
        progress(f"restoring {target.name}", total - left, total)

    try:
        with closing(sqlite3.connect(source)) as new, closing(sqlite3.connect(target)) as old:
            old.execute("PRAGMA busy_timeout = 30000")
            new.backup(old, pages=_PAGES, progress=report)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _UNUSABLE:
            raise
        _replace(source, target)


def _replace(source: Path, target: Path) -> None:
    """Put a copy in the place of a file that SQLite cannot write to, being damaged or foreign."""
    copy = target.with_name(f".{target.name}.copy")
    shutil.copyfile(source, copy)
    with copy.open("rb+") as stream:
        os.fsync(stream.fileno())
    for ending in ("-wal", "-shm", "-journal"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    copy.replace(target)


def _move(source: Path, target: Path) -> None:
    if not source.is_dir():  # moved before
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    source.rename(target)
    _sync(target.parent)


def _sync(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
