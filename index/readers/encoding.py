"""Bytes to text: UTF-8, UTF-16, Windows-1252, and what is no text at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsdesk.index.errors import Refused

# Unicode's own marks for what is no character, and what no text holds but by accident.
_FOREIGN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd\ufffe\uffff]")
_SAMPLE = 100_000  # characters that show whether this is a text
_FEW = 3  # foreign ones that any text may hold
_SHARE = 0.02  # from which what is read by a guess is no text
_SHARE_UTF_8 = 0.2  # and what is sound UTF-8; UTF-16 looks like UTF-8 with every other byte foreign
_SIGNS = bytes([0x80, 0x85, *range(0x91, 0x98), 0x99, 0xA0, 0xA3, 0xA7, 0xA9, 0xAB, 0xB0, 0xBB])


def decode(data: bytes) -> str:
    """Bytes to text. Raises Refused for what is empty, no text, or in an unknown encoding."""
    if not data.strip(b"\x00\t\n\r "):
        raise Refused("the file is empty; remove it, or write the article into it")
    known = False
    for text, share in _decodings(data):
        known = True
        sample = text[:_SAMPLE]
        if len(_FOREIGN.findall(sample)) <= max(_FEW, share * len(sample)):
            return text
    if known:
        raise Refused("not a text file; remove it, or convert it to plain text")
    raise Refused("neither UTF-8, UTF-16 nor Windows-1252; save it as UTF-8")


def utf16_encoding(data: bytes) -> str | None:
    """The UTF-16 that data begin in, by their mark or by the zero bytes of ASCII, or None."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    low, high = data[1::2].count(0), data[0::2].count(0)
    return None if low == high else "utf-16-le" if low > high else "utf-16-be"


def _decodings(data: bytes) -> Iterator[tuple[str, float]]:
    """What the data may say, the likeliest first, and what share of it may be foreign."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield data.decode("utf-16", errors="replace"), _SHARE
        return
    text = data.decode("utf-8-sig", errors="replace")
    lost = text.count("\ufffd") - data.count("\ufffd".encode())
    if not lost:
        yield text, _SHARE_UTF_8
    if encoding := utf16_encoding(data):
        yield data.decode(encoding, errors="replace"), _SHARE
    if lost and lost < sum(not character.isascii() for character in text) - lost:
        yield text, _SHARE  # most of what is not ASCII is sound UTF-8: a few bytes were lost
    elif lost:
        yield from ((guess, _SHARE) for guess in _guess(data))


def _guess(data: bytes) -> Iterator[str]:
    """By charset-normalizer, asked only what it can tell apart on a short text too."""
    high = data.translate(None, bytes(range(0x80)))
    if not high.translate(None, _SIGNS):  # quotation marks, dashes, a currency: no letters to judge
        yield data.decode("cp1252", errors="replace")
        return
    from charset_normalizer import from_bytes

    for encodings in (["cp1252"], ["utf_16_le", "utf_16_be"]):
        guess = from_bytes(data[: 2 * _SAMPLE], cp_isolation=encodings).best()
        if guess is not None:
            yield data.decode(guess.encoding, errors="replace")
            return
