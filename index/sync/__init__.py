"""Staying current: add sources, fetch what changed, watch, remove, bring back.

Whatever a source gives is committed before what tells that it was read, so that a run that is
killed leaves nothing out: the next one asks for the same again, and stores nothing twice.
"""

from __future__ import annotations

from .adding import Added, add
from .checking import Checked, Flaw, check
from .exchange import Exchanged, export, import_
from .keeping import Outcome
from .removing import Removed, remove, restore
from .sources import SourceState, states, write_opml
from .syncing import SyncReport, sync
from .watching import watch

__all__ = [
    "Added",
    "Checked",
    "Exchanged",
    "Flaw",
    "Outcome",
    "Removed",
    "SourceState",
    "SyncReport",
    "add",
    "check",
    "export",
    "import_",
    "remove",
    "restore",
    "states",
    "sync",
    "watch",
    "write_opml",
]
