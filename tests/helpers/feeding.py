"""A bot that is fed by servers and channels of this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from newsdesk.index.library import Library
from newsdesk.index.settings import Net
from tests.botapi import Person, StandIn

from .inprocess import InProcess

_PATIENCE = 90.0  # seconds


class Patient(StandIn):
    """A stand-in whose people wait longer: a library is changed, beside other tests that work."""

    def wait_for(self, ready: Callable[[], Any], timeout: float = 20, what: str = "") -> Any:
        """As `StandIn.wait_for`."""
        return super().wait_for(ready, max(timeout, _PATIENCE), what)


NET = Net(allow_private=True, delay=0.0, pause=0.001, most_pause=0.001)
OFTEN = 0.005  # minutes between two rounds


def fed(api: StandIn, home: Path, *admins: Person, **given: Any) -> InProcess:
    """A bot that fetches from this machine, not yet running."""
    ids = tuple(one.id for one in admins)
    return InProcess(api, home, **{"admins": ids, "net": NET, **given})


def story(number: int, words: str = "It was five.") -> dict[str, str]:
    """An article of a feed; no other has its words."""
    text = f"The kestrel{number} nested at the lighthouse. {words} Nobody saw it leave again."
    return {
        **{"id": f"story-{number}", "title": f"Kestrel {number} nests", "text": text},
        **{"date": "2026-03-06T08:00:00", "source": "Harbour Gazette"},
    }


def add_source(home: Path, place: str, title: str = "", kind: Any = "feed") -> None:
    """Note a source in a library, without asking it."""
    with Library(home) as library, library.transaction():
        library.sources.add(kind, place, time.time(), title)
