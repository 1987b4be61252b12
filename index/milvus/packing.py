"""Values as Milvus can hold them: strings of at most 65,535 bytes, and lists of such."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.library import unstamp
from newsdesk.index.types import Article, Span, stamp

_PIECE = 16_000  # code points, of at most 4 bytes each
_LONGEST = 300  # bytes of a term that is written as it is


def pieces(text: str) -> list[str]:
    """A text of any length as strings that Milvus takes; joined, they are the text.

    >>> pieces(""), [len(piece) for piece in pieces("ü" * 20_000)]
    ([''], [16000, 4000])
    """
    return [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)] or [""]


def coded_term(term: str) -> str:
    """A term in ASCII that needs no quoting, and begins as its first letters do.

    >>> coded_term("b9"), coded_term("ü")
    ('6239', 'c3bc')
    """
    packed = term.encode("utf-8", "surrogatepass")
    return packed.hex() if len(packed) <= _LONGEST else f"x{hashlib.sha256(packed).hexdigest()}"


def term_of(coded: str) -> str | None:
    """The term that was coded; None for one that was too long.

    >>> term_of("c3bc")
    'ü'
    """
    if coded.startswith("x"):
        return None
    return bytes.fromhex(coded).decode("utf-8", "surrogatepass")


def coded_id(article_id: str) -> str:
    """Names an article in ASCII that needs no quoting, however its id is written."""
    return hashlib.sha256(article_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def packed_article(article: Article) -> list[str]:
    """An article as `unpacked_article` reads it."""
    fields = {**asdict(article), "published": stamp(article.published)}
    return pieces(json.dumps(fields, ensure_ascii=False))


def unpacked_article(body: Sequence[str]) -> Article:
    """An article as it was packed. Raises ValueError, TypeError or KeyError if it was not."""
    given: dict[str, Any] = json.loads("".join(body))
    pages = tuple(given.pop("pages"))
    return Article(**{**given, "published": unstamp(given["published"]), "pages": pages})


def packed_sentences(spans: NDArray[np.int32], vectors: NDArray[np.int8]) -> list[str]:
    """The spans of n sentences, shape (n, 2), and their vectors, shape (n, d), in ASCII."""
    packed = np.int32(len(spans)).tobytes() + spans.astype("<i4").tobytes() + vectors.tobytes()
    return pieces(base64.b64encode(packed).decode("ascii"))


def unpacked_sentences(
    packed: Sequence[str], dimensions: int
) -> tuple[tuple[Span, ...], NDArray[np.int8]]:
    """What `packed_sentences` was given. Raises ValueError if it was given something else."""
    given = base64.b64decode("".join(packed))
    count = int(np.frombuffer(given[:4], dtype="<i4")[0])
    end = 4 + 8 * count
    spans = np.frombuffer(given[4:end], dtype="<i4").reshape(count, 2).tolist()
    vectors = np.frombuffer(given[end:], dtype=np.int8).reshape(count, dimensions)
    return tuple(Span(*pair) for pair in spans), vectors
