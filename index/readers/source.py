"""What every reader needs: the file, its bytes as text, and an article made of clean fields."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from newsdesk.index.errors import Refused
from newsdesk.index.settings import Readers
from newsdesk.index.types import Article

from .cleaning import clean, clean_line
from .encoding import decode, utf16_encoding


class ReaderModule(Protocol):
    """A module that reads one format."""

    SUFFIXES: tuple[str, ...]

    def read(self, source: SourceFile, /) -> Iterator[Article | Refusal]:
        """The articles of one file; raises Refused for a file that holds none."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An article that was not taken."""

    path: str  # the file, or file#line
    reason: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file, and the folder it was found by."""

    file: Path
    root: Path
    settings: Readers

    @property
    def shown(self) -> str:
        """The path as users see it, and as it can be stored."""
        return os.fsencode(self.file).decode("utf-8", errors="replace")

    @property
    def id(self) -> str:
        """The article's id unless the file names one: its place below the root, no ending."""
        root = self.root if self.root.is_dir() else self.root.parent
        try:
            place = self.file.relative_to(root)
        except ValueError:
            place = Path(self.file.name)
        name = place.with_suffix("") if place.suffix.lower() == ".gz" else place
        return name.with_suffix("").as_posix()

    def check(self) -> None:
        """Raise Refused or OSError for what should not even be opened."""
        if self.file.is_symlink():
            # Not Path.resolve(), which raises RuntimeError for a link to itself.
            target, inside = (Path(os.path.realpath(path)) for path in (self.file, self.root))
            if not target.exists():
                raise Refused("a symbolic link to nothing; remove it")
            if not target.is_relative_to(inside):
                raise Refused("a symbolic link that points outside the folder; copy the file in")
        if self.shown != str(self.file):
            raise Refused("its name is not UTF-8; rename it")
        mode = self.file.stat().st_mode
        if stat.S_ISDIR(mode):
            next(iter(self.file.iterdir()), None)  # raises what kept its files from being found
            raise Refused("a folder, not a file; name the folder itself")
        if not stat.S_ISREG(mode):
            raise Refused("not a regular file; remove it, or copy what it gives into a file")

    def check_size(self, size: int) -> None:
        """Raise Refused if that many bytes are too many for one article."""
        limit = self.settings.max_megabytes
        if size > limit * 1_000_000:
            raise Refused(
                f"{size / 1e6:.1f} MB is too much for one article (limit {limit:g} MB); "
                "split it, or raise NEWSDESK_READERS_MAX_MEGABYTES"
            )

    def check_length(self, text: str) -> None:
        """Raise Refused if a text is too long for one article."""
        limit = self.settings.max_characters
        if len(text) > limit:
            raise Refused(
                f"{len(text) / 1e6:.1f} million characters is too much for one article "
                f"(limit {limit / 1e6:g}); split it, or raise NEWSDESK_READERS_MAX_CHARACTERS"
            )

    def read_text(self) -> str:
        """The text of a file that holds one article. Raises Refused if it is none, or too large."""
        self.check_size(self.file.stat().st_size)
        return decode(self.file.read_bytes())

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Numbered lines of a file, in UTF-8 if it is in UTF-16; unpacked if it ends in .gz.

        A line that is too long for an article ends one byte behind the limit. Raises Refused.
        """
        limit = int(self.settings.max_megabytes * 1_000_000) + 1
        try:
            with self.file.open("rb") as packed, contextlib.ExitStack() as stack:
                zipped = self.file.suffix.lower() == ".gz"
                opened = stack.enter_context(gzip.open(packed)) if zipped else packed
                yield from enumerate(_lines(cast(BinaryIO, opened), limit), start=1)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Refused(f"broken gzip: {error}; fetch the file again") from error

    def article(self, *, text: str, **fields: object) -> Article:
        """An Article of this file with clean text. Raises Refused if there is none left."""
        text = clean(text)
        if not text:
            raise Refused("no text; an article needs at least a sentence")
        self.check_length(text)
        given = {
            name: clean_line(value) if isinstance(value, str) and name != "path" else value
            for name, value in fields.items()
        }
        given = {
            "path": self.shown,
            **given,
            "id": given.get("id") or clean_line(self.id) or self.id,
        }
        given["title"] = given.get("title") or title_from_id(str(given["id"]))
        return Article(text=text, **given)  # type: ignore[arg-type]


def _lines(opened: BinaryIO, limit: int) -> Iterator[bytes]:
    """Lines in UTF-8, none of more than `limit` bytes: what is beyond is passed over."""
    readline: Callable[[int], bytes] = opened.readline
    encoding = utf16_encoding(opened.peek(4)[:4])  # type: ignore[attr-defined]
    with contextlib.ExitStack() as stack:
        if encoding:
            text = io.TextIOWrapper(opened, encoding, errors="replace", newline="\n")
            stack.enter_context(text)
            readline = lambda size: text.readline(size).encode("utf-8", "replace")  # noqa: E731
        while line := readline(limit):
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = readline(limit)
            yield line


def title_from_id(article_id: str) -> str:
    """A title for an article without one: its id in words."""
    return re.sub(r"[-_]+", " ", article_id.rsplit("/", 1)[-1]).strip() or article_id


def field_text(name: str, value: object) -> str:
    """A field's value as text: empty for none, names parted by commas. Raises Refused."""
    if isinstance(value, list):
        return ", ".join(field_text(name, item) for item in value if not isinstance(item, list))
    if value is None or isinstance(value, str | int | float | date):
        return "" if value is None else str(value)
    raise Refused(f"{name!r} is neither text nor a list of texts; put it in quotes")
