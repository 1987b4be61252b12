"""Every question of some sets, asked of the local indexes and of Milvus: are the answers the same?

    python -m tests.benchmarks.engines                         # seeds/ and tests/week/
    python -m tests.benchmarks.engines --datasets DIR          # and the public sets below DIR
    python -m tests.benchmarks.engines --only week --every 4 --uri http://127.0.0.1:19530

Milvus is a file of milvus-lite in the folder of --home unless --uri names another. Each set's
library is indexed there as `newsdesk eval` does it, moved, and compared row by row. Each question
is then asked of both; what differs is listed with the reason:

- tie: to the local indexes, both first passages have the same score to six digits
- candidates: the index proposed other candidates, among equals at the end of its list
- else the difference of scores is printed, to be looked at

Rows are Markdown, for tests/benchmarks/RESULTS.md. No times: milvus-lite's are not a cluster's.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from msgspec import structs

from newsdesk.index import evaluate
from newsdesk.index import settings as settings_
from newsdesk.index.evaluate.datasets import Dataset, JudgedQuestion
from newsdesk.index.evaluate.running import caching_loader, index
from newsdesk.index.generation import open_current
from newsdesk.index.library import Library
from newsdesk.index.milvus import check_moved, move
from newsdesk.index.search.searcher import MODELS, Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Answer, Question

from .answers import OWN, PUBLIC
from .results import ROOT, commit

SETS = {**OWN, "week": ROOT / "tests" / "week" / "questions.jsonl"}
_ENCODED = caching_loader()
_SAME = 1e-6  # of a score: what float32 does not tell apart
HEAD = (
    "set", "passages", "questions", "same first passage", "same sentence and verdict",
    "differ by a tie", "by candidates", "else",
)  # fmt: skip


@dataclass(slots=True)
class Compared:
    """What both engines gave for the questions of a set."""

    questions: int = 0
    first: int = 0  # with the same first passage
    answer: int = 0  # with the same sentence and the same verdict
    reasons: Counter[str] = field(default_factory=Counter)


def main() -> None:
    """Compare the sets that were asked for."""
    given = _arguments()
    places = {**SETS, **{name: given.datasets / name for name in PUBLIC if given.datasets}}
    settings = settings_.load(overrides={"home": str(given.home)})
    settings.home.mkdir(parents=True, exist_ok=True)
    uri = given.uri or str(given.home / "engines.db")
    settings = structs.replace(
        settings, milvus=structs.replace(settings.milvus, uri=uri, grace=0.0)
    )
    print(f"At commit {commit()}, {given.every} as --every.\n")
    print(f"| {' | '.join(HEAD)} |\n|{' --- |' * len(HEAD)}", flush=True)
    for name in given.only or places:
        if not places.get(name, Path("nowhere")).exists():
            print(f"{name}: left out, it is not there; see --datasets", file=sys.stderr)
            continue
        print(_row(name, places[name], settings, given.every, given.most), flush=True)


def _row(name: str, path: Path, settings: Settings, every: int, most: int) -> str:
    dataset = evaluate.load(path)
    dataset = replace(dataset, questions=dataset.questions[::every])
    own, _ = index(dataset, settings, lambda *_: None)
    passages = open_current(own.home).manifest.passages
    if passages > most:
        return f"| {name} | {passages:,} | left out: more than --most |"
    with Library(own.home) as library:
        identity = library.identity()
    move(own.milvus, open_current(own.home), identity, own.lexical)
    for flaw in check_moved(own.milvus, open_current(own.home)):
        print(f"{name}: {flaw}", file=sys.stderr)
    found = compare(dataset, own, settings.home / MODELS)
    cells = [
        name, f"{passages:,}", f"{found.questions:,}", _share(found.first, found.questions),
        _share(found.answer, found.questions), str(found.reasons["tie"]),
        str(found.reasons["candidates"]), str(found.reasons["else"]),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def compare(dataset: Dataset, settings: Settings, models: Path) -> Compared:
    """Ask all questions of a set of both engines, in turns."""
    found = Compared()
    there = structs.replace(settings, engine="milvus")
    with (
        Searcher(settings, models=models, load=_ENCODED) as local,
        Searcher(there, models=models, load=_ENCODED) as other,
    ):
        for question in dataset.questions:
            one, two = (searcher.ask(_question(question)) for searcher in (local, other))
            found.questions += 1
            is_same = _first(one) == _first(two)
            found.first += is_same
            found.answer += (one.verdict, one.sentence) == (two.verdict, two.sentence)
            if not is_same:
                reason = _reason(local, one, two)
                found.reasons[reason] += 1
                print(f"{question.text!r}: {reason}: {_first(one)}, {_first(two)}", file=sys.stderr)
    return found


def _reason(local: Searcher, one: Answer, two: Answer) -> str:
    """Why the first passages differ, by the scores that the local indexes give both."""
    query = one.understood.query
    hits = local.search(replace(query, k=200))
    scores = {hit.passage.id: hit.score for hit in hits}
    if _first(two) not in scores or _first(one) not in scores:
        return "candidates"
    apart = abs(scores[_first(one)] - scores[_first(two)])
    if apart <= _SAME * max(1.0, abs(scores[_first(one)])):
        return "tie"
    print(f"scores differ by {apart:.2e}", file=sys.stderr)
    return "else"


def _first(answer: Answer) -> str:
    return answer.passages[0].hit.passage.id if answer.passages else ""


def _question(question: JudgedQuestion) -> Question:
    now = datetime.combine(question.day, datetime.min.time(), UTC) if question.day else None
    return Question(question.text, now=now and now.replace(hour=12))


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({part / whole:.4f})" if whole else "–"


def _arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--home", type=Path, default=Path(".newsdesk"), help="where libraries lie")
    parser.add_argument("--datasets", type=Path, help="the folder of public sets")
    parser.add_argument("--only", nargs="*", help="names of sets")
    parser.add_argument("--every", type=int, default=1, help="ask one question of so many")
    parser.add_argument("--most", type=int, default=10_000, help="passages that a set may have")
    parser.add_argument("--uri", help="where Milvus is; by default a file in --home")
    return parser.parse_args(given)


if __name__ == "__main__":
    main()
