"""What one more article costs in a library of many: until it is answerable, step by step.

    python -m tests.benchmarks.change [--articles 20000] [--home FOLDER] [--bound 3]

The library is real (SQLite, a generation on disk), words are made up, and vectors are those of the
small encoder of the tests, so that what is measured is everything but the model; encoding the five
passages of a long article takes the real one about 0.1 s more. Exits with 1 where one more article
takes more seconds of the processor than the bound; on a busy machine the clock shows more.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from newsdesk.index.generation import build, model_files, open_current
from newsdesk.index.library import Library, vector_key
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.sync import sync
from newsdesk.index.types import Article, Passage, Query, Span
from newsdesk.index.update import RESTORED, Storing
from tests.helpers.support import SmallAsking, SmallEncoder, index, small

_VOCABULARY = 60_000  # words, of which some are far more frequent
_WORDS = 270  # of an article


def _article(number: int, chance: random.Random) -> dict[str, str]:
    words = [f"w{int(_VOCABULARY * chance.random() ** 3)}" for _ in range(_WORDS)]
    words[5] = f"unmistakable{number}"
    sentences = [" ".join(words[n : n + 18]).capitalize() + "." for n in range(0, _WORDS, 18)]
    return {"id": f"a{number:06}", "title": f"Story {number}", "text": " ".join(sentences)}


def _make(home: Path, articles: int) -> None:
    """A library of made-up articles; split and encoded quickly, as that is not measured."""
    model = SmallEncoder().model
    chance, numbers = random.Random(1), np.random.default_rng(1)
    began = time.monotonic()
    with Library(home, create=True) as library:
        split = Storing(small(home), library, model.hash).split
        for start in range(0, articles, 500):
            with library.transaction():
                for number in range(start, min(start + 500, articles)):
                    given = _article(number, chance)
                    path = f"{RESTORED}{number}"
                    article = Article(given["id"], given["title"], given["text"], path)
                    passages = list(_passages(article))
                    keys = [vector_key(model.hash, article, passage) for passage in passages]
                    library.put(article, zip(passages, keys, strict=True), split)
                    library.put_vectors(_vectors(keys, passages, numbers, model.dimensions))
        model_files.export(home / model_files.MODELS, SmallEncoder())
        print(f"made {articles:,} articles in {time.monotonic() - began:.1f} s", flush=True)
        began = time.monotonic()
        build(home, library, model)
    print(f"all built: {time.monotonic() - began:.1f} s", flush=True)


def _passages(article: Article) -> Iterator[Passage]:
    """Five sentences each."""
    ends = [0, *(place + 1 for place, sign in enumerate(article.text) if sign == ".")]
    spans = [Span(start + bool(start), end) for start, end in pairwise(ends)]
    for ordinal, first in enumerate(range(0, len(spans), 5)):
        own = tuple(spans[first : first + 5])
        start, end = own[0].start, own[-1].end
        yield Passage(article.id, ordinal, start, end, article.text[start:end], own)


def _vectors(
    keys: Sequence[bytes], passages: Sequence[Passage], numbers: np.random.Generator, width: int
) -> Iterator[tuple[bytes, bytes, bytes]]:
    for key, passage in zip(keys, passages, strict=True):
        vector = numbers.standard_normal(width).astype(np.float32)
        vector /= np.linalg.norm(vector)
        sentences = numbers.integers(-90, 90, (len(passage.sentences), width), dtype=np.int8)
        yield key, vector.tobytes(), sentences.tobytes()


def _add(home: Path, folder: Path, first: int, count: int, searcher: Searcher) -> float:
    """Processor's seconds from a file being there until its last new article is the answer."""
    lines = (json.dumps(_article(n, random.Random(n))) for n in range(first, first + count))
    (folder / f"more-{first}.jsonl").write_text("\n".join(lines), "utf-8")
    began, used = time.monotonic(), time.process_time()
    sync(small(home), load=SmallEncoder)
    synced = time.monotonic()
    searcher.refresh()
    (hit,) = searcher.search(Query(f"unmistakable{first + count - 1}", k=1))
    if hit.article.id != f"a{first + count - 1:06}":
        raise SystemExit(f"it is not found: {hit.article.id}")
    seconds, used = time.monotonic() - began, time.process_time() - used
    print(
        f"  {count:>4} more: {used:.2f} s of the processor, {seconds:.2f} s by the clock, of which "
        f"{synced - began:.2f} s until published",
        flush=True,
    )
    return used


def main() -> None:
    """Make the library, add one article several times, then more at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--bound", type=float, default=3.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place = given.home or Path(scratch)
        home, folder = place / "home", place / "articles"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "one.txt").write_text("Story\n\nIt was.", "utf-8")
        if not (home / "CURRENT").exists():
            _make(home, given.articles)
        index(home, folder)  # from now on `sync` looks into the folder
        first = open_current(home).manifest.articles
        with Searcher(small(home), load=SmallAsking) as searcher:
            single = [_add(home, folder, first + n, 1, searcher) for n in range(5)]
            _add(home, folder, first + 10, 10, searcher)
            _add(home, folder, first + 100, 100, searcher)
            _add(home, folder, first + 1000, 300, searcher)  # more than is kept apart: built anew
    print(
        f"one more article: {statistics.median(single):.2f} s of the processor, median of "
        f"{len(single)}"
    )
    if statistics.median(single) > given.bound:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
