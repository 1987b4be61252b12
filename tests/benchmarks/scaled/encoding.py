"""Encoding beside what the processor can do at most: passages and FLOP a second, in turns."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from newsdesk.index.generation import model_files
from newsdesk.index.indexes.dense import Matrix, PassageEncoder, QuestionEncoder, has_bf16
from newsdesk.index.indexes.dense.exported_model import ExportedModel
from newsdesk.index.library import Library, within
from newsdesk.index.types import Article, Passage

from . import real

_ROUNDS = 5
_AT_ONCE = 32  # passages a round
_SIDE = 1_536  # of the matrices, which are of float32 as the model's
_LAYERS, _WIDTH, _INNER = 6, 384, 1_536  # of all-MiniLM-L6-v2


def measured(home: Path, questions: Sequence[str]) -> dict[str, Any]:
    """Rates of encoding and of a product of matrices, and the median of their ratios.

    By float32 and, where the processor has it, by bfloat16; and how alike both rank.
    """
    models = real.export_model(home)
    ways: dict[str, _Way] = {"float32": _Way(real.encoder(models), _numpy_product())}
    if has_bf16():
        ways["bfloat16"] = _Way(PassageEncoder(real.model().name, bf16=True), _torch_product())
    folder = model_files.find(models, real.model())
    tokenized = ExportedModel(folder, threads=1).tokenized
    with Library(home / "real") as library:
        given = []
        for article_id in real.ids(library)[:: len(real.ids(library)) // 60]:
            article = library.article(article_id)
            if article:
                given += [(article, passage) for passage, _ in library.passages(article)]
    chance = np.random.default_rng(8)
    some = [given[n] for n in chance.permutation(len(given))[: _ROUNDS * _AT_ONCE].tolist()]
    for way in ways.values():
        way.product()
        way.encode(some[:4])
    for start in range(0, len(some), _AT_ONCE):
        batch = some[start : start + _AT_ONCE]
        texts = [f"{article.title}\n{passage.text}" for article, passage in batch]
        operations = sum(_operations(len(one)) for one in tokenized(texts))
        for way in ways.values():
            way.measure(batch, operations)
    found: dict[str, Any] = {"processors": os.cpu_count()}
    for name, way in ways.items():
        found |= {f"{name}: {what}": value for what, value in way.told().items()}
    if len(ways) > 1:
        ask = QuestionEncoder(folder).encode
        vectors = [np.stack(way.vectors) for way in ways.values()]
        found |= _compared(np.stack([ask(text) for text in questions]), *vectors)
    return found


class _Way:
    """A way to encode, with what the processor can do at most by numbers of that kind."""

    def __init__(self, encoder: Any, product: Callable[[], Any]) -> None:
        self._encoder, self.product = encoder, product
        self.vectors: list[Matrix] = []
        self._seconds, self._shares = list[float](), list[float]()
        self._rates, self._peaks = list[float](), list[float]()

    def encode(self, batch: Sequence[tuple[Article, Passage]]) -> list[Matrix]:
        """The vectors of passages, each with its article's title."""
        done = self._encoder.encode(
            [article.title for article, _ in batch],
            [passage.text for _, passage in batch],
            [within(passage) for _, passage in batch],
        )
        return [each.vector for each in done]

    def measure(self, batch: Sequence[tuple[Article, Passage]], operations: float) -> None:
        """Encode a batch, which takes so many operations, beside a product."""
        peak = 2 * _SIDE**3 / min(_seconds(self.product) for _ in range(3))
        begun = time.perf_counter()
        self.vectors += self.encode(batch)
        taken = time.perf_counter() - begun
        self._seconds.append(taken / len(batch))
        self._rates.append(operations / taken)
        self._peaks.append(peak)
        self._shares.append(operations / taken / peak)

    def told(self) -> dict[str, float]:
        """Medians."""
        return {
            "passages/s": 1 / median(self._seconds),
            "GFLOP/s": median(self._rates) / 1e9,
            "GFLOP/s of a product": median(self._peaks) / 1e9,
            "share of that": median(self._shares),
        }


def _numpy_product() -> Callable[[], Any]:
    square = np.random.default_rng(8).standard_normal((_SIDE, _SIDE)).astype(np.float32)
    return lambda: square @ square


def _torch_product() -> Callable[[], Any]:
    import torch

    square = torch.randn(_SIDE, _SIDE).to(torch.bfloat16)
    return lambda: square @ square


def _compared(asked: Matrix, one: Matrix, other: Matrix) -> dict[str, float]:
    """How alike two sets of vectors of the same passages are, and rank for questions."""
    cosines = (one * other).sum(axis=1)
    first, second = (np.argsort(-(asked @ each.T), axis=1, kind="stable") for each in (one, other))
    places = {10: "ten", 1: ""}
    same = {
        f"the same first {name}".strip(): float((first[:, :n] == second[:, :n]).all(axis=1).mean())
        for n, name in places.items()
    }
    apart = float(np.abs(asked @ one.T - asked @ other.T).max())
    return {"lowest cosine": float(cosines.min()), "a score differs by": apart, **same}


def _operations(tokens: int) -> float:
    """Multiplications and additions for a text: projections, attention and the inner layers."""
    each = 2 * (4 * _WIDTH**2 + 2 * _WIDTH * _INNER) + 4 * tokens * _WIDTH
    return float(_LAYERS * each * tokens)


def _seconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
