"""`take`: articles that an application was handed, such as the posts of a channel.

They are stored at once, and answered from once `catch_up` has published them: of many that come
together, one publication is enough.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from newsdesk.index import generation
from newsdesk.index.errors import LibraryDamaged, LibraryMissing
from newsdesk.index.indexes.dense import Encoder
from newsdesk.index.library import Entry, Library
from newsdesk.index.settings import Settings
from newsdesk.index.types import Article
from newsdesk.index.update import Action, PassageEncoderLoader, Progress, Storing, alone, decide

from .removing import changing


@dataclass(frozen=True, slots=True)
class Channel:
    """Where articles are handed over from: an address that stays the same, and a title.

    >>> Channel("https://t.me/c/1234567", "Harbour News").title
    'Harbour News'
    """

    place: str
    title: str


def take(
    settings: Settings,
    article: Article,
    channel: Channel | None = None,
    *,
    waiting: Callable[[], None] = lambda: None,
    load: Callable[[str], Encoder] | None = None,
) -> Action:
    """Store an article, new or changed, in one transaction; `catch_up` then publishes it.

    Args:
        settings: where the library lies.
        article: its path is an address, since there is no file to read it from again.
        channel: the source that it counts for; without one it stands by itself, and is let in
            again if it was removed by hand, since somebody asks for it.
        waiting: called once if another process has to end first.
        load: makes the encoder from the model's name; by default `dense.PassageEncoder`.

    Returns "unchanged" too for what was removed by hand, or is another source's.
    Raises LibraryDamaged or ModelError.
    """
    with alone(settings.home, waiting), Library(settings.home, create=True) as library:
        loader = PassageEncoderLoader(settings.model, load, lambda *_: None)
        storing = Storing(settings, library, loader.hash)
        with library.transaction():
            if channel is None:
                library.readmit(article.id)
            elif not _counts_for(library, channel, article):
                return "unchanged"
            action = decide(library.stored(article.id), article, storing.split)
            if action == "moved":
                library.move(article.id, article.path)
            elif action != "unchanged":
                storing.put(article)
            return action


def _counts_for(library: Library, channel: Channel, article: Article) -> bool:
    """Note that a channel gave an article; False where it is not to be taken from there."""
    now = time.time()
    source = library.sources.find(channel.place)
    source = source or library.sources.add("channel", channel.place, now)
    owner = library.sources.owner(article.id)
    library.sources.put_entry(source.id, Entry(article.id, article.id, article.digest))
    fields = {"title": channel.title, "tried": now, "success": now, "changed": now}
    library.sources.update(source.id, fields)
    is_others = library.stored(article.id) is not None and owner not in (None, source.id)
    return not is_others and article.id not in library.withdrawn()


def catch_up(
    settings: Settings,
    *,
    progress: Progress = lambda *_: None,
    waiting: Callable[[], None] = lambda: None,
    load: Callable[[str], Encoder] | None = None,
) -> bool:
    """Publish what was stored and not published, if there is anything; returns whether there was.

    Raises what `remove` raises.
    """
    if _is_published(settings):
        return False
    with changing(settings, progress, waiting, None, load):
        pass  # what there is, is published at the end
    return True


def _is_published(settings: Settings) -> bool:
    with Library(settings.home) as library:
        revision = library.revision
    try:
        return generation.open_current(settings.home).manifest.revision == revision
    except (LibraryMissing, LibraryDamaged):
        return False
