"""`SourceFile`: what is read, with its checks, its text and its articles of clean fields.

That is a file, or bytes that are no file of their own: an entry of a .zip, the reply of a server.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from newsdesk.index.errors import Refused
from newsdesk.index.settings import Readers
from newsdesk.index.types import IN_ARCHIVE, Article

from .addresses import url_id
from .cleaning import clean, clean_line
from .dates import DayFirst, read_date
from .day_order import DayOrders, is_day_first
from .encoding import decode, utf16_encoding

_TEXTS = ("title", "source", "author", "url", "caption", "language")


class ReaderModule(Protocol):
    """The interface of a module that reads one format."""

    SUFFIXES: tuple[str, ...]
    MEDIA_TYPES: tuple[str, ...]  # as servers name the format

    def read(self, source: SourceFile, /) -> Iterator[Article | Refusal | Remark]:
        """The articles of one file, each after what is remarked of it.

        Raises Refused for a file that holds none.
        """


@dataclass(frozen=True, slots=True)
class Refusal:
    """An article that was not taken, with the reason."""

    path: str  # FILE or FILE#LINE
    reason: str


@dataclass(frozen=True, slots=True)
class Remark:
    """An article that was taken without a part that could not be read, with the reason."""

    path: str  # FILE or FILE#LINE
    reason: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file with articles, the folder it was found in, and the limits that apply."""

    file: Path
    root: Path
    settings: Readers
    data: bytes | None = None  # what it holds, where that lies in no file of its own
    archive: str = ""  # the .zip that holds it, as shown; `file` is then its name in there
    archive_id: str = ""  # that the ids of all that lies in it begin with
    charset: str | None = None  # as the server named it
    url: str = ""  # where it was fetched from
    budget: dict[str, int] = field(default_factory=dict)  # what the archives around it unpacked
    orders: DayOrders | None = None  # of the files that are read with it; else of its folder
    in_doubt: list[bool] = field(default_factory=list)  # filled where `day_first` lacks the source

    @property
    def name(self) -> str:
        """The name in lower case, by whose suffix a reader is chosen."""
        return self.file.name.lower()

    @property
    def shown(self) -> str:
        """The path as shown and stored: bytes that are not UTF-8 are replaced."""
        if self.url:
            return self.url
        path = os.fsencode(self.file).decode("utf-8", errors="replace")
        return f"{self.archive}{IN_ARCHIVE}{path}" if self.archive else path

    @property
    def id(self) -> str:
        """The default id of its article: the path below the root, without suffixes; or the URL."""
        if self.url:
            return url_id(self.url)
        root = self.root if self.root.is_dir() else self.root.parent
        try:
            place = self.file if self.archive else self.file.relative_to(root)
        except ValueError:
            place = Path(self.file.name)
        name = place.with_suffix("") if place.suffix.lower() == ".gz" else place
        made = name.with_suffix("").as_posix()
        made = clean_line(made) or made
        return f"{self.archive_id}/{made}" if self.archive else made

    def check(self) -> None:
        """Check that the file can be opened; raises Refused or OSError if not."""
        if self.data is not None:
            return
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
        """Check the size of an article in bytes; raises Refused if it is above the limit."""
        limit = self.settings.max_megabytes
        if size > limit * 1_000_000:
            raise Refused(
                f"{size / 1e6:.1f} MB is too much for one article (limit {limit:g} MB); "
                "split it, or raise NEWSDESK_READERS_MAX_MEGABYTES"
            )

    def check_length(self, text: str) -> None:
        """Check the length of an article's text; raises Refused if it is above the limit."""
        limit = self.settings.max_characters
        if len(text) > limit:
            raise Refused(
                f"{len(text) / 1e6:.1f} million characters is too much for one article "
                f"(limit {limit / 1e6:g}); split it, or raise NEWSDESK_READERS_MAX_CHARACTERS"
            )

    def read_text(self) -> str:
        """The text of a file with one article. Raises Refused if it is not text, or too large."""
        self.check_size(self.size())
        return decode(self._bytes(), charset=self.charset)

    def size(self) -> int:
        """How many bytes there are to read."""
        return self.file.stat().st_size if self.data is None else len(self.data)

    def head(self) -> bytes:
        """The first bytes, by which a format is told."""
        with self._open() as opened:
            return opened.read(4096)

    def read_whole(self) -> bytes:
        """The bytes of a file of many articles, or of pictures beside its text.

        Raises Refused if that is too large.
        """
        limit = self.settings.max_file_megabytes
        if self.size() > limit * 1_000_000:
            raise Refused(
                f"{self.size() / 1e6:.1f} MB is too much for one file (limit {limit:g} MB); "
                "split it, or raise NEWSDESK_READERS_MAX_FILE_MEGABYTES"
            )
        return self._bytes()

    def _bytes(self) -> bytes:
        return self.file.read_bytes() if self.data is None else self.data

    def _open(self) -> BinaryIO:
        if self.data is None:
            return self.file.open("rb")
        return cast(BinaryIO, io.BufferedReader(io.BytesIO(self.data)))

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Lines as (number from 1, bytes); UTF-16 becomes UTF-8, and .gz is decompressed.

        A line longer than the limit of an article is cut one byte after it, so that `check_size`
        refuses it. Raises Refused for broken gzip.
        """
        limit = int(self.settings.max_megabytes * 1_000_000) + 1
        try:
            with self._open() as packed, contextlib.ExitStack() as stack:
                zipped = self.file.suffix.lower() == ".gz"
                opened = stack.enter_context(gzip.open(packed)) if zipped else packed
                yield from enumerate(_lines(cast(BinaryIO, opened), limit), start=1)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Refused(f"broken gzip: {error}; fetch the file again") from error

    def day_first(self) -> bool:
        """Whether 03/04/2021 is of April, as far as that is told while its source is not known.

        Where it is not, `in_doubt` says so, for `is_day_first` to tell it when the source is known.
        """
        order = self.settings.date_order
        if order == "auto":
            self.in_doubt.append(True)
        return order == "day"

    def is_day_first(self, source: str, of_one: bool = True) -> bool:
        """Whether an article of a source has the day first: as set, or as others write dates.

        `of_one` says that the file holds no articles of others, so that its own dates count first.
        """
        order = self.settings.date_order
        if order != "auto":
            return order == "day"
        with contextlib.suppress(OSError):
            if of_one and is_day_first(self.head()):
                return True
            orders = self.orders or (None if self.data is not None else self._orders_beside())
            return orders is not None and orders.is_day_first(self.file, source)
        return False

    def _orders_beside(self) -> DayOrders:
        return DayOrders.of_files(lambda: sorted(self.file.parent.iterdir()))

    def optional_fields(
        self, given: Mapping[str, Any], path: str, day_first: DayFirst | None = None
    ) -> tuple[dict[str, Any], list[Remark]]:
        """The fields that an article may have, and remarks on those that cannot be read.

        `given` holds them as they were written. What is not understood is left empty: an article
        is worth more than its date.
        """
        fields: dict[str, Any] = {}
        remarks: list[Remark] = []

        def put(name: str, read: Callable[[], object]) -> None:
            try:
                fields[name] = read()
            except Refused as error:
                remarks.append(Remark(path, f"taken without its {name}: {error}"))

        for name in _TEXTS:
            put(name, partial(field_text, name, given.get(name)))
        date_given = given.get("date", given.get("published"))
        language = fields.get("language", "")
        order = day_first or partial(self.is_day_first, fields.get("source", ""))
        put("date", lambda: read_date(date_given, language, order))
        fields["published"] = fields.pop("date", None)
        return fields, remarks

    def article(self, *, text: str, cleaned: bool = False, **fields: object) -> Article:
        """An Article of this file; `text` and `fields` are cleaned. Raises Refused without text.

        `cleaned` says that the text was cleaned before.
        """
        text = text if cleaned else clean(text)
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
            "id": given.get("id") or self.id,
        }
        given["title"] = given.get("title") or title_from_id(str(given["id"]))
        return Article(text=text, **given)  # type: ignore[arg-type]


def _lines(opened: BinaryIO, limit: int) -> Iterator[bytes]:
    """Lines in UTF-8 of at most `limit` bytes each; the rest of a longer line is skipped."""
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
    """A title for an article without one: its id in words.

    >>> title_from_id("2021/canal-reopens")
    'canal reopens'
    """
    return re.sub(r"[-_]+", " ", article_id.rsplit("/", 1)[-1]).strip() or article_id


def field_text(name: str, value: object) -> str:
    """A field's value as text: empty for None, a list joined by commas, of an object its name.

    Raises Refused for a value that is neither text, number, date, list nor has a name.

    >>> field_text("author", ["Ann Lee", "Bo Li"])
    'Ann Lee, Bo Li'
    """
    if isinstance(value, list):
        return ", ".join(field_text(name, item) for item in value if not isinstance(item, list))
    if isinstance(value, dict) and isinstance(value.get("name"), str):  # as in JSON-LD
        return str(value["name"])
    if value is None or isinstance(value, str | int | float | date):
        return "" if value is None else str(value)
    raise Refused(f"{name!r} is neither text nor a list of texts; put it in quotes")
