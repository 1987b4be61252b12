"""What every reader needs: the file, its text in the right encoding, and clean text."""

from __future__ import annotations

import contextlib
import gzip
import html
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from ..errors import Refused
from ..settings import Readers
from ..types import Article

_TAG = re.compile(
    r"</?(?:p|br|div|span|a|b|i|u|em|strong|h[1-6]|ul|ol|li|table|tr|td|th|img|script|style|"
    r"blockquote|section|article|figure|figcaption|sup|sub|font|html|body|head)\b[^<>]*>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,6});")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NEWLINE = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANK = re.compile(r"\n[^\S\n]*\n\s*")
_SPACES = re.compile(r"[^\S\n\u00a0\u202f\u2009]+")
_CLOCK = re.compile(r"\d\s*[:.]\s*\d\d|\d\s*[ap]\.?m", re.IGNORECASE)
_YEAR = re.compile(r"\b\d{4}\b")
_BINARY_SHARE = 0.02  # of control characters, from which a file is no text
_ENCODINGS = ["utf_8", "cp1252", "utf_16_le", "utf_16_be"]


class Reader(Protocol):
    """A module that reads one format."""

    SUFFIXES: tuple[str, ...]

    def read(self, source: Source, /) -> Iterator[Article | Refusal]:
        """The articles of one file; raises Refused for a file that holds none."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An article that was not taken."""

    path: str  # the file, or file#line
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """One file, and the folder it was found by."""

    file: Path
    root: Path
    settings: Readers

    @property
    def shown(self) -> str:
        """The path as users see it."""
        return str(self.file)

    @property
    def id(self) -> str:
        """The article's id unless the file names one: its place below the root, no ending."""
        root = self.root if self.root.is_dir() else self.root.parent
        try:
            place = self.file.relative_to(root)
        except ValueError:
            place = Path(self.file.name)
        return place.with_name(place.name.split(".", 1)[0] or place.name).as_posix()

    def check(self) -> None:
        """Raise Refused for what should not even be opened."""
        if self.file.is_symlink():
            target, inside = self.file.resolve(), self.root.resolve()
            if not target.exists():
                raise Refused("a symbolic link to nothing; remove it")
            if inside != self.file.absolute() and not target.is_relative_to(inside):
                raise Refused("a symbolic link that points outside the folder; copy the file in")
        if not self.file.is_file():
            raise Refused("not a regular file")

    def one_article(self) -> str:
        """The text of a file that holds one article. Raises Refused if it is none, or too large."""
        size, limit = self.file.stat().st_size, self.settings.max_megabytes
        if size > limit * 1_000_000:
            raise Refused(
                f"{size / 1e6:.1f} MB is too much for one article (limit {limit:g} MB); "
                "split it, or raise NEWSDESK_READERS_MAX_MEGABYTES"
            )
        return decode(self.file.read_bytes())

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Numbered lines of a file, unpacked if its name ends in .gz. Raises Refused."""
        try:
            with self.file.open("rb") as packed, contextlib.ExitStack() as stack:
                zipped = self.file.suffix == ".gz"
                lines = stack.enter_context(gzip.open(packed)) if zipped else packed
                yield from enumerate(lines, start=1)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Refused(f"broken gzip: {error}; fetch the file again") from error

    def article(self, *, text: str, **fields: object) -> Article:
        """An Article of this file with clean text. Raises Refused if there is none left."""
        text = clean(text)
        limit = self.settings.max_characters
        if not text:
            raise Refused("no text; an article needs at least a sentence")
        if len(text) > limit:
            raise Refused(
                f"{len(text) / 1e6:.1f} million characters is too much for one article "
                f"(limit {limit / 1e6:g}); split it, or raise NEWSDESK_READERS_MAX_CHARACTERS"
            )
        given = {name: clean_line(value) if isinstance(value, str) else value
                 for name, value in fields.items()}  # fmt: skip
        given = {"id": self.id, "path": self.shown, **given}
        given["title"] = given.get("title") or titled(str(given["id"]))
        return Article(text=text, **given)  # type: ignore[arg-type]


def decode(data: bytes) -> str:
    """Bytes to text: UTF-8, UTF-16, else the best guess. Raises Refused for what is no text."""
    if not data.strip(b"\x00\t\n\r "):
        raise Refused("the file is empty")
    text = _decoded(data)
    sample = text[:100_000]
    if len(_CONTROL.findall(sample)) > _BINARY_SHARE * len(sample):
        raise Refused("not a text file; remove it, or convert it to plain text")
    return text


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        damaged = error
    from charset_normalizer import from_bytes

    guess = from_bytes(data[:200_000], cp_isolation=_ENCODINGS).best()
    if guess is None:
        raise Refused("neither UTF-8 nor another encoding we know; save it as UTF-8") from damaged
    return data.decode(guess.encoding, errors="replace")


def clean(text: str) -> str:
    """A body: no markup, no control characters, paragraphs parted by one empty line.

    Lines of a text with empty lines in it are taken as wrapped, and joined; without any, every
    line is a paragraph.
    """
    text = _NEWLINE.sub("\n", _plain(text))
    blocks = _BLANK.split(text.strip("\n"))
    if len(blocks) == 1:
        blocks = text.split("\n")
    lines = (_SPACES.sub(" ", block.replace("\n", " ")).strip() for block in blocks)
    return "\n\n".join(line for line in lines if line)


def clean_line(text: str) -> str:
    """A title or a name: as `clean`, in one line."""
    return " ".join(clean(text).split())


def _plain(text: str) -> str:
    text = _SURROGATE.sub("\ufffd", text)
    if _TAG.search(text):
        text = _without_tags(text)
    elif _ENTITY.search(text):
        text = html.unescape(text)
    return _CONTROL.sub("", _SURROGATE.sub("\ufffd", text))


def _without_tags(text: str) -> str:
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(text, "html.parser")
    for tag in soup(["script", "style"]):
        tag.decompose()
    for tag in soup(
        ["br", "p", "div", "li", "tr", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"]
    ):
        tag.append("\n\n")
    return soup.get_text()


def read_date(given: object) -> date | None:
    """A date as people write it; a datetime where it has a time. Raises Refused for none."""
    if given is None or isinstance(given, date):
        return given
    text = str(given).strip()
    if not text:
        return None
    found = _iso(text) or _written(text)
    if found is None:
        raise Refused(f"date {text[:60]!r} is no date; write it as 2021-12-29 or 2021-12-29 14:55")
    return found


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _written(text: str) -> date | None:
    if not _YEAR.search(text):  # dateparser would take "soon" or "3" for a day of this year
        return None
    import dateparser

    found: datetime | None = dateparser.parse(
        text, languages=["en"], settings={"REQUIRE_PARTS": ["day", "month", "year"]}
    )
    if found is None or _CLOCK.search(text):
        return found
    return found.date()


def titled(article_id: str) -> str:
    """A title for an article without one: its id in words."""
    return re.sub(r"[-_]+", " ", article_id.rsplit("/", 1)[-1]).strip() or article_id
