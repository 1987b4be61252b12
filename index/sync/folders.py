"""Folders and lone files: read what changed; what vanished leaves the index."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from newsdesk.index.errors import NothingUsable
from newsdesk.index.library import Library, Source
from newsdesk.index.settings import Settings
from newsdesk.index.update import Gone, IndexingRun, Progress, Report, alone, is_gone, note_places

_VANISHED = "vanished; its articles left the index, and come back when it does"


def read_folders(
    settings: Settings, library: Library, model: str, progress: Progress, report: Report
) -> None:
    """Read what changed in the folders and files that are known; adds to `report`.

    A folder that has gone, such as a drive that is not there, keeps its articles. A lone file that
    vanished from a folder that is there does not.
    """
    with alone(settings.home):
        remembered = [source for source in library.sources.all() if source.on_disk]
        _drop_vanished(library, remembered, report)
        lone = (source.place for source in remembered if source.kind == "file")
        places = dict.fromkeys([*library.places(), *(p for p in lone if not is_gone(p))])
        present = [Path(place) for place in places if not is_gone(place)]
        report.gone += [
            Gone(place, sum(1 for _ in library.ids_below(place)))
            for place in places
            if is_gone(place)
        ]
        if present:
            _read(settings, library, model, progress, report, present)
        note_places(library, present, report)


def _read(
    settings: Settings,
    library: Library,
    model: str,
    progress: Progress,
    report: Report,
    places: Sequence[Path],
) -> None:
    run = IndexingRun(settings, library, model, progress, changed_only=True)
    try:
        read = run.read(places, prune=False)
    except NothingUsable as error:
        _note_error(library, places, str(error))
        return
    for name in ("added", "changed", "removed", "unchanged", "refused", "remarks", "kept"):
        getattr(report, name).extend(getattr(read, name))


def _drop_vanished(library: Library, sources: Sequence[Source], report: Report) -> None:
    for source in sources:
        file = Path(source.place)
        if source.kind == "folder" or not is_gone(source.place) or is_gone(str(file.parent)):
            continue
        ids = [article_id for article_id, _ in library.ids_below(source.place)]
        with library.transaction():
            for article_id in ids:
                library.remove(article_id)
            library.sources.update(source.id, {"tried": time.time(), "error": _VANISHED})
        report.removed += ids


def _note_error(library: Library, places: Sequence[Path], error: str) -> None:
    with library.transaction():
        for place in places:
            source = library.sources.find(str(place))
            if source:
                fields = {"tried": time.time(), "error": error}
                library.sources.update(source.id, fields)
