"""Opening the library that a command reads; one of the seeds is made if there is none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.index.errors import LibraryMissing, LibraryOutdated, UsageError
from newsdesk.index.settings import Settings
from newsdesk.index.types import counted

from .terminal import gone_line, say, watched

if TYPE_CHECKING:
    from newsdesk.index.search.searcher import Searcher


def open_searcher(settings: Settings) -> Searcher:
    """Open the library; index the seeds first if nothing was ever indexed.

    What an earlier version wrote to be asked is built anew first.
    """
    from newsdesk.index.search.searcher import Searcher

    try:
        return Searcher(settings)
    except LibraryMissing:
        _index_first(settings)
    except LibraryOutdated:
        _renew(settings)
    return Searcher(settings)


def paths_to_index(settings: Settings) -> list[Path]:
    """What `newsdesk index` reads without a path: nothing named, or at first the seeds.

    Raises UsageError if nothing was indexed before, and there are no seeds.
    """
    from newsdesk.index.library import Library

    try:
        with Library(settings.home) as library:
            return [] if library.places() else [_seeds(settings)]
    except LibraryMissing:
        return [_seeds(settings)]


def say_waiting() -> None:
    """Say that another process is indexing into the same home."""
    say("another `newsdesk index` is at work here; waiting for it to end …")


def _seeds(settings: Settings) -> Path:
    if not settings.seeds.exists():
        raise UsageError(
            f"{settings.seeds}: no such folder; name files or folders: `newsdesk index PATH`"
        )
    return settings.seeds


def _renew(settings: Settings) -> None:
    from newsdesk.index.sync import renew

    say(f"What is asked in {settings.home} is of an earlier version: building it anew.")
    with watched() as progress:
        renew(settings, progress, say_waiting)


def _index_first(settings: Settings) -> None:
    from newsdesk.index.update import update

    paths = paths_to_index(settings)
    named = ", ".join(map(str, paths)) or "what was indexed before"
    say(f"No library in {settings.home} yet: indexing {named} first.")
    with watched() as progress:
        report = update(settings, paths, progress, say_waiting)
    say(f"{counted(len(report.added) + len(report.unchanged), 'article')} indexed.")
    for refused in report.refused:
        say(f"refused {refused.path}: {refused.reason}")
    for place in report.gone:
        say(gone_line(place))
