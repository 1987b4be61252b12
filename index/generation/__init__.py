"""A generation: immutable files, made from one state of the library, that questions are asked of.

    home/generations/000007-1f2e3d4c5b6a/   manifest.json and the columns
    home/CURRENT                            the name of the newest
    home/models/53aa51172d142c89/           the model it is asked with, exported (`model_files.py`)

A generation is written into a folder of its own, synced, renamed, and only then named in CURRENT;
whoever opened an older one keeps it. Columns are memory-mapped: opening reads the manifest and
little else. The folder's name ends in the manifest's SHA-256, and the manifest holds every file's,
with size and time of change: files that were touched since are checked whole when opened. A byte
that changed under an unchanged time is not noticed by opening, which must not read everything, but
by `open_current(home, verify=True)`, as `newsdesk index` does.
"""

from __future__ import annotations

from .builder import build, withdraw
from .generation import Generation, Manifest, SourceSummary, current, open_current

__all__ = [
    "Generation",
    "Manifest",
    "SourceSummary",
    "build",
    "current",
    "open_current",
    "withdraw",
]
