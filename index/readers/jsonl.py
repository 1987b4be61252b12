"""Reads JSONL: an object a line with id, title, text, date, source, author, url.

Only "text" is required. BEIR's corpora are read too, where the id is `_id`. A line that cannot be
read is refused by its number; the others are taken. The id of a line that names none is made from
the file and from what the line says, never from its number, which changes when another is deleted.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article, stamp

from .cleaning import clean_line
from .dates import numeric_order
from .encoding import decode
from .source import Refusal, Remark, SourceFile, field_text, title_from_id

SUFFIXES: tuple[str, ...] = (".jsonl", ".jsonl.gz", ".ndjson")
MEDIA_TYPES: tuple[str, ...] = ("application/jsonl", "application/x-ndjson", "application/ndjson")

_EVIDENCE = 200_000  # bytes that are not ASCII's lines', by which a code page is told


def read(source: SourceFile) -> Iterator[Article | Refusal | Remark]:
    """The article of each line, or its Refusal. Raises Refused for an empty file."""
    lines = _Lines(source)
    has_lines = False
    for number, line in source.lines():
        if not line.strip():
            continue
        has_lines = True
        try:
            yield from lines.articles(number, line)
        except Refused as error:
            yield Refusal(f"{source.shown}#{number}", f"line {number}: {error}")
    if not has_lines:
        raise Refused("the file is empty; remove it, or write articles into it")


def line_id(source_id: str, article: Article) -> str:
    """The id of an article whose line names none: the file's, and a hash of what the line says.

    Of its address, where it has one; else of its title, date and text.

    >>> line_id("news", Article("?", "Canal reopens", "It did.", "news.jsonl#7"))
    'news-ec9c6253c6'
    """
    said = [article.url]
    if not article.url:
        titled = article.title != title_from_id(source_id)
        said = [article.title if titled else "", stamp(article.published), article.text]
    return f"{source_id}-{_short_hash(*said)}"


def _short_hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:10]


@dataclass
class _Lines:
    """What the lines of one file have in common."""

    source: SourceFile
    given: dict[str, str] = field(default_factory=dict)  # ids made here, and of which text

    def articles(self, number: int, line: bytes) -> Iterator[Article | Remark]:
        """The article of a line, after what is remarked of it. Raises Refused."""
        self.source.check_size(len(line))
        fields = _fields(line, self._evidence)
        path = f"{self.source.shown}#{number}"
        named = field_text("id", fields.get("id", fields.get("_id")))
        optional, remarks = self.source.optional_fields(fields, path, self._day_first(fields))
        article = self.source.article(**optional, id=named, path=path, text=fields["text"])
        yield from remarks
        yield article if clean_line(named) else self._identified(article)

    def _identified(self, article: Article) -> Article:
        made = line_id(self.source.id, article)
        if self.given.setdefault(made, article.text) != article.text:
            made = f"{made}-{_short_hash(article.text)}"  # of one address
        return replace(article, id=made)

    def _day_first(self, fields: dict[str, Any]) -> Callable[[], bool]:
        def told() -> bool:
            order = self.source.settings.date_order
            if order != "auto":
                return order == "day"
            seen = self._orders.get(str(fields.get("source"))) or self._orders[""]
            return True in seen

        return told

    @cached_property
    def _orders(self) -> dict[str, set[bool]]:
        """The orders of day and month that some dates leave no doubt of, by source; all by ""."""
        orders: defaultdict[str, set[bool]] = defaultdict(set)
        for fields in self._readable_lines():
            order = numeric_order(str(fields.get("date", fields.get("published")))[:80])
            if order is not None:
                orders[str(fields.get("source"))].add(order)
                orders[""].add(order)
        return orders

    def _readable_lines(self) -> Iterator[dict[str, Any]]:
        for _, line in self.source.lines():
            try:
                yield _fields(line, self._evidence)
            except Refused:
                continue

    @cached_property
    def _high_lines(self) -> bytes:
        high: list[bytes] = []
        for _, line in self.source.lines():
            if not line.isascii():
                high.append(line)
            if sum(map(len, high)) > _EVIDENCE:
                break
        return b"".join(high)

    def _evidence(self) -> bytes:
        """The lines of the file that are not ASCII: one alone seldom tells its code page."""
        return self._high_lines


def _fields(line: bytes, evidence: Callable[[], bytes]) -> dict[str, Any]:
    """The fields of a line. Raises Refused if it is no JSON object with a text."""
    try:
        fields = json.loads(decode(line, evidence))
    except json.JSONDecodeError as error:
        raise Refused(
            f"not JSON: {error.msg} at column {error.colno}; mend or remove it"
        ) from error
    except (RecursionError, ValueError) as error:  # nested too deeply, or a number too long
        raise Refused(f"not an article: {error}; mend or remove it") from error
    if not isinstance(fields, dict):
        raise Refused('not an object; write {"id": …, "title": …, "text": …}')
    if not isinstance(fields.get("text"), str):
        raise Refused('no "text"; it is the one field an article must have')
    return fields
