"""What a shell completes: ids of articles, names of sources, folders that were indexed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice, takewhile

import click

from newsdesk.index.errors import NewsdeskError

from .application import Application

_MOST = 50  # words that are offered at once


def complete_articles(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """Ids of articles that begin so. They lie in order in a generation."""
    from newsdesk.index.generation import open_current

    try:
        generation = open_current(_application(context).settings().home)
        count = generation.manifest.articles
        start = bisect_left(range(count), begun, key=lambda n: generation.article(n).id)
        ids = (generation.article(number).id for number in range(start, count))
        return list(islice(takewhile(lambda name: name.startswith(begun), ids), _MOST))
    except NewsdeskError:  # Not said: it would stand in the middle of the line being typed
        return []


def complete_sources(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """Names of sources that begin so, whatever their case."""
    from newsdesk.index.generation import open_current

    try:
        names = open_current(_application(context).settings().home).manifest.sources
    except NewsdeskError:
        return []
    held = dict.fromkeys(filter(None, names))
    return [name for name in held if name.casefold().startswith(begun.casefold())][:_MOST]


def complete_places(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """Folders and files that were indexed."""
    try:
        return [place for place in _places(context) if place.startswith(begun)]
    except NewsdeskError:
        return []


def _places(context: click.Context) -> Iterator[str]:
    from newsdesk.index.library import Library

    with Library(_application(context).settings().home) as library:
        yield from library.places()


def _application(context: click.Context) -> Application:
    return context.find_object(Application) or Application()
