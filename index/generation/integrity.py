"""Files that are written once: how to write them safely, and how to tell that they still are."""

from __future__ import annotations

import contextlib
import hashlib
import os
from io import BufferedReader
from pathlib import Path
from typing import Any

from newsdesk.index.errors import LibraryDamaged
from newsdesk.index.library import describe_os_error

Seal = dict[str, Any]  # bytes, sha256, and when it was changed, in nanoseconds


def seal(status: os.stat_result, sha256: str) -> Seal:
    """What `flaw` holds a file against."""
    return {"bytes": status.st_size, "sha256": sha256, "changed": status.st_mtime_ns}


def seal_file(path: Path) -> Seal:
    """Sync a file, and seal it as it is."""
    with path.open("r+b") as stream:  # Windows syncs only what may be written
        os.fsync(stream.fileno())
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        return seal(os.fstat(stream.fileno()), sha256)


def flaw(path: Path, stream: BufferedReader, given: Seal, verify: bool) -> str | None:
    """What is wrong with a file, open as `stream`; None if nothing is.

    One whose time is not the sealed one is read whole; `verify`, which the writer alone asks for,
    reads it whole anyway, and then sets the sealed time back. So a library that was copied without
    its times is read whole at each opening until `newsdesk index` has seen it. Not by who opens
    it to read: reading changes nothing.
    """
    status = os.fstat(stream.fileno())
    if status.st_size != given["bytes"]:
        return f"{status.st_size} bytes where {given['bytes']} were written"
    touched = status.st_mtime_ns != given["changed"]
    if (touched or verify) and hashlib.file_digest(stream, "sha256").hexdigest() != given["sha256"]:
        return "its content was changed"
    if touched and verify:
        with contextlib.suppress(OSError):  # where it may not, it goes on being read whole
            os.utime(path, ns=(status.st_atime_ns, given["changed"]))
    return None


def damaged(path: Path, what: str) -> LibraryDamaged:
    """The error for a file that is not as it was written."""
    return LibraryDamaged(
        f"{path}: damaged or foreign: {what}; run `newsdesk index` to build it anew"
    )


def unreadable(path: Path, error: OSError) -> LibraryDamaged:
    """The error for a file that cannot be read."""
    if isinstance(error, FileNotFoundError):
        return damaged(path, "it is gone")
    return LibraryDamaged(describe_os_error(error, path))


def write_synced(path: Path, content: bytes) -> None:
    """Write a file, and wait until the disk has it."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the disk has what was made, renamed or removed in a folder."""
    with contextlib.suppress(OSError):  # Windows cannot sync a folder, and need not
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
