"""Real articles of public datasets, split once and kept; of some of their passages real vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np

from newsdesk.index import readers
from newsdesk.index.errors import ModelError
from newsdesk.index.generation import model_files
from newsdesk.index.indexes.dense import (
    DEFAULT_MODEL,
    Encoder,
    ExportedPassageEncoder,
    Matrix,
    Model,
    PassageEncoder,
    find_exported,
    fingerprint,
)
from newsdesk.index.library import Library, within
from newsdesk.index.settings import Settings
from newsdesk.index.types import Article
from newsdesk.index.update import RESTORED, Storing

# Those of news first: a library of 10,000 passages holds nothing else.
SETS = ("realtimeqa_2022", "multihoprag_facts", "time_magazine", "squad2_sample", "xquad/en")
_FIRST = 5  # passages of an article that are encoded: several, to see how they stray
_BATCH = 64


@cache
def model() -> Model:
    """The embedding model whose vectors are stored."""
    return Model(DEFAULT_MODEL, str(fingerprint(DEFAULT_MODEL)), 384)


def export_model(home: Path) -> Path:
    """Export the model, if that was not done. Returns the folder of models."""
    models = home / model_files.MODELS
    try:
        model_files.find(models, model())
    except ModelError:  # missing or damaged: either way it is exported
        model_files.export(models, PassageEncoder(DEFAULT_MODEL))
    return models


def encoder(models: Path) -> Encoder | ExportedPassageEncoder:
    """What encodes passages, without torch."""
    found = find_exported(DEFAULT_MODEL, model_files.find(models, model()))
    return found or PassageEncoder(DEFAULT_MODEL)


def read(home: Path, datasets: Path) -> Path:
    """Read and split the articles into a library of their own, once. Returns its folder."""
    place = home / "real"
    done = place / "read"
    if done.exists():
        return place
    with Library(place, create=True) as library:
        storing = Storing(Settings(home=place), library, model().hash)
        articles = _articles(datasets)
        while batch := list(islice(articles, 500)):
            with library.transaction():
                for article in batch:
                    storing.put(article)
    done.write_text("", "utf-8")
    return place


def _articles(datasets: Path) -> Iterator[Article]:
    number = 0
    for name in SETS:
        file = datasets / name / "corpus.jsonl.gz"
        if not file.exists():
            print(f"{name} is not there, so it is left out")
            continue
        for found in readers.read(file, file.parent, Settings().readers):
            if isinstance(found, Article):
                article_id = f"real-{number:06}"
                yield replace(found, id=article_id, path=f"{RESTORED}{article_id}")
                number += 1


def ids(library: Library) -> list[str]:
    """The ids of all articles, in order."""
    return [str(row[0]) for row in library.rows("SELECT id FROM articles ORDER BY id")]


def encode(place: Path, models: Path, wanted: int) -> None:
    """Encode the first passages of evenly chosen articles until `wanted` have vectors; goes on."""
    with Library(place) as library:
        every = ids(library)
        step = max(1, len(every) * _FIRST // max(wanted, 1))
        have = sum(1 for _ in library.rows("SELECT 1 FROM vectors"))
        rows = []
        for article_id in every[::step]:
            article = library.article(article_id)
            pairs = library.passages(article)[:_FIRST] if article else []
            rows += [(article, passage, key) for passage, key in pairs]
        todo = rows[have:wanted]
        if not todo:
            return
        made = encoder(models)
        for start in range(0, len(todo), _BATCH):
            batch = todo[start : start + _BATCH]
            encoded = made.encode(
                [article.title for article, _, _ in batch if article],
                [passage.text for _, passage, _ in batch],
                [within(passage) for _, passage, _ in batch],
            )
            with library.transaction():
                library.put_vectors(
                    (key, one.vector.tobytes(), one.sentences.tobytes())
                    for (_, _, key), one in zip(batch, encoded, strict=True)
                )
            print(f"encoded {have + start + len(batch):,} of {wanted:,}", end="\r", flush=True)


def vectors(place: Path) -> tuple[Matrix, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The real vectors, shape (n, d), and of which article each is, shape (n,)."""
    sql = (
        "SELECT vector, article_id FROM passages JOIN vectors ON key = vector_key "
        "ORDER BY article_id, ordinal"
    )
    with Library(place) as library:
        rows = list(library.rows(sql))
    packed = np.frombuffer(b"".join(row[0] for row in rows), dtype=np.float32)
    _, owners = np.unique([row[1] for row in rows], return_inverse=True)
    return packed.reshape(len(rows), -1), owners.astype(np.int64)


def questions(datasets: Path, count: int, seed: int = 3) -> list[str]:
    """Real questions, evenly from all sets."""
    from newsdesk.index.evaluate import load

    texts: list[str] = []
    for name in SETS:
        if (datasets / name).exists():
            texts += [question.text for question in load(datasets / name).questions]
    chosen: Sequence[int] = np.random.default_rng(seed).permutation(len(texts))[:count].tolist()
    return [texts[number] for number in chosen]
