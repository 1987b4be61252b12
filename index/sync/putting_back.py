"""`restore FILE`: put back what `backup` wrote, whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from newsdesk.index.errors import LibraryDamaged, NewsdeskError, UsageError
from newsdesk.index.generation.generation import CURRENT
from newsdesk.index.generation.integrity import sync_folder, write_synced
from newsdesk.index.indexes.dense import Encoder
from newsdesk.index.library import describe_os_error, settle
from newsdesk.index.library.database import Schema
from newsdesk.index.library.schema import LIBRARY
from newsdesk.index.library.settling import PENDING, PLAN
from newsdesk.index.settings import Settings
from newsdesk.index.update import Progress, alone

from .backup import FORMAT, MANIFEST, MEGABYTE, MODEL_FILE, PIECE, BackupFacts, refuse_unsound
from .companions import Companion
from .removing import changing

_SCRATCH = ".restore.new"
_AGAIN = "take another backup, or a copy of this one that is whole"


def restore_backup(
    settings: Settings,
    file: Path,
    companions: Sequence[Companion] = (),
    *,
    replace: bool = False,
    progress: Progress = lambda *_: None,
    waiting: Callable[[], None] = lambda: None,
    load: Callable[[str], Encoder] | None = None,
) -> BackupFacts:
    """Put back what `back_up` wrote, in the home that is set, and publish it.

    Every digest, the schema and SQLite's own check come first. The files are replaced all together
    or not at all, wherever the process is killed (`library.settling`). What the backup does not
    hold stays as it is.
    Raises UsageError for a home that has a library and is not to be replaced, and where a companion
    runs; LibraryDamaged for a backup that is damaged or too new; or what publishing raises.
    """
    home = settings.home
    try:
        with zipfile.ZipFile(file) as archive:
            facts = _read_facts(file, archive)
            schemas = _schemas(file, facts, companions)
            with alone(home, waiting), _stopped(home, companions):
                settle(home)  # one that was begun before
                if not replace:
                    _refuse_home(home, facts)
                staged = home / _SCRATCH
                shutil.rmtree(staged, ignore_errors=True)
                try:
                    _unpack(file, archive, facts, staged, progress)
                    for schema in schemas:
                        refuse_unsound(staged, schema, file, _AGAIN)
                    _commit(home, staged, facts)
                finally:
                    shutil.rmtree(staged, ignore_errors=True)
                settle(home, progress)
    except (zipfile.BadZipFile, EOFError) as error:
        raise LibraryDamaged(f"{file}: damaged, cut or no backup ({error}); {_AGAIN}") from error
    except OSError as error:
        raise LibraryDamaged(describe_os_error(error, file)) from error
    _publish(settings, facts, progress, waiting, load)
    return facts


def _read_facts(file: Path, archive: zipfile.ZipFile) -> BackupFacts:
    try:
        given = json.loads(archive.read(MANIFEST))
        if given["format"] > FORMAT:
            raise LibraryDamaged(
                f"{file}: written by a newer Newsdesk (format {given['format']}, this one knows "
                f"{FORMAT}); update this one"
            )
        facts = BackupFacts(**{**given, "file": str(file)})
        for name, of_file in facts.files.items():
            int(of_file["bytes"]), str(of_file["sha256"]), int(of_file["changed"]), str(name)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LibraryDamaged(f"{file}: no backup of Newsdesk ({error}); name one") from error
    return facts


def _schemas(file: Path, facts: BackupFacts, companions: Sequence[Companion]) -> list[Schema]:
    """The schema of each file of SQLite. Raises LibraryDamaged for names that are not known."""
    known = {each.file: each for each in (LIBRARY, *(one.schema for one in companions))}
    strange = [n for n in facts.files if n not in known and not MODEL_FILE.fullmatch(n)]
    if strange:
        raise LibraryDamaged(
            f"{file}: holds {strange[0]!r}, which this command does not know; update Newsdesk, "
            "and use `newsdesk restore`"
        )
    return [known[name] for name in facts.files if name in known]


@contextlib.contextmanager
def _stopped(home: Path, companions: Sequence[Companion]) -> Iterator[None]:
    """Hold the locks of companions. Raises UsageError where one runs."""
    from filelock import FileLock, Timeout

    with ExitStack() as held:
        for companion in companions:
            try:
                held.enter_context(FileLock(home / companion.lock, timeout=0))
            except Timeout:
                raise UsageError(f"{home}: {companion.running}") from None
        yield


def _refuse_home(home: Path, facts: BackupFacts) -> None:
    there = [name for name in facts.files if name.endswith(".db") and (home / name).exists()]
    if there:
        raise UsageError(
            f"{home}: has {' and '.join(there)} already; --force replaces what is there (back it "
            "up first)"
        )


def _unpack(
    file: Path, archive: zipfile.ZipFile, facts: BackupFacts, staged: Path, progress: Progress
) -> None:
    """Write what a backup holds, comparing each file's size and digest."""
    done = 0
    for name, given in facts.files.items():
        target = staged / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            source = archive.open(name)
        except KeyError:
            raise LibraryDamaged(f"{file}: damaged ({name} is missing); {_AGAIN}") from None
        digest = hashlib.sha256()
        with source, target.open("wb") as stream:
            for piece in _pieces(source):
                digest.update(piece)
                stream.write(piece)
                done += len(piece)
                progress("verifying MB", done // MEGABYTE, facts.bytes // MEGABYTE)
            stream.flush()
            os.fsync(stream.fileno())
        if (target.stat().st_size, digest.hexdigest()) != (given["bytes"], given["sha256"]):
            raise LibraryDamaged(f"{file}: damaged ({name} is not as it was written); {_AGAIN}")
        os.utime(target, ns=(given["changed"], given["changed"]))  # a model is sealed with its time


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    while piece := source.read(PIECE):
        yield piece


def _commit(home: Path, staged: Path, facts: BackupFacts) -> None:
    """Decide by one rename that what is staged takes the place of what is there."""
    plan = {
        "withdrawn": [CURRENT],
        "databases": [name for name in facts.files if name.endswith(".db")],
        "folders": sorted({name.rpartition("/")[0] for name in facts.files if "/" in name}),
    }
    for name in plan["databases"]:
        with (staged / name).open("rb+") as stream:
            os.fsync(stream.fileno())
    write_synced(staged / PLAN, json.dumps(plan).encode())
    for folder in (*(staged / name for name in plan["folders"]), staged):
        sync_folder(folder)
    staged.rename(home / PENDING)
    sync_folder(home)


def _publish(
    settings: Settings,
    facts: BackupFacts,
    progress: Progress,
    waiting: Callable[[], None],
    load: Callable[[str], Encoder] | None,
) -> None:
    """Build what is asked. Where that fails, the library is restored all the same."""
    if not facts.articles:
        return
    try:
        with changing(settings, progress, waiting, None, load):
            pass  # publishes what there is
    except NewsdeskError as error:
        raise type(error)(f"the library is restored, but cannot be asked yet: {error}") from error
