"""The terms of a collection and their numbers, readable from memory-mapped files."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

# Letters from which a typed term may be one slip, and two slips, from the one that was meant.
_SLIPS_FROM = (5, 9)
_BYTES = 4  # of a letter, at most
_KEPT = 4_096  # terms whose numbers are kept
_SOUND_ALIKE = tuple(map(set, ("iye", "ckqs", "sz", "ct", "vwf", "gj")))


class Terms(Mapping[str, int]):
    """Terms and their numbers."""

    @abstractmethod
    def between(self, first: str, last: str) -> list[str]:
        """The terms from `first` to before `last`, in the order of their UTF-8 bytes."""

    def near(self, term: str) -> list[str]:
        """The terms that one may be meant to be, in order: those with the same first letter."""
        return self.between(term[0], chr(ord(term[0]) + 1))

    def closest(self, term: str) -> str | None:
        """The term that a misspelt one was meant to be, if there is one near enough.

        Near is one slip from five letters on (one missing, too many, or two swapped), and from
        nine on two slips of any kind: a short word with another letter is another word ("wear",
        "war"; "racket", "rocket"). The first letter is taken as right.
        """
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        slips = slips_of(term)
        if not slips or not term.isalpha():
            return None
        likely = process.extract(
            term, self.near(term), scorer=OSA.distance, score_cutoff=slips, limit=10
        )
        meant = [str(other) for other, *_ in likely if slips > 1 or _is_slip(term, other)]
        return meant[0] if meant else None


class Vocabulary(Terms):
    """Terms and their numbers, 0 for the first in the order of their UTF-8 bytes.

    Looked up by bisection in one block of bytes, so that opening it reads nothing.
    """

    def __init__(self, block: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        """`block` are the terms' bytes in a row; term i is `block[ends[i] : ends[i + 1]]`."""
        self._block = memoryview(np.ascontiguousarray(block).data)
        self._ends = ends
        # The terms of one question are looked up again for each passage that is shown. Not by
        # lru_cache: it would refer to this, which would keep files open until garbage is collected.
        self._found: dict[str, int] = {}  # -1 for a term that is not there

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __iter__(self) -> Iterator[str]:
        return (self._term(number) for number in range(len(self)))

    def __getitem__(self, term: str) -> int:
        number = self._found.get(term)
        if number is None:
            if len(self._found) >= _KEPT:
                self._found.clear()
            self._found[term] = number = self._find(term)
        if number < 0:
            raise KeyError(term)
        return number

    def _find(self, term: str) -> int:
        number = self._place(term)
        return number if number < len(self) and self._bytes(number) == encoded(term) else -1

    def between(self, first: str, last: str) -> list[str]:
        """The terms from `first` to before `last`, in order."""
        return [self._term(number) for number in range(self._place(first), self._place(last))]

    def near(self, term: str) -> list[str]:
        """The terms that one may be meant to be, in order: those with the same first letter.

        Of a length that some slips lead to: most are not, and to make texts of all takes long.
        """
        first, last = self._place(term[0]), self._place(chr(ord(term[0]) + 1))
        ends = self._ends[first : last + 1]
        if first == last:
            return []
        slips, asked = slips_of(term), encoded(term)
        differing = np.abs(np.diff(ends) - len(asked))
        likely = differing <= slips
        block = np.frombuffer(self._block[ends[0] : ends[-1]], dtype=np.uint8)
        # Letters that are not of ASCII have up to four bytes, one more slip or less.
        wide = np.add.reduceat(block > 0x7F, ends[:-1] - ends[0], dtype=np.int64) > 0
        likely |= (wide | (not term.isascii())) & (differing <= _BYTES * slips)
        return [self._term(first + number) for number in np.flatnonzero(likely).tolist()]

    def _place(self, term: str) -> int:
        return bisect_left(range(len(self)), encoded(term), key=self._bytes)

    def _bytes(self, number: int) -> bytes:
        return bytes(self._block[self._ends[number] : self._ends[number + 1]])

    def _term(self, number: int) -> str:
        return self._bytes(number).decode("utf-8", "surrogatepass")


def slips_of(term: str) -> int:
    """How many slips a typed term may be from the one that was meant.

    >>> slips_of("ship"), slips_of("ferry"), slips_of("harbourmaster")
    (0, 1, 2)
    """
    return sum(len(term) >= letters for letters in _SLIPS_FROM)


def encoded(term: str) -> bytes:
    """A term's bytes in a vocabulary: UTF-8, lone surrogates too."""
    return term.encode("utf-8", "surrogatepass")


def _is_slip(term: str, other: str) -> bool:
    """Whether a letter is missing, too many, swapped with the next, or one that sounds alike."""
    if len(term) != len(other) or sorted(term) == sorted(other):
        return True
    (wrong,) = ({a, b} for a, b in zip(term, other, strict=True) if a != b)
    return any(wrong <= alike for alike in _SOUND_ALIKE)
