"""Verifies the bot's file: SQLite's own check, and that every row can be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from newsdesk.index.errors import LibraryDamaged
from newsdesk.index.library.database import Database
from newsdesk.index.sync import Companion, Flaw

from .database import BOT, FILE
from .models import ChatSettings, Follow, KeptAnswer, KeptBrief, Plan

LOCK = "bot.lock"  # held by the bot while it runs
_RESTORE = "stop the bot and `newsdesk restore` a backup, or move the file away to start afresh"
_PACKED: dict[str, tuple[str, str, Any]] = {  # table -> what names a row, packed column, its type
    "chats": ("id", "settings", ChatSettings),
    "answers": ("key", "packed", KeptAnswer),
    "feedback": ("answer", "packed", KeptAnswer),
    "follows": ("id", "packed", Follow),
    "plans": ("chat", "packed", Plan),
    "briefings": ("key", "packed", KeptBrief),
}


def check(home: Path) -> Iterator[Flaw]:
    """What is wrong with `bot.db` in a home, row by row; changes nothing.

    Offsets of citations are checked for being spans; the library's own check compares texts.
    """
    try:
        with Database(home, BOT) as database:
            for found in database.flaws():
                yield Flaw(f"{home / FILE}: {found}", _RESTORE)
            for table in _PACKED:
                yield from _rows(database, home, table)
    except LibraryDamaged as error:
        yield Flaw(str(error).partition("; ")[0], str(error).partition("; ")[2] or _RESTORE)


def _rows(database: Database, home: Path, table: str) -> Iterator[Flaw]:
    name, column, type_ = _PACKED[table]
    decode = msgspec.json.Decoder(type_).decode
    for key, packed in database.rows(f"SELECT {name}, {column} FROM {table}"):
        try:
            read = decode(packed)
        except (msgspec.DecodeError, TypeError) as error:
            mend = f"delete it: DELETE FROM {table} WHERE {name} = {key!r}; or {_RESTORE}"
            yield Flaw(f"{home / FILE}: a row of {table} ({key}) cannot be read: {error}", mend)
            continue
        if isinstance(read, KeptAnswer) and not _are_spans(read):
            yield Flaw(f"{home / FILE}: the answer {key} cites what is no span", _RESTORE)


def _are_spans(answer: KeptAnswer) -> bool:
    return all(0 <= place.start <= place.end for place in answer.places)


def companion() -> Companion:
    """The bot's file, for `newsdesk backup`, `restore` and `check`."""
    running = f"`newsdesk bot` runs here and holds {FILE}; stop it first"
    return Companion(BOT, LOCK, running, check)
