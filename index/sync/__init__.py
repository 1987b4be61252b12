"""Staying current: add sources, fetch what changed, watch, remove, bring back.

Whatever a source gives is committed before what tells that it was read, so that a run that is
killed leaves nothing out: the next one asks for the same again, and stores nothing twice.
"""

from __future__ import annotations

from .adding import Added, add
from .keeping import Outcome
from .removing import Removed, remove, restore
from .sources import SourceState, states, write_opml
from .syncing import SyncReport, sync
from .watching import watch

__all__ = [
    "Added",
    "Outcome",
    "Removed",
    "SourceState",
    "SyncReport",
    "add",
    "remove",
    "restore",
    "states",
    "sync",
    "watch",
    "write_opml",
]
