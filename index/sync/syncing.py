"""`sync`: bring everything up to date, feeds and pages first, then folders, then publish."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from newsdesk.index.errors import UsageError
from newsdesk.index.generation.model_files import MODELS
from newsdesk.index.indexes.dense import Encoder
from newsdesk.index.library import Library, Source
from newsdesk.index.net import Fetcher, Robots
from newsdesk.index.settings import Settings
from newsdesk.index.update import (
    PassageEncoderLoader,
    Progress,
    Report,
    alone,
    publish,
    withdraw,
)

from .folders import read_folders
from .keeping import Keeper, Outcome, is_due
from .pulling import Puller

SYNC_LOCK = "sync.lock"
_ROBOTS_KEPT = 86_400.0  # seconds, as RFC 9309 has it
_PUBLISH_AFTER = 60.0  # seconds of fetching after which what came is published in between

Said = Callable[[Outcome], None]


@dataclass(slots=True)
class SyncReport:
    """What a sync did: with the articles, and with each source that was asked."""

    report: Report = field(default_factory=Report)
    outcomes: list[Outcome] = field(default_factory=list)
    waiting: list[Source] = field(default_factory=list)  # not asked: their pause is not over


@dataclass(frozen=True, slots=True)
class Tools:
    """What a sync works with."""

    settings: Settings
    library: Library
    loader: PassageEncoderLoader
    progress: Progress
    models: Path
    report: Report

    def publish(self) -> None:
        """Publish what there is; nothing to ask is no failure of a sync."""
        with alone(self.settings.home):
            if not self.library.counts()[0]:
                withdraw(self.settings, self.library)
                return
            publish(
                self.settings, self.library, self.loader, self.report, self.progress, self.models,
                verify=False,
            )  # fmt: skip


def sync(
    settings: Settings,
    names: Sequence[str] = (),
    *,
    progress: Progress = lambda *_: None,
    waiting: Callable[[], None] = lambda: None,
    said: Said = lambda _: None,
    now: bool = False,
    network: bool = True,
    fetcher: Fetcher | None = None,
    models: Path | None = None,
    load: Callable[[str], Encoder] | None = None,
    publishing: bool = True,
) -> SyncReport:
    """Bring the library up to date with its sources, and publish it.

    Args:
        settings: where the library lies, and how it is fetched.
        names: only these sources, by number, address, path or title; by default all.
        progress: told how far it is.
        waiting: called once if another sync has to end first.
        said: told how it went with each feed or page, once that is stored.
        now: ask those too whose pause after a failure is not over.
        network: whether feeds and pages are asked; folders are read in any case.
        fetcher: what fetches; by default made from the settings.
        models: where exported models lie.
        load: makes the encoder from the model's name; by default `dense.PassageEncoder`.
        publishing: whether it is published at the end, or left to `catch_up`.

    Raises UsageError for a name that is not known, LibraryMissing, LibraryDamaged or ModelError.
    What is wrong with a source is no error of this: it stands in the report, and in `sources`.
    """
    with alone(settings.home, waiting, SYNC_LOCK), Library(settings.home, create=True) as library:
        loader = PassageEncoderLoader(settings.model, load, progress)
        done = SyncReport()
        tools = Tools(
            settings, library, loader, progress, models or settings.home / MODELS, done.report
        )
        chosen = _chosen(library, names)
        if network:
            _network(tools, chosen, done, said, now, fetcher or Fetcher(settings.net))
        if not names or any(source.on_disk for source in chosen):
            read_folders(tools.settings, library, loader.hash, progress, done.report)
        if publishing:
            tools.publish()
        return done


def _chosen(library: Library, names: Sequence[str]) -> list[Source]:
    """The sources that some names name; all without any. Raises UsageError."""
    if not names:
        return library.sources.all()
    chosen: dict[int, Source] = {}
    for name in names:
        matching = list(library.sources.find_all(name))
        if not matching:
            raise UsageError(f"{name}: no such source; `newsdesk sources` lists them")
        chosen |= {source.id: source for source in matching}
    return list(chosen.values())


def _network(
    tools: Tools,
    chosen: Sequence[Source],
    done: SyncReport,
    said: Said,
    now: bool,
    fetcher: Fetcher,
) -> None:
    clock, sources = time.time(), tools.library.sources
    asked = [s for s in chosen if is_due(s, clock) or (now and s.on_network and not s.retired)]
    done.waiting = [s for s in chosen if s.on_network and not s.retired and s not in asked]
    if not asked:
        return
    robots = Robots(fetcher, sources.robots(clock))
    known = {source.id: sources.entries(source.id) for source in asked}
    keeper = Keeper(tools.settings, tools.library, tools.loader.hash)
    tools.progress("fetching", 0, len(asked))
    published = time.monotonic()
    for number, pulled in enumerate(Puller(tools.settings, fetcher, robots, known).pull(asked), 1):
        with alone(tools.settings.home):
            outcome = keeper.keep(pulled, done.report)
        done.outcomes.append(outcome)
        said(outcome)
        tools.progress("fetching", number, len(asked))
        if time.monotonic() - published > _PUBLISH_AFTER and number < len(asked):
            tools.publish()
            published = time.monotonic()
    keep_robots(tools.library, robots)


def keep_robots(library: Library, robots: Robots) -> None:
    """Remember the robots.txt that were read."""
    if robots.fetched:
        with library.transaction():
            library.sources.put_robots(robots.fetched, time.time() + _ROBOTS_KEPT)
