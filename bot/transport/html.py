"""HTML for Telegram that is not refused: escaped, counted, and cut at sentences and words.

Telegram counts a text in UTF-16 units after its tags are read, and takes 100 entities.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Self
from unicodedata import category

from newsdesk.index.types import Span

MESSAGE = 4096  # UTF-16 units of a message's text
CAPTION = 1024  # and of a document's caption
ENTITIES = 100  # of a message; Telegram takes no more
_HREF = 1500  # characters of a link, at most
_ESCAPES = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;"})
# What Telegram drops or stumbles over: control characters but the line's end, and halves of pairs.
_UNFIT = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u202a-\u202e\u2066-\u2069]")
_ISOLATE, _POP = "\u2068", "\u2069"
# Scripts without spaces, where a line may end anywhere but before a mark that belongs to what
# stands before it, and behind a sign that joins two consonants.
_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
)
_MARKS = "".join(c for c in map(chr, range(0x300, 0x10000)) if category(c)[0] == "M")
_BREAK = re.compile(
    rf"(?<=\S)\s|(?<=[{_UNSPACED}。、，；：！？])(?<![\u1039\u17d2])"
    rf"(?=[^{_MARKS}\u200d\U000e0100-\U000e01ef\s])"
)
_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"'”’»)\]]*(?=\s)")
_CUT = " …"


def units(text: str) -> int:
    """Length of a text as Telegram counts it, in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def fit(text: str) -> str:
    """Replace the characters that no message can hold; the length in characters stays."""
    return _UNFIT.sub(lambda match: "\ufffd" if match[0] >= "\ud800" else " ", text)


def escape(text: str) -> str:
    """Escape a text to stand between tags."""
    return fit(text).translate(_ESCAPES)


def isolated(text: str) -> str:
    """Isolate a title that runs from right to left, so that it does not reorder its neighbours."""
    return f"{_ISOLATE}{text}{_POP}" if _RIGHT_TO_LEFT.search(text) else text


def room(text: str, most: int) -> int:
    """How many characters of `text`, from its beginning, have at most `most` units."""
    if units(text) <= most:
        return len(text)
    end = most = max(0, most)
    while units(text[:end]) > most:
        end -= max(1, (units(text[:end]) - most + 1) // 2)
    return end


def cut(text: str, most: int) -> int:
    """Where to end `text` so that it has at most `most` units: behind a sentence, else a word.

    0 where even its first word is longer: better nothing than half a word.
    """
    end = room(text, most)
    if end == len(text):
        return end
    sentences = [match.end() for match in _SENTENCE.finditer(text, 0, end + 1)]
    if sentences and end / 2 <= sentences[-1] <= end:
        return sentences[-1]
    words = [match.start() for match in _BREAK.finditer(text, 0, end + 1)]
    return words[-1] if words and words[-1] <= end else 0


def shortened(text: str, most: int) -> str:
    """A text of at most `most` units, ended at a word, with an ellipsis if it was longer."""
    if units(text) <= most:
        return text
    end = cut(text, most - len(_CUT))
    return text[:end].rstrip() + _CUT if end else _CUT.strip()


class Page:
    """Builds the HTML of a message, and counts its units and entities."""

    def __init__(self, most: int = MESSAGE) -> None:
        self.most = most
        self.units = 0
        self.entities = 0
        self._parts: list[str] = []

    @property
    def html(self) -> str:
        """The HTML of the message."""
        return "".join(self._parts)

    @property
    def left(self) -> int:
        """How many units still fit."""
        return self.most - self.units

    def add(self, text: str, *tags: str) -> Self:
        """Add a text within tags, such as "b" or 'a href="…"', the outermost first."""
        if not text:
            return self
        self.units += units(text)
        self.entities += len(tags)
        closing = [f"</{tag.split()[0]}>" for tag in reversed(tags)]
        self._parts += [*(f"<{tag}>" for tag in tags), escape(text), *closing]
        return self

    def open(self, tag: str) -> Self:
        """Open a tag that several texts stand in."""
        self.entities += 1
        self._parts.append(f"<{tag}>")
        return self

    def close(self, tag: str) -> Self:
        """Close a tag that was opened."""
        self._parts.append(f"</{tag}>")
        return self


def anchor(link: str) -> tuple[str, ...]:
    """The tag of a link; none where Telegram would not accept the link."""
    if not link.lower().startswith(("http://", "https://")) or len(link) > _HREF:
        return ()
    return (f'a href="{escape(link).replace(chr(34), "&quot;")}"',)


def pieces(text: str, offset: int, lit: Iterable[Span], most: int) -> Iterator[tuple[str, bool]]:
    """`text` in pieces with whether each is lit, at most `most` of them; spaces between join.

    Spans count from `offset`. Where there are more than `most`, the first are lit.
    """
    at = 0
    for start, end in _joined(text, offset, lit)[:most]:
        if start > at:
            yield text[at:start], False
        yield text[start:end], True
        at = end
    if at < len(text):
        yield text[at:], False


def _joined(text: str, offset: int, lit: Iterable[Span]) -> list[tuple[int, int]]:
    """Spans within `text`, those with nothing but spaces between them as one."""
    joined: list[tuple[int, int]] = []
    for span in sorted(lit, key=lambda span: span.start):
        start, end = max(0, span.start - offset), min(len(text), span.end - offset)
        if start >= end or not text[start:end].strip():
            continue
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
