"""Reads JSONL: an object a line with id, title, text, date, source, author, url.

Only "text" is required, and other names that the world has for them ("headline", "body") are
understood. BEIR's corpora are read too, where the id is `_id`. A line that cannot be
read is refused by its number; the others are taken. The id of a line that names none is made from
the file and from what the line says, never from its number, which changes when another is deleted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article

from .encoding import decode
from .records import Records, known_fields
from .source import Refusal, Remark, SourceFile

SUFFIXES: tuple[str, ...] = (".jsonl", ".jsonl.gz", ".ndjson")
MEDIA_TYPES: tuple[str, ...] = ("application/jsonl", "application/x-ndjson", "application/ndjson")

_OWN_NAME = frozenset({"id"})  # not by another name: a "key" may be anybody's
_EVIDENCE = 200_000  # bytes that are not ASCII's lines', by which a code page is told


def read(source: SourceFile) -> Iterator[Article | Refusal | Remark]:
    """The article of each line, or its Refusal. Raises Refused for an empty file."""
    lines = _Lines(source)
    records = Records(source, lines.readable)
    has_lines = False
    for number, line in source.lines():
        if not line.strip():
            continue
        has_lines = True
        try:
            source.check_size(len(line))
            yield from records.articles(number, lines.fields(line))
        except Refused as error:
            yield Refusal(f"{source.shown}#{number}", f"line {number}: {error}")
    if not has_lines:
        raise Refused("the file is empty; remove it, or write articles into it")


class _Lines:
    """The lines of one file, and in which code page they are."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source

    def fields(self, line: bytes) -> dict[str, Any]:
        """The fields of a line. Raises Refused if it is no JSON object with a text."""
        return _fields(line, self._evidence)

    def readable(self) -> Iterator[dict[str, Any]]:
        """The fields of all lines that can be read."""
        for _, line in self._source.lines():
            try:
                yield self.fields(line)
            except Refused:
                continue

    @cached_property
    def _high_lines(self) -> bytes:
        high: list[bytes] = []
        for _, line in self._source.lines():
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
    others = known_fields(fields)
    fields = {**{name: others[name] for name in others.keys() - _OWN_NAME}, **fields}
    if not isinstance(fields.get("text"), str):
        raise Refused('no "text"; it is the one field an article must have')
    return fields
