"""Readers: from files to articles. No other room changes a text.

A reader is a module with `SUFFIXES`, `MEDIA_TYPES` and
`read(source) -> Iterator[Article | Refusal | Remark]`, see `ReaderModule`. To add one, write the
module and name it in `_READERS`. What needs a library imports it when such a file is read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from newsdesk.index.errors import Refused, UsageError
from newsdesk.index.settings import Readers
from newsdesk.index.types import Article

from . import (
    archive,
    csv_table,
    docx,
    feeds,
    json_array,
    jsonl,
    kinds,
    mail,
    markdown,
    opml,
    pdf,
    plain_text,
    web_page,
)
from .addresses import url_id
from .day_order import DayOrders
from .feeds import is_teaser, with_page
from .opml import read_opml, write_opml
from .records import line_id
from .source import ReaderModule, Refusal, Remark, SourceFile, title_from_id
from .web_page import FeedLink, feed_links

__all__ = [
    "DayOrders",
    "FeedLink",
    "ReaderModule",
    "Refusal",
    "Remark",
    "SourceFile",
    "feed_links",
    "find",
    "is_teaser",
    "line_id",
    "read",
    "read_bytes",
    "read_data",
    "read_opml",
    "read_source",
    "suffixes",
    "title_from_id",
    "url_id",
    "with_page",
    "write_opml",
]

VERSION = 3  # raise it when a reader takes the same bytes otherwise, so that files are read anew

_READERS: tuple[ReaderModule, ...] = (
    *(
        plain_text,
        markdown,
        jsonl,
        web_page,
        feeds,
        pdf,
        mail,
        docx,
        csv_table,
        json_array,
        archive,
    ),
    opml,  # holds no articles: its reader says what to do with it
)
_TEXTS = (plain_text, markdown, jsonl)  # whose suffix is believed, whatever the text begins with
_IGNORED = re.compile(  # READMEs, licences, and the questions to a collection
    r"\..*|(?:readme|licen[cs]e)(?:\.\w+)?|(?:questions|queries)\b.*\.(?:jsonl|ndjson)(?:\.gz)?",
    re.IGNORECASE,
)


def suffixes() -> list[str]:
    """The file name suffixes that can be read.

    >>> suffixes()[:7]
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


def read(
    file: Path, root: Path, settings: Readers, orders: DayOrders | None = None
) -> Iterator[Article | Refusal | Remark]:
    """The articles in `file`, with a Refusal for each that cannot be taken. Raises nothing.

    A Remark comes before an article that was taken without a part that could not be read. `orders`
    tells the order of dates in numbers by the files that are read with it; by default those of its
    folder do.
    """
    yield from read_source(SourceFile(file, root, settings, orders=orders))


def read_data(
    data: bytes,
    name: str,
    *,
    media_type: str | None = None,
    charset: str | None = None,
    url: str | None = None,
    settings: Readers | None = None,
) -> Iterator[Article | Refusal | Remark]:
    """The articles in some bytes, as `read` gives those of a file. Raises nothing.

    Args:
        data: what was fetched or sent, decompressed.
        name: of a file, or an address; its suffix tells the kind where nothing else does.
        media_type: the Content-Type that came with it, with or without parameters.
        charset: that a header named; by default that of `media_type`.
        url: the address of the page or the feed, after redirects. Links are resolved against it,
            and the ids of articles are made from addresses.
        settings: the limits; by default those of `Readers()`.
    """
    file = Path(Path(name).name or "data")
    charset = charset or kinds.charset_of(media_type)
    source = SourceFile(
        file, Path(), settings or Readers(), data=data, charset=charset, url=url or ""
    )
    yield from read_source(source, kinds.media_type(media_type))


def read_bytes(
    data: bytes,
    name: str,
    *,
    media_type: str | None = None,
    charset: str | None = None,
    url: str | None = None,
    settings: Readers | None = None,
) -> list[Article]:
    """The articles in some bytes: a page, a feed's document, a PDF, whatever `suffixes` names.

    The arguments are those of `read_data`. A feed without entries gives none. Of several articles,
    those that cannot be taken are left out; raises Refused, which names `name`, the reason and the
    remedy, if none can be.

    >>> [article.title for article in read_bytes(b"Canal reopens\\n\\nIt did, at noon.", "a.txt")]
    ['Canal reopens']
    """
    given = (data, name)
    articles: list[Article] = []
    refusals: list[Refusal] = []
    for item in read_data(
        *given, media_type=media_type, charset=charset, url=url, settings=settings
    ):
        if isinstance(item, Article):
            articles.append(item)
        elif isinstance(item, Refusal):
            refusals.append(item)
    if refusals and not articles:
        raise Refused(f"{name}: {refusals[0].reason}")
    return articles


def read_source(source: SourceFile, media_type: str = "") -> Iterator[Article | Refusal | Remark]:
    """The articles of a file, of an entry of an archive or of a reply. Raises nothing."""
    try:
        source.check()
        yield from _settled(source, _reader(source, media_type))
    except Refused as error:
        yield Refusal(source.shown, str(error))
    except FileNotFoundError:
        yield Refusal(source.shown, "vanished while it was being read; index again")
    except PermissionError:
        yield Refusal(source.shown, "no permission to read it; change its mode or its owner")
    except OSError as error:
        yield Refusal(source.shown, f"cannot be read: {error.strerror or error}; copy it anew")


def _settled(source: SourceFile, reader: ReaderModule) -> Iterator[Article | Refusal | Remark]:
    """What a reader reads; read again where the order of a date is told only by its source."""
    source.in_doubt.clear()
    waiting: list[Article | Refusal | Remark] = []
    for item in reader.read(source):
        waiting.append(item)
        if not isinstance(item, Article):
            continue
        if source.in_doubt and source.is_day_first(item.source):
            ordered = msgspec.structs.replace(source.settings, date_order="day")
            yield from reader.read(replace(source, settings=ordered))
            return
        yield from waiting
        waiting.clear()
    yield from waiting


def _reader(source: SourceFile, media_type: str) -> ReaderModule:
    """The reader of a source: by how it begins, what the server calls it, the suffix of its name.

    In this order, as names and servers are wrong more often than bytes; but a file that is named as
    a text is one, whatever it begins with.
    """
    named = _named(source.name)
    reader: ReaderModule | None
    if not media_type and (named in _TEXTS or (named is None and source.data is None)):
        reader = named
    else:
        typed = next((each for each in _READERS if media_type in each.MEDIA_TYPES), None)
        vague = media_type in kinds.VAGUE
        head = source.head()
        reader = _named(kinds.sniff(head)) or ((named or typed) if vague else typed)
        reader = reader or (json_array if kinds.is_json(head) else None)
    if reader is None:
        what = f" ({media_type})" if media_type else ""
        raise Refused(f"no reader for this kind of file{what}; known are {', '.join(suffixes())}")
    return reader


def _named(name: str) -> ReaderModule | None:
    """The reader whose suffix a name has."""
    return next((each for each in _READERS if name.endswith(each.SUFFIXES)), None)


def _leads_out(link: Path, folder: Path) -> bool:
    return link.is_symlink() and not Path(os.path.realpath(link)).is_relative_to(
        os.path.realpath(folder)
    )
