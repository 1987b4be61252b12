"""How good retrieval is, measured on a dataset, offline.

    from newsdesk.index import evaluate, load_settings

    dataset = evaluate.load(Path("seeds"))
    settings, _ = evaluate.index(dataset, load_settings(), lambda *_: None)
    run = evaluate.evaluate(dataset, settings)
    run.measures["nDCG@10"], run.outcomes[0].answer

`compare(first, other)` says whether a difference between two runs is more than luck, `by_question`
gives a run's values one by one, and `write_run`, `write_qrels` and `read_run` speak TREC's formats.
"""

from __future__ import annotations

from .comparison import Comparison, compare, interval
from .datasets import Dataset, Question, load
from .gates import Gate, GateCheck
from .measures import (
    LESS_IS_BETTER,
    MEASURES,
    SENTENCE,
    VERDICT_MEASURES,
    WELL,
    Outcome,
    answers,
    by_question,
    measure,
)
from .running import FOLDER, Run, caching_loader, evaluate, index
from .trec import read_run, write_qrels, write_run

__all__ = [
    "FOLDER",
    "LESS_IS_BETTER",
    "MEASURES",
    "SENTENCE",
    "VERDICT_MEASURES",
    "WELL",
    "Comparison",
    "Dataset",
    "Gate",
    "GateCheck",
    "Outcome",
    "Question",
    "Run",
    "answers",
    "by_question",
    "caching_loader",
    "compare",
    "evaluate",
    "index",
    "interval",
    "load",
    "measure",
    "read_run",
    "write_qrels",
    "write_run",
]
