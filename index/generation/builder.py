"""Writing a generation from the library, and publishing it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.errors import LibraryDamaged, LibraryError
from newsdesk.index.indexes.article_bm25 import article_columns
from newsdesk.index.indexes.dense import Model, encode_bits
from newsdesk.index.indexes.postings import postings
from newsdesk.index.library import Library, describe_os_error, vector_key
from newsdesk.index.text import analyzer
from newsdesk.index.types import Article, Passage, stamp

from .columns import LEXICAL, OF_ARTICLES, Column, layout
from .generation import CURRENT, FOLDER, FORMAT, MANIFEST, NAME, UNDATED, Manifest, current
from .integrity import sync_folder, write_synced

_SCRATCH = ".new"
_AT_ONCE = 4_096  # passages written together
_RAW = {"articles", "vectors", "sentence_vectors"}  # columns that are given as bytes
_UNIT = 1e-3  # how far a vector's length may be from 1

Progress = Callable[[int, int], None]  # done, of how many


def build(home: Path, library: Library, model: Model, progress: Progress = lambda *_: None) -> str:
    """Write the library's present state as a generation and publish it. Returns its name.

    The caller holds the writer's lock. Raises LibraryDamaged; the last generation stays then.
    """
    folder, last = home / FOLDER, _last(home)
    scratch = folder / _SCRATCH
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder, last)
        scratch.mkdir()
        try:
            manifest = _write(scratch, library, model, progress)
            name = _publish(home, scratch, manifest)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        raise LibraryDamaged(describe_os_error(error, folder)) from error
    _drop(folder, {last, name})  # the last stays for who is just opening it
    return name


def withdraw(home: Path) -> None:
    """Publish that there is nothing to ask. Raises LibraryDamaged."""
    try:
        (home / CURRENT).unlink(missing_ok=True)
        sync_folder(home)
    except OSError as error:
        raise LibraryDamaged(describe_os_error(error, home / CURRENT)) from error


def _publish(home: Path, scratch: Path, manifest: Manifest) -> str:
    """Two renames, of the folder and of CURRENT; what takes room is written before both."""
    packed = json.dumps(asdict(manifest), indent=1, ensure_ascii=False).encode()
    write_synced(scratch / MANIFEST, packed)
    sync_folder(scratch)
    folder = scratch.parent
    name = f"{_next(folder):06d}-{hashlib.sha256(packed).hexdigest()[:12]}"
    pointer = home / f".{CURRENT}"
    write_synced(pointer, name.encode())
    scratch.rename(folder / name)
    sync_folder(folder)
    pointer.replace(home / CURRENT)
    sync_folder(home)
    return name


def _last(home: Path) -> str:
    try:
        return current(home)
    except LibraryError:
        return ""


def _numbered(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if NAME.fullmatch(path.name)]


def _next(folder: Path) -> int:
    numbers = (int(path.name.partition("-")[0]) for path in _numbered(folder))
    return 1 + max(numbers, default=0)


def _sweep(folder: Path, last: str) -> None:
    """Remove what killed builds left, and what nobody can be opening any more."""
    shutil.rmtree(folder / _SCRATCH, ignore_errors=True)
    if last:
        _drop(folder, {last})


def _drop(folder: Path, kept: set[str]) -> None:
    for path in _numbered(folder):
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)


def _write(folder: Path, library: Library, model: Model, progress: Progress) -> Manifest:
    revision, updated = library.revision, library.updated
    articles, passages = library.counts()
    with contextlib.ExitStack() as stack:
        columns = {
            name: stack.enter_context(Column(folder, name, dtype, *tail))
            for name, dtype, tail in layout(model.dimensions)
        }
        rows = _Rows(columns, library, model, lambda done: progress(done, passages))
        lexical = postings(rows.terms())
        lexical |= article_columns(lexical, rows.first_passage)
        for name in (*LEXICAL, *OF_ARTICLES):
            columns[name] = stack.enter_context(Column(folder, name, lexical[name].dtype.str))
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
        sources=list(rows.sources),
        columns=described,
    )


class _Rows:
    """Everything but the postings, written some thousand passages at a time."""

    def __init__(
        self,
        columns: Mapping[str, Column],
        library: Library,
        model: Model,
        progress: Callable[[int], None],
    ) -> None:
        self._columns, self._library, self._model = columns, library, model
        self._progress = progress
        self._waiting: defaultdict[str, list[Any]] = defaultdict(list)
        self._ends = {"article_ends": 0, "first_passage": 0, "sentence_ends": 0}
        self.sources: dict[str, int] = {}
        self._firsts = array("q", [0])

    def terms(self) -> Iterator[list[str]]:
        """Write all; yields each passage's terms on the way, so that one reading does."""
        words = analyzer.Analyzer()
        for name in self._ends:
            self._end(name, 0)
        done = 0
        for number, article in enumerate(self._library.articles()):
            self._article(article)
            title = words.terms(article.title)
            passages = self._library.passages(article)
            for passage, key in passages:
                self._passage(number, article, passage, key)
                yield title + words.terms(passage.text)
                done += 1
                if done % _AT_ONCE == 0:
                    self._flush(done)
            self._end("first_passage", len(passages))
            self._firsts.append(self._ends["first_passage"])
        self._flush(done)

    @property
    def first_passage(self) -> NDArray[np.int64]:
        """Each article's first passage, and the number of all passages last."""
        return np.frombuffer(self._firsts, dtype=np.int64)

    def _article(self, article: Article) -> None:
        given = {**asdict(article), "published": stamp(article.published)}
        packed = json.dumps(given, ensure_ascii=False).encode()
        self._waiting["articles"].append(packed)
        self._end("article_ends", len(packed))
        day = article.published.toordinal() if article.published else UNDATED
        self._waiting["published"].append(day)
        source = self.sources.setdefault(article.source, len(self.sources))
        self._waiting["source"].append(source)

    def _passage(self, number: int, article: Article, passage: Passage, key: bytes) -> None:
        vector, sentence_vectors = self._library.vector(key)
        sound = (
            key == vector_key(self._model.hash, article, passage)
            and len(vector) == 4 * self._model.dimensions
            and len(sentence_vectors) == len(passage.sentences) * self._model.dimensions
        )
        if not sound:
            raise self._library.damaged(f"a passage of article {article.id!r}")
        self._waiting["vectors"].append(vector)
        self._waiting["sentence_vectors"].append(sentence_vectors)
        self._waiting["sentence_spans"] += [(span.start, span.end) for span in passage.sentences]
        self._end("sentence_ends", len(passage.sentences))
        self._waiting["spans"].append((passage.start, passage.end))
        self._waiting["passage_article"].append(number)

    def _end(self, name: str, more: int) -> None:
        self._ends[name] += more
        self._waiting[name].append(self._ends[name])

    def _flush(self, done: int) -> None:
        packed = b"".join(self._waiting["vectors"])
        vectors = np.frombuffer(packed, dtype="<f4").reshape(-1, self._model.dimensions)
        lengths = np.linalg.norm(vectors, axis=1)
        if not np.all((np.abs(lengths - 1) < _UNIT) | (lengths == 0)):
            raise self._library.damaged("a vector that is none")
        self._columns["codes"].rows(encode_bits(vectors))
        for name, rows in self._waiting.items():
            if name in _RAW:
                self._columns[name].raw(b"".join(rows))
            else:
                self._columns[name].rows(rows)
        self._waiting.clear()
        self._progress(done)
