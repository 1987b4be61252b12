"""Measures retrieval and answers on a dataset, offline.

    from newsdesk.index import evaluate, load_settings

    dataset = evaluate.load(Path("seeds"))
    settings, _ = evaluate.index(dataset, load_settings(), lambda *_: None)
    run = evaluate.evaluate(dataset, settings)
    run.measures["nDCG@10"], run.outcomes[0].answer

`compare(first, other)` tests whether two runs differ by more than chance, `by_question` gives a
run's values for each question, and `write_run`, `write_qrels` and `read_run` use TREC's formats.
"""

from __future__ import annotations

from .comparison import Comparison, compare, interval, ratio_interval, worth
from .datasets import Dataset, JudgedQuestion, load
from .gates import Gate, GateCheck
from .measures import (
    COVERAGE,
    LESS_IS_BETTER,
    MEASURES,
    PRECISION,
    SENTENCE,
    VERDICT_MEASURES,
    Kind,
    Outcome,
    answers,
    by_kind,
    by_question,
    measure,
    precision_parts,
)
from .off_topic import off_topic_questions, other_dataset
from .running import FOLDER, Run, caching_loader, evaluate, index, missing_articles
from .trec import TAG, is_run_of, read_run, write_qrels, write_run

__all__ = [
    "COVERAGE",
    "FOLDER",
    "LESS_IS_BETTER",
    "MEASURES",
    "PRECISION",
    "SENTENCE",
    "TAG",
    "VERDICT_MEASURES",
    "Comparison",
    "Dataset",
    "Gate",
    "GateCheck",
    "JudgedQuestion",
    "Kind",
    "Outcome",
    "Run",
    "answers",
    "by_kind",
    "by_question",
    "caching_loader",
    "compare",
    "evaluate",
    "index",
    "interval",
    "is_run_of",
    "load",
    "measure",
    "missing_articles",
    "off_topic_questions",
    "other_dataset",
    "precision_parts",
    "ratio_interval",
    "read_run",
    "worth",
    "write_qrels",
    "write_run",
]
