"""Which articles are copies of one story, and what each is found by when the next one comes."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from functools import cache

from .database import Database

_VERSION = "copies"  # in `meta`
_NEWEST = "ORDER BY number DESC LIMIT 200"  # of the articles that share a band, these are looked at


class Stories:
    """The tables of stories in a library's file. What writes is used inside `transaction()`.

    Each article whose text was looked at has a number, which is never given again, and a story:
    the number of the first article that it is a copy of, or its own.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    def use(self, version: str) -> None:
        """Have all looked at again, if that was done by another version of the rules."""
        row = self._db.row("SELECT value FROM meta WHERE key = ?", (_VERSION,))
        if row and row[0] == version:
            return
        with self._db.transaction():
            self._db.change("DELETE FROM texts")
            self._db.change("DELETE FROM bands")
            self._db.change("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_VERSION, version))

    def missing(self) -> list[str]:
        """Ids of the articles that were not looked at, in the order they came."""
        sql = """
            SELECT id FROM articles WHERE NOT EXISTS (SELECT 1 FROM texts WHERE article_id = id)
            ORDER BY articles.rowid
        """
        return [str(row[0]) for row in self._db.rows(sql)]

    def numbers(self) -> dict[str, int]:
        """A number above 0 for the story of each article that was looked at, by its id.

        It follows from the ids of the story's articles alone: two libraries of the same articles
        have the same numbers, whatever befell them.
        """
        sql = "SELECT article_id, min(article_id) OVER (PARTITION BY story) FROM texts"
        return {str(article_id): _number(str(head)) for article_id, head in self._db.rows(sql)}

    def groups(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Each story of several articles, with their ids in the order they came."""
        sql = """
            SELECT story, article_id FROM texts WHERE story IN
                (SELECT story FROM texts GROUP BY story HAVING count(*) > 1)
            ORDER BY story, number
        """
        found: dict[int, list[str]] = {}
        for story, article_id in self._db.rows(sql):
            found.setdefault(int(story), []).append(str(article_id))
        yield from ((story, tuple(ids)) for story, ids in found.items())

    def near(self, bands: Sequence[int], least: int, most: int) -> list[tuple[str, int]]:
        """At most so many articles that share enough bands, the most first: ids and stories."""
        if not bands:
            return []
        rows = self._db.rows(_near(len(bands)), (*bands, least, most))
        return [(str(article_id), int(story)) for article_id, story in rows]

    def put(self, article_id: str, bands: Sequence[int], stories: Sequence[int] = ()) -> None:
        """Note an article, and that it is of some stories, which are then one: the oldest."""
        packed = array("q", bands).tobytes()
        self._db.change(
            "INSERT INTO texts (article_id, story, bands) VALUES (?, 0, ?)", (article_id, packed)
        )
        row = self._db.row("SELECT number FROM texts WHERE article_id = ?", (article_id,))
        number = int(row[0]) if row else 0
        story = min(stories, default=number)
        self._db.change("UPDATE texts SET story = ? WHERE number = ?", (story, number))
        for other in stories:
            self._db.change("UPDATE texts SET story = ? WHERE story = ?", (story, other))
        pairs = [(band, number) for band in bands]
        self._db.change_many("INSERT OR IGNORE INTO bands VALUES (?, ?)", pairs)

    def drop(self, article_id: str) -> None:
        """Forget what an article is found by; the others of its story stay one."""
        row = self._db.row("SELECT number, bands FROM texts WHERE article_id = ?", (article_id,))
        if row is None:
            return
        pairs = [(band, row[0]) for band in array("q", row[1])]
        self._db.change_many("DELETE FROM bands WHERE band = ? AND number = ?", pairs)
        self._db.change("DELETE FROM texts WHERE number = ?", (row[0],))


@cache
def _near(bands: int) -> str:
    """Finds the articles that share most of so many bands, in one statement: 64 took longer."""
    band = f"SELECT * FROM (SELECT number FROM bands WHERE band = ? {_NEWEST})"
    shared = " UNION ALL ".join([band] * bands)
    return f"""
        SELECT article_id, story FROM
            (SELECT number, count(*) AS shared FROM ({shared}) GROUP BY number
            HAVING shared >= ? ORDER BY shared DESC, number LIMIT ?) JOIN texts USING (number)
        ORDER BY shared DESC, number
    """


def _number(head: str) -> int:
    return 1 + int.from_bytes(hashlib.sha256(head.encode()).digest()[:7])
