"""Opens .zip files: each file in one is read as it would be in a folder of that name."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from newsdesk.index.errors import Refused
from newsdesk.index.types import IN_ARCHIVE, Article

from .day_order import DayOrders
from .source import Refusal, Remark, SourceFile

SUFFIXES: tuple[str, ...] = (".zip",)
MEDIA_TYPES: tuple[str, ...] = (
    "application/zip",
    "application/x-zip-compressed",
    "application/x-zip",
)

_MOST = 100_000  # entries that are listed
_UNPACKED = 10  # times the limit of one file, that all entries may unpack to
_WITHIN = 2  # archives within each other: a .zip in a .zip, but no third
_HEAD = 4096  # bytes of an entry that may tell the order of dates
_WORD = "word/document.xml"
# What zipfile raises on broken bytes: its own error; zlib's, for an entry that does not inflate;
# EOFError, for one that is cut off; NotImplementedError, for a version or a compression that it
# does not know; ValueError and OSError, for sizes and places that cannot be.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError)
_DRIVE = re.compile(r"[A-Za-z]:")


def read(source: SourceFile) -> Iterator[Article | Refusal | Remark]:
    """The articles of all that lies in an archive; a Word document is one, and read as that."""
    from . import docx, read_source  # not at the top: they import this module

    if is_word(source):
        yield from docx.read(source)
        return
    empty = True
    for entry in sources(source):
        empty = False
        yield from [entry] if isinstance(entry, Refusal) else read_source(entry)
    if empty:
        raise Refused("the archive holds no file; remove it, or pack articles into it")


def is_word(source: SourceFile) -> bool:
    """Whether a .zip is a Word document, whatever it is called."""
    try:
        with zipfile.ZipFile(io.BytesIO(source.read_whole())) as opened:
            return _WORD in opened.namelist()
    except _BROKEN:
        return False


def sources(source: SourceFile) -> Iterator[SourceFile | Refusal]:
    """What lies in an archive, in the order of names, or why an entry is refused.

    Raises Refused for an archive that is damaged, locked, or unpacks to too much.
    """
    if source.archive and source.archive.count(IN_ARCHIVE) + 1 >= _WITHIN:
        raise Refused("a .zip in a .zip in a .zip; unpack it")
    data = source.read_whole()
    within = replace(
        source,
        data=b"",
        archive=source.shown,
        archive_id=source.id,
        url="",
        orders=DayOrders(lambda: _heads(data)),
        in_doubt=[],
    )
    check_members(data, source, "unpack it and index the folder")
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        for info in sorted(opened.infolist(), key=lambda info: info.filename):
            name = info.filename.replace("\\", "/")
            if name.endswith("/") or _is_left_out(name):  # Not is_dir(): a name may be empty
                continue
            place = replace(within, file=Path(name))
            place.budget.setdefault("unpacked", 0)
            try:
                yield replace(place, data=_unpacked(opened, info, place))
            except Refused as error:
                yield Refusal(place.shown, str(error))


def _heads(data: bytes) -> Iterator[tuple[PurePosixPath, bytes]]:
    """How the entries of an archive begin, those that can be unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        for info in opened.infolist():
            with contextlib.suppress(*_BROKEN, RuntimeError), opened.open(info) as entry:
                yield PurePosixPath(info.filename), entry.read(_HEAD)


def check_members(data: bytes, source: SourceFile, mend: str, times: int = _UNPACKED) -> None:
    """Check what an archive says of its entries, before any is unpacked. Raises Refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            entries = opened.infolist()
    except _BROKEN as error:
        raise Refused(f"damaged, or no archive; fetch it again, or {mend}") from error
    limit = source.settings.max_file_megabytes * 1_000_000 * times
    size = sum(info.file_size for info in entries)
    if size > limit or len(entries) > _MOST:
        raise Refused(
            f"{len(entries):,} entries that unpack to {size / 1e6:,.0f} MB (limit {_MOST:,} and "
            f"{limit / 1e6:,.0f} MB): a bomb, or too much for one archive; {mend} in parts"
        )


def _is_left_out(name: str) -> bool:
    """Whether an entry is one that systems add, or hidden as names with a dot in front are."""
    parts = PurePosixPath(name).parts
    return any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in parts)


def _unpacked(opened: zipfile.ZipFile, info: zipfile.ZipInfo, place: SourceFile) -> bytes:
    """The bytes of an entry, no more than it says. Raises Refused."""
    name = info.filename.replace("\\", "/")
    if name.startswith("/") or ".." in PurePosixPath(name).parts or _DRIVE.match(name):
        raise Refused("its name climbs out of the archive; it is not read, pack it anew")
    if not PurePosixPath(name).parts:
        raise Refused("it has no name; pack it anew")
    if info.flag_bits & 1:
        raise Refused("encrypted; pack it without a password")
    limit = int(place.settings.max_file_megabytes * 1_000_000)
    place.budget["unpacked"] += info.file_size
    if place.budget["unpacked"] > limit * _UNPACKED:
        raise Refused("unpacks to too much, with what lies in the other archives; unpack it")
    if info.file_size > limit:
        raise Refused(
            f"{info.file_size / 1e6:.1f} MB is too much for one file (limit {limit / 1e6:g} MB); "
            "split it, or raise NEWSDESK_READERS_MAX_FILE_MEGABYTES"
        )
    try:
        with opened.open(info) as entry:
            data = entry.read(limit + 1)
    except (*_BROKEN, RuntimeError) as error:  # RuntimeError: locked, though no flag says so
        raise Refused(f"damaged in the archive ({error}); pack it anew") from error
    if len(data) > limit:
        raise Refused("unpacks to more than it says: a bomb; remove it")
    return data
