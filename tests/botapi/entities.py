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
_ATTRIBUTE = re.compile(r"([a-z-]+)(?:=[\"']([^\"']*)[\"'])?")
_REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot)|#(\d+)|#x([0-9a-fA-F]+));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_WITH_ATTRIBUTES = {"a", "span", "blockquote", "code", "tg-emoji", "tg-time"}


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
    return text, sorted(found, key=lambda one: (one.offset, -one.length))


def _cannot(why: str) -> Exception:
    return bad(f"can't parse entities: {why}")


def _character(reference: re.Match[str]) -> str:
    if reference[1]:
        return _NAMED[reference[1]]
    return chr(int(reference[2]) if reference[2] else int(reference[3], 16))


def _open(tag: str, attributes: str, text: str, opened: list[tuple[str, int, str]]) -> None:
    if tag not in _TYPES:
        raise _cannot(f'unsupported start tag "{tag}"')
    given = dict(_ATTRIBUTE.findall(attributes))
    if given and tag not in _WITH_ATTRIBUTES:
        raise _cannot(f'attributes on "{tag}"')
    if tag == "blockquote" and any(name == tag for name, _, _ in opened):
        raise _cannot("blockquotes do not nest")
    if tag == "blockquote" and set(given) - {"expandable"}:
        raise _cannot(f'unknown attribute on "{tag}"')
    if tag == "span" and given != {"class": "tg-spoiler"}:
        raise _cannot('tag "span" must have class "tg-spoiler"')
    link = _REFERENCE.sub(_character, given.get("href", ""))
    opened.append((tag, units(text), link))


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
