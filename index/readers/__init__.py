"""Readers: from files to articles. No other room changes a text.

A reader is a module with `SUFFIXES` and `read(source) -> Iterator[Article | Refusal]`, see
`ReaderModule`. To add one, write the module and name it in `_READERS`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from newsdesk.index.errors import Refused, UsageError
from newsdesk.index.settings import Readers
from newsdesk.index.types import Article

from . import jsonl, markdown, plain_text
from .jsonl import line_id
from .source import ReaderModule, Refusal, Remark, SourceFile, title_from_id

__all__ = [
    "ReaderModule",
    "Refusal",
    "Remark",
    "SourceFile",
    "find",
    "line_id",
    "read",
    "suffixes",
    "title_from_id",
]

_READERS: tuple[ReaderModule, ...] = (plain_text, markdown, jsonl)
_IGNORED = re.compile(  # READMEs, licences, and the questions to a collection
    r"\..*|(?:readme|licen[cs]e)(?:\.\w+)?|(?:questions|queries)\b.*\.(?:jsonl|ndjson)(?:\.gz)?",
    re.IGNORECASE,
)


def suffixes() -> list[str]:
    """The file name suffixes that can be read.

    >>> suffixes()
    ['.txt', '.text', '.md', '.markdown', '.jsonl', '.jsonl.gz', '.ndjson']
    """
    return [suffix for reader in _READERS for suffix in reader.SUFFIXES]


def find(path: Path) -> Iterator[Path]:
    """The files below `path` that may hold articles, sorted by name; `path` itself if it is a file.

    Folders that cannot be listed and links to folders outside `path` are included, so that `read`
    can say why they are refused. Raises UsageError if `path` does not exist or cannot be reached.
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
            if not _IGNORED.fullmatch(name):
                yield Path(folder, name)
    yield from closed


def read(file: Path, root: Path, settings: Readers) -> Iterator[Article | Refusal | Remark]:
    """The articles in `file`, with a Refusal for each that cannot be taken. Raises nothing.

    A Remark comes before an article that was taken without a part that could not be read.
    """
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
