"""What a browser marks on a page that was opened with a text directive.

Step by step "find a range from a text directive" of https://wicg.github.io/scroll-to-text-fragment/,
written for the tests and apart from the code that they test. A line of a text is a block.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

_PARTS = re.compile(
    r"(?:(?P<prefix>[^,]+)-,)?(?P<start>[^,-]+)(?:,(?P<end>[^,-]+))?(?:,-(?P<suffix>[^,-]+))?"
)


def marked(text: str, fragment: str) -> tuple[int, int] | None:
    """The first range (code points) that a directive matches; None if there is none."""
    parts = _PARTS.fullmatch(fragment)
    if parts is None:
        return None
    prefix, start, end, suffix = (_folded(unquote(parts[name] or "")) for name in _PARTS.groupindex)
    page = _folded(text)
    for match in _starts(page, prefix, start, whole_word=bool(end) or not suffix):
        stops = _stops(page, match + len(start), end, whole_word=not suffix)
        for stop in stops:
            if not suffix or _find(page, suffix, _skipped(page, stop), ends=True) == _skipped(
                page, stop
            ):
                return match, stop
    return None


def _starts(page: str, prefix: str, start: str, whole_word: bool) -> Iterator[int]:
    """Where `start` matches, behind the prefix if there is one."""
    at: int | None = 0
    while (
        at := _find(page, prefix or start, at or 0, starts=True, ends=not prefix and whole_word)
    ) is not None:
        place = _skipped(page, at + len(prefix)) if prefix else at
        if _find(page, start, place, ends=whole_word) == place:
            yield place
        at += 1


def _stops(page: str, stop: int, end: str, whole_word: bool) -> Iterator[int]:
    """Where a match ends whose `start` ends at `stop`."""
    if not end:
        yield stop
        return
    while (last := _find(page, end, stop, starts=True, ends=whole_word)) is not None:
        stop = last + len(end)
        yield stop


def _find(page: str, words: str, at: int, starts: bool = False, ends: bool = False) -> int | None:
    """The first place of some words from `at` on; with word boundaries at their ends if wanted."""
    while (place := page.find(words, at)) >= 0:
        stop = place + len(words)
        if not (starts and _within(page, place)) and not (ends and _within(page, stop)):
            return place
        at = place + 1
    return None


def _within(page: str, place: int) -> bool:
    """Whether a place is within a word."""
    return 0 < place < len(page) and page[place - 1].isalnum() and page[place].isalnum()


def _skipped(page: str, place: int) -> int:
    while place < len(page) and page[place].isspace():
        place += 1
    return place


def _folded(text: str) -> str:
    """Base characters in lower case, one for each; line breaks stay, other white space is blank."""
    return "".join(
        "\n" if c == "\n" else " " if c.isspace() else unicodedata.normalize("NFD", c)[0].lower()[0]
        for c in text
    )
