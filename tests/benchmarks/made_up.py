"""A made-up library of any size: the real `update`, with made-up words and vectors.

The vectors are clustered as a model's are: topics, within them articles, within these passages
and their sentences; and few directions carry most of it. On uniformly random vectors every index
of neighbours looks bad.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from newsdesk.index.generation import Generation
from newsdesk.index.indexes.dense import Encoded, Matrix, Model
from newsdesk.index.settings import Settings
from newsdesk.index.types import Span

from .side_by_side import COMMONEST, Language

PASSAGES = 8  # in an article
_MODEL = Model("made-up", "0" * 64, 384)
_SENTENCES = 5  # in a passage
_TOPICS = 1_000
_STRAYS = 20_000
_ARTICLE, _PASSAGE, _SENTENCE, _QUESTION = 0.8, 0.8, 0.7, 0.9  # how far they stray
_FIRST_DAY = date(2000, 1, 1)
_DAYS = 8_000


def settings(home: Path) -> Settings:
    """Settings for a made-up library."""
    return Settings(home=home, model=_MODEL.name)


def write(file: Path, articles: int) -> None:
    """Write articles as JSONL, each of some `PASSAGES` passages."""
    passages = Language().passages(articles * PASSAGES)
    with file.open("w", encoding="utf-8") as stream:
        for number in range(articles):
            paragraphs = list(islice(passages, PASSAGES))
            fields = {
                "id": f"article-{number:07d}",
                "title": " ".join(paragraphs[0][:8]).capitalize(),
                "text": "\n\n".join(map(_punctuated, paragraphs)),
                "date": str(_FIRST_DAY + timedelta(days=number * 37 % _DAYS)),
                "source": f"Paper {number % 20}",
            }
            stream.write(json.dumps(fields) + "\n")


class Encoder:
    """Vectors of passages: `dense.Encoder` without a model."""

    def __init__(self, _: str = "") -> None:
        self.model = _MODEL
        self._meaning = Meaning()
        self._topics = self._meaning.topics(_TOPICS)
        self._articles: dict[str, Matrix] = {}

    def encode(
        self, titles: Sequence[str], texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[Encoded]:
        """Passages lie around the vector of their article, and sentences around theirs."""
        passages = self._meaning.near(np.stack([*map(self._article, titles)]), _PASSAGE)
        counts = [*map(len, sentences)]
        spoken = self._meaning.near(np.repeat(passages, counts, axis=0), _SENTENCE)
        packed = np.split(np.rint(spoken * 127).astype(np.int8), np.cumsum(counts)[:-1])
        return [Encoded(one, own) for one, own in zip(passages, packed, strict=True)]

    def export(self, folder: Path) -> None:
        """There is nothing to export, but a folder that is not empty."""
        (folder / "made-up").write_text("", "utf-8")

    def _article(self, title: str) -> Matrix:
        if title not in self._articles:
            topic = self._topics[len(self._articles) % _TOPICS]
            self._articles[title] = self._meaning.near(topic[None, :], _ARTICLE)[0]
        return self._articles[title]


class Asked:
    """Questions of a made-up library and their vectors: `dense.Asking` without a model."""

    hash = _MODEL.hash

    def __init__(self) -> None:
        self.vectors: dict[str, Matrix] = {}

    def encode(self, text: str) -> Matrix:
        """The vector that belongs to a question."""
        return self.vectors[text]

    def add(self, opened: Generation, count: int, seed: int = 7) -> list[str]:
        """Questions that a passage each answers: six words, three of them the passage's."""
        meaning, random = Meaning(seed=seed), np.random.default_rng(seed)
        for row in random.integers(0, opened.manifest.passages, count).tolist():
            article = opened.article(int(opened.column("passage_article")[row]))
            words = opened.passage(row, article).text.lower().replace(".", "").split()
            telling = [word for word in dict.fromkeys(words) if word not in COMMONEST]
            chosen = [*random.choice(telling, 3, replace=False), *random.choice(COMMONEST, 3)]
            vector = np.array(opened.column("vectors")[row])[None, :]
            text = " ".join(random.permutation(chosen))
            self.vectors[text] = meaning.near(vector, _QUESTION)[0]
        return list(self.vectors)


class Meaning:
    """Vectors of length 1 that stray from others, more in some directions than in others."""

    def __init__(self, dimensions: int = _MODEL.dimensions, seed: int = 1) -> None:
        self._random = np.random.default_rng(seed)
        # Questions and passages stray in the same directions, whatever the seed.
        drawn = np.random.default_rng(0).standard_normal((dimensions, dimensions))
        strengths = np.sqrt(1 / (np.arange(dimensions) + 10))
        strengths /= np.linalg.norm(strengths)
        directions = (strengths[:, None] * np.linalg.qr(drawn)[0]).astype(np.float32)
        self._pool = self._random.standard_normal((_STRAYS, dimensions), np.float32) @ directions

    def near(self, centres: Matrix, far: float) -> Matrix:
        """A vector near each of some others."""
        return _unit(centres + np.float32(far) * self._strays(len(centres)))

    def topics(self, count: int) -> Matrix:
        """Vectors around nothing."""
        return _unit(self._strays(count))

    def _strays(self, count: int) -> Matrix:
        # Sums of two of a pool: drawing them anew would take longer than what is measured.
        first, second = self._random.integers(0, _STRAYS, (2, count))
        strays: Matrix = (self._pool[first] + self._pool[second]) * np.float32(0.5**0.5)
        return strays


def _punctuated(words: Sequence[str]) -> str:
    ends = np.linspace(0, len(words), _SENTENCES + 1).astype(int).tolist()
    return " ".join(" ".join(words[a:b]).capitalize() + "." for a, b in pairwise(ends))


def _unit(vectors: Matrix) -> Matrix:
    found: Matrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return found
