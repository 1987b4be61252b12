"""What a reader is given, and what it gives."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from newsdesk.index.types import Reading, Span


class Text(NamedTuple):
    """A passage as a reader gets it; its sentences by their offsets in `text`."""

    title: str
    text: str
    sentences: tuple[Span, ...]


class Reader(Protocol):
    """Reads a question and a passage together. What it says of one depends on no other."""

    def read(self, question: str, passage: Text, /) -> Reading:
        """Whether the passage answers, and which of its sentences."""
