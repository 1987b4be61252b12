"""Reads JSON: an array of articles, bare or in an object, one article alone, or a JSON Feed.

The fields are those of JSONL, and the names that others have for them ("headline", "body").
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article

from . import feeds, jsonl
from .encoding import decode
from .records import Records, known_fields
from .source import Refusal, Remark, SourceFile

SUFFIXES: tuple[str, ...] = (".json",)
MEDIA_TYPES: tuple[str, ...] = ("application/json", "text/json", "application/ld+json")

_HOLDERS = ("articles", "items", "results", "data", "posts", "docs", "stories", "entries", "rows")


def read(source: SourceFile) -> Iterator[Article | Refusal | Remark]:
    """The article of each object, or its Refusal. Raises Refused for what holds none."""
    text = decode(source.read_whole(), charset=source.charset)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and "\n" in text.strip():
            yield from jsonl.read(source)  # an object a line, under the other name
            return
        where = f"line {error.lineno}, column {error.colno}"
        raise Refused(f"not JSON: {error.msg} at {where}; mend or remove it") from error
    except (RecursionError, ValueError) as error:  # nested too deeply, or a number too long
        raise Refused(f"not an article: {error}; mend or remove it") from error
    if feeds.is_json_feed(value):
        yield from feeds.read_json_feed(source, value)
    else:
        yield from _articles(source, _objects(value))


def _objects(value: object) -> Sequence[object]:
    """The objects that may be articles. Raises Refused where there is none."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        if "text" in known_fields(value) and not any(
            isinstance(value.get(name), list) for name in _HOLDERS
        ):
            return [value]
        for name in (*_HOLDERS, *value):
            held = value.get(name)
            if isinstance(held, list) and any(isinstance(each, dict) for each in held):
                return held
            if isinstance(held, dict) and isinstance(held.get("results"), list):
                return list(held["results"])
    raise Refused('no array of articles; write [{"id": …, "title": …, "text": …}, …]')


def _articles(
    source: SourceFile, objects: Sequence[object]
) -> Iterator[Article | Refusal | Remark]:
    known = [known_fields(each) if isinstance(each, dict) else None for each in objects]
    records = Records(source, lambda: iter([each for each in known if each]))
    for number, fields in enumerate(known, start=1):
        try:
            yield from records.articles(number, _checked(fields))
        except Refused as error:
            yield Refusal(f"{source.shown}#{number}", f"article {number}: {error}")
    if not known:
        raise Refused("the array is empty; remove the file, or write articles into it")


def _checked(fields: dict[str, Any] | None) -> dict[str, Any]:
    if fields is None:
        raise Refused('not an object; write {"id": …, "title": …, "text": …}')
    if not isinstance(fields.get("text"), str):
        raise Refused('no "text"; it is the one field an article must have')
    return fields
