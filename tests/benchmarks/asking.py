"""What a question costs from its words to its answer, the model included, before and after.

    python -m tests.benchmarks.asking [--questions 300] DATASET …

Before is the ranking by both scores alone: no sentence is read, no source looked for. After is the
ranking as set. Each asks the same questions, in turns. The bound: after takes at most twice what
before does, median. Exits with 1 if it is missed. Needs what the tests need.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from msgspec import structs

from newsdesk.index import evaluate
from newsdesk.index.search.searcher import MODELS, Searcher
from newsdesk.index.settings import Fusion, Settings
from newsdesk.index.types import Query

from .side_by_side import HEAD, Taken, in_turns, show, verdict

TIMES = 2.0
BEFORE = Fusion(read=0, source=0.0, recency=0.0)
_WARM = 10  # questions before those that count


def main() -> None:
    """Ask each dataset's questions, say whether the bound is kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("datasets", nargs="+", type=Path)
    parser.add_argument("--questions", type=int, default=300, help="of each; default: 300")
    parser.add_argument("--home", type=Path, default=Path(".newsdesk"))
    given = parser.parse_args()
    kept = []
    for path in given.datasets:
        dataset = evaluate.load(path)
        taken, passages = measured(dataset, given.home, given.questions)
        head = [f"{dataset.name}, {passages:,} passages", *HEAD]
        show(head, [one.row(name) for name, one in taken.items()])
        times = taken["after"].median / taken["before"].median
        kept.append(verdict(f"{dataset.name}: times what it took before", times, TIMES))
    sys.exit(0 if all(kept) else 1)


def measured(dataset: evaluate.Dataset, home: Path, questions: int) -> tuple[dict[str, Taken], int]:
    """What a question takes before and after, and how many passages there are."""
    own, _ = evaluate.index(dataset, Settings(home=home), lambda *_: None)
    plain = structs.replace(own, fusion=BEFORE)
    asked = [Query(one.text, asked=one.day) for one in dataset.questions[: questions + _WARM]]
    models = home / MODELS
    with Searcher(plain, models=models) as before, Searcher(own, models=models) as after:
        taken = in_turns({"before": before.answer_query, "after": after.answer_query}, asked, _WARM)
        return taken, after.engine.passages


if __name__ == "__main__":
    main()
