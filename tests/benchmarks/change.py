"""What one more article costs in a library of many: until it is answerable, step by step.

    python -m tests.benchmarks.change [--articles 20000] [--home FOLDER] [--bound 3]

The library is real (SQLite, a generation on disk), words are made up, and vectors are those of the
small encoder of the tests, so that what is measured is everything but the model; encoding the five
passages of an article takes the real one about 0.1 s more. Exits with 1 above the bound (seconds).
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from pathlib import Path

from newsdesk.index.generation import open_current
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.sync import sync
from newsdesk.index.types import Query
from tests.helpers.support import SmallAsking, SmallEncoder, index, small

_VOCABULARY = 60_000  # words, of which some are far more frequent
_WORDS = 450  # of an article


def _article(number: int, chance: random.Random) -> dict[str, str]:
    words = [f"w{int(_VOCABULARY * chance.random() ** 3)}" for _ in range(_WORDS)]
    words[5] = f"unmistakable{number}"
    sentences = [" ".join(words[n : n + 18]).capitalize() + "." for n in range(0, _WORDS, 18)]
    return {"id": f"a{number:06}", "title": f"Story {number}", "text": " ".join(sentences)}


def _make(home: Path, folder: Path, articles: int) -> None:
    folder.mkdir(parents=True)
    chance = random.Random(1)
    for start in range(0, articles, 1000):
        lines = (json.dumps(_article(n, chance)) for n in range(start, min(start + 1000, articles)))
        (folder / f"{start:06}.jsonl").write_text("\n".join(lines), "utf-8")
    began = time.monotonic()
    index(home, folder)
    print(f"indexed {articles:,} articles in {time.monotonic() - began:.1f} s", flush=True)


def _add(home: Path, folder: Path, first: int, count: int, searcher: Searcher) -> float:
    """Seconds from the file being there until the last of some new articles is the answer."""
    lines = (json.dumps(_article(n, random.Random(n))) for n in range(first, first + count))
    (folder / f"more-{first}.jsonl").write_text("\n".join(lines), "utf-8")
    began = time.monotonic()
    sync(small(home), load=SmallEncoder)
    synced = time.monotonic()
    searcher.refresh()
    (hit,) = searcher.search(Query(f"unmistakable{first + count - 1}", k=1))
    if hit.article.id != f"a{first + count - 1:06}":
        raise SystemExit(f"it is not found: {hit.article.id}")
    seconds = time.monotonic() - began
    print(f"  {count:>4} more: {seconds:.2f} s, of which {synced - began:.2f} s until published")
    return seconds


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
        if not (home / "CURRENT").exists():
            _make(home, folder, given.articles)
        first = open_current(home).manifest.articles
        with Searcher(small(home), load=SmallAsking) as searcher:
            single = [_add(home, folder, first + n, 1, searcher) for n in range(5)]
            _add(home, folder, first + 10, 10, searcher)
            _add(home, folder, first + 100, 100, searcher)
            _add(home, folder, first + 1000, 500, searcher)  # so many that all is built anew
    print(f"one more article: {statistics.median(single):.2f} s, median of {len(single)}")
    if statistics.median(single) > given.bound:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
