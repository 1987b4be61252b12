"""Floors under how good retrieval is on public sets, which lie beside a checkout or not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import ir_measures
import msgspec
import pytest

from newsdesk.index import evaluate
from newsdesk.index.evaluate import Dataset, caching_loader
from newsdesk.index.indexes.dense import Asking
from newsdesk.index.search.engine import Mode
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Reading, Settings
from newsdesk.index.types import Query
from tests.helpers.support import SHARED

DATASETS = SHARED / "datasets"


@dataclass(frozen=True, slots=True)
class Sample:
    """How much of a set is measured: all of one takes minutes to encode and to ask."""

    floor: float  # of the measure, on this much
    every: int = 1  # of so many questions one is asked
    others: int = 1  # and of so many articles that answer none of those, one is there


def check_floor(home: Path, name: str, measure: str, sample: Sample) -> None:
    """Hybrid reaches its floor on a sample of a set, and neither index alone is better.

    Hybrid is asked by the one entry point. Skips the test where the set is not there.
    """
    source = there(name)
    dataset = evaluate.load(source)
    dataset = replace(dataset, questions=dataset.questions[:: sample.every])
    if sample.others > 1:
        part = home.parent / name
        part.mkdir(parents=True)
        dataset = replace(dataset, corpus=_part(source, dataset, part, sample.others))
    _check(dataset, home, measure, sample.floor)


def there(name: str) -> Path:
    """The folder of a public set; skips the test where there is none."""
    if not (DATASETS / name).is_dir():
        pytest.skip(f"{name} is not beside this clone (../shared/datasets)")
    return DATASETS / name


def _part(source: Path, dataset: Dataset, folder: Path, others: int) -> Path:
    """A file of the articles that a dataset's questions are judged by, and some others."""
    relevant = {id_ for question in dataset.questions for id_ in question.relevant}
    lines = gzip.decompress((source / "corpus.jsonl.gz").read_bytes()).splitlines(keepends=True)
    kept = [
        line
        for number, line in enumerate(lines)
        if number % others == 0 or json.loads(line)["_id"] in relevant
    ]
    (folder / "corpus.jsonl").write_bytes(b"".join(kept))
    return folder / "corpus.jsonl"


def _check(dataset: Dataset, home: Path, measure: str, floor: float) -> None:
    own, _ = evaluate.index(dataset, Settings(home=home), lambda *_: None)
    load = caching_loader()
    run = evaluate.evaluate(dataset, own, "hybrid", models=home / "models", load=load)
    hybrid = run.measures[measure]
    alone = [_ranked(dataset, own, mode, home, measure, load) for mode in ("lexical", "dense")]
    figures = json.dumps([hybrid, *alone])
    print(f"{dataset.name}: {measure} by hybrid, by either index: {figures}")
    assert hybrid is not None
    assert hybrid >= floor, figures
    assert hybrid >= max(alone), figures


def _ranked(
    dataset: Dataset,
    settings: Settings,
    mode: Mode,
    home: Path,
    measure: str,
    load: Callable[[Path], Asking],
) -> float:
    """A measure of the articles' order by one index alone, nothing of which is read."""
    settings = msgspec.structs.replace(settings, reader=Reading(model="none"))
    judged = [question for question in dataset.questions if question.relevant]
    with Searcher(settings, mode, home / "models", load) as searcher:
        run = {
            question.id: {
                article: -float(rank)
                for rank, (article, _) in enumerate(searcher.articles(Query(question.text), 10))
            }
            for question in judged
        }
    qrels = {question.id: dict(question.relevant) for question in judged}
    wanted = ir_measures.parse_measure(measure.replace("hit", "Success"))
    return float(ir_measures.calc_aggregate([wanted], qrels, run)[wanted])
