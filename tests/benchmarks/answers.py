"""Sentences and verdicts on every set, in one table: what a change of the answering model moves.

    python -m tests.benchmarks.answers                          # seeds/ and tests/week/
    python -m tests.benchmarks.answers --datasets DIR           # and the public sets below DIR
    python -m tests.benchmarks.answers --only week-held-out squad2_sample --every 5
    python -m tests.benchmarks.answers --set answer.answered=0.8

Rows are printed as they are measured, as Markdown, for tests/benchmarks/RESULTS.md. The measures
are those of `newsdesk eval`. Off-topic questions are those of tests/week/, of the week itself those
of seeds/. The libraries are kept in the folder of --home, so that a second run encodes nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from newsdesk.index import evaluate
from newsdesk.index import settings as settings_
from newsdesk.index.cli.measuring import Configuration, run
from newsdesk.index.evaluate import Run
from newsdesk.index.search.searcher import MODELS

from .results import ROOT, commit

SEEDS, WEEK = ROOT / "seeds", ROOT / "tests" / "week"
OWN = {
    "seeds-held-out": SEEDS / "questions-held-out.jsonl",
    "seeds": SEEDS / "questions.jsonl",
    "seeds-kinds": SEEDS / "questions-kinds.jsonl",
    "week-held-out": WEEK / "questions-held-out.jsonl",
    "week-kinds": WEEK / "questions-kinds.jsonl",
}
PUBLIC = ("squad2_sample", "xquad/en", "realtimeqa_2022", "multihoprag_facts")
COLUMNS = {
    "sentence@1": "sentence@1",
    "auroc": "AUROC",
    "answered_precision": "precision of answered",
    "answered_coverage": "coverage of answered",
    "false_refusals": "refused",
    "off_topic_shown": "off-topic shown",
    "hit@1": "hit@1",
    "nDCG@10": "nDCG@10",
}


def main() -> None:
    """Measure the sets that were asked for."""
    given = _arguments()
    places = {**OWN, **{name: given.datasets / name for name in PUBLIC if given.datasets}}
    overrides = dict(setting.split("=", 1) for setting in given.set)
    settings = settings_.load(overrides={"home": str(given.home), **overrides})
    print(f"At commit {commit()}, every {given.every} of the questions." + _said(overrides))
    print(f"\n| set | answerable, without, off-topic | {' | '.join(COLUMNS.values())} | ms |")
    print(f"| --- | --- |{' --- |' * (len(COLUMNS) + 1)}", flush=True)
    for name in given.only or places:
        if name not in places or not places[name].exists():
            print(
                f"{name}: left out, it is not there; name its folder by --datasets", file=sys.stderr
            )
            continue
        dataset = evaluate.load(places[name])
        dataset = replace(dataset, questions=dataset.questions[:: given.every])
        other = SEEDS if dataset.corpus == WEEK else WEEK
        (measured,) = run(
            dataset, [Configuration(name, "hybrid", settings)], settings.home / MODELS, other
        )
        print(row(name, measured), flush=True)


def row(name: str, measured: Run) -> str:
    """A set's line of the table."""
    cells = [name, ", ".join(map(str, counts(measured)))]
    cells += [_cell(measured.measures, measure) for measure in COLUMNS]
    cells.append("–" if measured.milliseconds is None else f"{measured.milliseconds:.0f}")
    return f"| {' | '.join(cells)} |"


def counts(measured: Run) -> Sequence[int]:
    """How many questions are answerable, have no answer, and are off-topic."""
    questions = [outcome.question for outcome in measured.judged]
    off_topic = sum(question.off_topic for question in questions)
    without = sum(question.unanswerable for question in questions) - off_topic
    return sum(bool(question.relevant) for question in questions), without, off_topic


def _cell(measures: Mapping[str, float | None], name: str) -> str:
    value = measures.get(name)
    return "–" if value is None else f"{value:.3f}"


def _said(overrides: Mapping[str, str]) -> str:
    return "".join(f" {key}={value}." for key, value in overrides.items())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = ", ".join((*OWN, *PUBLIC))
    parser.add_argument("--only", nargs="+", metavar="SET", help=names)
    parser.add_argument("--datasets", type=Path, metavar="DIR", help="where the public sets lie")
    parser.add_argument(
        "--home",
        type=Path,
        default=Path(".newsdesk"),
        metavar="DIR",
        help="where libraries are kept",
    )
    parser.add_argument("--every", type=int, default=1, metavar="N", help="ask every Nth question")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="settings")
    return parser.parse_args()


if __name__ == "__main__":
    main()
