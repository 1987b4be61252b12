"""Vectors made elsewhere: `newsdesk encode` writes files of them, `newsdesk index` takes them in.

A vector is kept under the key of all that it depends on: the model, and the passage's title, text
and sentences. So any machine that has the same files makes the same keys; each takes those of its
shard, by the key alone, and nobody has to say who does what.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from newsdesk.index import readers
from newsdesk.index.errors import ModelError, UsageError
from newsdesk.index.generation import model_files
from newsdesk.index.indexes.dense import Encoder, ExportedPassageEncoder, Model
from newsdesk.index.library import Library, vector_key, within
from newsdesk.index.library.database import Database, Schema
from newsdesk.index.readers import Refusal
from newsdesk.index.settings import Settings
from newsdesk.index.text import passages as splitting
from newsdesk.index.types import Article, Passage

from .publishing import PassageEncoderLoader, pays_bf16
from .reading import Progress

_BATCHES = 64  # of passages that are sorted by length together, so that a batch holds like lengths
_TAKEN = 1_000  # vectors in a transaction
_SHARD = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})")
_AGAIN = "write it again by `newsdesk encode`"
_SCHEMA = Schema(
    file="",
    application=0x4E577632,  # "NWv2"
    migrations=(
        """
        CREATE TABLE made (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE vectors (
            key BLOB PRIMARY KEY, vector BLOB NOT NULL, sentences BLOB NOT NULL,
            digest BLOB NOT NULL
        );
        """,
    ),
    name="a file of vectors of Newsdesk",
    missing=f"no file of vectors here; {_AGAIN}",
    foreign=f"name another file, or {_AGAIN}",
    damaged=f"remove it and {_AGAIN}",
)

Row = tuple[bytes, bytes, bytes]  # key, vector, vectors of its sentences


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `number` of `of`, 1 the first. Raises UsageError for one that there is not.

    >>> Shard.parsed("2/3")
    Shard(number=2, of=3)
    """

    number: int
    of: int

    @classmethod
    def parsed(cls, text: str) -> Shard:
        """A shard as it is written, such as `2/3`."""
        found = _SHARD.fullmatch(text)
        number, of = map(int, found.groups()) if found else (0, 0)
        if not 1 <= number <= of:
            raise UsageError(f"--shard {text}: not a part of a whole; write 1/4, 2/4, 3/4 or 4/4")
        return cls(number, of)

    def __contains__(self, key: bytes) -> bool:
        return int.from_bytes(key) % self.of == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


@dataclass(slots=True)
class EncodingReport:
    """What was written into a file of vectors."""

    encoded: int = 0  # passages
    there: int = 0  # that the file had already
    others: int = 0  # of the other shards
    refused: list[Refusal] = field(default_factory=list)


class VectorFile(Database):
    """A file of vectors. Close it, or use it as a context manager."""

    def __init__(self, file: Path, create: bool = False) -> None:
        """Open it, and make it if `create`. Raises UsageError or LibraryDamaged."""
        if not create and not file.is_file():
            raise UsageError(f"{file}: no such file; {_AGAIN}")
        super().__init__(file.absolute().parent, replace(_SCHEMA, file=file.name), create)

    def made(self, name: str) -> str:
        """What is noted under a name, "" for nothing."""
        row = self.row("SELECT value FROM made WHERE name = ?", (name,))
        return str(row[0]) if row else ""

    def claim(self, model: str, named: str, shard: Shard) -> None:
        """Note what the file is of; raises UsageError if it is of something else."""
        self.check_model(model, named)
        if self.made("shard") not in ("", str(shard)):
            raise UsageError(
                f"{self.file}: holds shard {self.made('shard')}, not {shard}; name another file"
            )
        with self.transaction():
            self.change_many(
                "INSERT OR REPLACE INTO made VALUES (?, ?)",
                (("model", model), ("named", named), ("shard", str(shard))),
            )

    def check_model(self, model: str, named: str) -> None:
        """Raise UsageError if the vectors are not of a model, which is called so."""
        if self.made("model") not in ("", model):
            raise UsageError(
                f"{self.file}: vectors of model {self.made('named')} "
                f"({self.made('model')[:12]}), not of {named} ({model[:12]}) which is set; encode "
                "them again, or set NEWSDESK_MODEL to the one they are of"
            )

    def has(self, key: bytes) -> bool:
        """Whether there is a vector of this key."""
        return self.row("SELECT 1 FROM vectors WHERE key = ?", (key,)) is not None

    def put(self, rows: Sequence[Row]) -> None:
        """Add vectors, all of them or none."""
        model = self.made("model")
        with self.transaction():
            self.change_many(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)",
                [(*row, _digest(model, row)) for row in rows],
            )

    def vectors(self) -> Iterator[Row]:
        """All vectors, each compared with its digest. Raises LibraryDamaged."""
        model = self.made("model")
        for *row, digest in self.rows("SELECT key, vector, sentences, digest FROM vectors"):
            if not all(isinstance(part, bytes) for part in (*row, digest)):
                raise self.damaged("a row that is not of bytes")
            key, vector, sentences = row
            if _digest(model, (key, vector, sentences)) != digest:
                raise self.damaged("a vector is not as it was written")
            yield key, vector, sentences


def encode(
    settings: Settings,
    paths: Sequence[Path],
    file: Path,
    shard: Shard,
    progress: Progress = lambda *_: None,
    models: Path | None = None,
    load: Callable[[str], Encoder] | None = None,
) -> EncodingReport:
    """Encode the passages of a shard of the articles in `paths`, into a file.

    What the file has already is not encoded again: a run that was stopped goes on. `models` and
    `load` are those of `update`. Raises UsageError, LibraryDamaged or ModelError.
    """
    loader = PassageEncoderLoader(settings.model, load, progress)
    report, size = EncodingReport(), settings.dense.batch
    place = models or settings.home / model_files.MODELS
    with VectorFile(file, create=True) as given:
        given.claim(loader.hash, settings.model, shard)
        missing = _missing(settings, paths, given, shard, loader.hash, report)
        encoder: Encoder | ExportedPassageEncoder | None = None
        while some := list(islice(missing, size * _BATCHES)):
            encoder = encoder or _encoder(loader, settings, place, len(some))
            some.sort(key=lambda each: -len(each[1].text))
            for start in range(0, len(some), size):
                batch = some[start : start + size]
                given.put(_rows(encoder, batch))
                report.encoded += len(batch)
                progress("encoding", report.encoded, 0)
    return report


def check(files: Sequence[Path], model: str, named: str) -> None:
    """Read files of vectors whole, before anything is changed by them.

    Raises UsageError for those of another model, LibraryDamaged for those that are not sound.
    """
    for file in files:
        with VectorFile(file) as given:
            given.check_model(model, named)
            for _ in given.vectors():
                pass


def take(library: Library, files: Sequence[Path], progress: Progress) -> int:
    """Take those vectors that the library lacks from files. Returns how many that were.

    Raises LibraryDamaged.
    """
    wanted = {key for key, _, _ in library.unencoded()} if files else set[bytes]()
    taken = 0
    for file in files:
        with VectorFile(file) as given:
            rows = (row for row in given.vectors() if row[0] in wanted)
            while batch := list(islice(rows, _TAKEN)):
                with library.transaction():
                    library.put_vectors(batch)
                wanted -= {key for key, _, _ in batch}
                taken += len(batch)
                progress("taking vectors", taken, 0)
    return taken


def _digest(model: str, row: Row) -> bytes:
    packed = b"".join(len(part).to_bytes(4) + part for part in row)
    return hashlib.sha256(model.encode() + packed).digest()[:16]


def _encoder(
    loader: PassageEncoderLoader, settings: Settings, models: Path, passages: int
) -> Encoder | ExportedPassageEncoder:
    """The encoder, without torch where its model is exported."""
    try:
        folder = model_files.find(models, Model(settings.model, loader.hash, 0))
    except ModelError:
        folder = model_files.export(models, loader.encoder)
    return loader.exported(folder, pays_bf16(settings, passages))


def _missing(
    settings: Settings,
    paths: Sequence[Path],
    given: VectorFile,
    shard: Shard,
    model: str,
    report: EncodingReport,
) -> Iterator[tuple[bytes, Passage, Article]]:
    """The passages of a shard that have no vector yet, each once."""
    seen: set[bytes] = set()
    for article in _articles(settings, paths, report):
        size, language = settings.passages, article.language or settings.readers.language
        for passage in splitting.split(article.id, article.text, language, size.words, size.most):
            key = vector_key(model, article, passage)
            if key in seen:
                continue
            seen.add(key)
            if key not in shard:
                report.others += 1
            elif given.has(key):
                report.there += 1
            else:
                yield key, passage, article


def _articles(
    settings: Settings, paths: Sequence[Path], report: EncodingReport
) -> Iterator[Article]:
    for path in paths:
        for file in readers.find(path):
            for found in readers.read(file, path, settings.readers):
                if isinstance(found, Article):
                    yield found
                elif isinstance(found, Refusal):
                    report.refused.append(found)


def _rows(
    encoder: Encoder | ExportedPassageEncoder, batch: Sequence[tuple[bytes, Passage, Article]]
) -> list[Row]:
    encoded = encoder.encode(
        [article.title for _, _, article in batch],
        [passage.text for _, passage, _ in batch],
        [within(passage) for _, passage, _ in batch],
    )
    return [
        (key, one.vector.tobytes(), one.sentences.tobytes())
        for (key, _, _), one in zip(batch, encoded, strict=True)
    ]
