"""A file of SQLite: its versions, what is said when it is not right, and that reading leaves it."""

from __future__ import annotations

import dataclasses
import sqlite3
import time
from pathlib import Path

import pytest

from newsdesk.index.errors import LibraryDamaged, LibraryMissing
from newsdesk.index.library import FILE, Library
from newsdesk.index.library.database import Database, Schema

NOTES = Schema(
    file="notes.db",
    application=0x4E577374,
    migrations=("CREATE TABLE notes (text TEXT);",),
    name="a notebook",
    missing="no notebook here; write one first",
    foreign="move it away",
    damaged="copy it back",
    full="free some space",
)
LATER = dataclasses.replace(
    NOTES, migrations=(*NOTES.migrations, "ALTER TABLE notes ADD COLUMN at REAL;")
)


def test_a_file_is_brought_up_from_its_version_and_keeps_its_rows(tmp_path: Path) -> None:
    with Database(tmp_path, NOTES, create=True) as db:
        assert db.change("INSERT INTO notes VALUES (?)", ("one",)) == 1
    for _ in range(2):
        with Database(tmp_path, LATER) as db:
            assert db.row("SELECT text, at FROM notes") == ("one", None)
    with pytest.raises(LibraryDamaged, match=r"notes\.db: written by a newer Newsdesk"):
        Database(tmp_path, NOTES)


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    with Database(tmp_path, NOTES, create=True) as db:
        with pytest.raises(RuntimeError), db.transaction():
            db.change_many("INSERT INTO notes VALUES (?)", [("one",), ("two",)])
            raise RuntimeError
        assert list(db.rows("SELECT text FROM notes")) == []


def test_what_is_not_right_is_named_with_its_mend(tmp_path: Path) -> None:
    file = tmp_path / NOTES.file
    with pytest.raises(LibraryMissing, match="no notebook here; write one first"):
        Database(tmp_path, NOTES)
    assert not file.exists()
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE other (x)")
    db.close()
    with pytest.raises(LibraryDamaged, match=r"notes\.db: not a notebook; move it away"):
        Database(tmp_path, NOTES)
    file.write_bytes(b"no database at all, but long enough" * 100)
    with pytest.raises(LibraryDamaged, match=r"damaged or not a notebook \(.*\); copy it back"):
        Database(tmp_path, NOTES)


def test_opening_a_library_to_read_changes_neither_its_time_nor_its_content(
    tmp_path: Path,
) -> None:
    with Library(tmp_path, create=True) as library, library.transaction():
        library.add_root("/articles")
    file = tmp_path / FILE
    before = file.stat().st_mtime_ns, file.read_bytes()
    time.sleep(0.05)
    with Library(tmp_path) as library:
        assert library.roots() == ["/articles"]
        assert library.counts() == (0, 0)
        assert list(library.articles()) == []
    assert (file.stat().st_mtime_ns, file.read_bytes()) == before
    assert list(tmp_path.iterdir()) == [file]
