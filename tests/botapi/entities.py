"""Telegram's HTML, read as strictly as the Bot API reads it, and lengths in UTF-16 units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from .errors import bad

_TYPES = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **{"tg-spoiler": "spoiler", "span": "spoiler", "code": "code", "pre": "pre", "a": "text_link"},
    **{"blockquote": "blockquote", "tg-emoji": "custom_emoji", "tg-time": "date_time"},
}
_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)((?:\s+[a-z-]+(?:=(?:\"[^\"<>]*\"|'[^'<>]*'))?)*)\s*>")
_ATTRIBUTE = re.compile(r"([a-z-]+)(?:=(?:\"([^\"]*)\"|'([^']*)'))?")
_REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot)|#(\d+)|#x([0-9a-fA-F]+));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_SINGLE = {"text_link", "custom_emoji", "date_time"}  # do not hold each other
_VERBATIM = {"pre", "code"}  # hold nothing and stand in nothing, but code in pre
_WITH_ATTRIBUTES = {
    "a": {"href": r"(?s:.+)"},
    "span": {"class": "tg-spoiler"},
    "blockquote": {"expandable": ""},
    "code": {"class": r"language-\S+"},
    "tg-emoji": {"emoji-id": r"\d+"},
    "tg-time": {"unix": r"\d+", "format": r"r|w?[dD]?[tT]?"},
}
_NEEDED = {"a": {"href"}, "span": {"class"}, "tg-emoji": {"emoji-id"}, "tg-time": {"unix"}}


@dataclass(frozen=True)
class Entity:
    """A part of a text that is more than text; offsets and lengths in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str = ""


def units(text: str) -> int:
    """UTF-16 units of a text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse(html: str) -> tuple[str, list[Entity]]:
    """The text of some HTML, and its entities. Raises Refusal."""
    text, at = "", 0
    opened: list[tuple[str, int, str]] = []  # tag, offset, link
    found: list[Entity] = []
    while at < len(html):
        character = html[at]
        if character == "<":
            match = _TAG.match(html, at)
            if not match:
                raise _cannot(f"unsupported start tag at byte offset {at}")
            at = match.end()
            if match[1]:
                _close(match[2], text, opened, found)
            else:
                _open(match[2], match[3], text, opened)
        elif character == ">":
            raise _cannot(f"unescaped > at byte offset {at}")
        elif character == "&":
            reference = _REFERENCE.match(html, at)
            if not reference:
                raise _cannot(f"unsupported character reference at byte offset {at}")
            text += _character(reference)
            at = reference.end()
        else:
            text += character
            at += 1
    if opened:
        raise _cannot(f'can\'t find end tag corresponding to start tag "{opened[-1][0]}"')
    found.reverse()  # of two that are alike, the outer one comes first
    return text, sorted(found, key=lambda one: (one.offset, -one.length))


def _cannot(why: str) -> Exception:
    return bad(f"can't parse entities: {why}")


def _character(reference: re.Match[str]) -> str:
    if reference[1]:
        return _NAMED[reference[1]]
    number = int(reference[2]) if reference[2] else int(reference[3], 16)
    if not 0 < number < 0x110000:
        raise _cannot("a character that is none")
    return chr(number)


def _open(tag: str, attributes: str, text: str, opened: list[tuple[str, int, str]]) -> None:
    if tag not in _TYPES:
        raise _cannot(f'unsupported start tag "{tag}"')
    given = {name: _value(one or other) for name, one, other in _ATTRIBUTE.findall(attributes)}
    for outer, _, _ in opened:
        both = {_TYPES[outer], _TYPES[tag]}
        if (outer, tag) != ("pre", "code") and (
            both & _VERBATIM or both <= _SINGLE or both == {"blockquote"}
        ):
            raise _cannot(f'"{tag}" within "{outer}"')
    wanted = _WITH_ATTRIBUTES.get(tag, {})
    if any(not re.fullmatch(wanted.get(name, r"(?!)"), value) for name, value in given.items()):
        raise _cannot(f'attributes {given} on "{tag}"')
    if _NEEDED.get(tag, set()) - given.keys():
        raise _cannot(f'"{tag}" without {_NEEDED[tag]}')
    opened.append((tag, units(text), given.get("href", "")))


def _value(raw: str) -> str:
    """What stands in quotation marks, with its references read."""
    if "&" in _REFERENCE.sub("", raw):
        raise _cannot("unsupported character reference in an attribute")
    return _REFERENCE.sub(_character, raw)


def _close(tag: str, text: str, opened: list[tuple[str, int, str]], found: list[Entity]) -> None:
    if not opened or opened[-1][0] != tag:
        raise _cannot(f'unmatched end tag "{tag}"')
    _, start, link = opened.pop()
    length = units(text) - start
    inside = text.encode("utf-16-le", "surrogatepass")[2 * start :]
    if not inside.decode("utf-16-le", "surrogatepass").strip():
        return  # Telegram drops what holds nothing
    if tag == "a" and urlsplit(link).scheme not in ("http", "https", "tg"):
        return  # and links that are none
    found.append(Entity(_TYPES[tag], start, length, link))
