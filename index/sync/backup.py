"""`backup`: the library and the files beside it, in one file. `putting_back` restores it.

A backup is a .zip, not compressed, so that it is written and read at the disk's pace:

    newsdesk-backup.json    what it holds: for each file its size and SHA-256
    bot.db, library.db      consistent copies, made while others write
    models/53aa…/           the exported model, without which a machine without torch cannot ask

What is asked (the generation) is not in it: that is built from the library.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsdesk.index.errors import LibraryDamaged, UsageError
from newsdesk.index.generation import model_files
from newsdesk.index.generation.integrity import sync_folder
from newsdesk.index.library import Library, describe_os_error
from newsdesk.index.library.database import Database, Schema
from newsdesk.index.library.schema import LIBRARY
from newsdesk.index.settings import Settings
from newsdesk.index.update import Progress

from .companions import Companion

FORMAT = 1
MANIFEST = "newsdesk-backup.json"
_MAGIC = b"PK\x03\x04"
MODEL_FILE = re.compile(rf"{model_files.MODELS}/[0-9a-f]{{16}}/[\w.-]+")
PIECE = 1 << 20  # bytes read at once
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """What a backup holds.

    Attributes:
        file: where it lies.
        made: when it was made, ISO 8601 in UTC.
        articles: how many articles its library has.
        passages: and how many passages.
        files: each file in it, with its size in bytes and its SHA-256.
        format: of the backup.
    """

    file: str
    made: str
    articles: int
    passages: int
    files: dict[str, dict[str, Any]]
    format: int = FORMAT

    @property
    def bytes(self) -> int:
        """The size of all that is in it."""
        return sum(int(given["bytes"]) for given in self.files.values())


def back_up(
    settings: Settings,
    file: Path,
    companions: Sequence[Companion] = (),
    *,
    replace: bool = False,
    progress: Progress = lambda *_: None,
) -> BackupFacts:
    """Write a copy of the library in `settings.home`, and of what lies beside it, into `file`.

    Others may write meanwhile: of each file it is the state of one moment. The files beside the
    library are copied first, so that whatever they cite is in the library's copy. `file` appears
    whole or not at all; meanwhile twice its size is needed beside it.
    Raises UsageError for a file that is there and not to be replaced, LibraryMissing, or
    LibraryDamaged.
    """
    _refuse_place(file, replace)
    scratch = file.with_name(f".{file.name}.partial")
    try:
        shutil.rmtree(scratch, ignore_errors=True)  # what a killed run left
        scratch.mkdir()
        try:
            articles, passages = _copy(settings, companions, scratch, progress)
            members = _members(settings.home, scratch)
            facts = BackupFacts(
                str(file),
                datetime.now(UTC).isoformat(timespec="seconds"),
                articles,
                passages,
                {name: _facts_of(member) for name, member in members.items()},
            )
            _write(scratch / "backup", facts, members, progress)
            (scratch / "backup").replace(file)
            sync_folder(file.absolute().parent)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        raise LibraryDamaged(describe_os_error(error, file)) from error
    return facts


def is_backup(file: Path) -> bool:
    """Whether a file begins as a backup does; it may be cut or damaged all the same.

    >>> is_backup(Path("README.md"))
    False
    """
    head = _MAGIC + b".{26}" + re.escape(MANIFEST.encode())
    try:
        with file.open("rb") as stream:
            return re.match(head, stream.read(64), re.DOTALL) is not None
    except OSError:
        return False


def _refuse_place(file: Path, replace: bool) -> None:
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise UsageError(f"{file}: name a file in a folder that is there")
    if file.exists() and not replace:
        raise UsageError(f"{file}: it is there; name another, or --force replaces it")


def _copy(
    settings: Settings, companions: Sequence[Companion], scratch: Path, progress: Progress
) -> tuple[int, int]:
    """Copy the files of SQLite, and see that the copies are sound. Returns the library's counts."""
    home = settings.home
    beside = [each.schema for each in companions if (home / each.schema.file).is_file()]
    with Library(home):
        pass  # where there is none, that is said before anything is copied
    for schema in (*beside, LIBRARY):
        name = schema.file
        with Database(home, schema) as database:
            database.copy_to(scratch / name, _told(progress, f"copying {name}"))
        refuse_unsound(scratch, schema, home / name, "`newsdesk check` says how to mend it")
    with Library(scratch) as library:
        return library.counts()


def _told(progress: Progress, step: str) -> Callable[[int, int], None]:
    """Reports of one step: how much is done, of how much."""

    def report(done: int, total: int) -> None:
        progress(step, done, total)

    return report


def refuse_unsound(folder: Path, schema: Schema, named: Path, mend: str) -> None:
    """Raise LibraryDamaged for a copy that SQLite finds a flaw in; of an older version, migrate."""
    with Database(folder, schema) as database:
        flaws = database.flaws()
        database.change("PRAGMA journal_mode = DELETE")
    if flaws:
        raise LibraryDamaged(f"{named}: damaged ({flaws[0]}); {mend}")


def _members(home: Path, scratch: Path) -> dict[str, Path]:
    """What goes into a backup: names in it, and where the files lie."""
    members = {file.name: file for file in sorted(scratch.glob("*.db"))}
    for file in sorted((home / model_files.MODELS).glob("*/*")):
        name = file.relative_to(home).as_posix()
        if MODEL_FILE.fullmatch(name):
            members[name] = file
    return members


def _facts_of(file: Path) -> dict[str, Any]:
    status = file.stat()
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"bytes": status.st_size, "sha256": digest, "changed": status.st_mtime_ns}


def _write(file: Path, facts: BackupFacts, members: dict[str, Path], progress: Progress) -> None:
    packed = json.dumps(asdict(facts) | {"file": Path(facts.file).name}, indent=1)
    total, done = facts.bytes, 0
    with file.open("wb") as raw:
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(MANIFEST, packed)
            for name, member in members.items():
                with (
                    member.open("rb") as source,
                    archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as target,
                ):
                    for piece in iter(lambda: source.read(PIECE), b""):
                        target.write(piece)
                        done += len(piece)
                        progress("writing MB", done // MEGABYTE, total // MEGABYTE)
        raw.flush()
        os.fsync(raw.fileno())
