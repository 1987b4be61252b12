"""Bring the library in line with the files: read, compare, store, encode, publish.

Killed at any moment, it leaves a sound library and the last generation answering; run again, it
finds what is done and goes on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from newsdesk.index.errors import LibraryMissing, NothingUsable, UsageError
from newsdesk.index.generation.model_files import MODELS
from newsdesk.index.indexes.dense import Encoder
from newsdesk.index.library import FILE, Library
from newsdesk.index.settings import Settings

from . import shards
from .forgetting import Forgotten, forget_place
from .identity import is_gone
from .locking import alone
from .places import note_places
from .publishing import PassageEncoderLoader, publish, withdraw
from .reading import RESTORED, Action, Gone, IndexingRun, Progress, Report, decide
from .storing import Storing

__all__ = [
    "RESTORED",
    "Action",
    "Forgotten",
    "Gone",
    "IndexingRun",
    "PassageEncoderLoader",
    "Progress",
    "Report",
    "Storing",
    "alone",
    "decide",
    "forget",
    "forget_place",
    "is_gone",
    "note_places",
    "place_of",
    "publish",
    "update",
    "withdraw",
]


def update(
    settings: Settings,
    paths: Sequence[Path] = (),
    progress: Progress = lambda *_: None,
    waiting: Callable[[], None] = lambda: None,
    prune: bool = False,
    models: Path | None = None,
    load: Callable[[str], Encoder] | None = None,
    publishing: bool = True,
    vectors: Sequence[Path] = (),
) -> Report:
    """Read `paths` into the library in `settings.home` and publish a generation of it.

    Without `paths`, what was read before is read again; folders of those that have gone are
    reported, and their articles stay. `waiting` is called once if another update has to end first.
    `load` makes the encoder from the model's name; by default it is `dense.PassageEncoder`, and
    only loaded if there is work for it. Articles that are gone from `paths` are removed, but not
    the last ones of all, unless `prune` is set. `vectors` are files that `shards.encode` wrote:
    what they have is not encoded here. Where nothing has changed, the generation is read whole, to
    see that it is sound, and built anew if it is not. Without `publishing` what was read is stored
    only, for `sync.catch_up` to publish.
    Raises UsageError, NothingUsable, LibraryDamaged or ModelError.

    >>> report = update_library(load_settings(), [Path("seeds")])
    >>> len(report.unchanged), report.refused
    (30, [])
    """
    places = [place_of(path) for path in paths]
    with alone(settings.home, waiting), Library(settings.home, create=True) as library:
        gone: list[Gone] = []
        if not paths:
            places, gone = _known(library)
        loader = PassageEncoderLoader(settings.model, load, progress)
        shards.check(vectors, loader.hash, settings.model)
        report = IndexingRun(settings, library, loader.hash, progress).read(places, prune)
        report.gone += gone
        note_places(library, places, report)
        report.taken = shards.take(library, vectors, progress)
        if publishing:
            publish(settings, library, loader, report, progress, models or settings.home / MODELS)
        return report


def forget(
    settings: Settings,
    path: Path,
    progress: Progress = lambda *_: None,
    waiting: Callable[[], None] = lambda: None,
    models: Path | None = None,
    load: Callable[[str], Encoder] | None = None,
) -> Forgotten:
    """Remove a folder or a lone file that was indexed, with its articles, and publish the rest.

    The files themselves are not touched. The other arguments are those of `update`.
    Raises UsageError for a path that was not indexed, LibraryMissing, LibraryDamaged or ModelError.
    """
    if not (settings.home / FILE).is_file():  # Not by `alone`: that makes the folder
        raise LibraryMissing(f"{settings.home}: no library here, so there is nothing to forget")
    with alone(settings.home, waiting), Library(settings.home) as library:
        forgotten = forget_place(library, str(place_of(path)))
        if not forgotten.left:
            withdraw(settings, library)
            return forgotten
        loader = PassageEncoderLoader(settings.model, load, progress)
        publish(settings, library, loader, Report(), progress, models or settings.home / MODELS)
        return forgotten


def _known(library: Library) -> tuple[list[Path], list[Gone]]:
    """What was read before: what is there, and what has gone. Raises NothingUsable."""
    places = library.places()
    gone = [
        Gone(place, sum(1 for _ in library.ids_below(place))) for place in places if is_gone(place)
    ]
    if not places:
        raise NothingUsable(f"{library.file.parent}: nothing was indexed before; name a folder")
    if len(gone) == len(places):
        raise NothingUsable(
            f"{', '.join(places)}: gone, and nothing else was indexed. The articles stay; index "
            "the folder's new place, or `newsdesk forget PATH` removes them"
        )
    missing = {place.path for place in gone}
    return [Path(place) for place in places if place not in missing], gone


def place_of(path: Path) -> Path:
    """A path as it is remembered: whole, and the same however it was typed."""
    place = os.path.abspath(path)  # noqa: PTH100  # unlike Path.resolve(), leaves links as named
    try:
        place.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"{place!r}: the name is not UTF-8; rename it") from error
    return Path(place)
