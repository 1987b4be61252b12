"""Encoding beside what the processor can do at most: passages and FLOP a second, in turns."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from newsdesk.index.generation import model_files
from newsdesk.index.indexes.dense.exported_model import ExportedModel
from newsdesk.index.library import Library, within

from . import real

_ROUNDS = 5
_AT_ONCE = 32  # passages a round
_SIDE = 1_536  # of the matrices, which are of float32 as the model's
_LAYERS, _WIDTH, _INNER = 6, 384, 1_536  # of all-MiniLM-L6-v2


def measured(home: Path) -> dict[str, Any]:
    """Rates of encoding and of a product of matrices, and the median of their ratios."""
    models = real.export_model(home)
    encoder = real.encoder(models)
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
    square = chance.standard_normal((_SIDE, _SIDE)).astype(np.float32)
    shares, rates, peaks, encoding = [], [], [], []
    square @ square
    for start in range(0, len(some), _AT_ONCE):
        batch = some[start : start + _AT_ONCE]
        heads = [f"{article.title}\n{passage.text}" for article, passage in batch]
        lengths = [len(one) for one in tokenized(heads)]
        peak = 2 * _SIDE**3 / _seconds(lambda: square @ square)
        inputs = (
            [article.title for article, _ in batch],
            [passage.text for _, passage in batch],
            [within(passage) for _, passage in batch],
        )
        seconds = _seconds(partial(encoder.encode, *inputs))
        rate = sum(map(_operations, lengths)) / seconds
        shares.append(rate / peak)
        rates.append(rate)
        peaks.append(peak)
        encoding.append(len(batch) / seconds)
    return {
        "passages/s": median(encoding),
        "GFLOP/s": median(rates) / 1e9,
        "GFLOP/s of a float32 product": median(peaks) / 1e9,
        "share of that": median(shares),
        "processors": os.cpu_count(),
    }


def _operations(tokens: int) -> float:
    """Multiplications and additions for a text: projections, attention and the inner layers."""
    each = 2 * (4 * _WIDTH**2 + 2 * _WIDTH * _INNER) + 4 * tokens * _WIDTH
    return float(_LAYERS * each * tokens)


def _seconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
