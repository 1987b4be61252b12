"""Tells whether 03/04/2021 is of April, from the dates that leave no doubt beside it.

A source writes its dates in one order, wherever its articles lie: first asked are dates of the
same source, in all files that are read together; then those of the same folder; then all.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path, PurePath
from typing import NamedTuple

from .dates import numeric_order

Heads = Callable[[], Iterable[tuple[PurePath, bytes]]]

_NOTED = re.compile(r"(?<!\d)\d{1,2}([/-])\d{1,2}\1\d{4}(?!\d)")  # that may tell an order
_HEAD = 4096  # bytes of a file that are looked at
_RECORDS_HEAD = 1_000_000  # and of one that holds many articles, one a line
_RECORDS = (".jsonl", ".ndjson", ".csv", ".tsv")
_TEXTS = (*_RECORDS, ".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".json")
_LINE = 200  # characters of a line that may name a source: a header's, not a paragraph's


class _Dated(NamedTuple):
    """Some text with dates of one order: a file's head, or one of its lines."""

    place: PurePath
    words: str  # its short lines, without capitals
    is_day_first: bool


class DayOrders:
    """Which of some files write the day first; they are looked at when that is first asked."""

    def __init__(self, heads: Heads) -> None:
        self._heads = heads

    @classmethod
    def of_files(cls, files: Callable[[], Iterable[Path]]) -> DayOrders:
        """What files say, as many of them as can be read."""
        return cls(lambda: _heads(files()))

    def is_day_first(self, place: PurePath, source: str) -> bool:
        """Whether an article of a source, or of an unknown one (""), writes the day first."""
        dated = self._dated
        own = [each.is_day_first for each in dated if source and _names(each.words, source)]
        if own:
            return any(own)
        if any(each.is_day_first for each in dated if each.place.parent == place.parent):
            return True
        return bool(dated) and all(each.is_day_first for each in dated)

    @cached_property
    def _dated(self) -> list[_Dated]:
        return [dated for place, head in self._heads() for dated in _orders(place, head)]


def is_day_first(data: bytes) -> bool:
    """Whether one of the dates in some bytes can only be day first.

    >>> is_day_first(b"07/12/2022, 07/13/2022"), is_day_first(b"07/12/2022, 13/07/2022")
    (False, True)
    """
    return True in _told(data.decode("utf-8", "replace"))


def _told(text: str) -> set[bool]:
    """The orders of those dates in a text that can be read in one order only."""
    orders = {numeric_order(match.group()) for match in _NOTED.finditer(text)}
    return {order for order in orders if order is not None}


def _orders(place: PurePath, head: bytes) -> Iterator[_Dated]:
    text = head.decode("utf-8", "replace")
    if not _NOTED.search(text):
        return
    if place.suffix.lower() in _RECORDS:
        for line in text.splitlines():
            if told := _told(line):
                yield _Dated(place, _source_of(line).casefold(), True in told)
    elif told := _told(text):
        short = "\n".join(line for line in text.splitlines() if len(line) <= _LINE)
        yield _Dated(place, short.casefold(), True in told)


def _source_of(line: str) -> str:
    """What may name the source of a record: of JSON its field, of other lines all."""
    with contextlib.suppress(ValueError):
        fields = json.loads(line)
        return str(fields.get("source", "")) if isinstance(fields, dict) else ""
    return line


def _names(words: str, source: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(source.casefold())}(?!\w)", words))


def _heads(files: Iterable[Path]) -> Iterator[tuple[Path, bytes]]:
    for file in files:
        suffix = file.suffix.lower()
        if suffix in _TEXTS and file.is_file() and not file.is_symlink():
            with contextlib.suppress(OSError), file.open("rb") as opened:
                yield file, opened.read(_RECORDS_HEAD if suffix in _RECORDS else _HEAD)
