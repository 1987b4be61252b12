"""Makes HTML safe to parse: no scripts, no tag of thousands of attributes, nothing nested too deep.

libxml2 drops what is nested deeper than 256, and takes the square of how many attributes a tag has.
So a page goes once through here, in time that grows with its length only, before it is parsed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

_DEPTH = 180  # of elements that a parser sees; it keeps 256
_TAG_LENGTH = 2_000  # characters of a tag at most; a longer one keeps the attributes that are read
_START = re.compile(r"<(?:(?P<close>/?)(?P<name>[a-zA-Z][\w:-]*+)|(?P<other>!--|[!?]))")
_REST = re.compile(r"(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>")  # of a tag, quotes respected
_TO_END = re.compile(r"[^>]*+>")
_READ = re.compile(
    r"\s(?:class|id|href|content|property|name|itemprop|datetime|rel|type|lang|dir)\s*=\s*"
    r"(?:\"[^\"<>]{0,2000}+\"|'[^'<>]{0,2000}+'|[^\s\"'<>]{1,2000}+)",
    re.IGNORECASE,
)
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_HIDDEN = frozenset("script style svg template iframe object canvas math".split())
_IMPLIED = frozenset(  # that end where the next begins
    "p li dt dd option optgroup tr td th thead tbody tfoot colgroup caption rt rp".split()
)
_LEVELS = {"table": 4, "ul": 2, "ol": 2, "dl": 2, "select": 2}  # with what is implied inside
_LINKED_DATA = re.compile(r"type\s*=\s*[\"']?application/ld\+json", re.IGNORECASE)


class _Tag(NamedTuple):
    """A tag, declaration or comment, and where it stands in the text."""

    name: str  # in lower case; empty for a comment or a declaration
    is_end: bool
    start: int
    end: int


@dataclass(slots=True)
class Tamed:
    """A page that is safe to parse, and the linked data (JSON) that stood in its scripts."""

    html: str
    linked_data: list[str]


def tame(text: str) -> Tamed:
    """Make a page safe to parse.

    >>> tame("<p>It <script>track()</script>rained.<!-- ad --></p>").html
    '<p>It rained.</p>'
    """
    pieces: list[str] = []
    linked: list[str] = []
    tree = _Tree()
    behind = 0
    tags = _Scanner(text)
    for tag in tags.tags():
        pieces.append(text[behind : tag.start])
        behind = tag.end
        if tag.name in _HIDDEN:
            if not tag.is_end:
                inner, behind = tags.skip(tag)
                if inner and _LINKED_DATA.search(text, tag.start, tag.end):
                    linked.append(inner)
        elif tag.name and tree.keeps(tag):
            whole = text[tag.start : tag.end]
            pieces.append(whole if len(whole) <= _TAG_LENGTH else _trimmed(tag, whole))
    pieces.append(text[behind:])
    return Tamed("".join(pieces), linked)


class _Scanner:
    """Goes over the tags of a text once; nothing is looked at twice."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._quoted = True  # whether quotes in tags have ended so far
        self._endless: set[str] = set()  # elements whose end was looked for and is not there

    def tags(self) -> Iterator[_Tag]:
        """The tags, comments and declarations, in order."""
        while match := _START.search(self._text, self._place):
            end = self._end(match)
            self._place = end
            yield _Tag((match["name"] or "").lower(), match["close"] == "/", match.start(), end)

    def skip(self, tag: _Tag) -> tuple[str, int]:
        """What is inside of an element that is not shown, and where it ends."""
        closing = f"</{tag.name}"
        if self._text[tag.end - 2] == "/" or closing in self._endless:
            return "", tag.end
        end = re.compile(re.escape(closing) + r"\b", re.IGNORECASE).search(self._text, tag.end)
        if end is None:
            self._endless.add(closing)
            return "", tag.end
        self._place = self._tag_end(end.end())
        return self._text[tag.end : end.start()], self._place

    def _end(self, match: re.Match[str]) -> int:
        if match["other"] != "!--":
            return self._tag_end(match.end())
        if "-->" in self._endless:
            return match.end()
        end = self._text.find("-->", match.end())
        if end < 0:
            self._endless.add("-->")
            return match.end()
        return end + 3

    def _tag_end(self, place: int) -> int:
        """Where a tag ends; at the end of the text if it does not."""
        end = _REST.match(self._text, place) if self._quoted else None
        if end is None:
            self._quoted = False  # not again: each look goes to the end of the text
            end = _TO_END.match(self._text, place)
        return end.end() if end else len(self._text)


@dataclass(slots=True)
class _Tree:
    """The elements that are open, as a parser has them."""

    open: list[tuple[str, bool]] = field(default_factory=list)  # name, and whether it is kept
    names: Counter[str] = field(default_factory=Counter)
    depth: int = 0

    def keeps(self, tag: _Tag) -> bool:
        """Whether the parser is to see a tag."""
        if tag.name in _IMPLIED:
            return self.depth < _DEPTH
        if tag.name in _VOID:
            return True
        return self._close(tag.name) if tag.is_end else self._open(tag.name)

    def _open(self, name: str) -> bool:
        kept = self.depth < _DEPTH
        self.open.append((name, kept))
        self.names[name] += 1
        self.depth += _LEVELS.get(name, 1)
        return kept

    def _close(self, name: str) -> bool:
        if not self.names[name]:
            return False
        while True:
            inner, kept = self.open.pop()
            self.names[inner] -= 1
            self.depth -= _LEVELS.get(inner, 1)
            if inner == name:
                return kept


def _trimmed(tag: _Tag, whole: str) -> str:
    """A long tag with the attributes that are read."""
    if tag.is_end:
        return f"</{tag.name}>"
    return f"<{tag.name}{''.join(_READ.findall(whole)[:20])}>"
