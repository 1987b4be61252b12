"""When the library got its articles, read beside a generation and without a lock."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from .schema import FILE


def arrivals(home: Path, since: float) -> dict[str, float]:
    """When the library in `home` got the articles that came after `since`.

    Args:
        home: folder of the library.
        since: seconds since 1970.

    Returns:
        Seconds since 1970 by the article's id; nothing where that is not known, such as in a
        library of an earlier Newsdesk, or where only a generation lies.
    """
    file = home / FILE
    if not file.is_file():
        return {}
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as db:
            rows = db.execute("SELECT id, added FROM articles WHERE added > ?", (since,))
            return {str(article): float(added) for article, added in rows}
    except sqlite3.Error:  # Not a reason to tell nothing: dates tell what is new, too
        return {}
