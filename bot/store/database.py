"""The bot's file: its tables, its transactions, and what is said when it is not right."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from newsdesk.index.errors import LibraryDamaged

FILE = "bot.db"
_APPLICATION = 0x4E577362  # "NWsb", SQLite's own mark of whose file this is
# One step for each version of the schema; a file is brought up from wherever it stands.
_MIGRATIONS = (
    """
    CREATE TABLE chats (
        id INTEGER PRIMARY KEY, title TEXT NOT NULL DEFAULT '', active INTEGER NOT NULL DEFAULT 1,
        settings BLOB NOT NULL, told REAL NOT NULL DEFAULT 0
    );
    CREATE TABLE updates (
        id INTEGER PRIMARY KEY, received REAL NOT NULL, packed TEXT, waiting INTEGER
    );
    CREATE TABLE answers (
        key TEXT PRIMARY KEY, chat INTEGER NOT NULL, message INTEGER NOT NULL,
        question_message INTEGER NOT NULL, user INTEGER NOT NULL, "update" INTEGER NOT NULL,
        asked REAL NOT NULL, verdict TEXT NOT NULL, seconds REAL NOT NULL, packed BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX answers_message ON answers (chat, message);
    CREATE INDEX answers_question ON answers (chat, question_message);
    CREATE INDEX answers_update ON answers ("update");
    CREATE INDEX answers_asked ON answers (asked);
    CREATE TABLE feedback (
        answer TEXT NOT NULL, user INTEGER NOT NULL, vote INTEGER NOT NULL, at REAL NOT NULL,
        packed BLOB NOT NULL, PRIMARY KEY (answer, user)
    ) WITHOUT ROWID;
    CREATE TABLE links (key TEXT PRIMARY KEY, text TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
    """,
    """
    CREATE TABLE follows (
        id INTEGER PRIMARY KEY, chat INTEGER NOT NULL, topic INTEGER NOT NULL, name TEXT NOT NULL,
        packed BLOB NOT NULL, UNIQUE (chat, topic, name)
    );
    CREATE TABLE plans (
        chat INTEGER NOT NULL, topic INTEGER NOT NULL, due REAL, packed BLOB NOT NULL,
        PRIMARY KEY (chat, topic)
    ) WITHOUT ROWID;
    CREATE INDEX plans_due ON plans (due) WHERE due IS NOT NULL;
    CREATE TABLE briefings (
        key TEXT PRIMARY KEY, chat INTEGER NOT NULL, topic INTEGER NOT NULL,
        message INTEGER NOT NULL, after INTEGER NOT NULL, "update" INTEGER NOT NULL,
        made REAL NOT NULL, state TEXT NOT NULL, scheduled INTEGER NOT NULL, packed BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX briefings_chat ON briefings (chat, topic, made);
    CREATE INDEX briefings_state ON briefings (state, made);
    CREATE INDEX briefings_message ON briefings (chat, message);
    CREATE INDEX briefings_update ON briefings ("update") WHERE "update" != 0;
    CREATE TABLE told (
        chat INTEGER NOT NULL, topic INTEGER NOT NULL, name TEXT NOT NULL, article TEXT NOT NULL,
        at REAL NOT NULL, PRIMARY KEY (chat, topic, name, article)
    ) WITHOUT ROWID;
    CREATE INDEX told_at ON told (at);
    """,
    """
    DROP INDEX briefings_message;
    ALTER TABLE briefings DROP COLUMN "after";
    """,
)
Row = tuple[Any, ...]


class Database:
    """The file, open. Close it, or use it as a context manager."""

    def __init__(self, home: Path) -> None:
        """Open the store in `home`, or make it. Raises LibraryDamaged."""
        self.file = home / FILE
        with self._sound():
            home.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.file, isolation_level=None, timeout=10)
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

    def _one(self, sql: str, given: Row) -> Row | None:
        with self._sound():
            found: Row | None = self._db.execute(sql, given).fetchone()
            return found

    def _read(self, sql: str, given: Row = ()) -> list[Row]:
        with self._sound():
            return self._db.execute(sql, given).fetchall()

    def _write(self, sql: str, given: Row) -> int:
        with self._sound():
            return self._db.execute(sql, given).rowcount

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what happens inside, or nothing. Raises LibraryDamaged."""
        with self._sound():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _prepare(self) -> None:
        execute = self._db.execute
        (application,) = execute("PRAGMA application_id").fetchone()
        (schema,) = execute("PRAGMA user_version").fetchone()
        (tables,) = execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application != _APPLICATION and (tables or application):
            raise LibraryDamaged(f"{self.file}: not the bot's memory; move it away")
        if schema > len(_MIGRATIONS):
            raise LibraryDamaged(f"{self.file}: written by a newer Newsdesk; update this one")
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = NORMAL")
        for version, step in enumerate(_MIGRATIONS[schema:], start=schema + 1):
            with self.transaction():
                for statement in step.split(";")[:-1]:
                    execute(statement)
                execute(f"PRAGMA application_id = {_APPLICATION}")
                execute(f"PRAGMA user_version = {version}")

    @contextlib.contextmanager
    def _sound(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.Error as error:
            raise LibraryDamaged(
                f"{self.file}: {error}; free some space, or see that it can be written to; if it "
                "is damaged, move it away: the articles are not in it"
            ) from error
        except OSError as error:
            raise LibraryDamaged(f"{error.filename or self.file}: {error.strerror}") from error
