"""Cleans texts: no markup, no control characters, one empty line between paragraphs."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence, Set
from itertools import pairwise

# Only what is known to be a tag is one: "<5 percent" and "<ann@example.org>" are words, which a
# parser would drop (and Beautiful Soup takes the square of how deep tags are nested).
_BLOCKS = (
    "p|br|hr|div|h[1-6]|ul|ol|li|dl|dt|dd|table|tr|caption|blockquote|pre|section|article|header|"
    "footer|main|aside|nav|figure|figcaption|form|html|body|head|title"
)
_CELLS = "td|th"
_INLINE = (
    "span|a|b|i|u|s|em|strong|small|mark|del|ins|sup|sub|font|center|code|abbr|cite|q|time|img|"
    "picture|source|video|audio|iframe|svg|path|button|input|label|meta|link|thead|tbody|tfoot|"
    r"script|style|noscript|[a-z]+:[a-z]+(?=[\s/>])"
)
_TAG = re.compile(
    rf"</?(?:(?P<block>{_BLOCKS})|(?P<cell>{_CELLS})|(?:{_INLINE}))\b"
    r"(?:(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+>|[^<>]*+>)",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"<(?:(?P<name>script|style)\b[^<>]*>|!--|!doctype\b)", re.IGNORECASE)
_HIDDEN_END = {
    "script": re.compile(r"</script\s*>", re.IGNORECASE),
    "style": re.compile(r"</style\s*>", re.IGNORECASE),
    "!--": re.compile("-->"),
    "!doctype": re.compile(">"),
}
_CONTROL = re.compile(  # control characters, and marks of where a line may break
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff]"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NEWLINE = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANK = re.compile(r"\n[^\S\n]*+\n\s*+")
_GAP = re.compile(  # between cells of a row
    r"(?<=\S)(?:[^\S\n]*\t[^\S\n]*| {3,})(?=\S)|(?<=\d) {2}(?=\d)"
)
_ITEM = re.compile(
    r"(?:(?P<bullet>[•‣◦▪●○■□▶►→➔➤✓✔✗✘☐☑★☆⁃]|[-*+·–—](?=\s))"
    r"|(?:(?P<number>\d{1,3})[.)]|\((?P<enclosed>\d{1,3})\)|(?P<roman>[ivx]{1,5})[.)]"
    r"|\(?(?P<letter>[A-Za-z])\))(?=\s))\s*(?=\S)"
)
_LABELLED = re.compile(r"[^\W\d_][\w&’' -]{0,24}: \S.{0,60}")  # "Monday: rain"
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_FIGURES = re.compile(r"[^\d\s].{0,60}?(?:\s+[-+£$€]?\d[\d.,:]*%?)+")  # a row: words, then numbers
_BETWEEN_CELLS = re.compile(r"(?<=</t[dh]>)\s+(?=<t[dh]\b)", re.IGNORECASE)
CELL = " – "  # what divides two cells of a row: "312 – 238" is two numbers, "312 238" may be one
_CELL_MARK = "\x1f"  # stands for the begin of a cell until all tags are gone
_CELL_MARKS = re.compile(rf"\s*{_CELL_MARK}[\s{_CELL_MARK}]*")
_WRAPPED = 30  # characters at least of a line that was wrapped
_OF_ITS_OWN = re.compile(  # a line in small letters that goes on from none: a byline, an address
    r"by\s+[^\W\d_a-z]\S*(?:\s+\S+){0,3}(?<![.,])|(?:[a-z\d-]+\.)+[a-z]{2,}"
)
_ENDS = (".", "!", "?", ":", ";", "”", '"', "。", "…")
_SPACES = re.compile(  # but not single blanks, which most are
    r"[^\S\n\u00a0\u202f\u2009]{2,}|[^\S \n\u00a0\u202f\u2009]"
)


def clean(text: str) -> str:
    """Clean a body text.

    Tags, scripts, comments and control characters go, entities are decoded. In a text with empty
    lines, lines are taken as wrapped and joined, but for those of lists and tables; in a text
    without, every line is a paragraph.

    >>> clean("<p>Fish &amp; chips</p><p>cost\\nmore.</p>")
    'Fish & chips\\n\\ncost more.'
    """
    return "\n\n".join(paragraph for block in clean_blocks(text) for paragraph in join_lines(block))


def clean_blocks(text: str) -> list[list[str]]:
    """The clean lines of each block of a text; empty lines are between blocks.

    In a text without empty lines, every line is a block, unless they were wrapped.

    >>> clean_blocks("Fish\\nand chips\\n\\ncost   more.")
    [['Fish', 'and chips'], ['cost more.']]
    """
    text = _NEWLINE.sub("\n", _strip_markup(text))
    blocks = _BLANK.split(text.strip())
    if len(blocks) == 1:
        return [[line] for line in _unwrapped(_clean_lines(text))]
    lines = [_clean_lines(block) for block in blocks]
    return [block for block in lines if block]


def is_wrapped(line: str, following: str) -> bool:
    """Whether a line goes on in the next, as wrapped lines do.

    >>> is_wrapped("The ferry to the island will stop", "running in May.")
    True
    """
    return (
        len(line) >= _WRAPPED
        and following[0].islower()
        and not line.endswith(_ENDS)
        and not _OF_ITS_OWN.fullmatch(following)
    )


def _unwrapped(lines: Sequence[str]) -> list[str]:
    """The lines of a text without empty lines, joined where they were wrapped."""
    if not any(map(is_wrapped, lines, lines[1:])):
        return list(lines)
    wide = max(map(len, lines))
    joined = [lines[0]]
    for line, following in pairwise(lines):
        full = len(line) + len(following.split(" ", 1)[0]) >= wide and not line.endswith(_ENDS)
        if is_wrapped(line, following) or full:
            joined[-1] += f" {following}"
        else:
            joined.append(following)
    return joined


def join_lines(lines: Sequence[str]) -> list[str]:
    """The paragraphs of a block: wrapped lines are joined, items and rows stand alone.

    >>> join_lines(["The ferry calls", "at:", "- North Quay", "- South Quay"])
    ['The ferry calls at:', '- North Quay', '- South Quay']
    """
    if len(lines) == 1:
        return list(lines)
    rows = _rows(lines)
    items = (_items(lines) | _labelled(lines)) - rows
    paragraphs: list[str] = []
    for number, line in enumerate(lines):
        alone = number in rows or number - 1 in rows or number in items
        if not paragraphs or alone or _ends_item(lines, number, items):
            paragraphs.append(line)
        else:
            paragraphs[-1] += f" {line}"
    return paragraphs


def _clean_lines(block: str) -> list[str]:
    """The lines of a block, cells of a table in plain text divided as those of HTML are."""
    lines = [line for line in block.split("\n") if not line.isspace() and line]
    if len(lines) > 1 and sum(map(bool, map(_GAP.search, lines))) > 1:
        lines = _divided(lines)
    return [clean for line in lines if (clean := _SPACES.sub(" ", line).strip())]


def _divided(lines: Sequence[str]) -> list[str]:
    """Lines with a dash for each gap, where lines side by side have as many gaps."""
    gaps = [len(_GAP.findall(line)) for line in lines]
    around = [0, *gaps, 0]
    return [
        _GAP.sub(CELL, line.strip()) if gap and gap in (before, after) else line
        for line, gap, before, after in zip(lines, gaps, around, around[2:], strict=False)
    ]


def _rows(lines: Sequence[str]) -> set[int]:
    """The numbers of the lines that are rows of a table."""
    below_head = lines if len(lines) == 2 else lines[1:]
    if all(map(_FIGURES.fullmatch, below_head)):
        return set(range(len(lines)))
    cells = [line.count(CELL) + line.count(" | ") for line in lines]
    around = [0, *cells, 0]
    return {
        number
        for number, (count, before, after) in enumerate(
            zip(cells, around, around[2:], strict=False)
        )
        if count and count in (before, after)
    }


def _items(lines: Sequence[str]) -> set[int]:
    """The numbers of the lines that begin items: two or more with one mark, or counted on."""
    marks = [_ITEM.match(line) for line in lines]
    items: set[int] = set()
    last: tuple[int, re.Match[str]] | None = None
    for number, mark in enumerate(marks):
        if mark is None:
            continue
        if last and _goes_on(last[1], mark):
            items |= {last[0], number}
        elif number and lines[number - 1].endswith(":"):
            items.add(number)
        last = number, mark
    return items


def _labelled(lines: Sequence[str]) -> set[int]:
    """The numbers of short lines side by side that begin with a label and a colon each."""
    labelled = [bool(_LABELLED.fullmatch(line)) for line in lines]
    return {
        number
        for number, line in enumerate(labelled)
        if line
        and (labelled[number - 1 : number] == [True] or labelled[number + 1 :][:1] == [True])
    }


def _goes_on(mark: re.Match[str], following: re.Match[str]) -> bool:
    """Whether an item is the next one of a list: with the same mark, or counted on."""
    first, then = mark[mark.lastgroup or 0], following[following.lastgroup or 0]
    if mark["bullet"] or following["bullet"]:
        return first == then
    if first.isdecimal() and then.isdecimal():
        return int(then) == int(first) + 1
    if first in _ROMAN and then in _ROMAN[1:] and _ROMAN.index(then) == _ROMAN.index(first) + 1:
        return True
    return len(first + then) == 2 and ord(then.lower()) == ord(first.lower()) + 1


def _ends_item(lines: Sequence[str], number: int, items: Set[int]) -> bool:
    """Whether a line goes on neither the item above it nor a wrapped line."""
    begun = [item for item in items if item < number]
    if not begun:
        return False
    wide = max(map(len, lines[: number + 1]))
    room = wide - len(lines[number - 1]) > len(lines[number].split(" ", 1)[0])
    return room and not lines[number][0].islower()


def clean_line(text: str) -> str:
    """Clean a title or a name, and put it in one line.

    >>> clean_line("Fish<br>and   chips")
    'Fish and chips'
    """
    if text.isascii() and text.isprintable() and "<" not in text and "&" not in text:
        return " ".join(text.split())  # most names and titles: nothing to clean, and quick to see
    return " ".join(clean(text).split())


def clean_text(text: str) -> str:
    """Clean a line of a text that holds no markup: what looks like a tag in it was written so.

    >>> clean_text("Use  <b>\\x07 &amp; <i>")
    'Use <b> &amp; <i>'
    """
    return _SPACES.sub(" ", _CONTROL.sub("", _SURROGATE.sub("\ufffd", text))).strip()


def _strip_markup(text: str) -> str:
    if "<" in text:
        text = "".join(_without_hidden(text)).replace(_CELL_MARK, "")
        text = _BETWEEN_CELLS.sub("", text)
        text = _CELL_MARKS.sub(_between_cells, _TAG.sub(_replacement, text))
    if "&" in text:
        text = html.unescape(text)
    return _CONTROL.sub("", _SURROGATE.sub("\ufffd", text))


def _without_hidden(text: str) -> Iterator[str]:
    """The text without scripts, styles and comments. One that never ends is kept as text."""
    behind = 0
    endless: set[str] = set()
    for match in _HIDDEN.finditer(text):
        kind = (match["name"] or match.group()[1:]).lower()
        if match.start() < behind or kind in endless:
            continue
        end = _HIDDEN_END[kind].search(text, match.end())
        if end is None:
            endless.add(kind)
            continue
        yield text[behind : match.start()]
        behind = end.end()
    yield text[behind:]


def _replacement(tag: re.Match[str]) -> str:
    """The white space that replaces a tag."""
    if tag["cell"]:
        return " " if tag.group().startswith("</") else _CELL_MARK
    return "\n\n" if tag["block"] else ""


def _between_cells(marks: re.Match[str]) -> str:
    """What divides two cells, or a row from the next."""
    begins_row = not marks.start() or "\n\n" in marks.group()
    return "\n\n" if begins_row else CELL
