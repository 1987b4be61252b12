"""Reads plain text copied from a web page: headline, perhaps a caption, byline, paragraphs.

Such cuttings have a kicker or a date above the headline, repeat the headline, join a picture's
caption to it, and end with a link's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article

from .byline import (
    Head,
    goes_on,
    is_kicker,
    is_name,
    is_outlet,
    is_section,
    read_dateline,
    read_head_line,
)
from .cleaning import clean_blocks, is_wrapped, join_lines
from .source import Refusal, Remark, SourceFile

SUFFIXES: tuple[str, ...] = (".txt", ".text")
MEDIA_TYPES: tuple[str, ...] = ("text/plain",)

_FAREWELL = re.compile(r"(?:view |read |see )?(?:the )?original article\.?", re.IGNORECASE)
_TITLE_LENGTH = 250  # characters at most; a longer first line is a paragraph
_TITLE_WORDS = 14  # at most, of a headline that ends with a full stop
_HEADLINE_WORDS = 3  # at least, to recognise it at the head of a paragraph
_HEAD_BLOCKS = 6  # blocks in which a byline may stand; a later one is part of the story
_ABOVE = 4  # lines at most above a headline
_STOP = re.compile(r"(?:[^\W\d_]{2,}|\d|[”\"’)%])[.。।]+[”\"’')\]]*\Z|[。।]\Z")
_NO_STOP = re.compile(r"\b(?:Inc|Corp|Co|Ltd|Jr|Sr|vs|etc|No|St|a\.m|p\.m)\.\Z", re.IGNORECASE)
_INNER_STOP = re.compile(r"[^\W\d_]{3,}[.。।]+[”\"’)]*(?:\s+[“\"‘(]?[^\W\d_a-z]|(?<=。))")
_CREDIT = re.compile(
    r"\([^()]*(?:/|photos?|pictures?|images?|getty|reuters|\bap\b|afp|epa|file|courtesy|via)"
    r"[^()]*\)"
    r"[.]?\Z|\b(?:photo(?:graph)?s?|picture[sd]?|images?|credit)\b|©|\bgetty\b",
    re.IGNORECASE,
)


def read(source: SourceFile) -> Iterator[Article | Refusal | Remark]:
    """The one article of a plain-text file. Raises Refused if it has no text."""
    blocks = clean_blocks(source.read_text())
    while blocks and _FAREWELL.fullmatch(" ".join(blocks[-1])):
        blocks.pop()
    if not blocks:
        raise Refused("no text; an article needs at least a sentence")
    head, section, blocks = _above_headline(blocks, source)
    title, blocks = _headline(blocks, source)
    head, above, below = _head(blocks, head, source)
    captions, body = _split_captions(title, [*section, *above], below)
    head = read_dateline(body[0], head) if body else head
    if head.unread:
        lost = ", ".join(dict.fromkeys(head.unread))
        yield Remark(source.shown, f"taken without {lost!r}, which stands beside its headline")
    yield source.article(
        text="\n\n".join(body or captions),
        cleaned=True,
        title=title,
        author=head.author,
        source=head.source,
        published=head.published or head.updated,
        caption=" ".join(captions if body else ()),
    )


def _above_headline(
    blocks: list[list[str]], source: SourceFile
) -> tuple[Head, list[str], list[list[str]]]:
    """Take kicker, date and byline from above the headline, and a line that may be a section's."""
    head = Head()
    section: list[str] = []
    for _ in range(_ABOVE):
        line, rest = blocks[0][0], _without_first_line(blocks)
        told = _above(line, head, source) if rest else None
        if told and (told != _with_source(line, head) or _leads_to_headline(rest, source)):
            head, blocks = told, rest
        elif rest and is_kicker(line) and _leads_to_headline(rest, source):
            blocks = rest
        elif rest and is_section(line) and not section and _headline(rest, source)[0]:
            section, blocks = [line], rest
        else:
            break
    return head, section, blocks


def _above(line: str, head: Head, source: SourceFile) -> Head | None:
    """What a line above a headline says; a role or a source counts below a byline only."""
    told = read_head_line(line, head, source.day_first, below=bool(head.author), titled=False)
    return told or (_with_source(line, head) if is_outlet(line) else None)


def _with_source(line: str, head: Head) -> Head:
    return replace(head, source=head.source or line)


def _without_first_line(blocks: list[list[str]]) -> list[list[str]]:
    return [*filter(None, [blocks[0][1:]]), *blocks[1:]]


def _leads_to_headline(blocks: list[list[str]], source: SourceFile) -> bool:
    """Whether a headline follows, behind other lines of the kind that stand above one."""
    for _ in range(_ABOVE):
        line, rest = blocks[0][0], _without_first_line(blocks)
        if not rest or not (is_kicker(line) or _above(line, Head(), source)):
            break
        blocks = rest
    return bool(_headline(blocks, source)[0])


def _headline(blocks: list[list[str]], source: SourceFile) -> tuple[str, list[list[str]]]:
    """The headline, empty if the text has none, and the blocks below it."""
    first = blocks[0]
    if read_head_line(first[0], Head(), source.day_first, titled=False):
        return "", blocks
    if len(first) == 1:
        title, rest = first[0], blocks[1:]
    else:
        count = _headline_lines(blocks, source)
        title = " ".join(first[:count])
        rest = [*filter(None, [first[count:]]), *blocks[1:]]
    if not rest or not title or len(title) > _TITLE_LENGTH or _is_sentence(title, rest, source):
        return "", blocks
    return title, rest


def _headline_lines(blocks: list[list[str]], source: SourceFile) -> int:
    """How many lines of the first block are the headline; 0 if all are a wrapped paragraph."""
    first = blocks[0]
    for count in range(1, len(first)):
        if _told(first[count:], Head(), source)[1]:
            return count
    whole = " ".join(first)
    if not _STOP.search(whole) and not _INNER_STOP.search(whole):
        return len(first)  # a headline of several lines
    if join_lines(first)[0] == first[0]:
        return 1  # items or rows below it
    if is_wrapped(first[0], first[1]) or _is_wrapped_there(blocks):
        return 0
    return next((n for n in range(1, len(first)) if not first[n][0].islower()), 0)


def _is_wrapped_there(blocks: list[list[str]]) -> bool:
    """Whether the first line is as long as its text is wide, and that text is wrapped."""
    pairs = [pair for block in blocks for pair in pairwise(block)][1:]
    if not any(is_wrapped(line, following) for line, following in pairs):
        return False
    wide = max(max(map(len, block)) for block in blocks)
    line, following = blocks[0][:2]
    return len(line) + len(following.split(" ", 1)[0]) >= wide


def _is_sentence(title: str, rest: list[list[str]], source: SourceFile) -> bool:
    """Whether what may be a headline is the first paragraph of a text without one."""
    if _INNER_STOP.search(title) and _STOP.search(title):
        return True
    if not _STOP.search(title) or _NO_STOP.search(title) or title.endswith("..."):
        return False
    signed = read_head_line(rest[0][0], Head(), source.day_first) is not None
    return not signed or len(title.split()) > _TITLE_WORDS


def _head(
    blocks: list[list[str]], head: Head, source: SourceFile
) -> tuple[Head, list[str], list[str]]:
    """Find byline and dateline among the first blocks; the paragraphs above and below them."""
    for number, block in enumerate(blocks[:_HEAD_BLOCKS]):
        further = [line for block in blocks[number + 1 : number + 2] for line in block]
        told, left = _head_lines(block, head, source, further)
        if told:
            head, below = _whole_head(told, left, blocks[number + 1 :], source)
            return head, _paragraphs(blocks[:number]), _paragraphs(below)
    return head, [], _paragraphs(blocks)


def _whole_head(
    head: Head, left: list[str], below: list[list[str]], source: SourceFile
) -> tuple[Head, list[list[str]]]:
    """What the blocks just below a byline add to it, and the blocks below those."""
    while not left and below:
        further = [line for block in below[1:2] for line in block]
        told, left = _head_lines(below[0], head, source, further, below=True)
        if told is None:
            return head, below
        head, below = told, below[1:]
    return head, [*filter(None, [left]), *below]


def _paragraphs(blocks: Sequence[Sequence[str]]) -> list[str]:
    return [paragraph for block in blocks for paragraph in join_lines(block)]


def _head_lines(
    block: Sequence[str],
    head: Head,
    source: SourceFile,
    further: Sequence[str] = (),
    below: bool = False,
) -> tuple[Head | None, list[str]]:
    """What the first lines of a block say of author, source and date, and the lines below them.

    `further` are the lines of the next block.
    """
    told: Head | None = None
    left = list(block)
    while left:
        more, count = _told(left, told or head, source, further, below or told is not None)
        if more is None:
            break
        told, left = more, left[count:]
    return told, left


def _told(
    lines: Sequence[str],
    head: Head,
    source: SourceFile,
    further: Sequence[str] = (),
    below: bool = False,
) -> tuple[Head | None, int]:
    """What the first of some lines says, and how many lines it is told in; None and 0 if nothing.

    Not all lines at once: the first paragraph may follow a byline without an empty line.
    """
    for count in range(_open_lines(lines), 0, -1):
        words = " ".join(lines[:count])
        told = read_head_line(words, head, source.day_first, below)
        if told:
            return told, count
    line, *following = [*lines, *further]
    if is_outlet(line):
        return _with_source(line, head), 1
    if not head.author and is_name(line) and _signs(following, source):
        return replace(head, author=line), 1
    return None, 0


def _open_lines(lines: Sequence[str]) -> int:
    """How many lines a byline may be told in that begins with the first of some."""
    pairs = enumerate(pairwise(lines), start=1)
    return next((count for count, pair in pairs if not goes_on(*pair)), len(lines))


def _signs(following: Sequence[str], source: SourceFile) -> bool:
    """Whether a date, a role or a source follows, as below the name of an author."""
    if not following:
        return False
    told = read_head_line(following[0], Head(), source.day_first, below=True)
    return told is not None or is_outlet(following[0])


def _split_captions(
    title: str, above: Sequence[str], below: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Separate captions, which follow a repeated headline at the top, from the body."""
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
    """The caption behind a repeated headline; None if the block is text that begins like it."""
    left = block
    times = 0
    while left.startswith(title):
        left = left[len(title) :].lstrip()
        times += 1
    if not left:
        return "" if times else None
    if not times or left[0].islower() or len(title.split()) < _HEADLINE_WORDS:
        return None  # "Ukraine" is no headline repeated in "Ukraine said on Monday"
    if not (left[0].isalnum() or left[0] in "“\"‘'(["):
        return None  # "Island Ferry Will Stop in May, the council said"
    return left if times > 1 or _CREDIT.search(left) else None
