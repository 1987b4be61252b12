"""A file of SQLite: its schema, its transactions, and what is said when it is not right."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from newsdesk.index.errors import LibraryDamaged, LibraryMissing

from .settling import settle

_ROOM = "free some space and run it again: what was committed is kept, the last generation answers"
_MODE = "change its mode or owner, or set NEWSDESK_HOME to a folder you can write to"
_BUSY = "another program holds it; wait for that one to end"
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_MENDS = {
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

_PAGES = 2_000  # of SQLite, copied between two reports

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """What a file must hold, and what its errors say.

    Attributes:
        file: its name.
        application: SQLite's mark of whose file it is.
        migrations: SQL statements, one text for each version; a file is brought up from its own.
        name: what it is, as in "not a library of Newsdesk".
        missing: what to do where there is none.
        foreign: what to do about a file of another program.
        damaged: what to do about a damaged file.
        full: what to do about a full disk.
        synchronous: when SQLite waits for the disk, as its pragma has it.
        timeout: seconds to wait for another program that writes to it.
    """

    file: str
    application: int
    migrations: tuple[str, ...]
    name: str
    missing: str
    foreign: str
    damaged: str
    full: str = _ROOM
    synchronous: str = "FULL"
    timeout: float = 30


class Database:
    """A file of SQLite, open. Close it, or use it as a context manager."""

    def __init__(self, home: Path, schema: Schema, create: bool = False) -> None:
        """Open the file in `home`, and make it if `create`.

        Raises:
            LibraryMissing: there is none, and it is not to be made.
            LibraryDamaged: it is damaged, foreign, too new, or cannot be written to.
        """
        self.file = home / schema.file
        self._schema = schema
        settle(home)
        if not create and not self.file.is_file():
            raise LibraryMissing(f"{home}: {schema.missing}")
        with self._sound():
            if create:
                home.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.file, isolation_level=None, timeout=schema.timeout)
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

    def rows(self, sql: str, given: Row = ()) -> Iterator[Row]:
        """The rows of a query, one by one. Raises LibraryDamaged."""
        with self._sound():
            # Not `yield from`: a generator that is dropped would close a cursor of a closed file.
            for row in self._db.execute(sql, given):  # noqa: UP028
                yield row

    def row(self, sql: str, given: Row = ()) -> Row | None:
        """The first row of a query; None if there is none. Raises LibraryDamaged."""
        with self._sound():
            row: Row | None = self._db.execute(sql, given).fetchone()
            return row

    def rows_of_each(self, sql: str, given: Iterable[Row]) -> Iterator[Row]:
        """The rows of a query for each of many parameters; far quicker than one by one.

        Raises LibraryDamaged.
        """
        with self._sound():
            for parameters in given:
                # As in `rows`: not `yield from`.
                for row in self._db.execute(sql, parameters):  # noqa: UP028
                    yield row

    def change(self, sql: str, given: Row = ()) -> int:
        """Execute a statement that writes; returns how many rows it changed. Raises LibraryDamaged.

        Outside of `transaction()` it is a transaction of its own.
        """
        with self._sound():
            return self._db.execute(sql, given).rowcount

    def change_many(self, sql: str, rows: Iterable[Row]) -> None:
        """Execute a statement that writes, once for each row. Raises LibraryDamaged."""
        with self._sound():
            self._db.executemany(sql, rows)

    def keep_pages(self, mebibytes: int) -> None:
        """Let SQLite keep so much of the file in memory (2 at first), as far as it is read."""
        self.change(f"PRAGMA cache_size = {-1024 * mebibytes}")

    def copy_to(self, file: Path, progress: Callable[[int, int], None] = lambda *_: None) -> None:
        """Write the content of this moment into a new file, while others go on writing.

        `progress` is told how many pages are done, and of how many. Raises LibraryDamaged.
        """

        def report(_: int, left: int, total: int) -> None:
            progress(total - left, total)

        with self._sound(), closing(sqlite3.connect(file)) as copy:
            # A transaction that reads: without one, each write of others begins the copy anew.
            self._db.execute("BEGIN")
            try:
                self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
                self._db.backup(copy, pages=_PAGES, progress=report)
            finally:
                self._db.execute("ROLLBACK")
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it

    def flaws(self) -> list[str]:
        """What SQLite finds wrong with the file, reading all of it. Raises LibraryDamaged."""
        told = [str(found) for (found,) in self.rows("PRAGMA integrity_check") if found != "ok"]
        orphans = (str(row[0]) for row in self.rows("PRAGMA foreign_key_check"))
        return [*told, *(f"a row of {table} belongs to nothing" for table in orphans)]

    def damaged(self, what: str) -> LibraryDamaged:
        """The error for a file whose content makes no sense."""
        name, mend = self._schema.name, self._schema.damaged
        return LibraryDamaged(f"{self.file}: damaged or not {name} ({what}); {mend}")

    def _prepare(self) -> None:
        execute, schema = self._db.execute, self._schema
        (application,) = execute("PRAGMA application_id").fetchone()
        (version,) = execute("PRAGMA user_version").fetchone()
        (tables,) = execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application != schema.application and (tables or application):
            raise LibraryDamaged(f"{self.file}: not {schema.name}; {schema.foreign}")
        if version > (known := len(schema.migrations)):
            raise LibraryDamaged(
                f"{self.file}: written by a newer Newsdesk (its version {version}, this one knows "
                f"{known}); update this one, or `newsdesk restore` a backup from before"
            )
        execute("PRAGMA journal_mode = WAL")
        execute(f"PRAGMA synchronous = {schema.synchronous}")
        execute("PRAGMA foreign_keys = ON")
        execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
        for next_version, step in enumerate(schema.migrations[version:], start=version + 1):
            with self.transaction():
                if execute("PRAGMA user_version").fetchone()[0] >= next_version:
                    continue  # another process did it since
                for statement in step.split(";")[:-1]:
                    execute(statement)
                execute(f"PRAGMA application_id = {schema.application}")
                execute(f"PRAGMA user_version = {next_version}")

    @contextlib.contextmanager
    def _sound(self) -> Iterator[None]:
        _refuse_event_loops()
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.Error as error:
            extended = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
            code = extended & 0xFF  # SQLite's codes carry details above that
            if code in _FULL:
                raise LibraryDamaged(f"{self.file}: {error}; {self._schema.full}") from error
            if code not in _MENDS:
                raise self.damaged(str(error)) from error
            raise LibraryDamaged(f"{self.file}: {error}; {_MENDS[code]}") from error
        except OSError as error:
            raise LibraryDamaged(describe_os_error(error, self.file)) from error


def _refuse_event_loops() -> None:
    """Raise RuntimeError where an event loop runs in this thread: a query may take seconds."""
    events = sys.modules.get("asyncio.events")  # not imported here: most commands need none
    if events and events._get_running_loop() is not None:
        raise RuntimeError("SQLite was called in the thread of an event loop; use another")


def describe_os_error(error: OSError, place: Path) -> str:
    """What the system refused, where, and how to mend it."""
    reason = error.strerror or str(error)
    mend = _OF_SYSTEM.get(error.errno or 0, "run it again")
    return f"{error.filename or place}: {reason}; {mend}"
