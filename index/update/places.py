"""What is remembered of the folders and files that were read: when, and what was wrong."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from newsdesk.index.library import Kind, Library

from .reading import Report

_GONE = "gone; its articles stay"


def note_places(library: Library, read: Sequence[Path], report: Report) -> None:
    """Note how reading some places went, beside those that had gone."""
    now, roots = time.time(), set(library.roots())
    gone = {place.path for place in report.gone}
    known = {source.place: source for source in library.sources.all()}
    with library.transaction():
        for place in library.places():
            kind: Kind = "folder" if place in roots else "file"
            source = known.get(place) or library.sources.add(kind, place, now)
            if place in gone:
                library.sources.update(source.id, {"tried": now, "error": _GONE})
            elif any(_overlap(place, str(path)) for path in read):
                trouble = _trouble(place, report)
                fields: dict[str, object] = {"tried": now, "success": now, "error": trouble}
                if report.added or report.changed or report.removed:
                    fields["changed"] = now
                library.sources.update(source.id, fields)


def _overlap(place: str, path: str) -> bool:
    return Path(place).is_relative_to(path) or Path(path).is_relative_to(place)


def _trouble(place: str, report: Report) -> str:
    """What was refused of a place: the first, and how many more."""
    refused = [each for each in report.refused if Path(each.path).is_relative_to(place)]
    if not refused:
        return ""
    more = f"; and {len(refused) - 1:,} more refused" if len(refused) > 1 else ""
    return f"{refused[0].path}: {refused[0].reason}{more}"
