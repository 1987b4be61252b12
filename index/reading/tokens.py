"""A question and a passage in tokens, the same way for training and for asking."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from newsdesk.index.types import Span

from .reader import Text

if TYPE_CHECKING:  # asking opens it when it first reads
    from tokenizers import Tokenizer

MAX_TOKENS = 320  # of question, title and passage; what is beyond is not read
MAX_WORDS = 60  # of the question

Range = tuple[int, int]  # of tokens: the first, and behind the last; (0, 0) for none


class Tokens(NamedTuple):
    """Numbers of tokens count from the start of the whole sequence."""

    ids: list[int]
    types: list[int]  # 0 for the question, 1 for what follows
    title: Range
    passage: Range  # without the title
    sentences: list[Range]  # of each sentence of the passage
    offsets: dict[int, tuple[int, int]]  # in the passage's text, of each of its tokens


def tokenizer_of(folder: Path) -> Tokenizer:
    """The tokenizer in a model's folder; it cuts the passage and never the question."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")
    return tokenizer


def tokens(tokenizer: Tokenizer, question: str, passage: Text) -> Tokens:
    """The question; the title, a bar, the passage."""
    head = f"{passage.title} | " if passage.title else ""
    asked = _sound(" ".join(question.split()[:MAX_WORDS]))
    coded = tokenizer.encode(asked, _sound(head + passage.text))
    at = len(head)
    behind = {
        i: place
        for i, (kind, place) in enumerate(zip(coded.type_ids, coded.offsets, strict=True))
        if kind and place[1] > place[0]
    }
    offsets = {i: (start - at, end - at) for i, (start, end) in behind.items() if start >= at}
    found = [range_of(offsets, span) for span in passage.sentences]
    whole = (min(offsets), max(offsets) + 1) if offsets else (0, 0)
    title = range_of(behind, Span(0, len(passage.title))) if passage.title else (0, 0)
    return Tokens(coded.ids, coded.type_ids, title, whole, found, offsets)


def range_of(offsets: dict[int, tuple[int, int]], span: Span) -> Range:
    """The tokens that lie in a span of the passage's text, be it in part."""
    held = [i for i, (start, end) in offsets.items() if start < span.end and end > span.start]
    return (held[0], held[-1] + 1) if held else (0, 0)


def _sound(text: str) -> str:
    """What no terminal could decode becomes a question mark, as long as what it was."""
    return text.encode("utf-8", "replace").decode()
