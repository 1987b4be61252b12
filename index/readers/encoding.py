"""Decodes bytes: UTF-8, UTF-16 or the code page that they read in; refuses what is not text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator

from newsdesk.index.errors import Refused

from . import code_pages

# Replacement and non-characters, and control characters, which a text holds only by accident.
_FOREIGN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd\ufffe\uffff]")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")  # no code page has letters there
_AS_BROWSERS = {  # what is written under these names, by the Encoding Standard
    **dict.fromkeys(("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis"), "cp932"),
    "iso-8859-9": "cp1254",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "x-user-defined": "cp1252",
}
# Not all that Python has: "rot13", "punycode" and "unicode_escape" are none of a text's.
_OF_TEXT = re.compile(r"utf|iso|cp\d|koi8|gb|big5|euc|shift|mac|hz|johab|kz|ptcp|tis")
_SEVEN_BIT = ("iso2022", "hz")
_SAMPLE = 100_000  # characters that are looked at
_FEW = 3  # foreign characters that any text may hold
_SHARE = 0.02  # of foreign characters at most, where the encoding is a guess
_SHARE_UTF_8 = (
    0.2  # and in valid UTF-8. Not more: UTF-16 is valid UTF-8 with every other byte foreign
)


def decode(
    data: bytes, evidence: Callable[[], bytes] | None = None, charset: str | None = None
) -> str:
    """Decode the bytes of a file, or of a line.

    `evidence` gives all that was written in the same code page; a line alone seldom tells it.
    `charset` is what a header or the file itself says; it is believed where the bytes bear it out.
    Raises Refused for an empty file, for data that is not text and for an unknown encoding.

    >>> decode("Grüße".encode("utf-16"))
    'Grüße'
    """
    if not data.strip(b"\x00\t\n\r "):
        raise Refused("the file is empty; remove it, or write the article into it")
    known = False
    named = _named(data, charset)
    for text, share in [(named, _SHARE)] if named else _decodings(data, evidence):
        known = True
        sample = text[:_SAMPLE]
        if len(_FOREIGN.findall(sample)) <= max(_FEW, share * len(sample)):
            return text
    if known:
        raise Refused("not a text file; remove it, or convert it to plain text")
    raise Refused(
        f"neither UTF-8 nor UTF-16, nor does it read in {code_pages.tried()}; save it as UTF-8"
    )


def utf16_encoding(data: bytes) -> str | None:
    """The UTF-16 codec that data begins in, by its mark or by the zero bytes of ASCII; else None.

    >>> utf16_encoding("News".encode("utf-16-le"))
    'utf-16-le'
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    low, high = data[1::2].count(0), data[0::2].count(0)
    return None if low == high else "utf-16-le" if low > high else "utf-16-be"


def _decodings(data: bytes, evidence: Callable[[], bytes] | None) -> Iterator[tuple[str, float]]:
    """Candidate texts, likeliest first, each with the share of foreign characters it may have."""
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
        yield from ((guess, _SHARE) for guess in _guess(data, evidence))


def _named(data: bytes, charset: str | None) -> str:
    """The text in the charset that was named; empty if it is not written in that."""
    if not charset or data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return ""
    try:
        named = charset.strip().strip("\"'").lower()
        codec = codecs.lookup(_AS_BROWSERS.get(named, named)).name
    except (LookupError, ValueError):
        return ""
    if not _OF_TEXT.match(codec) or (not codec.startswith(_SEVEN_BIT) and _is_utf8(data)):
        return ""  # what is sound UTF-8 is nothing else, whatever was named
    try:
        return data.decode(codec)
    except UnicodeError:
        return ""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guess(data: bytes, evidence: Callable[[], bytes] | None) -> Iterator[str]:
    """The text in the code page that it reads in, or in UTF-16 without a mark."""
    page = None
    if not _BINARY.search(data[:_SAMPLE]):
        page = code_pages.detect(evidence() if evidence else data)
    if page:
        yield data.decode(page, errors="replace")
        return
    from charset_normalizer import from_bytes

    guess = from_bytes(data[: 2 * _SAMPLE], cp_isolation=["utf_16_le", "utf_16_be"]).best()
    if guess is not None:
        yield data.decode(guess.encoding, errors="replace")
