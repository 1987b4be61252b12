"""From files to articles; the only place where a text is changed.

A reader is a module with `SUFFIXES` and `read(file) -> Iterator[Article | Refusal]`. To add one,
write the module and name it in `_READERS`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from newsdesk.index.errors import Refused, UsageError
from newsdesk.index.settings import Readers
from newsdesk.index.types import Article

from . import cutting, jsonl, markdown
from .source import ReaderModule, Refusal, SourceFile

__all__ = ["ReaderModule", "Refusal", "SourceFile", "find", "read", "suffixes"]

_READERS: tuple[ReaderModule, ...] = (cutting, markdown, jsonl)
_PASSED_OVER = re.compile(  # READMEs, licences, and the questions to a collection
    r"\..*|(?:readme|licen[cs]e)(?:\.\w+)?|(?:questions|queries)\b.*\.(?:jsonl|ndjson)(?:\.gz)?",
    re.IGNORECASE,
)


def suffixes() -> list[str]:
    """The endings of files that can be read."""
    return [suffix for reader in _READERS for suffix in reader.SUFFIXES]


def find(path: Path) -> Iterator[Path]:
    """The files below `path` that may hold articles, in order; `path` itself if it is a file.

    A folder that cannot be looked into, and a link to one outside of `path`, are among them:
    `read` says why. Raises UsageError if there is no such path, or none that can be reached.
    """
    try:
        path.lstat()
        folder_given = path.is_dir()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(f"{path}: no such file or folder; name one that holds articles") from error
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}; name a file or folder that you may read"
        ) from error
    if not folder_given:
        yield path
        return
    closed: list[Path] = []
    for folder, folders, files in os.walk(path, onerror=lambda e: closed.append(Path(e.filename))):
        linked = [name for name in folders if _leads_out(Path(folder, name), path)]
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted([*files, *linked]):
            if not _PASSED_OVER.fullmatch(name):
                yield Path(folder, name)
    yield from closed


def read(file: Path, root: Path, settings: Readers) -> Iterator[Article | Refusal]:
    """The articles in `file`, and a refusal for each that cannot be taken; raises nothing."""
    source = SourceFile(file, root, settings)
    try:
        source.check()
        yield from _reader(file).read(source)
    except Refused as error:
        yield Refusal(source.shown, str(error))
    except FileNotFoundError:
        yield Refusal(source.shown, "vanished while it was being read; index again")
    except PermissionError:
        yield Refusal(source.shown, "no permission to read it; change its mode or its owner")
    except OSError as error:
        yield Refusal(source.shown, f"cannot be read: {error.strerror or error}; copy it anew")


def _reader(file: Path) -> ReaderModule:
    for reader in _READERS:
        if any(file.name.lower().endswith(suffix) for suffix in reader.SUFFIXES):
            return reader
    raise Refused(f"no reader for this kind of file; known are {', '.join(suffixes())}")


def _leads_out(link: Path, folder: Path) -> bool:
    return link.is_symlink() and not Path(os.path.realpath(link)).is_relative_to(
        os.path.realpath(folder)
    )
