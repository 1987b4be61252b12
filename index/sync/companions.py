"""Files of SQLite that another package keeps beside the library: backed up and checked with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from newsdesk.index.library.database import Schema


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is wrong, and how to mend it."""

    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Companion:
    """A file that lies in a home beside `library.db`.

    Attributes:
        schema: its name and tables.
        lock: name of the lock file that its program holds while it runs.
        running: what to say to who wants to replace it meanwhile, with the remedy.
        check: given the home, tells what is wrong with it; changes nothing.
    """

    schema: Schema
    lock: str
    running: str
    check: Callable[[Path], Iterable[Flaw]]
