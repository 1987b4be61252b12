"""`add`: a file, a folder, a page, a feed, or an OPML file full of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from newsdesk.index import readers
from newsdesk.index.errors import UsageError
from newsdesk.index.indexes.dense import Encoder
from newsdesk.index.library import Kind, Library, Source
from newsdesk.index.net import Fetcher, FetchFailed, Reply, Robots, is_url
from newsdesk.index.settings import Settings
from newsdesk.index.update import Progress, Report, alone, place_of, update

from . import replies
from .known_feeds import KNOWN_FEEDS, known_feed
from .syncing import SyncReport, keep_robots, sync

_OPML = ".opml"
_BEHIND = ("encoding", "building")  # steps that come when all is stored


@dataclass(slots=True)
class Added:
    """What was added: the sources, what became of them, and what could not be added."""

    sources: list[Source] = field(default_factory=list)
    known: list[Source] = field(default_factory=list)  # that were there already
    failed: dict[str, str] = field(default_factory=dict)  # address -> reason
    report: Report = field(default_factory=Report)
    synced: SyncReport | None = None


def add(
    settings: Settings,
    names: Sequence[str],
    *,
    kind: Kind | None = None,
    progress: Progress = lambda *_: None,
    waiting: Callable[[], None] = lambda: None,
    stored: Callable[[Added], None] = lambda _: None,
    fetcher: Fetcher | None = None,
    models: Path | None = None,
    load: Callable[[str], Encoder] | None = None,
    publishing: bool = True,
) -> Added:
    """Add sources by path or address, or by the name of a known feed, and read them.

    An address is fetched to see what it is: a feed, a page, or a page that names its feed, as the
    front page of a site does. `kind` decides where that is not what is meant. Of an OPML file every
    feed is added. `stored` is called once what was read is stored, before it is encoded; not if
    there is nothing new. The other arguments are those of `sync`.
    Raises UsageError for a path that is not there, and what `update` and `sync` raise.
    """
    fetcher = fetcher or Fetcher(settings.net)
    paths = [Path(name) for name in names if _is_path(name)]
    for path in paths:
        if not path.exists():
            known = ", ".join(feed.name for feed in KNOWN_FEEDS)
            raise UsageError(
                f"{path}: no such file or folder, no http:// or https:// address, and no feed that "
                f"is known by name ({known})"
            )
    added = Added()
    progress = _telling(progress, added, stored)
    wanted = _wanted(settings, names, kind, fetcher, added)
    if paths:
        _readmit(settings, paths)
        added.report = update(
            settings, paths, progress, waiting, models=models, load=load, publishing=publishing
        )
    if wanted:
        _note(settings, wanted, added)
        places = [source.place for source in (*added.sources, *added.known)]
        added.synced = sync(
            settings, places, progress=progress, waiting=waiting, now=True, fetcher=fetcher,
            models=models, load=load, publishing=publishing,
        )  # fmt: skip
    return added


def _telling(progress: Progress, added: Added, stored: Callable[[Added], None]) -> Progress:
    """The progress that calls `stored` before the first step behind storing."""
    told = False

    def step(name: str, done: int, total: int, /) -> None:
        nonlocal told
        if name in _BEHIND and not told:
            told = True
            stored(added)
        progress(name, done, total)

    return step


def _is_path(name: str) -> bool:
    return not (is_url(name) or _is_opml(name) or (known_feed(name) and not Path(name).exists()))


def _is_opml(name: str) -> bool:
    return not is_url(name) and name.lower().endswith(_OPML) and Path(name).is_file()


def _wanted(
    settings: Settings, names: Sequence[str], kind: Kind | None, fetcher: Fetcher, added: Added
) -> dict[str, tuple[Kind, str]]:
    """Addresses to add, each with what it is and its title."""
    wanted: dict[str, tuple[Kind, str]] = {}
    robots = Robots(fetcher, {})
    for name in names:
        if _is_opml(name):
            feeds = readers.read_opml(Path(name).read_bytes())
            wanted |= {feed.url: ("feed", feed.title) for feed in feeds if is_url(feed.url)}
        elif not is_url(name):
            feed = None if Path(name).exists() else known_feed(name)
            if feed:
                wanted[feed.url] = ("feed", feed.title)
        elif kind:
            wanted[name] = (kind, "")
        else:
            try:
                robots.check(name)
                wanted |= _probed(name, fetcher.get(name), settings)
            except FetchFailed as error:
                added.failed[name] = str(error)
    with Library(settings.home, create=True) as library:
        keep_robots(library, robots)
    return wanted


def _probed(name: str, reply: Reply, settings: Settings) -> dict[str, tuple[Kind, str]]:
    """What an address is, by what it gave. Raises FetchFailed if there is nothing to take."""
    if replies.kind_of(reply) == "feed":
        return {name: ("feed", "")}
    links = readers.feed_links(reply.body, reply.url)
    if links and (_is_front(reply.url) or replies.page(reply, settings.readers) is None):
        return {links[0].url: ("feed", links[0].title)}
    replies.given(reply, settings.readers)  # says what is wrong, if there is no article
    return {name: ("page", "")}


def _is_front(url: str) -> bool:
    return urlsplit(url).path in ("", "/")


def _note(settings: Settings, wanted: dict[str, tuple[Kind, str]], added: Added) -> None:
    now = time.time()
    with (
        alone(settings.home),
        Library(settings.home, create=True) as library,
        library.transaction(),
    ):
        for place, (kind, title) in wanted.items():
            known = library.sources.find(place)
            source = library.sources.add(kind, known.place if known else place, now, title)
            (added.known if known else added.sources).append(source)


def _readmit(settings: Settings, paths: Sequence[Path]) -> None:
    """Let articles of paths come back that were removed by hand: they are asked for by name."""
    with alone(settings.home), Library(settings.home, create=True) as library:
        withdrawn = library.withdrawn()
        places = [str(place_of(path)) for path in paths]
        with library.transaction():
            for article_id in withdrawn:
                version = next(iter(library.versions(article_id)), None)
                if version and any(_is_of(version.article.path, place) for place in places):
                    library.readmit(article_id)


def _is_of(path: str, place: str) -> bool:
    return path == place or path.startswith((f"{place}/", f"{place}#"))
