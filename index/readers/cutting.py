"""Plain text as it is cut out of a page: headline, perhaps a caption, byline, paragraphs.

Cuttings repeat the headline, glue a picture's caption to it, and end with the words of a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from ..errors import Refused
from ..types import Article
from .source import Refusal, Source, clean, read_date

SUFFIXES: tuple[str, ...] = (".txt", ".text")

_BYLINE = re.compile(
    r"(?:by\s+)(?P<author>[^|]{2,80}?)\s*(?:\|\s*(?P<date>.{6,60}))?", re.IGNORECASE
)
_DATELINE = re.compile(
    r"(?:updated|published)?:?\s*(?P<date>[^.!?]{6,50}\d{4}[^.!?]{0,20}(?:[ap]\.?m\.?)?)",
    re.IGNORECASE,
)
_FAREWELL = re.compile(r"(?:view |read |see )?(?:the )?original article\.?", re.IGNORECASE)
_TITLE_AT_MOST = 250  # characters; a longer first line is a paragraph
_BYLINE_AMONG_FIRST = 6  # blocks; a later one is part of the story


def read(source: Source) -> Iterator[Article | Refusal]:
    """The one article of a plain-text file."""
    blocks = clean(source.one_article()).split("\n\n")
    while blocks and _FAREWELL.fullmatch(blocks[-1]):
        blocks.pop()
    if not blocks or not blocks[0]:
        raise Refused("no text; an article needs at least a sentence")
    title = blocks.pop(0) if len(blocks) > 1 and len(blocks[0]) <= _TITLE_AT_MOST else ""
    author, published, head = _byline(blocks)
    captions, above = _captions(title, blocks[:head])
    body = above + blocks[head + bool(author or published) :]
    yield source.article(
        text="\n\n".join(body),
        title=title,
        author=author,
        published=published,
        caption=" ".join(captions),
    )


def _byline(blocks: list[str]) -> tuple[str, date | None, int]:
    """Author, date, and the number of the block they stand in (0 if there is none)."""
    for number, block in enumerate(blocks[:_BYLINE_AMONG_FIRST]):
        match = _BYLINE.fullmatch(block)
        if match and (match["date"] or len(block.split()) <= 8):
            return match["author"].strip(), read_date(match["date"]), number
        match = _DATELINE.fullmatch(block)
        if match:
            try:
                return "", read_date(match["date"]), number
            except Refused:
                continue  # a short first paragraph with a year in it
    return "", None, 0


def _captions(title: str, blocks: list[str]) -> tuple[list[str], list[str]]:
    """What stands above the byline: captions behind a repeated headline, and the rest."""
    captions, rest = [], []
    for block in blocks:
        left = block
        while title and left.startswith(title):
            left = left[len(title) :].lstrip()
        if left == block:
            rest.append(block)
        elif left:
            captions.append(left)
    return captions, rest
