"""The tables of `newsdesk eval`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from newsdesk.index import evaluate
from newsdesk.index.evaluate import Comparison, Dataset, Run, gates
from newsdesk.index.types import counted

from . import terminal

_COMPARED = ("nDCG@10", "hit@1", "MRR@10", evaluate.SENTENCE, *evaluate.VERDICT_MEASURES)
_NOT_MEASURED = "–"


def show_runs(
    dataset: Dataset, runs: Sequence[Run], comparisons: Sequence[Sequence[Comparison]]
) -> None:
    """A table of runs, then one for each further run of what it wins and loses to the first."""
    names = list(runs[0].measures)
    rows = [[run.name, *(_starred(runs, run, name) for name in names), _ms(run)] for run in runs]
    title = f"{dataset.name}, {counted(len(dataset.questions), 'question')}"
    if runs[0].off_topic:
        title += f", {counted(len(runs[0].off_topic), 'off-topic one')}"
    terminal.show_table(title, ["run", *names, "ms"], rows)
    for run, compared in zip(runs[1:], comparisons, strict=True):
        rows = [_compared(c) for c in compared if c.measure in _COMPARED]
        header = ["measure", "difference", "95 % interval", "p", "won", "lost"]
        if rows:
            terminal.show_table(f"{run.name}, against {runs[0].name}", header, rows)


def show_kinds(run: Run) -> None:
    """A table of a run: how the questions of each kind ended, off-topic ones included."""
    rows = [
        [
            kind.name or "(no kind)",
            str(kind.questions),
            *(_NOT_MEASURED if n is None else str(n) for n in (kind.first, kind.right)),
            *map(str, (kind.answered, kind.answered_right, kind.weak, kind.none)),
        ]
        for kind in evaluate.by_kind(run.judged)
    ]
    header = ["kind", "questions", "article first", "sentence right"]
    header += ["answered", "answered right", "weak", "none"]
    terminal.show_table(f"{run.name}, by kind of question", header, rows)


def show_week(title: str, measures: Mapping[str, Mapping[str, float | None]]) -> None:
    """A table of the measures of briefings, with a column for each part of the week."""
    names = list(next(iter(measures.values())))
    rows = [[name, *(_number(of_part[name]) for of_part in measures.values())] for name in names]
    terminal.show_table(title, ["measure", *measures], rows)


def show_gates(file: Path, checks: Sequence[gates.GateCheck]) -> None:
    """A table of floors and ceilings with what was reached."""
    header = ["dataset", "measure", "limit", "reached", ""]
    terminal.show_table(str(file), header, [_check(check) for check in checks])


def _starred(runs: Sequence[Run], run: Run, name: str) -> str:
    """A value, with a star behind the best of several."""
    value = run.measures.get(name)
    if value is None:
        return _NOT_MEASURED
    values = [v for other in runs if (v := other.measures.get(name)) is not None]
    best = min(values) if name in evaluate.LESS_IS_BETTER else max(values)
    return _number(value) + ("*" if len(values) > 1 and value == best else "")


def _number(value: float | None) -> str:
    return _NOT_MEASURED if value is None else f"{value:.3f}"


def _ms(run: Run) -> str:
    return _NOT_MEASURED if run.milliseconds is None else f"{run.milliseconds:.1f}"


def _compared(comparison: Comparison) -> list[str]:
    star = " *" if comparison.is_significant else ""
    return [
        comparison.measure,
        f"{comparison.difference:+.3f}",
        f"{comparison.low:+.3f} … {comparison.high:+.3f}",
        f"{comparison.p:.3f}{star}",
        str(len(comparison.wins)),
        str(len(comparison.losses)),
    ]


def _check(check: gates.GateCheck) -> list[str]:
    limit = f"{'at least' if check.least else 'at most'} {check.limit:.3f}"
    verdict = "" if check.passed else "MISSED"
    return [check.dataset, check.measure, limit, _number(check.reached), verdict]
