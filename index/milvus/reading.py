"""Reading rows of a library in Milvus in pieces that one reply holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from newsdesk.index.errors import LibraryDamaged
from newsdesk.index.types import Article

from .client import MOST, Client
from .packing import unpacked_article

_AT_ONCE = 10_000  # numbers whose rows are read together
_BODIES = 64  # articles that are read whole together


def live_rows(
    client: Client, articles: str, strong: bool = False
) -> dict[int, tuple[str, str]]:
    """All articles that have a row: number -> id, and what names the article's state."""
    level = {"consistency_level": "Strong"}
    found: dict[int, tuple[str, str]] = {}
    total = client.count(articles, "article > 0", **level)
    start = 0
    while len(found) < total:
        condition = f"article > {start} and article <= {start + _AT_ONCE}"
        for row in client.rows(articles, condition, ["article", "id", "state"], **level):
            found[int(row["article"])] = (row["id"], row["state"])
        start += _AT_ONCE
        if start > 1 << 43:
            raise LibraryDamaged(f"{client.given.uri}: {articles} loses rows; index again")
    return found
