"""The library: articles, passages and vectors in SQLite. The one thing that must never be lost.

Every change is a transaction, so that a killed run leaves all that it had committed. Whatever is
searched is built from here (`generation.py`) and can be thrown away.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from .errors import LibraryDamaged, LibraryMissing
from .types import Article, Passage, Span, file_of, stamp

FILE = "library.db"
_APPLICATION = 0x4E577331  # "NWs1", SQLite's own mark of whose file this is
_SCHEMA = 1
_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE roots (path TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE articles (
    id TEXT PRIMARY KEY, digest TEXT NOT NULL, path TEXT NOT NULL, split TEXT NOT NULL,
    fields TEXT NOT NULL, text TEXT NOT NULL
);
CREATE INDEX articles_path ON articles (path);
CREATE TABLE passages (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    sentences TEXT NOT NULL, vector_key BLOB NOT NULL,
    PRIMARY KEY (article_id, ordinal)
) WITHOUT ROWID;
CREATE INDEX passages_vector ON passages (vector_key);
CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, sentences BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the library knows of an article without reading its text."""

    digest: str
    path: str
    split: str


class Library:
    """An open library. Close it, or use it as a context manager."""

    def __init__(self, home: Path, create: bool = False) -> None:
        """Open the library in `home`. Raises LibraryMissing, or LibraryDamaged."""
        self.file = home / FILE
        if not create and not self.file.is_file():
            raise LibraryMissing(f"{home}: no library here; run `newsdesk index FOLDER` first")
        with self._sound():
            if create:
                home.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.file, isolation_level=None, timeout=30)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what happens inside, or nothing. Raises LibraryDamaged."""
        with self._sound():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    # What is known

    @property
    def revision(self) -> int:
        """Grows with every change to an article."""
        return int(self._meta("revision", "0"))

    @property
    def updated(self) -> str:
        """When an article last changed, ISO 8601 in UTC; empty for never."""
        return self._meta("updated", "")

    def roots(self) -> list[str]:
        """The folders that articles were read from."""
        return [str(row[0]) for row in self._rows("SELECT path FROM roots ORDER BY path")]

    def places(self) -> list[str]:
        """What has to be read to bring everything up to date: the folders, and lone files."""
        roots = self.roots()
        files = {file_of(path) for (path,) in self._rows("SELECT DISTINCT path FROM articles")}
        lone = {one for one in files if not any(Path(one).is_relative_to(root) for root in roots)}
        return [*roots, *sorted(lone)]

    def stored(self, article_id: str) -> Stored | None:
        """What is known of one article, or None."""
        sql = "SELECT digest, path, split FROM articles WHERE id = ?"
        for row in self._rows(sql, (article_id,)):
            return Stored(*row)
        return None

    def ids_below(self, path: str) -> Iterator[tuple[str, str]]:
        """Ids and paths of the articles read from `path`, a file or a folder."""
        sql = "SELECT id, path FROM articles WHERE path = ? OR path GLOB ? OR path GLOB ?"
        literal = path.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")
        below = "*" if literal.endswith("/") else "/*"
        yield from self._rows(sql, (path, literal + below, literal + "#*"))

    def ids_split_otherwise(self, split: str) -> list[str]:
        """Ids of the articles that were split by other rules than `split`."""
        return [row[0] for row in self._rows("SELECT id FROM articles WHERE split <> ?", (split,))]

    def article(self, article_id: str) -> Article | None:
        """One article whole, or None."""
        sql = "SELECT id, path, fields, text FROM articles WHERE id = ?"
        for row in self._rows(sql, (article_id,)):
            return _article(*row)
        return None

    def articles(self) -> Iterator[Article]:
        """Every article, in the order of their ids."""
        for row in self._rows("SELECT id, path, fields, text FROM articles ORDER BY id"):
            yield _article(*row)

    def passages(self, article: Article) -> list[tuple[Passage, bytes]]:
        """An article's passages in order, each with the key of its vector."""
        sql = (
            'SELECT ordinal, start, "end", sentences, vector_key FROM passages WHERE article_id = ?'
        )
        return [
            (_passage(article, ordinal, start, end, sentences), key)
            for ordinal, start, end, sentences, key in self._rows(
                sql + " ORDER BY ordinal", (article.id,)
            )
        ]

    def vector(self, key: bytes) -> tuple[bytes, bytes]:
        """A passage's vector (float32) and its sentences' (int8), as bytes."""
        for row in self._rows("SELECT vector, sentences FROM vectors WHERE key = ?", (key,)):
            return row[0], row[1]
        raise LibraryDamaged(f"{self.file}: a vector is missing; run `newsdesk index` again")

    def counts(self) -> tuple[int, int]:
        """How many articles and passages there are."""
        (row,) = self._rows(
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages)"
        )
        return int(row[0]), int(row[1])

    def unencoded(self) -> list[tuple[bytes, str, int]]:
        """Passages without a vector, longest first: the vector's key, article's id, ordinal."""
        sql = """
            SELECT vector_key, min(article_id), ordinal FROM passages
            WHERE NOT EXISTS (SELECT 1 FROM vectors WHERE key = vector_key)
            GROUP BY vector_key ORDER BY "end" - start DESC
        """
        return list(self._rows(sql))

    def passage(self, article_id: str, ordinal: int) -> tuple[Article, Passage]:
        """One passage and its article. Raises LibraryDamaged if there is none."""
        article = self.article(article_id)
        sql = 'SELECT start, "end", sentences FROM passages WHERE article_id = ? AND ordinal = ?'
        for row in self._rows(sql, (article_id, ordinal)):
            if article:
                return article, _passage(article, ordinal, *row)
        raise LibraryDamaged(
            f"{self.file}: article {article_id} is gone; run `newsdesk index` again"
        )

    # What changes it; all inside `transaction()`

    def put(self, article: Article, passages: Iterable[tuple[Passage, bytes]], split: str) -> None:
        """Add an article or replace it, with its passages and the keys of their vectors."""
        self._db.execute(
            "INSERT INTO articles (id, digest, path, split, fields, text) "
            "VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, path = excluded.path, "
            "split = excluded.split, fields = excluded.fields, text = excluded.text",
            (article.id, article.digest, article.path, split, _fields(article), article.text),
        )
        self._db.execute("DELETE FROM passages WHERE article_id = ?", (article.id,))
        self._db.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
            [
                (article.id, one.ordinal, one.start, one.end, _packed(one), key)
                for one, key in passages
            ],
        )
        self._changed()

    def move(self, article_id: str, path: str) -> None:
        """Note that an article is now read from elsewhere."""
        self._db.execute("UPDATE articles SET path = ? WHERE id = ?", (path, article_id))
        self._changed()

    def remove(self, article_id: str) -> None:
        """Remove an article and its passages; vectors stay, should it come back."""
        self._db.execute("DELETE FROM articles WHERE id = ?", (article_id,))
        self._changed()

    def put_vectors(self, vectors: Iterable[tuple[bytes, bytes, bytes]]) -> None:
        """Keep vectors by the key of their content."""
        self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", vectors)

    def add_root(self, path: str) -> None:
        """Remember a folder that articles are read from."""
        self._db.execute("INSERT OR IGNORE INTO roots VALUES (?)", (path,))

    def _changed(self) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        sql = "INSERT OR REPLACE INTO meta VALUES ('revision', ?), ('updated', ?)"
        self._db.execute(sql, (str(self.revision + 1), now))

    def _meta(self, key: str, default: str) -> str:
        for row in self._rows("SELECT value FROM meta WHERE key = ?", (key,)):
            return str(row[0])
        return default

    def _rows(self, sql: str, given: tuple[object, ...] = ()) -> Iterator[tuple[Any, ...]]:
        with self._sound():
            yield from self._db.execute(sql, given)

    def _prepare(self) -> None:
        execute = self._db.execute
        (application,) = execute("PRAGMA application_id").fetchone()
        (schema,) = execute("PRAGMA user_version").fetchone()
        (tables,) = execute("SELECT count(*) FROM sqlite_master").fetchone()
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = FULL")
        execute("PRAGMA foreign_keys = ON")
        if not tables:
            with self.transaction():
                for statement in _TABLES.split(";")[:-1]:
                    execute(statement)
                execute(f"PRAGMA application_id = {_APPLICATION}")
                execute(f"PRAGMA user_version = {_SCHEMA}")
        elif application != _APPLICATION:
            raise LibraryDamaged(
                f"{self.file}: not a library of Newsdesk; move it away, or set NEWSDESK_HOME"
            )
        elif schema > _SCHEMA:
            raise LibraryDamaged(f"{self.file}: written by a newer Newsdesk; update this one")

    @contextlib.contextmanager
    def _sound(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise LibraryDamaged(f"{self.file}: {error}; {_mend(error)}") from error
        except sqlite3.DatabaseError as error:
            raise LibraryDamaged(
                f"{self.file}: damaged or not a library ({error}); move it away and run "
                "`newsdesk index` again: articles are read anew from their files"
            ) from error
        except OSError as error:
            raise LibraryDamaged(
                f"{error.filename or self.file}: {error.strerror or error}; {_mend(error)}"
            ) from error


def _mend(error: Exception) -> str:
    told = str(error).lower()
    if "full" in told or "no space" in told:
        return "free some space and run it again: what was committed is kept"
    if "locked" in told or "busy" in told:
        return "another program holds it; wait for that one to end"
    if "readonly" in told or "permission" in told or "unable to open" in told:
        return "change its mode or owner, or set NEWSDESK_HOME to a folder you can write to"
    return "run it again; if that does not help, move the file away and run `newsdesk index`"


def _fields(article: Article) -> str:
    given = asdict(article)
    for name in ("id", "path", "text"):
        del given[name]
    return json.dumps({**given, "published": stamp(article.published)}, ensure_ascii=False)


def _article(article_id: str, path: str, fields: str, text: str) -> Article:
    given = json.loads(fields)
    return Article(
        **{**given, "published": unstamp(given["published"])}, id=article_id, path=path, text=text
    )


def unstamp(text: str) -> date | None:
    """A date as `types.stamp` wrote it."""
    if not text:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _packed(passage: Passage) -> str:
    return json.dumps([[span.start, span.end] for span in passage.sentences], separators=(",", ":"))


def _passage(article: Article, ordinal: int, start: int, end: int, sentences: str) -> Passage:
    spans = tuple(Span(*pair) for pair in json.loads(sentences))
    return Passage(article.id, ordinal, start, end, article.text[start:end], spans)
