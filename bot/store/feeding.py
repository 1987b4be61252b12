"""The tables of feeding: what administrators added, which channels are read, what fails."""

from __future__ import annotations

import time
from collections.abc import Iterable

from newsdesk.index.library.database import Database


class Feeding:
    """Queries about what feeds the library."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # Sources that fail for long, of which the administrators were told

    def failing(self) -> set[str]:
        """The places of the sources that the administrators know to fail."""
        return {str(place) for (place,) in self._db.rows("SELECT place FROM failing")}

    def note_failing(self, new: Iterable[str], over: Iterable[str]) -> None:
        """Note which sources they were told of, and of which there is nothing to know any more."""
        with self._db.transaction():
            for place in new:
                sql = "INSERT OR REPLACE INTO failing (place, at) VALUES (?, ?)"
                self._db.change(sql, (place, time.time()))
            for place in over:
                self._db.change("DELETE FROM failing WHERE place = ?", (place,))
