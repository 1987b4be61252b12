"""BM25 side by side: rank-bm25's `BM25Okapi` and our postings, on the same made-up corpus.

    python -m tests.benchmarks.words [--passages 1000000]

Shows what `get_scores` takes for six-word questions, three of the words stop words: with these
kept, as rank-bm25 is used, and dropped, as our analyzer does. Both get the same idf, and every
score is compared. The bounds: from 200,000 passages on at least 200 times faster, and scores
equal within 1e-6. Exits with 1 if one is missed. At a million passages rank-bm25 takes 4 GB.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from newsdesk.index.indexes.bm25 import PostingsBM25, best
from newsdesk.index.indexes.postings import postings

from .side_by_side import COMMONEST, HEAD, Language, in_turns, show, verdict

FASTER = 200
_FROM = 200_000  # passages
WITHIN = 1e-6
_TOP = 10
_WARM = 2  # questions before those that count

Scores = Callable[[Sequence[str]], NDArray[np.floating[Any]]]


def main() -> None:
    """Build both, compare, say whether the bounds are kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=int, default=200_000, help="default: 200,000")
    parser.add_argument("--questions", type=int, default=21, help="of each kind; default: 21")
    given = parser.parse_args()
    language = Language()
    corpus = list(language.passages(given.passages))
    print(f"{given.passages:,} passages, {given.questions} questions of each kind, in turns\n")
    with tempfile.TemporaryDirectory() as scratch:
        plain, ours, mapped = _build(corpus, Path(scratch))
        del corpus
        asked = language.questions(given.questions + _WARM)
        kept = [_compare("stop words kept", plain, ours, mapped, asked)]
        asked = [[word for word in one if word not in COMMONEST] for one in asked]
        kept.append(_compare("stop words dropped", plain, ours, mapped, asked))
    sys.exit(0 if all(kept) else 1)


def _build(corpus: list[list[str]], scratch: Path) -> tuple[BM25Okapi, PostingsBM25, PostingsBM25]:
    """rank-bm25's with our idf, ours, and ours over memory-mapped files."""
    begun = time.perf_counter()
    columns = postings(corpus)
    ours = PostingsBM25(columns)
    after_ours = time.perf_counter()
    plain = BM25Okapi(corpus)
    after_plain = time.perf_counter()
    plain.idf = {term: ours.idf[term] for term in plain.idf}
    for name, column in columns.items():
        np.save(scratch / f"{name}.npy", column)
    files = {name: np.load(scratch / f"{name}.npy", mmap_mode="r") for name in columns}
    opening = time.perf_counter()
    mapped = PostingsBM25({name: np.asarray(file) for name, file in files.items()})
    opened = time.perf_counter() - opening
    show(
        ["building", "s", "MB"],
        [
            ["rank-bm25", f"{after_plain - after_ours:.1f}", ""],
            [
                "ours",
                f"{after_ours - begun:.1f}",
                f"{sum(one.nbytes for one in columns.values()) / 1e6:.0f}",
            ],
            ["ours, opened from files", f"{opened:.3f}", ""],
        ],
    )
    return plain, ours, mapped


def _compare(
    kind: str,
    plain: BM25Okapi,
    ours: PostingsBM25,
    mapped: PostingsBM25,
    questions: Sequence[Sequence[str]],
) -> bool:
    worst = max(_difference(plain, mapped, one) for one in questions)
    contenders: dict[str, Scores] = {
        "rank-bm25": plain.get_scores,
        "ours": ours.get_scores,
        "ours, from files": mapped.get_scores,
    }
    taken = in_turns(contenders, questions, _WARM)
    scores = [ours.get_scores(one) for one in questions]
    top = in_turns({"": lambda one: best(one, _TOP)}, scores, _WARM)[""]
    base = taken["rank-bm25"].median
    rows = [[*one.row(name), f"{base / one.median:.0f}"] for name, one in taken.items()]
    rows.append([*top.row(f"then the best {_TOP} of ours"), ""])
    show([kind, *HEAD, "times faster"], rows)
    slowest = max(one.median for name, one in taken.items() if name != "rank-bm25")
    bound = FASTER if ours.corpus_size >= _FROM else 1
    fast = verdict("times faster", base / slowest, bound, at_least=True)
    equal = verdict("largest difference of a score", worst, WITHIN)
    print()
    return fast and equal


def _difference(plain: BM25Okapi, ours: PostingsBM25, question: Sequence[str]) -> float:
    return float(np.abs(plain.get_scores(question) - ours.get_scores(question)).max())


if __name__ == "__main__":
    main()
