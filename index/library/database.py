"""The library's file: its tables, its transactions, and what is said when it is not right."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from newsdesk.index.errors import LibraryDamaged, LibraryMissing

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
_PRIMARY = 0xFF  # SQLite's codes carry details above that
_ROOM = "free some space and run it again: what was committed is kept, the last generation answers"
_MODE = "change its mode or owner, or set NEWSDESK_HOME to a folder you can write to"
_BUSY = "another program holds it; wait for that one to end"
_MENDS = {
    sqlite3.SQLITE_FULL: _ROOM,
    sqlite3.SQLITE_IOERR: _ROOM,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_READONLY: _MODE,
    sqlite3.SQLITE_CANTOPEN: _MODE,
    sqlite3.SQLITE_PERM: _MODE,
}
_OF_SYSTEM = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _ROOM),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), _MODE),
    **dict.fromkeys((errno.EEXIST, errno.ENOTDIR, errno.EISDIR), _MODE),
}


class Database:
    """The library's file, open. Close it, or use it as a context manager."""

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

    def __enter__(self) -> Self:
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
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk has SQLite roll back by itself
                    self._db.execute("ROLLBACK")
                raise

    def damaged(self, what: str) -> LibraryDamaged:
        """The error for a library that says nonsense."""
        return LibraryDamaged(
            f"{self.file}: damaged or not a library ({what}); move it away and run "
            "`newsdesk index` again: articles are read anew from their files"
        )

    def _rows(self, sql: str, given: tuple[object, ...] = ()) -> Iterator[tuple[Any, ...]]:
        with self._sound():
            # Not `yield from`: a generator that is dropped would close a cursor of a closed file.
            for row in self._db.execute(sql, given):  # noqa: UP028
                yield row

    def _prepare(self) -> None:
        execute = self._db.execute
        (application,) = execute("PRAGMA application_id").fetchone()
        (schema,) = execute("PRAGMA user_version").fetchone()
        (tables,) = execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application != _APPLICATION and (tables or application):
            raise LibraryDamaged(
                f"{self.file}: not a library of Newsdesk; move it away, or set NEWSDESK_HOME"
            )
        if schema > _SCHEMA:
            raise LibraryDamaged(f"{self.file}: written by a newer Newsdesk; update this one")
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = FULL")
        execute("PRAGMA foreign_keys = ON")
        if not tables:
            with self.transaction():
                for statement in _TABLES.split(";")[:-1]:
                    execute(statement)
                execute(f"PRAGMA application_id = {_APPLICATION}")
                execute(f"PRAGMA user_version = {_SCHEMA}")

    @contextlib.contextmanager
    def _sound(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & _PRIMARY
            if code not in _MENDS:
                raise self.damaged(str(error)) from error
            raise LibraryDamaged(f"{self.file}: {error}; {_MENDS[code]}") from error
        except OSError as error:
            raise LibraryDamaged(describe_os_error(error, self.file)) from error


def describe_os_error(error: OSError, place: Path) -> str:
    """What the system refused, where, and how to mend it."""
    reason = error.strerror or str(error)
    mend = _OF_SYSTEM.get(error.errno or 0, "run it again")
    return f"{error.filename or place}: {reason}; {mend}"
