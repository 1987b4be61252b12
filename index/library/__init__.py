"""The library: articles, passages and vectors in SQLite, the data that must never be lost.

Every change is a transaction, so that a killed run leaves all that it had committed. Whatever is
searched is built from here (`generation/`) and can be thrown away. SQLite does not notice a flipped
bit: what is read here is checked against the article's digest and the key of the passage's vector.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from newsdesk.index.errors import LibraryDamaged
from newsdesk.index.types import Article, Passage, Span, file_of, stamp

from .database import Database, describe_os_error
from .schema import FILE, LIBRARY
from .settling import settle
from .sources import ON_NETWORK, Entry, Kind, Source, Sources
from .stories import Stories

__all__ = [
    "FILE",
    "IN_ONE_TRANSACTION",
    "ON_NETWORK",
    "Entry",
    "FileState",
    "Kind",
    "Library",
    "Source",
    "Sources",
    "Stored",
    "Stories",
    "Version",
    "describe_os_error",
    "is_file_path",
    "settle",
    "unstamp",
    "vector_key",
    "within",
]

_ARTICLE = "SELECT id, path, digest, fields, text FROM articles"
IN_ONE_TRANSACTION = 100  # articles that are put; others may write in between
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://")


@dataclass(frozen=True, slots=True)
class Stored:
    """What the library knows of an article without reading its text."""

    digest: str
    path: str
    split: str


@dataclass(frozen=True, slots=True)
class Version:
    """A state of an article that was replaced or removed."""

    digest: str
    replaced: float  # seconds since 1970
    article: Article


@dataclass(frozen=True, slots=True)
class FileState:
    """What a file was when it was read."""

    size: int
    changed: int  # its time of change, nanoseconds since 1970
    digest: str  # SHA-256 of its content
    rules: str  # by which it was read
    settled: bool  # whether it had not been changed in the last seconds before it was read


class Library(Database):
    """An open library. Close it, or use it as a context manager."""

    def __init__(self, home: Path, create: bool = False) -> None:
        """Open the library in `home`. Raises LibraryMissing, or LibraryDamaged."""
        super().__init__(home, LIBRARY, create)
        self.sources = Sources(self)
        self.stories = Stories(self)

    # What is known

    @property
    def revision(self) -> int:
        """Grows with every change to an article."""
        number = self._meta("revision", "0")
        if not number.isdecimal():
            raise self.damaged(f"revision {number[:20]!r}")
        return int(number)

    @property
    def updated(self) -> str:
        """When an article last changed, ISO 8601 in UTC; empty for never."""
        return self._meta("updated", "")

    def identity(self) -> str:
        """Tells this library from every other, wherever it lies; made when first asked for.

        Raises LibraryDamaged.
        """
        sql = "INSERT OR IGNORE INTO meta VALUES ('identity', ?)"
        if not self._meta("identity", ""):
            self.change(sql, (uuid.uuid4().hex,))
        return self._meta("identity", "")

    def roots(self) -> list[str]:
        """The folders that articles were read from."""
        return [str(row[0]) for row in self.rows("SELECT path FROM roots ORDER BY path")]

    def files(self) -> set[str]:
        """The files that articles were read from."""
        paths = (path for (path,) in self.rows("SELECT DISTINCT path FROM articles"))
        return {file_of(path) for path in paths if is_file_path(path)}

    def places(self) -> list[str]:
        """What has to be read to bring everything up to date: the folders, and lone files."""
        roots = self.roots()
        lone = {file for file in self.files() if not _is_below(file, roots)}
        return [*roots, *sorted(lone)]

    def stored(self, article_id: str) -> Stored | None:
        """What is known of one article, or None."""
        sql = "SELECT digest, path, split FROM articles WHERE id = ?"
        for row in self.rows(sql, (article_id,)):
            return Stored(*row)
        return None

    def ids_below(self, path: str) -> Iterator[tuple[str, str]]:
        """Ids and paths of the articles read from `path`, a file or a folder."""
        begins = "(path >= ? || ? AND path < ? || ?)"  # answered by the index on path
        sql = f"SELECT id, path FROM articles WHERE path = ? OR {begins} OR {begins}"
        above = path.rstrip("/")
        yield from self.rows(sql, (path, above, "/", above, "0", above, "#", above, "$"))

    def keys(self) -> Iterator[tuple[str, bytes]]:
        """Every article's id, in order, and what names its state.

        That is text, fields, place, passages, and of which story it is.
        """
        sql = (
            "SELECT id, digest, split, path, coalesce(head, '') FROM articles LEFT JOIN "
            "(SELECT article_id, min(article_id) OVER (PARTITION BY story) AS head FROM texts) "
            "ON article_id = id ORDER BY id"
        )
        for row in self.rows(sql):
            yield row[0], hashlib.sha256("\x1f".join(row).encode()).digest()[:16]

    def ids_split_otherwise(self, split: str) -> list[str]:
        """Ids of the articles that were split by other rules than `split`."""
        return [row[0] for row in self.rows("SELECT id FROM articles WHERE split <> ?", (split,))]

    def article(self, article_id: str) -> Article | None:
        """One article whole, or None."""
        for row in self.rows(f"{_ARTICLE} WHERE id = ?", (article_id,)):
            return self._article(*row)
        return None

    def text(self, article_id: str) -> str | None:
        """An article's text alone, or None; quicker than all of it."""
        row = self.row("SELECT text FROM articles WHERE id = ?", (article_id,))
        return str(row[0]) if row else None

    def articles(self) -> Iterator[Article]:
        """Every article, in the order of their ids."""
        for row in self.rows(f"{_ARTICLE} ORDER BY id"):
            yield self._article(*row)

    def versions(self, article_id: str) -> list[Version]:
        """The states of an article that were replaced or removed, the newest first."""
        sql = (
            "SELECT article_id, path, digest, fields, text, replaced FROM versions "
            "WHERE article_id = ? ORDER BY replaced DESC, rowid DESC"
        )
        return [
            Version(row[2], row[5], self._article(*row[:5]))
            for row in self.rows(sql, (article_id,))
        ]

    def version(self, article_id: str, digest: str) -> Article | None:
        """An article as it was when it had a digest, be that now or before; None if never."""
        article = self.article(article_id)
        if article and article.digest == digest:
            return article
        old = (each.article for each in self.versions(article_id) if each.digest == digest)
        return next(old, None)

    def withdrawn(self) -> set[str]:
        """Ids of the articles that were removed by hand."""
        return {str(row[0]) for row in self.rows("SELECT article_id FROM withdrawn")}

    def file_states(self) -> dict[str, FileState]:
        """What each file was when it was read, by path."""
        sql = "SELECT path, size, changed, digest, rules, settled FROM files"
        return {
            path: FileState(size, changed, digest, rules, bool(settled))
            for path, size, changed, digest, rules, settled in self.rows(sql)
        }

    def passages(self, article: Article) -> list[tuple[Passage, bytes]]:
        """An article's passages in order, each with the key of its vector."""
        sql = (
            'SELECT ordinal, start, "end", sentences, vector_key FROM passages WHERE article_id = ?'
        )
        return [
            (self._passage(article, ordinal, start, end, sentences), key)
            for ordinal, start, end, sentences, key in self.rows(
                sql + " ORDER BY ordinal", (article.id,)
            )
        ]

    def vector(self, key: bytes) -> tuple[bytes, bytes]:
        """A passage's vector (float32) and its sentences' (int8), as bytes."""
        for row in self.rows("SELECT vector, sentences FROM vectors WHERE key = ?", (key,)):
            return row[0], row[1]
        raise LibraryDamaged(f"{self.file}: a vector is missing; run `newsdesk index` again")

    def vectors(self, article: Article) -> dict[bytes, tuple[bytes, bytes]]:
        """The vectors of an article's passages, by their keys, as `vector` gives them."""
        sql = (
            "SELECT key, vector, vectors.sentences FROM passages JOIN vectors ON key = vector_key "
            "WHERE article_id = ?"
        )
        return {key: (vector, own) for key, vector, own in self.rows(sql, (article.id,))}

    def dimensions(self) -> int:
        """How long the vectors of the passages are; 0 where there is none."""
        sql = "SELECT length(vector) / 4 FROM passages JOIN vectors ON key = vector_key LIMIT 1"
        return next((int(row[0]) for row in self.rows(sql)), 0)

    def counts(self) -> tuple[int, int]:
        """How many articles and passages there are."""
        (row,) = self.rows(
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages)"
        )
        return int(row[0]), int(row[1])

    def unencoded(self) -> list[tuple[bytes, str, int]]:
        """Passages without a vector, longest first: the vector's key, article's id, ordinal."""
        # The inner query needs nothing but two indexes: three times as fast, of all passages.
        sql = """
            SELECT vector_key, min(article_id), ordinal FROM passages WHERE vector_key IN (
                SELECT vector_key FROM passages
                WHERE NOT EXISTS (SELECT 1 FROM vectors WHERE key = vector_key)
            ) GROUP BY vector_key ORDER BY "end" - start DESC
        """
        return list(self.rows(sql))

    def passage(self, article_id: str, ordinal: int) -> tuple[Article, Passage]:
        """One passage and its article. Raises LibraryDamaged if there is none."""
        article = self.article(article_id)
        sql = 'SELECT start, "end", sentences FROM passages WHERE article_id = ? AND ordinal = ?'
        for row in self.rows(sql, (article_id, ordinal)):
            if article:
                return article, self._passage(article, ordinal, *row)
        raise LibraryDamaged(
            f"{self.file}: article {article_id} is gone; run `newsdesk index` again"
        )

    # What changes it; all inside `transaction()`

    def put(self, article: Article, passages: Iterable[tuple[Passage, bytes]], split: str) -> None:
        """Add an article or replace it, with its passages and the keys of their vectors.

        What it replaces is kept as a version.
        """
        self._keep(article.id, article.digest)
        stored = self.stored(article.id)
        if stored and stored.digest != article.digest:
            self.stories.drop(article.id)  # compared with the others anew
        self._db.execute(
            "INSERT INTO articles (id, digest, path, split, fields, text, added) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, path = excluded.path, "
            "split = excluded.split, fields = excluded.fields, text = excluded.text",
            (
                *(article.id, article.digest, article.path, split, _fields(article)),
                *(article.text, time.time()),
            ),
        )
        self._db.execute("DELETE FROM passages WHERE article_id = ?", (article.id,))
        self._db.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
            [
                (article.id, passage.ordinal, passage.start, passage.end, _packed(passage), key)
                for passage, key in passages
            ],
        )
        self.note_change()

    def move(self, article_id: str, path: str) -> None:
        """Note that an article is now read from elsewhere."""
        self._db.execute("UPDATE articles SET path = ? WHERE id = ?", (path, article_id))
        self.note_change()

    def remove(self, article_id: str) -> None:
        """Remove an article and its passages; text and vectors stay, should it come back."""
        self._keep(article_id)
        self.stories.drop(article_id)
        self._db.execute("DELETE FROM articles WHERE id = ?", (article_id,))
        self.note_change()

    def put_vectors(self, vectors: Iterable[tuple[bytes, bytes, bytes]]) -> None:
        """Keep vectors by the key of their content."""
        self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", vectors)

    def add_root(self, path: str) -> None:
        """Remember a folder that articles are read from."""
        self._db.execute("INSERT OR IGNORE INTO roots VALUES (?)", (path,))

    def remove_root(self, path: str) -> None:
        """Read articles from a folder no more; its articles stay."""
        self._db.execute("DELETE FROM roots WHERE path = ?", (path,))

    def withdraw(self, article_id: str) -> None:
        """Remove an article that is not to come back by itself."""
        self.remove(article_id)
        self._db.execute("INSERT OR IGNORE INTO withdrawn VALUES (?)", (article_id,))

    def readmit(self, article_id: str) -> None:
        """Let an article come back that was removed by hand."""
        self._db.execute("DELETE FROM withdrawn WHERE article_id = ?", (article_id,))

    def put_version(self, article: Article, replaced: float) -> None:
        """Keep a state of an article that was replaced at a time, in seconds since 1970."""
        self._db.execute(
            "INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?, ?, ?)",
            (article.id, article.digest, article.path, _fields(article), article.text, replaced),
        )

    def erase_versions(self, article_id: str) -> None:
        """Remove what is kept of the former states of an article."""
        self._db.execute("DELETE FROM versions WHERE article_id = ?", (article_id,))

    def put_file_state(self, path: str, state: FileState) -> None:
        """Remember what a file was when it was read."""
        self._db.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
            (path, state.size, state.changed, state.digest, state.rules, state.settled),
        )

    def drop_file_state(self, path: str) -> None:
        """Have a file read again."""
        self._db.execute("DELETE FROM files WHERE path = ?", (path,))

    def _keep(self, article_id: str, digest: str = "") -> None:
        """Keep an article as a version, unless it is of a digest."""
        self._db.execute(
            "INSERT OR REPLACE INTO versions "
            "SELECT id, digest, path, fields, text, ? FROM articles WHERE id = ? AND digest <> ?",
            (time.time(), article_id, digest),
        )

    def note_change(self) -> None:
        """Note that what is asked is to be built anew."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        sql = "INSERT OR REPLACE INTO meta VALUES ('revision', ?), ('updated', ?)"
        self._db.execute(sql, (str(self.revision + 1), now))

    def _meta(self, key: str, default: str) -> str:
        for row in self.rows("SELECT value FROM meta WHERE key = ?", (key,)):
            return str(row[0])
        return default

    def _article(self, article_id: str, path: str, digest: str, fields: str, text: str) -> Article:
        try:
            known = json.loads(fields)
            published = unstamp(known.pop("published"))
            pages = tuple(known.pop("pages", ()))
            article = Article(
                **known, id=article_id, path=path, published=published, text=text, pages=pages
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise self.damaged(f"article {article_id!r}: {error}") from error
        if article.digest != digest:
            raise self.damaged(f"article {article_id!r} is not as it was stored")
        return article

    def _passage(
        self, article: Article, ordinal: int, start: int, end: int, sentences: str
    ) -> Passage:
        try:
            spans = tuple(Span(*pair) for pair in json.loads(sentences))
            return Passage(article.id, ordinal, start, end, article.text[start:end], spans)
        except (ValueError, TypeError) as error:
            raise self.damaged(f"a passage of article {article.id!r}: {error}") from error


def is_file_path(path: str) -> bool:
    """Whether an article's path is a file's, and no address.

    >>> is_file_path("/news/canal.txt#3"), is_file_path("https://news.example/canal")
    (True, False)
    """
    return not _SCHEME.match(path)


def vector_key(model: str, article: Article, passage: Passage) -> bytes:
    """Names a vector by all that it depends on; `model` is the hash of one."""
    spans = ",".join(f"{span.start}-{span.end}" for span in within(passage))
    packed = "\x1f".join((model, article.title, passage.text, spans)).encode()
    return hashlib.sha256(packed).digest()[:16]


def within(passage: Passage) -> list[Span]:
    """A passage's sentences as spans of its own text."""
    return [Span(s.start - passage.start, s.end - passage.start) for s in passage.sentences]


def _is_below(file: str, roots: Iterable[str]) -> bool:
    return any(Path(file).is_relative_to(root) for root in roots)


def _fields(article: Article) -> str:
    fields = asdict(article)
    for name in ("id", "path", "text", *(() if article.pages else ("pages",))):
        del fields[name]
    return json.dumps({**fields, "published": stamp(article.published)}, ensure_ascii=False)


def unstamp(text: str) -> date | None:
    """A date as `types.stamp` wrote it."""
    if not text:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _packed(passage: Passage) -> str:
    return json.dumps([[span.start, span.end] for span in passage.sentences], separators=(",", ":"))
