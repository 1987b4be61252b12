"""What `newsdesk sources` lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from newsdesk.index import readers
from newsdesk.index.errors import UsageError
from newsdesk.index.library import Library, Source
from newsdesk.index.readers import FeedLink


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source, and how many articles of the library it gave."""

    source: Source
    articles: int


def states(library: Library) -> list[SourceState]:
    """Every source with its count, in the order they were added."""
    counts, roots = library.sources.counts(), library.roots()
    known = library.sources.all()
    places = {source.place for source in known}
    listed = [
        SourceState(
            source,
            _below(library, source.place) if source.on_disk else counts.get(source.id, 0),
        )
        for source in known
    ]
    # Of a library that was indexed before sources were noted.
    for place in library.places():
        if place not in places:
            source = Source(0, "folder" if place in roots else "file", place)
            listed.append(SourceState(source, _below(library, place)))
    return listed


def _below(library: Library, place: str) -> int:
    return sum(1 for _ in library.ids_below(place))


def write_opml(listed: Sequence[SourceState], file: Path) -> None:
    """Write the feeds as OPML, which other readers take. Raises UsageError."""
    feeds = [
        FeedLink(state.source.asked, state.source.title)
        for state in listed
        if state.source.kind == "feed" and not state.source.retired
    ]
    try:
        file.write_bytes(readers.write_opml(feeds))
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}; name a file that can be written") from error
