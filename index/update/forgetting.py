"""Forgetting a folder: which articles go with it, and what may be forgotten."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from newsdesk.index.errors import UsageError
from newsdesk.index.library import Library
from newsdesk.index.types import file_of


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten."""

    path: str
    removed: list[str]  # ids of its articles
    left: int  # articles that the library still holds


def forget_place(library: Library, place: str) -> Forgotten:
    """Remove a folder or a lone file from the library, in one transaction. Raises UsageError."""
    places = library.places()
    if place not in places:
        raise UsageError(f"{place}: {_not_known(place, places)}")
    inner = [Path(root) for root in library.roots() if root != place and _is_below(root, place)]
    removed = [
        article_id
        for article_id, path in library.ids_below(place)
        if not any(Path(file_of(path)).is_relative_to(root) for root in inner)
    ]
    with library.transaction():
        library.remove_root(place)
        library.sources.remove_place(place)
        for article_id in removed:
            library.remove(article_id)
    articles, _ = library.counts()
    return Forgotten(place, removed, articles)


def _is_below(path: str, folder: str) -> bool:
    return Path(path).is_relative_to(folder)


def _not_known(place: str, places: list[str]) -> str:
    around = [known for known in places if _is_below(place, known)]
    if around:
        return (
            f"indexed as a part of {around[-1]}; forget that, or remove the files and index again"
        )
    if not places:
        return "not indexed; nothing is"
    nearest = difflib.get_close_matches(place, places, cutoff=0.4)
    return f"not indexed; known are {', '.join(nearest or places[:3])}"
