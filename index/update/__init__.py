"""Bring the library in line with the files: read, compare, store, encode, publish.

Killed at any moment, it leaves a sound library and the last generation answering; run again, it
finds what is done and goes on.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from newsdesk.index.errors import LibraryDamaged, UsageError
from newsdesk.index.generation.model_files import MODELS
from newsdesk.index.indexes.dense import Encoder
from newsdesk.index.library import Library, describe_os_error
from newsdesk.index.settings import Settings

from .publishing import PassageEncoderLoader, publish
from .reading import Action, IndexingRun, Progress, Report, decide

__all__ = ["Action", "Progress", "Report", "decide", "update"]

LOCK = "index.lock"


def update(
    settings: Settings,
    paths: Sequence[Path],
    progress: Progress = lambda *_: None,
    waiting: Callable[[], None] = lambda: None,
    prune: bool = False,
    models: Path | None = None,
    load: Callable[[str], Encoder] | None = None,
) -> Report:
    """Read `paths` into the library in `settings.home` and publish a generation of it.

    `waiting` is called once if another update has to end first. `load` makes the encoder from
    the model's name; by default it is `dense.PassageEncoder`, and only loaded if there is work
    for it. Articles that are gone from `paths` are removed, but not the last ones of all, unless
    `prune` is set. Where nothing has changed, the generation is read whole, to see that it is
    sound, and built anew if it is not.
    Raises UsageError, NothingUsable, LibraryDamaged or ModelError.

    >>> report = update_library(load_settings(), [Path("seeds")])
    >>> len(report.unchanged), report.refused
    (30, [])
    """
    places = [_place(path) for path in paths]
    with _alone(settings.home, waiting), Library(settings.home, create=True) as library:
        loader = PassageEncoderLoader(settings.model, load, progress)
        report = IndexingRun(settings, library, loader.hash, progress).read(places, prune)
        publish(settings, library, loader, report, progress, models or settings.home / MODELS)
        return report


def _place(path: Path) -> Path:
    """A path as it is remembered: whole, and the same however it was typed."""
    place = os.path.abspath(path)  # noqa: PTH100  # unlike Path.resolve(), leaves links as named
    try:
        place.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"{place!r}: the name is not UTF-8; rename it") from error
    return Path(place)


@contextlib.contextmanager
def _alone(home: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the writer's lock of a home, which the system lets go when a process dies."""
    from filelock import FileLock, Timeout

    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            lock.acquire()
    except OSError as error:
        raise LibraryDamaged(describe_os_error(error, home)) from error
    try:
        yield
    finally:
        lock.release()
