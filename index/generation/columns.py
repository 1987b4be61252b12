"""Columns: files of rows of one type, appended once, then memory-mapped or read."""

from __future__ import annotations

import hashlib
import mmap
import os
import threading
import weakref
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from .integrity import Seal, damaged, flaw, seal, unreadable

LEXICAL = ("terms", "term_ends", "starts", "docs", "pair", "pairs", "lengths")
OF_ARTICLES = ("article_counts", "article_lengths")


def layout(dimensions: int) -> list[tuple[str, str, tuple[int, ...]]]:
    """Every column's name, dtype and the shape of a row, but those of words."""
    return [
        ("articles", "|u1", ()), ("article_ends", "<i8", ()), ("first_passage", "<i8", ()),
        ("keys", "|u1", (16,)),
        ("published", "<i8", ()), ("story", "<i8", ()),
        ("source", "<i4", ()), ("passage_article", "<i4", ()),
        ("spans", "<i4", (2,)), ("sentence_ends", "<i8", ()), ("sentence_spans", "<i4", (2,)),
        ("hash_ends", "<i8", ()), ("sentence_hashes", "<u4", ()), ("hash_counts", "<i4", ()),
        ("sentence_vectors", "|i1", (dimensions,)),
        ("vectors", "<f4", (dimensions,)),
        ("codes", "<u8", (-(-dimensions // 64),)),
    ]  # fmt: skip


# Of a generation that holds only what changed since another, its base: where its articles stand
# among all; which of the base's are no more; and how that changes the statistics, see `Changes`.
CHANGES = ("places", "gone", "shared", "dropped", "dropped_counts", "dropped_article_counts")
# Of a generation with many vectors, and of no other: see `Lists`.
LISTS = ("centres", "list_starts", "list_rows", "list_codes")
PACKED = ("packed_vectors", "scales")  # instead of its `vectors`, see `PackedVectors`
# Columns of which a question needs a few rows here and there: read, not mapped. With a page that is
# touched the system maps those around it, so that after some questions gigabytes are resident.
READ = ("articles", "sentence_vectors", "sentence_spans", "sentence_hashes", "hash_counts")
NAMES = {*LEXICAL, *OF_ARTICLES, *(name for name, _, _ in layout(1))}  # of all


class Column:
    """A file of rows that are appended; knows what the manifest must hold."""

    def __init__(self, folder: Path, name: str, dtype: str, *tail: int) -> None:
        # Not the default buffer: rows of a few bytes come by the million.
        self._file: IO[bytes] = (folder / name).open("wb", buffering=1 << 16)
        self._dtype, self._tail = np.dtype(dtype), tail
        self._digest = hashlib.sha256()
        self._bytes = 0

    def __enter__(self) -> Column:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._file.close()

    def raw(self, piece: bytes) -> None:
        """Append bytes."""
        self._file.write(piece)
        self._digest.update(piece)
        self._bytes += len(piece)

    def rows(self, values: Any) -> None:
        """Append rows, converted to the column's type."""
        self.raw(np.ascontiguousarray(values, dtype=self._dtype).tobytes())

    def close(self) -> Seal:
        """Sync, and describe the file."""
        self._file.flush()
        os.fsync(self._file.fileno())
        sealed = seal(os.fstat(self._file.fileno()), self._digest.hexdigest())
        self._file.close()
        row = self._dtype.itemsize * int(np.prod(self._tail, dtype=np.int64))
        return {"dtype": self._dtype.str, "shape": [self._bytes // row, *self._tail], **sealed}


class Rows:
    """A column of which rows are read when they are asked for. Raises LibraryDamaged."""

    def __init__(self, path: Path, given: Seal, verify: bool) -> None:
        try:
            with path.open("rb") as stream:
                wrong = flaw(path, stream, given, verify)
                self._file = os.dup(stream.fileno())
        except OSError as error:
            raise unreadable(path, error) from error
        weakref.finalize(self, os.close, self._file)
        if wrong:
            raise damaged(path, wrong)
        self._path, self._bytes = path, int(given["bytes"])
        self._dtype, self._tail = np.dtype(given["dtype"]), tuple(given["shape"][1:])
        self._width = self._dtype.itemsize * int(np.prod(self._tail, dtype=np.int64))
        self._reading = threading.Lock()

    def raw(self, first: int, last: int) -> bytes:
        """The bytes of the rows from `first` to before `last`."""
        wanted, place = (last - first) * self._width, first * self._width
        try:
            if hasattr(os, "pread"):
                found = os.pread(self._file, wanted, place)
            else:  # Windows
                with self._reading:
                    os.lseek(self._file, place, os.SEEK_SET)
                    found = os.read(self._file, wanted)
        except OSError as error:
            raise unreadable(self._path, error) from error
        if len(found) < wanted:
            raise damaged(self._path, f"cut before row {last} of what was written")
        return found

    def rows(self, first: int, last: int) -> NDArray[Any]:
        """The rows from `first` to before `last`, read-only."""
        found = np.frombuffer(self.raw(first, last), dtype=self._dtype)
        return found.reshape(last - first, *self._tail)

    def check(self) -> None:
        """Raise LibraryDamaged if the file was cut."""
        size = os.fstat(self._file).st_size
        if size < self._bytes:
            raise damaged(self._path, f"cut to {size} bytes where {self._bytes} were written")


class Mapping:
    """A file that is mapped, and how long it was then."""

    def __init__(self, path: Path, content: mmap.mmap) -> None:
        self._path, self._content = path, content

    def check(self) -> None:
        """Raise LibraryDamaged if the file was cut: to read what it held would end the process."""
        size, wanted = self._content.size(), len(self._content)
        if size < wanted:
            raise damaged(self._path, f"cut to {size} bytes where {wanted} were written")


def mapped(path: Path, given: Seal, verify: bool) -> tuple[NDArray[Any], Mapping | None]:
    """A column, read-only, its bytes left on disk until they are used. Raises LibraryDamaged.

    With it comes what is mapped; None for an empty file.
    """
    try:
        with path.open("rb") as stream:
            wrong = flaw(path, stream, given, verify)
            if wrong:
                raise damaged(path, wrong)
            shape = tuple(given["shape"])
            if not given["bytes"]:
                return np.zeros(shape, dtype=given["dtype"]), None
            content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise unreadable(path, error) from error
    # Not numpy.memmap: its views cost more than what a question does with them.
    rows = np.frombuffer(content, dtype=given["dtype"]).reshape(shape)
    return rows, Mapping(path, content)
