"""Indexes of made passages without a library: what words and vectors are searched in, and no texts.

Made in a minute, where filling and building a library of a million passages takes half an hour.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.generation.columns import LEXICAL, LISTS
from newsdesk.index.indexes.bm25 import PostingsBM25
from newsdesk.index.indexes.dense import LISTED, Lists, encode_bits, listed
from newsdesk.index.indexes.vocabulary import encoded
from newsdesk.index.text.analyzer import Analyzer

from .made import Statistics, Vectors

_PIECE = 20_000  # passages made together
_SIZE = 12  # passages of an article


@dataclass(frozen=True)
class Bare:
    """What reads like a generation, as far as its indexes go."""

    columns: dict[str, NDArray[Any]]
    passages: int

    @property
    def manifest(self) -> SimpleNamespace:
        """As of a generation."""
        return SimpleNamespace(passages=self.passages)

    def column(self, name: str) -> NDArray[Any]:
        """As of a generation."""
        return self.columns[name]

    def lexical(self, k1: float, b: float) -> PostingsBM25:
        """As of a generation."""
        return PostingsBM25(self.columns, k1, b)

    def lists(self) -> Lists | None:
        """As of a generation."""
        if self.passages < LISTED:
            return None
        centres, starts, rows, codes = (self.columns[name] for name in LISTS)
        return Lists(centres, starts, rows, codes, rows[:0], codes[:0], is_whole=True)


def words(place: Path, count: int, known: Statistics) -> Bare:
    """Postings of made passages, kept in `place`; mapped from there."""
    done = place / "lengths.npy"
    if not done.exists():
        place.mkdir(parents=True, exist_ok=True)
        made = _postings(count, known)
        for name in sorted(made, key="lengths".__eq__):  # that of `done` last
            np.save(place / f"{name}.npy", made[name])
    mapped = {name: np.asarray(np.load(place / f"{name}.npy", mmap_mode="r")) for name in LEXICAL}
    return Bare(mapped, count)


def vectors(place: Path, count: int, model: Vectors) -> Bare:
    """Vectors and codes of made passages, kept in `place`; mapped from there."""
    done = place / "codes.npy"
    place.mkdir(parents=True, exist_ok=True)
    if not done.exists():
        file = np.lib.format.open_memmap(place / "vectors.npy", "w+", np.float32, (count, 384))
        codes = np.empty((count, 384 // 64), dtype=np.uint64)
        random = np.random.default_rng(4)
        for start in range(0, count, _PIECE):
            end = min(start + _PIECE, count)
            made = model.passages(random, np.full((end - start) // _SIZE + 1, _SIZE))
            file[start:end] = made[: end - start]
            codes[start:end] = encode_bits(made[: end - start])
        file.flush()
        np.save(done, codes)
    if not (place / f"{LISTS[-1]}.npy").exists():
        begun = time.perf_counter()
        given, codes = (np.load(place / f"{n}.npy", mmap_mode="r") for n in ("vectors", "codes"))
        columns: tuple[NDArray[Any], ...] = listed(given, codes)
        for name, rows in zip(LISTS, columns, strict=True):
            np.save(place / f"{name}.npy", rows)
        print(f"lists of {count:,} vectors made in {time.perf_counter() - begun:.1f} s")
    mapped = {
        name: np.asarray(np.load(place / f"{name}.npy", mmap_mode="r"))
        for name in ("vectors", "codes", *LISTS)
    }
    return Bare(mapped, count)


def _postings(count: int, known: Statistics) -> dict[str, NDArray[Any]]:
    analyzer = Analyzer()
    often: defaultdict[str, float] = defaultdict(float)
    each = np.diff(known.reached, prepend=0.0)
    for word, rate in zip(known.words, each.tolist(), strict=False):
        for term in analyzer.terms(word):
            often[term] += rate
    unseen = [f"x{number:06}" for number in range(1_000_000)]
    terms = sorted([*often, *unseen], key=encoded)
    rate = np.array([often.get(term, each[-1] / len(unseen)) for term in terms])
    reached = np.cumsum(rate)
    random = np.random.default_rng(6)
    drawn = np.array(random.choice(known.lengths, count) * (reached[-1] / known.lengths.mean()))
    fresh = np.maximum(np.rint(drawn).astype(np.int64), 1)
    lengths = np.maximum(np.rint(fresh / known.drawn).astype(np.int64), fresh)
    pieces: list[tuple[NDArray[Any], ...]] = []
    for start in range(0, count, _PIECE):
        pieces.append(_counted(random, fresh[start : start + _PIECE], lengths, start, reached))
    docs, numbers, counts = (np.concatenate(part) for part in zip(*pieces, strict=True))
    order = np.argsort(numbers, kind="stable")
    lengths = np.bincount(docs, counts, minlength=count).astype(np.int64)
    pairs, paired = np.unique((lengths[docs] << 16) + counts, return_inverse=True)
    held = np.bincount(numbers, minlength=len(terms))
    kept = np.flatnonzero(held)
    packed = [encoded(terms[number]) for number in kept.tolist()]
    return {
        "terms": np.frombuffer(b"".join(packed), dtype=np.uint8),
        "term_ends": np.cumsum([0, *map(len, packed)]),
        "starts": np.cumsum([0, *held[kept].tolist()]),
        "docs": docs[order],
        "pair": paired.reshape(-1)[order].astype(np.int32 if len(pairs) > 0xFFFF else np.uint16),
        "pairs": np.stack([pairs & 0xFFFF, pairs >> 16], axis=1).astype(np.int32),
        "lengths": lengths.astype(np.int32),
    }


def _counted(
    random: np.random.Generator,
    fresh: NDArray[np.int64],
    lengths: NDArray[np.int64],
    start: int,
    reached: NDArray[np.float64],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint16]]:
    """Documents, terms and counts of some passages: terms drawn, and some of them said again."""
    owners = np.repeat(np.arange(len(fresh)), fresh)
    numbers = np.searchsorted(reached, random.random(len(owners)) * reached[-1])
    more = lengths[start : start + len(fresh)] - fresh
    again = np.repeat(np.cumsum(fresh) - fresh, more)
    again += (random.random(len(again)) * np.repeat(fresh, more)).astype(np.int64)
    packed = (owners << 32) + numbers
    packed, counts = np.unique(np.concatenate([packed, packed[again]]), return_counts=True)
    docs = ((packed >> 32) + start).astype(np.int32)
    return docs, packed.astype(np.int32), counts.astype(np.uint16)
