"""TREC's runs and qrels, so that trec_eval and other people's runs can be compared."""

from __future__ import annotations

from pathlib import Path

from newsdesk.index.errors import DatasetError
from newsdesk.index.types import Answer

from .datasets import Dataset
from .measures import VERDICT_MEASURES, Outcome, measure
from .running import Run


def write_run(run: Run, path: Path, tag: str) -> None:
    """Write a run in TREC's format: query, Q0, article, rank, score, tag."""
    with path.open("w", encoding="utf-8") as stream:
        for outcome in run.outcomes:
            for rank, (article, score) in enumerate(outcome.ranking, start=1):
                stream.write(f"{outcome.question.id} Q0 {article} {rank} {score:.6f} {tag}\n")


def write_qrels(dataset: Dataset, path: Path) -> None:
    """Write what is relevant in TREC's format: query, 0, article, grade."""
    with path.open("w", encoding="utf-8") as stream:
        for question in dataset.questions:
            for article, grade in question.relevant.items():
                stream.write(f"{question.id} 0 {article} {grade}\n")


def read_run(path: Path, dataset: Dataset) -> Run:
    """Read someone's run for a dataset: only its ranking can be measured. Raises DatasetError."""
    rankings: dict[str, list[tuple[str, float]]] = {}
    number = 0
    try:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):  # noqa: B007
            if line.strip():
                query, _, article, _, score, *_ = line.split()
                rankings.setdefault(query, []).append((article, float(score)))
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise DatasetError(
            f"{path}, line {number}: not query, Q0, article, rank, score, tag"
        ) from error
    outcomes = tuple(
        Outcome(
            question,
            _ranked(rankings.get(question.id, [])),
            Answer(question.text, "none", 0.0, None, ()),
        )
        for question in dataset.questions
    )
    measures = measure(outcomes)
    unmeasured = (*VERDICT_MEASURES, "sentence@1", "answered_well")
    measures.update(dict.fromkeys(unmeasured))  # a run says nothing of these
    return Run("hybrid", {}, measures, outcomes, path.name)


def _ranked(scored: list[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(scored, key=lambda pair: -pair[1]))
