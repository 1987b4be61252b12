"""Files that need not be read again, by size, time of change and content."""

from __future__ import annotations

import hashlib
import stat
import time
from pathlib import Path

from newsdesk.index.library import FileState, Library

# Seconds: a file that changes twice within what its clock can tell has one time of change. Two are
# the coarsest clock of a file system in use (FAT).
_COARSEST = 2.0


class ReadFiles:
    """What is known of files from when they were read; `rules` are those they are read by now."""

    def __init__(self, library: Library, rules: str) -> None:
        self._library, self._rules = library, rules
        self._known = library.file_states()
        self._new: dict[str, FileState] = {}

    def is_unchanged(self, path: str) -> bool:
        """Whether a file is as it was when it was read; its content is read if its time is not."""
        known = self._known.get(path)
        if known is None or known.rules != self._rules:
            return False
        now = self._state(path, known)
        if now is None or now.digest != known.digest:
            return False
        if now != known:
            self._new[path] = now
        return True

    def note(self, path: str) -> FileState | None:
        """What a file is just before it is read; for `remember`, once that went well."""
        return self._state(path, None)

    def remember(self, path: str, state: FileState | None) -> None:
        """Have a file not read again while it stays so."""
        if state:
            self._new[path] = state

    def store(self) -> None:
        """Write what is new; within a transaction."""
        for path, state in self._new.items():
            self._library.put_file_state(path, state)
        self._known |= self._new
        self._new.clear()

    def _state(self, path: str, known: FileState | None) -> FileState | None:
        """A file's state, by its size and time where those tell; None if it cannot be read."""
        try:
            status = Path(path).stat()
            if not stat.S_ISREG(status.st_mode):
                return None  # opening a pipe would wait for who writes to it
            age = abs(time.time() - status.st_mtime)
            size, changed = status.st_size, status.st_mtime_ns
            if known and known.settled and (known.size, known.changed) == (size, changed):
                return known
            with Path(path).open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except (OSError, ValueError):
            return None
        return FileState(size, changed, digest, self._rules, age > _COARSEST)
