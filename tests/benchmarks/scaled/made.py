"""Text and vectors made to the statistics of real ones.

Words have the document frequencies of the real passages, and passages and articles their lengths;
words that the real ones do not have come as often as Good and Turing say that unseen ones do.
Vectors of articles are mixtures of the means of two real articles, and passages stray from their
article as real ones do from theirs, by a factor fitted to the cosines of nearest neighbours.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.indexes.dense import Matrix
from newsdesk.index.library import Library
from newsdesk.index.types import Article, Passage, Span
from newsdesk.index.update import RESTORED

SOURCES = 20  # of made articles, each with as many
_UNSEEN = 1_000_000  # words that may come of those that the real passages do not have
_SENTENCE = 20  # words
_TITLE = 8
_FIRST_DAY, DAYS = date(2000, 1, 1), 8_000
_WORD = re.compile(r"\w+")
_SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
_FACTORS = np.arange(0.5, 1.55, 0.05)
DEPTHS = (1, 10, 50)


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the real passages are like.

    Attributes:
        words: the different words, in lower case.
        reached: float64, the running sum of how often each comes, and of any unseen one at last.
        drawn: the share of a passage's words that are drawn; the rest are said again.
        lengths: int64, of all passages, in words.
        sizes: int64, of all articles, in passages.
    """

    words: list[str]
    reached: NDArray[np.float64]
    drawn: float
    lengths: NDArray[np.int64]
    sizes: NDArray[np.int64]


def statistics(place: Path, kept: Path) -> Statistics:
    """Count the real passages, once."""
    if kept.exists():
        with np.load(kept) as file:
            words = bytes(file["words"]).decode().split("\n")
            drawn = float(file["drawn"])
            return Statistics(words, file["reached"], drawn, file["lengths"], file["sizes"])
    frequencies: Counter[str] = Counter()
    lengths, sizes = [], []
    with Library(place) as library:
        for article in library.articles():
            passages = library.passages(article)
            sizes.append(len(passages))
            for passage, _ in passages:
                own = _WORD.findall(passage.text.lower())
                lengths.append(len(own))
                frequencies.update(set(own))
    words = list(frequencies)
    held = np.array([frequencies[word] for word in words], dtype=float)
    # A word that comes by chance, so often on average, is in that share of the passages.
    often = -np.log1p(-np.minimum(held / (len(lengths) + 1), 0.999))
    unseen = often.sum() * float((held == 1).sum() / held.sum())
    found = Statistics(
        words,
        np.cumsum([*often, unseen]),
        min(1.0, float((often.sum() + unseen) / np.mean(lengths))),
        np.array(lengths),
        np.array([size for size in sizes if size]),
    )
    packed = np.frombuffer("\n".join(words).encode(), dtype=np.uint8)
    given = {name: getattr(found, name) for name in ("reached", "drawn", "lengths", "sizes")}
    np.savez(kept, words=packed, **given)
    return found


class Texts:
    """Articles and their passages."""

    def __init__(self, known: Statistics) -> None:
        self._known = known
        self._words = np.array(known.words, dtype=object)

    def batch(self, first: int, count: int) -> list[tuple[Article, list[Passage]]]:
        """Articles from a number on; the same ones for the same number."""
        random, known = np.random.default_rng([1, first]), self._known
        sizes = random.choice(known.sizes, count)
        lengths = np.maximum(random.choice(known.lengths, int(sizes.sum())), _TITLE)
        words = iter(self._said(random, lengths))
        return [
            _article(first + place, [next(words) for _ in range(size)])
            for place, size in enumerate(sizes.tolist())
        ]

    def _said(self, random: np.random.Generator, lengths: NDArray[Any]) -> Iterator[list[str]]:
        """The words of passages of some lengths."""
        reached, known = self._known.reached, len(self._words)
        ends = np.cumsum(lengths)
        starts = ends - lengths
        numbers = np.searchsorted(reached, random.random(int(ends[-1])) * reached[-1])
        fresh = np.maximum(np.rint(lengths * self._known.drawn).astype(np.int64), 1)
        within = np.arange(len(numbers)) - np.repeat(starts, lengths)
        said_again = within >= np.repeat(fresh, lengths)
        earlier = np.repeat(starts, lengths) + (
            random.random(len(numbers)) * np.repeat(fresh, lengths)
        ).astype(np.int64)
        numbers[said_again] = numbers[earlier[said_again]]
        unseen = numbers >= known
        words = self._words[np.where(unseen, 0, numbers)]
        new = random.integers(0, _UNSEEN, int(unseen.sum())).tolist()
        words[unseen] = [_made_up(number) for number in new]
        every: list[str] = words.tolist()
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            yield every[start:end]


def _article(number: int, said: list[list[str]]) -> tuple[Article, list[Passage]]:
    article_id = f"story-{number:07}"
    paragraphs: list[str] = []
    spans: list[list[tuple[int, int]]] = []
    at = 0
    for words in said:
        cuts = np.linspace(0, len(words), max(1, round(len(words) / _SENTENCE)) + 1)
        sentences = [
            " ".join(words[a:b]).capitalize() + "." for a, b in pairwise(cuts.astype(int).tolist())
        ]
        own = []
        for sentence in sentences:
            own.append((at, at + len(sentence)))
            at += len(sentence) + 1
        at += 1  # two line ends between paragraphs, where a space was counted
        paragraphs.append(" ".join(sentences))
        spans.append(own)
    article = Article(
        article_id,
        " ".join(said[0][:_TITLE]).capitalize(),
        "\n\n".join(paragraphs),
        f"{RESTORED}{article_id}",
        _FIRST_DAY + timedelta(days=number * 37 % DAYS),
        f"Paper {number % SOURCES}",
    )
    passages = [
        Passage(article_id, ordinal, own[0][0], own[-1][1], text, tuple(Span(*p) for p in own))
        for ordinal, (own, text) in enumerate(zip(spans, paragraphs, strict=True))
    ]
    return article, passages


def _made_up(number: int) -> str:
    count = len(_SYLLABLES)
    # A letter that no syllable begins with: no real word is hit.
    return "x" + "".join(_SYLLABLES[number // count**place % count] for place in range(4))


class Vectors:
    """Vectors of made articles; see the module. The same ones for the same seed."""

    def __init__(
        self, real: Matrix, owners: NDArray[np.int64], factor: float | None = None
    ) -> None:
        self._real, self._owners = real, owners
        counts = np.bincount(owners)
        sums = np.zeros((len(counts), real.shape[1]), dtype=np.float32)
        np.add.at(sums, owners, real)
        self._means = sums / np.maximum(counts, 1)[:, None].astype(np.float32)
        several = counts[owners] > 2
        self._strays = (real - self._means[owners])[several]
        # Each lies in its own mean, and so it strays less from that than from the true one.
        share = counts[owners][several]
        self._strays *= np.sqrt(share / (share - 1))[:, None].astype(np.float32)
        self.factor = self._fitted() if factor is None else factor

    def passages(self, random: np.random.Generator, sizes: NDArray[Any]) -> Matrix:
        """Vectors of the passages of articles of some sizes, in a row."""
        first, second = random.integers(0, len(self._means), (2, len(sizes)))
        share = random.uniform(0.5, 1, len(sizes)).astype(np.float32)[:, None]
        means = share * self._means[first] + (1 - share) * self._means[second]
        return _unit(np.repeat(means, sizes, axis=0) + self._stray(random, int(sizes.sum())))

    def sentences(
        self, random: np.random.Generator, passages: Matrix, counts: NDArray[Any]
    ) -> NDArray[np.int8]:
        """Vectors of the sentences of passages, in a row, shape (n, d) int8."""
        near = np.repeat(passages, counts, axis=0) + self._stray(random, int(counts.sum()))
        near *= 127 / np.abs(near).max(axis=1, keepdims=True)
        packed: NDArray[np.int8] = np.rint(near).astype(np.int8)
        return packed

    def near(self, random: np.random.Generator, vectors: Matrix) -> Matrix:
        """A vector that strays from each of some, as a question does from what answers it."""
        return _unit(vectors + self._stray(random, len(vectors)))

    def _stray(
        self, random: np.random.Generator, count: int, factor: float | None = None
    ) -> Matrix:
        # Sums of two real ones: of one alone there would be only as many directions.
        first, second = random.integers(0, len(self._strays), (2, count))
        mix = random.uniform(0, 2 * np.pi, count).astype(np.float32)[:, None]
        strays: Matrix = np.cos(mix) * self._strays[first] + np.sin(mix) * self._strays[second]
        return strays * np.float32(self.factor if factor is None else factor)

    def _fitted(self) -> float:
        """The factor that brings the nearest neighbours where they are among the real ones."""
        wanted = neighbours(self._real)
        misses = []
        for factor in _FACTORS.tolist():
            self.factor = factor
            misses.append(float(np.abs(neighbours(self.like_real()) - wanted).sum()))
        return float(_FACTORS[int(np.argmin(misses))])

    def like_real(self) -> Matrix:
        """As many made vectors as there are real ones, of as large articles."""
        return self.passages(np.random.default_rng(5), np.bincount(self._owners))


def neighbours(vectors: Matrix) -> NDArray[np.float64]:
    """The median cosines of a vector to its nearest others, at `DEPTHS`."""
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    ordered = -np.sort(-cosines, axis=1)[:, [min(depth, len(vectors) - 1) - 1 for depth in DEPTHS]]
    return np.asarray(np.median(ordered, axis=0), dtype=np.float64)


def _unit(vectors: Matrix) -> Matrix:
    found: Matrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return found
