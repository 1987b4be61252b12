"""`watch`: sync when a file changes, and on a schedule, until told to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
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

    `work` is told whether the network is to be asked: not when only a file has changed.
    """
    every = settings.net.every * 60
    due = time.monotonic()
    network = True
    while not stop.is_set():
        if network:
            due = time.monotonic() + every
        work(network)
        network = not _changed(settings, stop, due)


def _changed(settings: Settings, stop: threading.Event, due: float) -> bool:
    """Wait for a change of a file, the time, or the stop; whether it was a file."""
    from watchfiles import watch as changes

    places = _places(settings)
    if not places:
        stop.wait(max(0.0, due - time.monotonic()))
        return False
    home = settings.home.absolute()

    def is_news(_: object, path: str) -> bool:
        """Not what the library itself writes, should it lie in a folder of articles."""
        return not Path(path).is_relative_to(home)

    for changed in changes(
        *places,
        watch_filter=is_news,
        stop_event=stop,
        debounce=1_600,  # milliseconds in which changes are taken together
        rust_timeout=500,  # milliseconds after which it looks whether to stop
        yield_on_timeout=True,
        raise_interrupt=False,
    ):
        if changed:
            return True
        if time.monotonic() >= due:
            return False
    stop.set()  # it ends by itself only when interrupted
    return False


def _places(settings: Settings) -> list[Path]:
    """The folders to watch; of a lone file its folder, so that one that comes back is seen."""
    with Library(settings.home, create=True) as library:
        lone = [Path(s.place).parent for s in library.sources.all() if s.kind == "file"]
        places = [*map(Path, library.roots()), *lone]
    return list(dict.fromkeys(place for place in places if not is_gone(str(place))))
