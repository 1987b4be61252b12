"""Reading a reply's body: decompressed as it comes, and never more than a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from .failures import FetchFailed

_GZIP = zlib.MAX_WBITS | 16
_MAGIC = b"\x1f\x8b"
_PLAIN = {"", "identity"}


def read_body(chunks: Iterable[bytes], encoding: str, limit: int) -> bytes:
    """The content of a body. Raises FetchFailed above `limit` bytes, or if it is broken.

    Args:
        chunks: the body as it comes.
        encoding: its Content-Encoding.
        limit: bytes, both as it is sent and decompressed.
    """
    names = [name.strip().lower() for name in encoding.split(",")]
    packings = [name for name in names if name not in _PLAIN]
    if any(name not in ("gzip", "x-gzip", "deflate") for name in packings) or len(packings) > 2:
        raise FetchFailed(f"the reply is packed as {encoding[:40]!r}, which was not asked for")
    body = _collected(chunks, limit)
    for name in reversed(packings):
        body = _unpacked(body, name, limit)
    return body


def _collected(chunks: Iterable[bytes], limit: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise too_much(limit)
    return bytes(body)


def _unpacked(body: bytes, name: str, limit: int) -> bytes:
    if name != "deflate" and not body.startswith(_MAGIC):
        return body  # it says gzip and is none, which happens
    try:
        return _inflated(body, _GZIP if name != "deflate" else zlib.MAX_WBITS, limit)
    except zlib.error as error:
        if name == "deflate":
            return _inflated_raw(body, limit)
        raise FetchFailed(f"the reply's gzip is broken ({error})") from error


def _inflated_raw(body: bytes, limit: int) -> bytes:
    """Of deflate without zlib's frame, as some servers send it."""
    try:
        return _inflated(body, -zlib.MAX_WBITS, limit)
    except zlib.error as error:
        raise FetchFailed(f"the reply's compression is broken ({error})") from error


def _inflated(body: bytes, window: int, limit: int) -> bytes:
    unpacked = bytearray()
    while body:
        packer = zlib.decompressobj(window)
        while not packer.eof:
            piece = packer.decompress(
                body, 1 << 16
            )  # no more than that before the limit is looked at
            unpacked += piece
            if len(unpacked) > limit:
                raise too_much(limit)
            body = packer.unconsumed_tail
            if not (piece or body or packer.eof):
                raise FetchFailed("the reply broke off in the middle of its compression")
        body = packer.unused_data
        if not body.startswith(_MAGIC):  # padding behind the last member
            break
    return bytes(unpacked)


def too_much(limit: int) -> FetchFailed:
    """What is raised for a reply above the limit."""
    return FetchFailed(
        f"the reply is larger than {limit / 1e6:g} MB; raise NEWSDESK_NET_MAX_MEGABYTES if it is "
        "to be taken"
    )
