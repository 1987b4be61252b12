"""Reads plain text copied from a web page: headline, perhaps a caption, byline, paragraphs.

Such cuttings have a kicker or a date above the headline, repeat the headline, join a picture's
caption to it, and end with a link's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from operator import itemgetter

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article

from .byline import (
    Head,
    goes_on,
    is_aside,
    is_kicker,
    is_name,
    is_role,
    is_section,
    named_source,
    read_dateline,
    read_head_line,
)
from .cleaning import clean_blocks, is_wrapped, join_lines
from .source import Refusal, Remark, SourceFile

SUFFIXES: tuple[str, ...] = (".txt", ".text")
MEDIA_TYPES: tuple[str, ...] = ("text/plain",)

_FAREWELL = re.compile(r"(?:view |read |see )?(?:the )?original article\.?", re.IGNORECASE)
_TITLE_LABEL = re.compile(r"\A(?:title|headline)\s*:\s+", re.IGNORECASE)
_TITLE_LENGTH = 250  # characters at most; a longer first line is a paragraph
_TITLE_WORDS = 14  # at most, of a headline that ends with a full stop
_CLEAR_WORDS = 4  # at least, of a headline below a line of one word
_SMALL = 3  # letters of words that are small in a headline whose words have capitals
_HEADLINE_WORDS = 3  # at least, to recognise it at the head of a paragraph
_HEAD_LINES = 30  # lines below the headline among which author, source and date may stand
_HEAD_BLOCKS = 6  # blocks in which a byline may stand; a later one is part of the story
_LONGEST = 200  # characters of a line that may be part of a header
_BETWEEN = 3  # lines from one that tells author, source or date to the next, at most
_SHORT = 6  # words at most of another line between them
_ABOVE = 8  # lines at most above a headline
_OPEN_LINES = 12  # lines among which one may go on in the next
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
    blocks = _with_whole_lines(blocks, source)
    head, section, blocks = _above_headline(blocks, source)
    title, blocks = _headline(blocks, source)
    title = _TITLE_LABEL.sub("", title)
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
        elif rest and not section and _is_section(blocks) and _headline(rest, source)[0]:
            section, blocks = [line], rest
        else:
            break
    return head, section, blocks


def _is_section(blocks: list[list[str]]) -> bool:
    """Whether the first line is the name of a section, which stays in the text: it may be more."""
    line = blocks[0][0]
    if is_section(line):
        return True
    is_alone = len(blocks) > 2 and len(blocks[0]) == 1 and line.istitle() and line.isalpha()
    return is_alone and len(blocks[1]) == 1 and len(blocks[1][0].split()) >= _CLEAR_WORDS


def _with_whole_lines(blocks: list[list[str]], source: SourceFile) -> list[list[str]]:
    """The blocks, where a byline that is told in two lines is one: "By" above "Ann Reed"."""
    lines = [(line, not number) for block in blocks for number, line in enumerate(block)]
    place = 0
    while place + 1 < min(len(lines), _OPEN_LINES):
        (line, begins), (following, _) = lines[place : place + 2]
        whole = f"{line} {following}"
        if goes_on(line, following) and read_head_line(whole, Head(), source.day_first, below=True):
            lines[place : place + 2] = [(whole, begins)]
        else:
            place += 1
    joined: list[list[str]] = []
    for line, begins in lines:
        if begins:
            joined.append([])
        joined[-1].append(line)
    return joined


def _above(line: str, head: Head, source: SourceFile) -> Head | None:
    """What a line above a headline says of author, source and date."""
    told = read_head_line(line, head, source.day_first, titled=False)
    if told is None and named_source(line):
        return _with_source(line, head)
    return head if told is None and head.author and is_role(line) else told


def _with_source(line: str, head: Head) -> Head:
    return replace(head, source=head.source or named_source(line))


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
        own = 1 if count > 1 and _is_standfirst(first[0], first[1]) else count
        title = " ".join(first[:own])
        rest = [*filter(None, [first[own:count], first[count:]]), *blocks[1:]]
    if not rest or not title or len(title) > _TITLE_LENGTH or _is_sentence(title, rest, source):
        return "", blocks
    return title, rest


def _headline_lines(blocks: list[list[str]], source: SourceFile) -> int:
    """How many lines of the first block are the headline; 0 if all are a wrapped paragraph."""
    first = blocks[0]
    lines = [*first, *(line for block in blocks[1:2] for line in block)]
    for count in range(1, len(first)):
        if _told(lines[count:], Head(), source):
            return count
    whole = " ".join(first)
    if not _STOP.search(whole) and not _INNER_STOP.search(whole):
        return len(first)  # a headline of several lines
    if join_lines(first)[0] == first[0]:
        return 1  # items or rows below it
    if is_wrapped(first[0], first[1]) or _is_wrapped_there(blocks):
        return 0
    return next((n for n in range(1, len(first)) if not first[n][0].islower()), 0)


def _is_standfirst(title: str, line: str) -> bool:
    """Whether the line below a headline begins anew: a headline's next begins with a capital only
    where all its words do."""
    words = title.split()
    is_prose = any(word[0].islower() and len(word) > _SMALL for word in words)
    return is_prose and line[0].isupper() and len(line.split()) >= len(words)


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
    """Find byline and dateline among the first blocks; the paragraphs above and below them.

    Lines that say something else may stand between them, as a place does; they stay in the text.
    """
    lines = [(number, line) for number, block in enumerate(blocks) for line in block]
    told: list[int] = []
    for place, (number, line) in enumerate(lines[:_HEAD_LINES]):
        near = place - told[-1] <= _BETWEEN if told else number < _HEAD_BLOCKS
        if not near:
            break
        more = None
        if told or all(_is_short(line) for n, line in lines[:place] if n == number):
            words = [line for _, line in lines[place : place + 2]]
            below = bool(told) and place == told[-1] + 1
            more = _told(words, head, source, below)
        if more:
            head = more
            told.append(place)
        elif told and not _is_short(line):
            break
    end = told[-1] + 1 if told else 0
    above = _blocks([line for place, line in enumerate(lines[:end]) if place not in told])
    return head, _paragraphs(above), _paragraphs(_blocks(lines[end:]))


def _is_short(line: str) -> bool:
    """Whether a line may stand in a header, as no line of a paragraph does."""
    return len(line.split()) <= _SHORT and not _STOP.search(line)


def _blocks(lines: Sequence[tuple[int, str]]) -> list[list[str]]:
    """Lines with the number of their block, put together again."""
    return [[line for _, line in block] for _, block in groupby(lines, key=itemgetter(0))]


def _paragraphs(blocks: Sequence[Sequence[str]]) -> list[str]:
    return [paragraph for block in blocks for paragraph in join_lines(block)]


def _told(lines: Sequence[str], head: Head, source: SourceFile, below: bool = False) -> Head | None:
    """What the first of some lines says; None if it is no part of a header.

    Not all lines at once: the first paragraph may follow a byline without an empty line.
    """
    line, *following = lines
    if len(line) > _LONGEST:
        return None
    if named_source(line):
        return _with_source(line, head)
    told = read_head_line(line, head, source.day_first, below)
    if told is None and is_aside(line):
        return head
    if told is None and not head.author and is_name(line) and _signs(following, source):
        return replace(head, author=line)
    return told


def _signs(following: Sequence[str], source: SourceFile) -> bool:
    """Whether a date, a role or a source follows, as below the name of an author; no other."""
    if not following:
        return False
    told = read_head_line(following[0], Head(), source.day_first, below=True)
    return (told is not None and not told.author) or bool(named_source(following[0]))


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
