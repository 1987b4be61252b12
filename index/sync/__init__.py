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
from .known_feeds import KNOWN_FEEDS, KnownFeed, known_feed
from .putting_back import restore_backup
from .removing import Removed, remove, remove_all, renew, restore
from .sources import SourceState, states, write_opml
from .syncing import SyncReport, sync
from .taking import Channel, catch_up, take
from .watching import watch

__all__ = [
    "KNOWN_FEEDS",
    "Added",
    "BackupFacts",
    "Channel",
    "Checked",
    "Companion",
    "Exchanged",
    "Flaw",
    "KnownFeed",
    "Outcome",
    "Removed",
    "SourceState",
    "SyncReport",
    "add",
    "back_up",
    "catch_up",
    "check",
    "export",
    "import_",
    "is_backup",
    "known_feed",
    "remove",
    "remove_all",
    "renew",
    "restore",
    "restore_backup",
    "states",
    "sync",
    "take",
    "watch",
    "write_opml",
]
