"""Which terms of a question stand in which sentence of a passage, without reading a word of it.

While indexing, each sentence's terms are written as hashes of 32 bits. A question compares its own
with them: to split the sentences of thirty passages into words again was a sixth of what it cost.
Two terms have one hash once in four thousand million pairs; a sentence then seems to have a word
more, which may move its passage in the order, and nothing that is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.types import Article

from .vocabulary import encoded


class SentenceTerms(NamedTuple):
    """The terms of a passage's heading, then those of each sentence, each term once.

    Attributes:
        hashes: uint32, those of one after those of the other.
        counts: int32, shape (1 + sentences,), how many each has.
    """

    hashes: NDArray[np.uint32]
    counts: NDArray[np.int32]


def heading(article: Article) -> str:
    """What holds for every sentence of an article: its title, its month and its year.

    >>> heading(Article("nine", "The Nine", "They met.", "nine.md"))
    'The Nine'
    """
    return f"{article.title} {article.published:%B %Y}" if article.published else article.title


class Hashes(dict[str, int]):
    """The hash of each term, kept: a million passages have half a million terms, again and again.

    >>> hashes = Hashes()
    >>> hashes.of(["nine", "met", "nine"]) == [hashes["nine"], hashes["met"]]
    True
    """

    def __missing__(self, term: str) -> int:
        self[term] = made = _hash(term)
        return made

    def of(self, terms: Iterable[str]) -> list[int]:
        """The hashes of some terms, each once."""
        return list(dict.fromkeys(map(self.__getitem__, terms)))


def held(passages: Sequence[SentenceTerms], terms: Sequence[str]) -> list[list[set[str]]]:
    """Which of some terms the heading of each passage has, and each of its sentences.

    >>> counts = np.array([1, 2], dtype=np.int32)
    >>> own = Hashes().of(["riga", "nine", "met"])
    >>> nine = SentenceTerms(np.array(own, dtype=np.uint32), counts)
    >>> held([nine], ["riga", "nine"])
    [[{'riga'}, {'nine'}]]
    """
    asked = {_hash(term): term for term in terms}
    counts = [passage.counts for passage in passages]
    found: list[set[str]] = [set() for own in counts for _ in range(len(own))]
    if found and asked:
        hashes = np.concatenate([passage.hashes for passage in passages])
        wanted = np.fromiter(asked, dtype=np.uint32, count=len(asked))
        places = np.flatnonzero(np.isin(hashes, wanted))
        groups = np.searchsorted(np.cumsum(np.concatenate(counts)), places, side="right")
        for group, own in zip(groups.tolist(), hashes[places].tolist(), strict=True):
            found[group].add(asked[own])
    rest = iter(found)
    return [list(islice(rest, len(own))) for own in counts]


def _hash(term: str) -> int:
    return crc32(encoded(term))
