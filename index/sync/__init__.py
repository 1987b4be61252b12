"""Staying current: add sources, fetch what changed, watch, remove, bring back, back up.

Whatever a source gives is committed before what tells that it was read, so that a run that is
killed leaves nothing out: the next one asks for the same again, and stores nothing twice.
"""

from __future__ import annotations

from .adding import Added, add
from .backup import BackupFacts, back_up, is_backup
from .checking import Checked, check
from .companions import Companion, Flaw
from .exchange import Exchanged, export, import_
from .keeping import Outcome
from .putting_back import restore_backup
from .removing import Removed, remove, restore
from .sources import SourceState, states, write_opml
from .syncing import SyncReport, sync
from .watching import watch

__all__ = [
    "Added",
    "BackupFacts",
    "Checked",
    "Companion",
    "Exchanged",
    "Flaw",
    "Outcome",
    "Removed",
    "SourceState",
    "SyncReport",
    "add",
    "back_up",
    "check",
    "export",
    "import_",
    "is_backup",
    "remove",
    "restore",
    "restore_backup",
    "states",
    "sync",
    "watch",
    "write_opml",
]
