"""The fifty nearest vectors of a large library, by our codes and by others, in turns.

Half of the questions are real ones with their real vectors, half stray from a passage of the
library. Recall is that of the exact fifty. HNSW is built of at most `_HNSW` vectors: on two
cores a million take it an hour. Filters let rows through by chance, and by day and source.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.generation import Generation, model_files
from newsdesk.index.generation.generation import UNDATED
from newsdesk.index.indexes.dense import Matrix, QuestionEncoder, Vectors
from newsdesk.index.search.local_engine import ONE_OF
from newsdesk.index.types import Filters

from ..side_by_side import HEAD, in_turns, show
from . import made, real
from .asking import memory
from .bare import Bare

_NEAREST = 50
_WARM = 3
_SHARES = (0.5, 0.05, 0.001)
_EF = (64, 200, 1_000, 4_000)
_PROBES = (16, 64)
_RESCORED = (500, 1_000, 2_000, 4_000)

Search = Callable[[Matrix], NDArray[np.int64]]


def compared(
    home: Path, opened: Generation | Bare, texts: Sequence[str], peers: Sequence[str]
) -> dict[str, Any]:
    """Recall and times by each, and by ours under filters."""
    vectors, codes = opened.column("vectors"), opened.column("codes")
    asked = _questions(home, vectors, texts)
    truth = _exact(vectors, asked)
    usual = max(2_000, len(vectors) // ONE_OF)  # as `LocalEngine` has it
    lists = opened.lists()
    of_lists = {n: Vectors(vectors, codes, 0, n, lists) for n in sorted({*_RESCORED, usual})}
    searches: dict[str, Search] = {
        f"ours, {n:,} compared": partial(_ours, one) for n, one in of_lists.items()
    }
    if lists:
        searches["ours, without lists"] = partial(_ours, Vectors(vectors, codes, 0, usual))
    exact = Vectors(vectors, codes, len(vectors))
    searches["exact, numpy"] = partial(_ours, exact)
    built: dict[str, tuple[float, float]] = {}
    for name in peers:
        build = PEERS[name]
        gc.collect()
        begun, before = time.perf_counter(), memory()["private MB"]
        try:
            searches |= {f"{name}, {how}": one for how, one in build(vectors).items()}
        except ImportError as missing:
            print(f"{name}: {missing.name} is not installed, so it is left out")
            continue
        built[name] = time.perf_counter() - begun, memory()["private MB"] - before
    taken = in_turns(searches, list(asked), _WARM)
    rows, found = [], dict[str, Any]()
    for name, search in searches.items():
        nearest = [search(one) for one in asked]
        recall, of_real = _recall(nearest, truth), _recall(nearest[::2], truth[::2])
        rows.append([*taken[name].row(name), f"{recall:.4f}", f"{of_real:.4f}"])
        found |= {f"{name} ms": taken[name].median, f"{name} recall": recall}
        found[f"{name} processor ms"] = median(taken[name].cpu)
    show([f"{len(vectors):,} vectors", *HEAD, "recall@50", "of real questions"], rows)
    show(
        ["building", "s", "MB of memory"],
        [[name, f"{s:.1f}", f"{mb:,.0f}"] for name, (s, mb) in built.items()],
    )
    chosen = f"ours, {usual:,} compared"
    found |= {
        f"ours {what}": found[f"{chosen} {what}"] for what in ("ms", "processor ms", "recall")
    }
    found |= {f"{name} build s": s for name, (s, _) in built.items()}
    found |= {f"{name} MB": mb for name, (_, mb) in built.items()}
    return found | _filtered(opened, of_lists[usual], vectors, asked)


def _questions(home: Path, vectors: Matrix, texts: Sequence[str]) -> Matrix:
    encode = QuestionEncoder(model_files.find(home / model_files.MODELS, real.model())).encode
    given = np.stack([encode(text) for text in texts])
    chance = np.random.default_rng(11)
    near = np.asarray(vectors[np.sort(chance.integers(0, len(vectors), len(texts)))])
    strays = made.Vectors(*real.vectors(home / "real"), factor=1.0).near(chance, near)
    mixed: Matrix = np.empty((2 * len(given), given.shape[1]), dtype=np.float32)
    mixed[::2], mixed[1::2] = given, strays
    return mixed


def _exact(
    vectors: Matrix, asked: Matrix, among: NDArray[np.bool_] | None = None
) -> list[set[int]]:
    """The nearest of each question, a piece of the vectors at a time."""
    best = np.full((len(asked), _NEAREST), -2, dtype=np.float32)
    rows = np.full((len(asked), _NEAREST), -1, dtype=np.int64)
    for start in range(0, len(vectors), 50_000):
        cosines = asked @ vectors[start : start + 50_000].T
        if among is not None:
            cosines[:, ~among[start : start + 50_000]] = -2
        numbers = np.broadcast_to(np.arange(start, start + cosines.shape[1]), cosines.shape)
        both, every = np.hstack([best, cosines]), np.hstack([rows, numbers])
        chosen = np.argpartition(-both, _NEAREST - 1, axis=1)[:, :_NEAREST]
        best, rows = (np.take_along_axis(each, chosen, axis=1) for each in (both, every))
    return [
        {row for row, cosine in zip(own.tolist(), values.tolist(), strict=True) if cosine > -2}
        for own, values in zip(rows, best, strict=True)
    ]


def _ours(among: Vectors, vector: Matrix) -> NDArray[np.int64]:
    return np.array([row for row, _ in among.nearest(vector, _NEAREST)], dtype=np.int64)


def _recall(found: Sequence[NDArray[np.int64]], truth: Sequence[set[int]]) -> float:
    pairs = zip(found, truth, strict=True)
    return float(np.mean([len(own & set(rows.tolist())) / max(len(own), 1) for rows, own in pairs]))


def _filtered(
    opened: Generation | Bare, ours: Vectors, vectors: Matrix, asked: Matrix
) -> dict[str, Any]:
    rows, told = [], dict[str, Any]()
    for name, among in _filters(opened, len(vectors)):
        truth = _exact(vectors, asked, among)
        search = {"": lambda one, own=among: ours.nearest(one, _NEAREST, own)}
        taken = in_turns(search, list(asked), _WARM)[""]
        found = [np.array([r for r, _ in ours.nearest(one, _NEAREST, among)]) for one in asked]
        recall = _recall(found, truth)
        rows.append([*taken.row(f"ours, {name} ({among.mean():.2%})"), f"{recall:.4f}"])
        told |= {f"{name} ms": taken.median, f"{name} recall": recall}
    show(["filtered", *HEAD, "recall@50"], rows)
    return told


def _filters(opened: Generation | Bare, passages: int) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Filters that let about so much through: by chance, and of a library by day and by source."""
    chance = np.random.default_rng(13)
    for share in _SHARES:
        yield f"{share:.1%} by chance", chance.random(passages) < share
    if isinstance(opened, Bare):
        return
    owners = opened.column("passage_article")
    days = np.sort(opened.column("published")[owners])
    days = days[days != UNDATED]
    sizes = np.bincount(opened.column("source")[owners], minlength=len(opened.manifest.sources))
    for share in _SHARES:
        middle, half = len(days) // 2, int(share * passages / 2)
        ends = days[max(middle - half, 0)], days[min(middle + half, len(days) - 1)]
        since, until = (date.fromordinal(int(day)) for day in ends)
        allowed = opened.allowed(Filters(since, until))
        if allowed is not None:
            yield f"{share:.1%} by day", allowed[owners]
        # As many sources as are within the share, the largest that still fits first.
        names, left = [], share * passages
        for number in np.argsort(-sizes, kind="stable").tolist():
            if 0 < sizes[number] <= left:
                names.append(opened.manifest.sources[number])
                left -= sizes[number]
        allowed = opened.allowed(Filters(sources=tuple(names)))
        if allowed is not None:
            yield f"{share:.1%} by {len(names)} sources", allowed[owners]


def _flat(vectors: Matrix) -> Mapping[str, Search]:
    import faiss

    index = faiss.IndexScalarQuantizer(
        vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    index.train(vectors[:1_000])
    _by_pieces(index.add, vectors)
    return {"flat": lambda one: index.search(one[None, :], _NEAREST)[1][0]}


def _binary(vectors: Matrix) -> Mapping[str, Search]:
    """Our codes, by faiss, rescored as we do."""
    import faiss

    index = faiss.IndexBinaryFlat(vectors.shape[1])
    _by_pieces(lambda some: index.add(np.packbits(some > 0, axis=1)), vectors)

    def search(one: Matrix, n: int) -> NDArray[np.int64]:
        rows = np.sort(index.search(np.packbits(one[None, :] > 0, axis=1), n)[1][0])
        best: NDArray[np.int64] = rows[np.argsort(-(vectors[rows] @ one))[:_NEAREST]]
        return best

    return {f"{n:,} compared": partial(search, n=n) for n in _RESCORED[2:]}


def _ivf(vectors: Matrix) -> Mapping[str, Search]:
    import faiss

    lists = int(len(vectors) ** 0.5)
    quantizer = faiss.IndexFlatIP(vectors.shape[1])
    index = faiss.IndexIVFScalarQuantizer(
        *(quantizer, vectors.shape[1], lists, faiss.ScalarQuantizer.QT_8bit),
        faiss.METRIC_INNER_PRODUCT,
    )
    chosen = np.random.default_rng(1).permutation(len(vectors))[: 40 * lists]
    index.train(vectors[np.sort(chosen)])
    _by_pieces(index.add, vectors)

    def search(one: Matrix, probes: int) -> NDArray[np.int64]:
        index.nprobe = probes
        rows: NDArray[np.int64] = index.search(one[None, :], _NEAREST)[1][0]
        return rows

    return {f"nprobe {n}": partial(search, probes=n) for n in _PROBES}


def _hnsw_sq8(vectors: Matrix) -> Mapping[str, Search]:
    import faiss

    index = faiss.IndexHNSWSQ(
        vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, 16, faiss.METRIC_INNER_PRODUCT
    )
    index.train(vectors[:20_000])
    _by_pieces(index.add, vectors)

    def search(one: Matrix, ef: int) -> NDArray[np.int64]:
        index.hnsw.efSearch = ef
        rows: NDArray[np.int64] = index.search(one[None, :], _NEAREST)[1][0]
        return rows

    return {f"ef {ef}": partial(search, ef=ef) for ef in _EF}


def _hnswlib(vectors: Matrix) -> Mapping[str, Search]:
    import hnswlib

    index = hnswlib.Index("ip", vectors.shape[1])
    index.init_index(len(vectors), ef_construction=200, M=16)
    _by_pieces(index.add_items, vectors)

    def search(one: Matrix, ef: int) -> NDArray[np.int64]:
        index.set_ef(ef)
        rows: NDArray[np.int64] = index.knn_query(one, _NEAREST)[0][0].astype(np.int64)
        return rows

    return {f"ef {ef}": partial(search, ef=ef) for ef in _EF}


def _usearch(vectors: Matrix) -> Mapping[str, Search]:
    from usearch.index import Index

    index = Index(ndim=vectors.shape[1], metric="cos", dtype="i8")
    index.add(np.arange(len(vectors)), np.asarray(vectors))

    def search(one: Matrix, ef: int) -> NDArray[np.int64]:
        index.expansion_search = ef
        return np.asarray(index.search(one, _NEAREST).keys).astype(np.int64)

    return {f"ef {ef}": partial(search, ef=ef) for ef in _EF}


def _by_pieces(add: Callable[[Matrix], Any], vectors: Matrix) -> None:
    for start in range(0, len(vectors), 10_000):
        add(np.asarray(vectors[start : start + 10_000]))


PEERS: dict[str, Callable[[Matrix], Mapping[str, Search]]] = {
    "faiss SQfp16": _flat,
    "faiss 1-bit": _binary,
    "faiss IVF-SQ8": _ivf,
    "faiss HNSW-SQ8": _hnsw_sq8,
    "hnswlib": _hnswlib,
    "usearch int8": _usearch,
}
