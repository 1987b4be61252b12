"""One JSON object a line: id, title, text, date, source, author, url; only text is required.

Also reads the corpora of BEIR, where the id is `_id`. A line that cannot be read is refused by
its number, the others are taken.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article

from .dates import read_date
from .encoding import decode
from .source import Refusal, SourceFile, field_text

SUFFIXES: tuple[str, ...] = (".jsonl", ".jsonl.gz", ".ndjson")

_TEXTS = ("title", "source", "author", "url", "caption", "language")


def read(source: SourceFile) -> Iterator[Article | Refusal]:
    """Every article of the file."""
    has_lines = False
    for number, line in source.lines():
        if not line.strip():
            continue
        has_lines = True
        try:
            yield _article(source, number, line)
        except Refused as error:
            yield Refusal(f"{source.shown}#{number}", f"line {number}: {error}")
    if not has_lines:
        raise Refused("the file is empty; remove it, or write articles into it")


def _article(source: SourceFile, number: int, line: bytes) -> Article:
    source.check_size(len(line))
    fields = _fields(line)
    named = field_text("id", fields.get("id", fields.get("_id")))
    return source.article(
        **{name: field_text(name, fields.get(name)) for name in _TEXTS},
        id=named or f"{source.id}-{number}",
        path=f"{source.shown}#{number}",
        text=fields["text"],
        published=read_date(fields.get("date", fields.get("published"))),
    )


def _fields(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(decode(line))
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
