"""Reads CSV and TSV: an article a row, under a line that names the columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article

from .encoding import decode
from .records import Records, known_fields
from .source import Refusal, Remark, SourceFile

SUFFIXES: tuple[str, ...] = (".csv", ".tsv")
MEDIA_TYPES: tuple[str, ...] = ("text/csv", "text/tab-separated-values", "application/csv")

_DIVIDERS = (",", ";", "\t", "|")
_NO_HEAD = "no line of column names with one for the text; write id,title,date,text as the first"


def read(source: SourceFile) -> Iterator[Article | Refusal | Remark]:
    """The article of each row, or its Refusal. Raises Refused for a table without a head."""
    text = decode(source.read_whole(), charset=source.charset).removeprefix("\ufeff")
    names, divider = _head(text)
    limit = csv.field_size_limit()
    if source.settings.max_characters > limit:
        csv.field_size_limit(source.settings.max_characters)  # what is longer is refused below
    rows = list(_rows(text, divider, len(names)))
    known = [known_fields(dict(zip(names, row, strict=False))) for _, row, _ in rows]
    records = Records(source, lambda: iter(known))
    if not rows:
        raise Refused("no row below the names of the columns; remove it, or write articles into it")
    for (number, _, wrong), fields in zip(rows, known, strict=True):
        try:
            if wrong:
                raise Refused(wrong)
            if not str(fields.get("text", "")).strip():
                raise Refused("no text; an article needs at least a sentence")
            yield from records.articles(number, fields)
        except Refused as error:
            yield Refusal(f"{source.shown}#{number}", f"line {number}: {error}")


def _head(text: str) -> tuple[list[str], str]:
    """The names of the columns, and what divides them. Raises Refused without a column of texts."""
    line = text.lstrip("\r\n").split("\n", 1)[0]
    for divider in sorted(_DIVIDERS, key=line.count, reverse=True):
        try:
            names = next(csv.reader([line[:10_000]], delimiter=divider), [])
        except csv.Error:
            continue
        named = known_fields(dict.fromkeys(filter(None, names), "x"))
        if "text" in named and len(names) == len(set(names)):
            return names, divider
    raise Refused(_NO_HEAD)


def _rows(text: str, divider: str, width: int) -> Iterator[tuple[int, Sequence[str], str]]:
    """Rows below the head: the line each begins on, its cells, and what is wrong with it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=divider)
    number = 1
    has_head = False
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, (), f"not CSV: {error}; put the text in quotes, each quote in it twice"
            continue
        if not any(row):
            continue
        if not has_head:
            has_head = True
        elif len(row) > width and any(row[width:]):
            yield (
                number,
                row,
                f"{len(row)} cells under {width} names; put texts with commas in quotes",
            )
        else:
            yield number, row, ""
