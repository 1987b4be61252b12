"""Reading rows of a library in Milvus in pieces that one reply holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from newsdesk.index.errors import LibraryDamaged
from newsdesk.index.types import Article, Span

from .client import MOST, Client
from .packing import unpacked_article, unpacked_sentences

STRONG = "Strong"  # consistency: what was written before is seen
_AT_ONCE = 5_000  # numbers whose rows are read together; a term may have some rows
_MOST_EMPTY = 10_000  # windows in a row without any, before what is missing is taken as lost
_BODIES = 64  # articles that are read whole together


def live_rows(client: Client, articles: str) -> dict[int, tuple[str, str]]:
    """All articles that have a row: number -> id, and what names the article's state."""
    rows = _windows(client, articles, "article", "", ["article", "id", "state"])
    return {int(row["article"]): (row["id"], row["state"]) for row in rows}


def term_rows(client: Client, terms: str, condition: str = "") -> Iterator[Mapping[str, Any]]:
    """The rows of terms that meet a condition, all without one."""
    fields = ["key", "term", "born", "number", "passages", "articles"]
    if condition:
        rows = client.rows(terms, condition, fields, consistency_level=STRONG)
        if len(rows) < MOST:
            yield from rows
            return
    yield from _windows(client, terms, "number", condition, fields)


def articles_of(client: Client, articles: str, numbers: Sequence[int]) -> dict[int, Article]:
    """Some articles by their numbers; those that are not there are left out.

    Raises LibraryDamaged for one that is not as it was written.
    """
    found: dict[int, Article] = {}
    for start in range(0, len(numbers), _BODIES):
        chunk = list(numbers[start : start + _BODIES])
        for row in client.rows(articles, f"article in {chunk}", ["article", "body"]):
            try:
                found[int(row["article"])] = unpacked_article(row["body"])
            except (ValueError, TypeError, KeyError) as error:
                raise LibraryDamaged(
                    f"{client.given.uri}: an article in {articles} is not as it was written "
                    f"({error}); drop it, and run `newsdesk index --engine milvus`"
                ) from error
    return found


def spans_of(
    client: Client, passages: str, numbers: Sequence[int]
) -> dict[int, list[tuple[int, int]]]:
    """Where the passages of some articles begin and end, by the articles' numbers."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    fields = ["article", "start", "end"]
    for number in numbers:  # one by one: an article may have thousands
        for row in client.rows(passages, f"article == {number}", fields):
            found[number].append((int(row["start"]), int(row["end"])))
    return found


def sentences_of(
    client: Client, passages: str, numbers: Sequence[int], dimensions: int
) -> dict[int, tuple[Span, ...]]:
    """Where the sentences of some articles stand, in order, by the articles' numbers."""
    found: dict[int, tuple[Span, ...]] = {}
    for number in numbers:  # one by one, as above
        rows = client.rows(passages, f"article == {number}", ["ordinal", "sentences"])
        own = sorted(rows, key=lambda row: int(row["ordinal"]))
        spans = (unpacked_sentences(row["sentences"], dimensions)[0] for row in own)
        found[number] = tuple(span for each in spans for span in each)
    return found


def _windows(
    client: Client, collection: str, number: str, condition: str, fields: Sequence[str]
) -> Iterator[Mapping[str, Any]]:
    """All rows that meet a condition, by windows of a field that counts from 1.

    Not by Milvus' own iterator: it asks for a time stamp that milvus-lite has not.
    """
    also = f" and {condition}" if condition else ""
    left = client.count(collection, f"{number} > 0{also}", consistency_level=STRONG)
    start, empty = 0, 0
    while left > 0 and empty < _MOST_EMPTY:
        within = f"{number} > {start} and {number} <= {start + _AT_ONCE}{also}"
        rows = client.rows(collection, within, fields, consistency_level=STRONG)
        yield from rows
        left, start = left - len(rows), start + _AT_ONCE
        empty = 0 if rows else empty + 1
