"""What a question costs from its words to its answer, beside its own vector.

    python -m tests.benchmarks.asking [--questions 300] [--passages 1 2 3 4] DATASET …

The same questions, in turns: encoded by the exported model; answered without a reader; answered
with so many passages read as are set, or as --passages names. The bound: with as many as are set,
at most 15 times its vector, median. Exits with 1 if it is missed. Needs what the tests need.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec import structs

from newsdesk.index import evaluate
from newsdesk.index.indexes.dense import QuestionEncoder, fingerprint
from newsdesk.index.search.searcher import MODELS, Searcher
from newsdesk.index.settings import Reading, Settings
from newsdesk.index.types import Query

from .side_by_side import HEAD, Taken, in_turns, show, verdict

TIMES = 15.0
VECTOR, PLAIN = "its vector", "no reader"
SET = Reading().passages
_WARM = 10  # questions before those that count


def main() -> None:
    """Ask each dataset's questions, say whether the bound is kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("datasets", nargs="+", type=Path)
    parser.add_argument("--questions", type=int, default=300, help="of each; default: 300")
    parser.add_argument("--passages", type=int, nargs="+", default=[], help="read, beside as set")
    parser.add_argument("--home", type=Path, default=Path(".newsdesk"))
    given = parser.parse_args()
    kept = []
    for path in given.datasets:
        dataset = evaluate.load(path)
        taken, passages = measured(dataset, given.home, given.questions, given.passages)
        head = [f"{dataset.name}, {passages:,} passages", *HEAD]
        show(head, [one.row(name) for name, one in taken.items()])
        times = taken[_read(SET)].median / taken[VECTOR].median
        kept.append(verdict(f"{dataset.name}: times its vector", times, TIMES))
    sys.exit(0 if all(kept) else 1)


def measured(
    dataset: evaluate.Dataset, home: Path, questions: int, passages: Sequence[int]
) -> tuple[dict[str, Taken], int]:
    """What a question takes in each way, and how many passages there are."""
    own, _ = evaluate.index(dataset, Settings(home=home), lambda *_: None)
    asked = [Query(one.text, asked=one.day) for one in dataset.questions[: questions + _WARM]]
    models = home / MODELS
    readers = {PLAIN: Reading("none")}
    readers |= {_read(n): Reading(passages=n) for n in sorted({*passages, SET})}
    with contextlib.ExitStack() as opened:
        searchers = {
            name: opened.enter_context(Searcher(structs.replace(own, reader=one), models=models))
            for name, one in readers.items()
        }
        encoder = QuestionEncoder(models / (fingerprint(own.model) or "")[:16])
        ways: dict[str, Callable[[Query], Any]] = {VECTOR: lambda query: encoder.encode(query.text)}
        ways |= {name: searcher.answer_query for name, searcher in searchers.items()}
        return in_turns(ways, asked, _WARM), searchers[PLAIN].engine.passages


def _read(passages: int) -> str:
    return f"{passages} read"


if __name__ == "__main__":
    main()
