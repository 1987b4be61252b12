"""`watch`: sync when a file changes, and on a schedule, until told to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from newsdesk.index.library import Library
from newsdesk.index.settings import Settings
from newsdesk.index.update import is_gone


def watch(
    settings: Settings,
    work: Callable[[bool], None],
    stop: threading.Event,
) -> None:
    """Call `work` now, whenever a file changes, and every `net.every` minutes, until `stop` is set.

    `work` is told whether the network is to be asked: not when only a file has changed. A file that
    changes while it works has it called again.
    """
    every = settings.net.every * 60
    due = time.monotonic()
    watched = _Watched(settings, stop)
    network = True
    while not stop.is_set():
        watched.begin()
        if network:
            due = time.monotonic() + every
        work(network)
        network = not watched.changes_until(due)


class _Watched:
    """The places of a library, watched without a pause: what changes is kept until it is asked."""

    def __init__(self, settings: Settings, stop: threading.Event) -> None:
        self._settings, self._stop = settings, stop
        self._places: list[Path] = []
        self._changes: Iterator[object] | None = None

    def begin(self) -> None:
        """Have what changes from now on be noticed."""
        places = _places(self._settings)
        if places == self._places:
            return
        self._places = places
        self._changes = self._opened() if places else None
        if self._changes:
            next(self._changes, None)  # it begins when it is first asked

    def changes_until(self, due: float) -> bool:
        """Wait for a change of a file, the time, or the stop; whether it was a file."""
        if self._changes is None:
            self._stop.wait(max(0.0, due - time.monotonic()))
            return False
        for changed in self._changes:
            if changed:
                return True
            if time.monotonic() >= due:
                return False
        self._stop.set()  # it ends by itself only when interrupted
        return False

    def _opened(self) -> Iterator[object]:
        from watchfiles import watch as changes

        home = self._settings.home.absolute()

        def is_news(_: object, path: str) -> bool:
            """Not what the library itself writes, should it lie in a folder of articles."""
            return not Path(path).is_relative_to(home)

        return changes(
            *self._places,
            watch_filter=is_news,
            stop_event=self._stop,
            debounce=1_600,  # milliseconds in which changes are taken together
            rust_timeout=500,  # milliseconds after which it looks whether to stop
            yield_on_timeout=True,
            raise_interrupt=False,
        )


def _places(settings: Settings) -> list[Path]:
    """The folders to watch; of a lone file its folder, so that one that comes back is seen."""
    with Library(settings.home, create=True) as library:
        lone = [Path(s.place).parent for s in library.sources.all() if s.kind == "file"]
        places = [*map(Path, library.roots()), *lone]
    return list(dict.fromkeys(place for place in places if not is_gone(str(place))))
