"""A generation: immutable files, made from one state of the library, that questions are asked of.

    home/generations/000007-1f2e3d4c5b6a/   manifest.json and the columns
    home/CURRENT                            the name of the newest

A generation is written into a folder of its own, synced, renamed, and only then named in CURRENT;
whoever opened an older one keeps it. Columns are memory-mapped: opening reads the manifest and
little else. The folder's name ends in the manifest's SHA-256, and the manifest holds every file's,
with size and time of change: files that were touched since are checked whole when opened.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
import shutil
import tempfile
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from . import analyzer
from .dense import Model, encode_bits
from .errors import LibraryDamaged, LibraryMissing
from .lexical import PostingsBM25
from .library import Library, unstamp
from .types import Article, Passage, Span, stamp

FORMAT = 1  # of these files
CURRENT = "CURRENT"
FOLDER = "generations"
MANIFEST = "manifest.json"
UNDATED = np.iinfo(np.int64).min
_KEPT = 2  # generations: the current one, and one for who is just opening it
_VECTORS_AT_ONCE = 4_096
_LEXICAL = ("terms", "term_ends", "starts", "docs", "counts", "lengths")

Progress = Callable[[int, int], None]  # done, of how many


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was made of."""

    format: int
    analyzer: str
    revision: int  # of the library
    model: Model
    created: str
    updated: str  # the library's newest change
    articles: int
    passages: int
    sources: list[str]
    columns: dict[str, dict[str, Any]]  # name -> dtype, shape, bytes, sha256, changed


class Generation:
    """An open generation; its columns are attributes of `column`. Raises LibraryDamaged."""

    def __init__(self, folder: Path, verify: bool = False) -> None:
        self.folder = folder
        self.manifest = _read_manifest(folder)
        self.model = self.manifest.model
        self._columns = {
            name: _map(folder / name, given, verify)
            for name, given in self.manifest.columns.items()
        }
        self._blob = memoryview(self._columns["articles"].data)

    @property
    def name(self) -> str:
        """What CURRENT calls it."""
        return self.folder.name

    @property
    def bytes(self) -> int:
        """How much room it takes."""
        return sum(int(given["bytes"]) for given in self.manifest.columns.values())

    def column(self, name: str) -> NDArray[Any]:
        """One column, read-only and memory-mapped."""
        return self._columns[name]

    def lexical(self, k1: float, b: float) -> PostingsBM25:
        """BM25 over the passages and their titles."""
        return PostingsBM25.over({name: self._columns[name] for name in _LEXICAL}, k1, b)

    def article(self, number: int) -> Article:
        """The article with this number."""
        start, end = self.column("article_ends")[number : number + 2].tolist()
        given = json.loads(bytes(self._blob[start:end]))
        return Article(**{**given, "published": unstamp(given["published"])})

    def find(self, article_id: str) -> Article | None:
        """The article with this id, or None; by bisection, since they lie in order."""
        count = self.manifest.articles
        number = bisect_left(range(count), article_id, key=lambda i: self.article(i).id)
        article = self.article(number) if number < count else None
        return article if article and article.id == article_id else None

    def passage(self, number: int, article: Article) -> Passage:
        """The passage with this number, which belongs to `article`."""
        start, end = self.column("spans")[number].tolist()
        first, last = self.column("sentence_ends")[number : number + 2].tolist()
        spans = tuple(Span(*pair) for pair in self.column("sentence_spans")[first:last].tolist())
        of_article = int(self.column("passage_article")[number])
        ordinal = number - int(self.column("first_passage")[of_article])
        return Passage(article.id, ordinal, start, end, article.text[start:end], spans)

    def sentence_vectors(self, number: int) -> NDArray[np.int8]:
        """The vectors of a passage's sentences, shape (n, d) int8, see `dense.Encoded`."""
        first, last = self.column("sentence_ends")[number : number + 2].tolist()
        return self.column("sentence_vectors")[first:last]

    def period(self) -> tuple[date, date] | None:
        """The days of the first and the last article that has one; None if none has."""
        days = self.column("published")
        days = days[days != UNDATED]
        if not len(days):
            return None
        return date.fromordinal(int(days.min())), date.fromordinal(int(days.max()))

    def among(
        self, since: date | None, until: date | None, sources: Iterable[str]
    ) -> NDArray[np.bool_] | None:
        """Which passages a narrowed query may return, shape (passages,); None for all."""
        wanted = {source.casefold() for source in sources}
        if not (since or until or wanted):
            return None
        keep = np.ones(self.manifest.articles, dtype=bool)
        days = self.column("published")
        if since or until:
            keep &= days != UNDATED
        if since:
            keep &= days >= since.toordinal()
        if until:
            keep &= days <= until.toordinal()
        if wanted:
            numbers = [
                i for i, name in enumerate(self.manifest.sources) if name.casefold() in wanted
            ]
            keep &= np.isin(self.column("source"), numbers)
        found: NDArray[np.bool_] = keep[self.column("passage_article")]
        return found


def current(home: Path) -> str:
    """The name of the newest generation. Raises LibraryMissing if nothing was published."""
    try:
        return (home / CURRENT).read_text("utf-8").strip()
    except FileNotFoundError:
        raise LibraryMissing(f"{home}: nothing indexed here; run `newsdesk index FOLDER`") from None
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(home / CURRENT, str(error)) from error


def open_current(home: Path, verify: bool = False) -> Generation:
    """Open the newest generation; looks again if that is gone, since another may be out."""
    name = current(home)
    while True:
        folder = home / FOLDER / name
        try:
            if Path(name).name != name or not folder.is_dir():
                raise _damaged(home / CURRENT, f"it names {name[:80]!r}, which is not there")
            return Generation(folder, verify)
        except LibraryDamaged:
            newest = current(home)
            if newest == name:
                raise
            name = newest


def build(home: Path, library: Library, model: Model, progress: Progress = lambda *_: None) -> str:
    """Write the library's present state as a generation and publish it. Returns its name."""
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    try:
        manifest = _write(scratch, library, model, progress)
        packed = json.dumps(asdict(manifest), indent=1, ensure_ascii=False).encode()
        _write_synced(scratch / MANIFEST, packed)
        digest = hashlib.sha256(packed).hexdigest()[:12]
        name = f"{_next(folder):06d}-{digest}"
        scratch.rename(folder / name)
        _sync_folder(folder)
        _publish(home, name)
    except OSError as error:
        raise LibraryDamaged(
            f"{error.filename or folder}: {error.strerror}; free some space and run it again: "
            "the last generation still answers"
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for old in sorted(path for path in folder.iterdir() if path.is_dir())[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return name


def _publish(home: Path, name: str) -> None:
    scratch = home / f".{CURRENT}"
    _write_synced(scratch, name.encode())
    scratch.replace(home / CURRENT)
    _sync_folder(home)


def _next(folder: Path) -> int:
    numbers = [path.name.partition("-")[0] for path in folder.iterdir()]
    return 1 + max((int(number) for number in numbers if number.isdecimal()), default=0)


def _sweep(folder: Path) -> None:
    """Remove what killed builds left; the caller holds the writer's lock."""
    for path in folder.glob(".new-*"):
        shutil.rmtree(path, ignore_errors=True)


class _Column:
    """A file of rows that are appended; knows what the manifest must hold."""

    def __init__(self, folder: Path, name: str, dtype: str, *tail: int) -> None:
        self.name = name
        self._file: IO[bytes] = (folder / name).open("wb")
        self._dtype, self._tail = np.dtype(dtype), tail
        self._digest = hashlib.sha256()
        self._bytes = 0

    def __enter__(self) -> _Column:
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

    def close(self) -> dict[str, Any]:
        """Sync, and describe the file."""
        self._file.flush()
        os.fsync(self._file.fileno())
        changed = os.fstat(self._file.fileno()).st_mtime_ns
        self._file.close()
        row = self._dtype.itemsize * int(np.prod(self._tail, dtype=np.int64))
        return {
            "dtype": self._dtype.str,
            "shape": [self._bytes // row, *self._tail],
            "bytes": self._bytes,
            "sha256": self._digest.hexdigest(),
            "changed": changed,
        }


def _layout(dimensions: int) -> list[tuple[str, str, tuple[int, ...]]]:
    """Every column's name, dtype and the shape of a row."""
    return [
        ("articles", "|u1", ()), ("article_ends", "<i8", ()), ("first_passage", "<i8", ()),
        ("published", "<i8", ()), ("source", "<i4", ()), ("passage_article", "<i4", ()),
        ("spans", "<i4", (2,)), ("sentence_ends", "<i8", ()), ("sentence_spans", "<i4", (2,)),
        ("sentence_vectors", "|i1", (dimensions,)),
        ("vectors", "<f4", (dimensions,)),
        ("codes", "<u8", (-(-dimensions // 64),)),
        ("terms", "|u1", ()), ("term_ends", "<i8", ()), ("starts", "<i8", ()), ("docs", "<i4", ()),
        ("counts", "<u2", ()), ("lengths", "<i4", ()),
    ]  # fmt: skip


def _write(folder: Path, library: Library, model: Model, progress: Progress) -> Manifest:
    revision, updated = library.revision, library.updated
    articles, passages = library.counts()
    sources: dict[str, int] = {}
    with contextlib.ExitStack() as stack:
        columns = {
            name: stack.enter_context(_Column(folder, name, dtype, *tail))
            for name, dtype, tail in _layout(model.dimensions)
        }
        tokens = _write_rows(columns, library, model, sources, passages, progress)
        lexical = PostingsBM25(tokens).columns()
        for name in _LEXICAL:
            columns[name].rows(lexical[name])
        described = {name: column.close() for name, column in columns.items()}
    return Manifest(
        format=FORMAT,
        analyzer=analyzer.VERSION,
        revision=revision,
        model=model,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        updated=updated,
        articles=articles,
        passages=passages,
        sources=list(sources),
        columns=described,
    )


def _write_rows(
    columns: dict[str, _Column],
    library: Library,
    model: Model,
    sources: dict[str, int],
    total: int,
    progress: Progress,
) -> Iterator[list[str]]:
    """Write everything but the postings; yields each passage's terms, so that one reading does."""
    words = analyzer.Analyzer()
    place = passages = sentences = 0
    waiting: list[bytes] = []
    columns["article_ends"].rows([0])
    columns["first_passage"].rows([0])
    columns["sentence_ends"].rows([0])
    for number, article in enumerate(library.articles()):
        packed = json.dumps(
            {**asdict(article), "published": stamp(article.published)}, ensure_ascii=False
        ).encode()
        place += len(packed)
        columns["articles"].raw(packed)
        columns["article_ends"].rows([place])
        day = article.published.toordinal() if article.published else UNDATED
        columns["published"].rows([day])
        columns["source"].rows([sources.setdefault(article.source, len(sources))])
        title = words.terms(article.title)
        for passage, key in library.passages(article):
            vector, sentence_vectors = library.vector(key)
            if len(vector) != 4 * model.dimensions:
                raise LibraryDamaged(f"{library.file}: a vector of another model; index again")
            waiting.append(vector)
            columns["sentence_vectors"].raw(sentence_vectors)
            columns["sentence_spans"].rows([(span.start, span.end) for span in passage.sentences])
            sentences += len(passage.sentences)
            passages += 1
            columns["sentence_ends"].rows([sentences])
            columns["spans"].rows([(passage.start, passage.end)])
            columns["passage_article"].rows([number])
            yield title + words.terms(passage.text)
            if len(waiting) == _VECTORS_AT_ONCE:
                _write_vectors(columns, waiting, model)
                progress(passages, total)
        columns["first_passage"].rows([passages])
    _write_vectors(columns, waiting, model)
    progress(passages, total)


def _write_vectors(columns: dict[str, _Column], waiting: list[bytes], model: Model) -> None:
    rows = np.frombuffer(b"".join(waiting), dtype="<f4").reshape(-1, model.dimensions)
    columns["vectors"].rows(rows)
    columns["codes"].rows(encode_bits(rows))
    waiting.clear()


def _read_manifest(folder: Path) -> Manifest:
    file = folder / MANIFEST
    try:
        packed = file.read_bytes()
        if not folder.name.endswith(f"-{hashlib.sha256(packed).hexdigest()[:12]}"):
            raise _damaged(file, "its content was changed")
        given = json.loads(packed)
        manifest = Manifest(**{**given, "model": Model(**given["model"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _damaged(file, str(error)) from error
    if (manifest.format, manifest.analyzer) != (FORMAT, analyzer.VERSION):
        raise _damaged(file, "made by another version of Newsdesk")
    return manifest


def _map(path: Path, given: dict[str, Any], verify: bool) -> NDArray[Any]:
    try:
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            if status.st_size != given["bytes"]:
                raise _damaged(path, f"{status.st_size} bytes where {given['bytes']} were written")
            touched = verify or status.st_mtime_ns != given["changed"]
            if touched and hashlib.file_digest(stream, "sha256").hexdigest() != given["sha256"]:
                raise _damaged(path, "its content was changed")
            shape = tuple(given["shape"])
            if not status.st_size:
                return np.zeros(shape, dtype=given["dtype"])
            mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise _damaged(path, error.strerror or str(error)) from error
    # Not numpy.memmap: its views cost more than what a question does with them.
    return np.frombuffer(mapped, dtype=given["dtype"]).reshape(shape)


def _damaged(path: Path, what: str) -> LibraryDamaged:
    return LibraryDamaged(
        f"{path}: damaged or foreign: {what}; run `newsdesk index` to build it anew"
    )


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # Windows cannot sync a folder, and need not
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
