"""Plain text as it is cut out of a page: headline, perhaps a caption, byline, paragraphs.

Cuttings repeat the headline, glue a picture's caption to it, and end with the words of a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article

from .cleaning import clean
from .dates import read_date
from .source import Refusal, SourceFile

SUFFIXES: tuple[str, ...] = (".txt", ".text")

_NAME = r"(?:[^\W\d_a-z][^\s|]*?|and|&|in|for|of|the|de|del|der|den|di|da|van|von|bin|al|el|la|le)"
_BYLINE = re.compile(rf"[Bb][Yy]\s+(?P<author>{_NAME}(?:\s+{_NAME}){{0,11}}?(?<![!?:;]))")
_DATED = re.compile(r"(?:[Bb][Yy]\s+)(?P<author>[^|]{2,120}?)\s*\|\s*(?P<date>[^|]{2,60})")
_DATELINE = re.compile(
    r"(?:(?:last )?(?:updated|published|posted)(?: on)?\s*:?\s*)?"
    r"(?P<date>(?:[^.!?]|(?<=\b\w{3})\.|(?<=\bsept)\.){4,50}\d{4}[^.!?]{0,20}(?:[ap]\.?m\.?)?"
    r"|\d{4}-\d\d-\d\d.{0,15})",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[^\W\d_]{4,}\.\Z")
_FAREWELL = re.compile(r"(?:view |read |see )?(?:the )?original article\.?", re.IGNORECASE)
_TITLE_AT_MOST = 250  # characters; a longer first line is a paragraph
_HEADLINE_AT_LEAST = 3  # words, to know it again at the head of a paragraph
_AMONG_FIRST = 6  # blocks in which a byline may stand; a later one is part of the story


@dataclass(frozen=True, slots=True)
class _Head:
    """What the byline and the line of the date say, and the blocks they take."""

    author: str = ""
    source: str = ""
    published: date | None = None
    start: int = 0
    end: int = 0


def read(source: SourceFile) -> Iterator[Article | Refusal]:
    """The one article of a plain-text file."""
    blocks = clean(source.read_text()).split("\n\n")
    while blocks and _FAREWELL.fullmatch(blocks[-1]):
        blocks.pop()
    if not blocks or not blocks[0]:
        raise Refused("no text; an article needs at least a sentence")
    title = blocks.pop(0) if len(blocks) > 1 and len(blocks[0]) <= _TITLE_AT_MOST else ""
    head = _head(blocks)
    captions, body = _split_captions(title, blocks[: head.start], blocks[head.end :])
    yield source.article(
        text="\n\n".join(body),
        title=title,
        author=head.author,
        source=head.source,
        published=head.published,
        caption=" ".join(captions),
    )


def _head(blocks: Sequence[str]) -> _Head:
    """Byline and date among the first blocks, in either order; they stand together."""
    head = _Head()
    for number, block in enumerate(blocks[:_AMONG_FIRST]):
        line = _byline(block) or _dateline(block)
        if line:
            head = _Head(
                head.author or line.author,
                head.source or line.source,
                head.published or line.published,
                head.start if head.end else number,
                number + 1,
            )
        elif head.end:
            break
    return head


def _byline(block: str) -> _Head | None:
    dated = _DATED.fullmatch(block)
    if dated and any(map(str.isdigit, dated["date"])):
        return _Head(dated["author"].strip(), published=read_date(dated["date"]))
    if dated:  # "By Ann Lee | Reuters"
        return _Head(dated["author"].strip(), dated["date"].strip())
    match = _BYLINE.fullmatch(block)
    return _Head(match["author"]) if match and not _SENTENCE_END.search(block) else None


def _dateline(block: str) -> _Head | None:
    match = _DATELINE.fullmatch(block)
    if match is None:
        return None
    try:
        return _Head(published=read_date(match["date"]))
    except Refused:
        return None  # a short first paragraph with a year in it


def _split_captions(
    title: str, above: Sequence[str], below: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Captions behind a repeated headline, above the byline or at the top, and the body."""
    captions: list[str] = []
    body: list[str] = []
    for number, block in enumerate([*above, *below]):
        repeats = title and (number < len(above) or not body)
        caption = _after_headline(title, block) if repeats else None
        if caption is None:
            body.append(block)
        elif caption:
            captions.append(caption)
    return captions, body


def _after_headline(title: str, block: str) -> str | None:
    """What follows the headline in a block that repeats it; None if it does not."""
    left = block
    while left.startswith(title):
        left = left[len(title) :].lstrip()
    if left and (left[0].islower() or len(title.split()) < _HEADLINE_AT_LEAST):
        return None  # "Ukraine" is no headline repeated in "Ukraine said on Monday"
    return left if left != block else None
