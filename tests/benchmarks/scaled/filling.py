"""Fills a library with real articles and then made ones, up to a number of passages."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from newsdesk.index.library import Library, vector_key
from newsdesk.index.settings import Settings
from newsdesk.index.text import copies
from newsdesk.index.types import Article, Passage
from newsdesk.index.update import Storing

from . import real
from .made import Texts, Vectors

_AT_ONCE = 500  # articles
_BANDS = 64  # of the signature of a text


def fill(home: Path, place: Path, wanted: int, texts: Texts, vectors: Vectors) -> dict[str, int]:
    """Put articles until there are `wanted` passages; goes on where it was stopped.

    Returns how many passages are real, how many of these have real vectors, and how many are made.
    """
    with Library(home, create=True) as library, Library(place) as source:
        split = Storing(Settings(home=home), library, real.model().hash).split
        filler = _Filler(library, split, vectors)
        done = set(real.ids(library))
        _, total = library.counts()
        ids = real.ids(source)
        encoded = {row[0] for row in source.rows("SELECT key FROM vectors")}
        for start in range(0, len(ids), _AT_ONCE):
            if total >= wanted:
                break
            left = [each for each in ids[start : start + _AT_ONCE] if each not in done]
            total += filler.put_real(source, left, encoded, wanted - total)
        first = sum(1 for article_id in done if article_id.startswith("story-"))
        while total < wanted:
            batch = texts.batch(first, _AT_ONCE)
            first += _AT_ONCE
            total += filler.put_made(first, batch, wanted - total)
            print(f"{total:,} of {wanted:,} passages", end="\r", flush=True)
        _note_signatures(library)
        counts = "SELECT count(*) FROM passages WHERE article_id < 'story'"
        with_real = f"{counts} AND vector_key IN (SELECT key FROM temp.encoded)"
        library.change("CREATE TEMP TABLE encoded (key BLOB PRIMARY KEY)")
        library.change_many("INSERT INTO temp.encoded VALUES (?)", ((key,) for key in encoded))
        found = {
            "real": library.row(counts),
            "real vectors": library.row(with_real),
            "all": (library.counts()[1],),
        }
    return {name: int(row[0]) if row else 0 for name, row in found.items()}


class _Filler:
    def __init__(self, library: Library, split: str, vectors: Vectors) -> None:
        self._library, self._split, self._vectors = library, split, vectors

    def put_real(
        self, source: Library, ids: Sequence[str], encoded: set[bytes], wanted: int
    ) -> int:
        """Put real articles, whole, until there are enough; made vectors where there is no real."""
        given = []
        count = 0
        for article_id in ids:
            article = source.article(article_id)
            if article is None or count >= wanted:
                continue
            pairs = source.passages(article)
            count += len(pairs)
            given.append((article, [passage for passage, _ in pairs]))
        return self._put(given, 10**9 + int(given[0][0].id[-6:]), source, encoded) if given else 0

    def put_made(
        self, seed: int, batch: Sequence[tuple[Article, list[Passage]]], wanted: int
    ) -> int:
        """Put made articles, whole, until there are enough."""
        ends = np.cumsum([len(passages) for _, passages in batch])
        return self._put(batch[: int(np.searchsorted(ends, wanted)) + 1], seed)

    def _put(
        self,
        given: Sequence[tuple[Article, list[Passage]]],
        seed: int,
        source: Library | None = None,
        encoded: Iterable[bytes] = (),
    ) -> int:
        random = np.random.default_rng([2, seed])
        sizes = np.array([len(passages) for _, passages in given])
        made = self._vectors.passages(random, sizes)
        counts = np.array([len(p.sentences) for _, passages in given for p in passages])
        spoken = self._vectors.sentences(random, made, counts)
        ends = np.cumsum(counts).tolist()
        rows: list[tuple[bytes, bytes, bytes]] = []
        with self._library.transaction():
            for article, passages in given:
                keys = [vector_key(real.model().hash, article, one) for one in passages]
                for key in keys:
                    n = len(rows)
                    own = spoken[ends[n - 1] if n else 0 : ends[n]]
                    rows.append((key, made[n].tobytes(), own.tobytes()))
                    if source and key in encoded:
                        rows[-1] = (key, *source.vector(key))
                self._library.put(article, zip(passages, keys, strict=True), self._split)
            self._library.put_vectors(rows)
        return len(rows)


def _note_signatures(library: Library) -> None:
    """What copies are found by: of real articles theirs, of made ones numbers by chance.

    Made texts are no copies of each other; the tables are as large as if they were compared.
    """
    library.stories.use(copies.version())
    missing = library.stories.missing()
    random = np.random.default_rng(9)
    given: list[tuple[int, str, list[int]]] = []
    row = library.row("SELECT coalesce(max(number), 0) FROM texts")
    first = 1 + int(row[0] if row else 0)
    for number, article_id in enumerate(missing, first):
        article = library.article(article_id) if article_id.startswith("real") else None
        if article:
            bands = copies.bands(copies.Text(article.text))
        else:
            bands = random.integers(0, 2**62, _BANDS).tolist()
        given.append((number, article_id, bands))
    pairs = sorted((band, number) for number, _, bands in given for band in bands)
    with library.transaction():
        library.change_many(
            "INSERT INTO texts VALUES (?, ?, ?, ?)",
            ((n, each, n, array("q", bands).tobytes()) for n, each, bands in given),
        )
        library.change_many("INSERT OR IGNORE INTO bands VALUES (?, ?)", pairs)
        library.note_change()
