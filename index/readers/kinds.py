"""What kind of thing some bytes are: by how they begin, what the server called them, their name."""

from __future__ import annotations

import re

_SPACE = b"\xef\xbb\xbf\x00\xff\xfe \t\r\n"  # and what marks an encoding, in front of a text
_NOISE = re.compile(
    rb"(?:\s+|<!--.*?-->|<\?.*?\?>|<!doctype\s+(?!html)[^>\[]*(?:\[.*?\]\s*)?>)", re.S | re.I
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|title|article)\b", re.IGNORECASE)
_FEED = re.compile(rb"<(?:rss|feed|(?:\w+:)?rdf|channel)\b", re.IGNORECASE)
_OPML = re.compile(rb"<opml\b", re.IGNORECASE)
_JSON = re.compile(rb"\{\s*[\"}]|\[\s*[{\]]")
_MAGIC = {
    b"%PDF-": ".pdf",
    b"PK\x03\x04": ".zip",
    b"PK\x05\x06": ".zip",  # an empty one
}
# How media types that tell nothing are written, besides those that are wrong.
VAGUE = frozenset(
    {
        *("", "text/plain", "text/xml", "application/xml", "application/octet-stream"),
        *("binary/octet-stream", "application/x-download", "application/force-download"),
        *("application/unknown", "unknown/unknown", "application/x-zip-compressed"),
    }
)


def sniff(head: bytes) -> str:
    """The suffix of a file that begins with some bytes; empty where they tell nothing.

    >>> sniff(b"%PDF-1.7"), sniff(b'<?xml version="1.0"?><rss>'), sniff(b"It rained.")
    ('.pdf', '.rss', '')
    """
    for magic, suffix in _MAGIC.items():
        if head.startswith(magic):
            return suffix
    if b"%PDF-" in head[:1024]:  # by the format's specification
        return ".pdf"
    text = _without_noise(_ascii(head))
    for pattern, suffix in ((_FEED, ".rss"), (_OPML, ".opml"), (_HTML, ".html")):
        if pattern.match(text):
            return suffix
    return ""


def is_json(head: bytes) -> bool:
    """Whether bytes begin as an object or an array of objects in JSON does.

    >>> is_json(b'[{"id": 1'), is_json(b"[Laughter.]")
    (True, False)
    """
    return bool(_JSON.match(_ascii(head)))


def media_type(header: str | None) -> str:
    """The media type of a Content-Type, without its parameters, in lower case.

    >>> media_type("Text/HTML; charset=utf-8")
    'text/html'
    """
    return (header or "").partition(";")[0].strip().lower()


def charset_of(header: str | None) -> str | None:
    """The charset that a Content-Type names, or None.

    >>> charset_of('text/html; charset="windows-1251"')
    'windows-1251'
    """
    match = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", header or "", re.IGNORECASE)
    return match[1] if match else None


def _ascii(head: bytes) -> bytes:
    """The head without the zero bytes of UTF-16, and without what marks an encoding."""
    return head.replace(b"\x00", b"").lstrip(_SPACE)


def _without_noise(text: bytes) -> bytes:
    """The text behind declarations and comments."""
    place = 0
    while match := _NOISE.match(text, place):
        place = match.end()
    return text[place:]
