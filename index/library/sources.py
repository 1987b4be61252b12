"""Where articles come from: folders, files, feeds and pages, and how it went the last time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from .database import Database

Kind = Literal["folder", "file", "feed", "page", "channel"]  # a channel's articles are handed over
ON_NETWORK: tuple[Kind, ...] = ("feed", "page")
ON_DISK: tuple[Kind, ...] = ("folder", "file")
_FIELDS = (
    "id, kind, place, title, url, etag, modified, digest, added, tried, success, changed, error, "
    "failures, next_try, retired"
)


@dataclass(frozen=True, slots=True)
class Source:
    """A place that articles come from; times are seconds since 1970, 0 for never.

    >>> Source(1, "feed", "https://news.example/feed").asked
    'https://news.example/feed'
    """

    id: int
    kind: Kind
    place: str  # the path or address it was added by
    title: str = ""
    url: str = ""  # where permanent redirects led
    etag: str = ""  # of the last reply that was stored
    modified: str = ""
    digest: str = ""  # of that reply's body
    added: float = 0
    tried: float = 0
    success: float = 0
    changed: float = 0  # when it last brought something
    error: str = ""  # of the last try; empty if that went well
    failures: int = 0  # in a row
    next_try: float = 0
    retired: str = ""  # why it is asked no more

    @property
    def asked(self) -> str:
        """The address that is asked."""
        return self.url or self.place

    @property
    def on_network(self) -> bool:
        """Whether it is fetched."""
        return self.kind in ON_NETWORK

    @property
    def on_disk(self) -> bool:
        """Whether it is read from disk."""
        return self.kind in ON_DISK


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as a source gives it."""

    key: str  # by which the source knows it
    article_id: str
    digest: str  # of what the source gave


class Sources:
    """The tables of sources in a library's file. What writes is used inside `transaction()`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self) -> list[Source]:
        """Every source, in the order they were added."""
        return [Source(*row) for row in self._db.rows(f"SELECT {_FIELDS} FROM sources ORDER BY id")]

    def has(self, source_id: int) -> bool:
        """Whether there is a source of a number."""
        return self._db.row("SELECT 1 FROM sources WHERE id = ?", (source_id,)) is not None

    def find(self, place: str) -> Source | None:
        """The source of a path or an address, as it was added or as it is asked now."""
        sql = f"SELECT {_FIELDS} FROM sources WHERE place = ? OR url = ? ORDER BY place <> ?"
        row = self._db.row(sql, (place, place, place))
        return Source(*row) if row else None

    def add(self, kind: Kind, place: str, now: float, title: str = "") -> Source:
        """Add a source; of one that is there the kind is set anew, and it is retired no more."""
        self._db.change(
            "INSERT INTO sources (kind, place, added, title) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (place) DO UPDATE SET kind = excluded.kind, retired = '', next_try = 0",
            (kind, place, now, title),
        )
        row = self._db.row(f"SELECT {_FIELDS} FROM sources WHERE place = ?", (place,))
        return Source(*(row or ()))

    def update(self, source_id: int, fields: Mapping[str, object]) -> None:
        """Set some fields of a source, by the names of `Source`."""
        named = ", ".join(f"{name} = ?" for name in fields)
        self._db.change(f"UPDATE sources SET {named} WHERE id = ?", (*fields.values(), source_id))

    def remove(self, source_id: int) -> None:
        """Remove a source and its entries; its articles stay."""
        self._db.change("DELETE FROM sources WHERE id = ?", (source_id,))

    def remove_place(self, place: str) -> None:
        """Remove the source of a path, if there is one."""
        self._db.change("DELETE FROM sources WHERE place = ?", (place,))

    def entries(self, source_id: int) -> dict[str, Entry]:
        """What a source has given, by the keys of its entries."""
        sql = "SELECT entry, article_id, digest FROM entries WHERE source_id = ?"
        return {row[0]: Entry(*row) for row in self._db.rows(sql, (source_id,))}

    def put_entry(self, source_id: int, entry: Entry) -> None:
        """Remember what a source gave."""
        self._db.change(
            "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)",
            (source_id, entry.key, entry.article_id, entry.digest),
        )

    def owner(self, article_id: str) -> int | None:
        """The id of the source that first gave an article."""
        sql = "SELECT min(source_id) FROM entries WHERE article_id = ?"
        row = self._db.row(sql, (article_id,))
        return None if row is None or row[0] is None else int(row[0])

    def only_of(self, source_id: int) -> list[str]:
        """Ids of the articles in the library that no other source gives."""
        sql = """
            SELECT DISTINCT article_id FROM entries WHERE source_id = ?1
            AND article_id IN (SELECT id FROM articles) AND NOT EXISTS (
                SELECT 1 FROM entries AS other
                WHERE other.article_id = entries.article_id AND other.source_id <> ?1)
            ORDER BY article_id
        """
        return [str(row[0]) for row in self._db.rows(sql, (source_id,))]

    def counts(self) -> dict[int, int]:
        """How many articles of the library each feed or page has given."""
        sql = """
            SELECT source_id, count(DISTINCT article_id) FROM entries
            JOIN articles ON id = article_id GROUP BY source_id
        """
        return {int(row[0]): int(row[1]) for row in self._db.rows(sql)}

    # robots.txt

    def robots(self, now: float) -> dict[str, str]:
        """What robots.txt says, by origin, as far as it was read of late."""
        sql = "SELECT origin, robots FROM hosts WHERE until > ?"
        return {str(row[0]): str(row[1]) for row in self._db.rows(sql, (now,))}

    def put_robots(self, texts: Mapping[str, str], until: float) -> None:
        """Keep what robots.txt says until a time."""
        self._db.change_many(
            "INSERT OR REPLACE INTO hosts VALUES (?, ?, ?)",
            [(origin, text, until) for origin, text in texts.items()],
        )

    def find_all(self, name: str) -> Iterator[Source]:
        """The sources that a number, a path, an address or a title names."""
        for source in self.all():
            if name in (str(source.id), source.place, source.url, source.title):
                yield source
