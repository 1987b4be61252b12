"""From files to articles; the only place where a text is changed.

A reader is a module with `SUFFIXES` and `read(file) -> Iterator[Article | Refusal]`. To add one,
write the module and name it in `_READERS`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ..errors import Refused, UsageError
from ..settings import Readers
from ..types import Article
from . import cutting, jsonl, markdown
from .source import Reader, Refusal, Source

__all__ = ["Reader", "Refusal", "Source", "find", "read", "suffixes"]

_READERS: tuple[Reader, ...] = (cutting, markdown, jsonl)
_NOT_ARTICLES = ("readme", "license", "licence", "questions", "queries")  # how names begin


def suffixes() -> list[str]:
    """The endings of files that can be read."""
    return [suffix for reader in _READERS for suffix in reader.SUFFIXES]


def find(path: Path) -> Iterator[Path]:
    """The files below `path` that may hold articles, in order; `path` itself if it is a file.

    Raises UsageError if there is no such path. Hidden files, READMEs, licences and lists of
    questions are passed over.
    """
    if not path.exists() and not path.is_symlink():
        raise UsageError(f"{path}: no such file or folder; name one that holds articles")
    if not path.is_dir():
        yield path
        return
    for folder, folders, files in os.walk(path):  # Path.walk came with Python 3.12
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if _may_hold_articles(name):
                yield Path(folder, name)


def read(file: Path, root: Path, settings: Readers) -> Iterator[Article | Refusal]:
    """The articles in `file`, and a refusal for each that cannot be taken; raises nothing."""
    source = Source(file, root, settings)
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
        yield Refusal(source.shown, f"cannot be read: {error.strerror or error}")


def _reader(file: Path) -> Reader:
    for reader in _READERS:
        if any(file.name.lower().endswith(suffix) for suffix in reader.SUFFIXES):
            return reader
    raise Refused(f"no reader for this kind of file; known are {', '.join(suffixes())}")


def _may_hold_articles(name: str) -> bool:
    stem = name.lower().split(".", 1)[0]
    return not name.startswith(".") and not stem.startswith(_NOT_ARTICLES)
