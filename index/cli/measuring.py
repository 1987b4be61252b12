"""Measures what `newsdesk eval` is asked for: configurations side by side, floors, briefings."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from newsdesk.index import evaluate
from newsdesk.index import settings as settings_
from newsdesk.index.errors import UsageError
from newsdesk.index.evaluate import Comparison, Dataset, Run, gates
from newsdesk.index.search.engine import Mode
from newsdesk.index.search.searcher import MODELS
from newsdesk.index.settings import Settings
from newsdesk.index.types import Article

from . import json_output, terminal
from .eval import EvalOptions

_MODES: dict[str, Mode] = {"hybrid": "hybrid", "lexical": "lexical", "dense": "dense"}
_COMPARED = ("nDCG@10", "hit@1", "MRR@10", evaluate.SENTENCE, evaluate.WELL)


@dataclass(frozen=True, slots=True)
class Configuration:
    """One way to retrieve."""

    name: str
    mode: Mode
    settings: Settings


def measure(settings: Settings, options: EvalOptions, as_json: bool) -> list[list[Run]]:
    """Measure every configuration on every dataset, and print what came out."""
    wanted = configurations(settings, options.modes, options.sets)
    loaded = [evaluate.load(path, options.qrels) for path in options.datasets]
    found = []
    for dataset in loaded:
        runs = run(dataset, wanted, settings.home / MODELS)
        runs += [evaluate.read_run(path, dataset) for path in options.others]
        _write(dataset, runs, options, several=len(loaded) > 1)
        show(dataset, runs, as_json)
        found.append(runs)
    if options.report:
        _report(settings, options.report, list(zip(loaded, found, strict=True)))
    return found


def configurations(
    settings: Settings, modes: Sequence[str], sets: Sequence[str]
) -> list[Configuration]:
    """Every combination of modes and settings. Raises UsageError for one that there is not."""
    grid = [_choices(one) for one in sets]
    found = []
    for mode in _chosen(modes):
        for combination in itertools.product(*grid):
            own = (
                settings_.load(overrides=dict(combination), kind=type(settings))
                if combination
                else settings
            )
            told = " ".join(f"{key}={value}" for key, value in combination)
            found.append(Configuration(f"{mode} {told}".strip(), mode, own))
    return found


def run(dataset: Dataset, wanted: Sequence[Configuration], models: Path) -> list[Run]:
    """Measure some configurations on one dataset; each question is encoded once for all."""
    encoded = evaluate.remembering()
    runs, refused = [], {}
    with terminal.watched() as progress:
        for number, one in enumerate(wanted, start=1):
            own, report = evaluate.index(dataset, one.settings, progress)
            refused.update({other.path: other.reason for other in report.refused})
            told = f"asking {dataset.name}, {one.name}"
            told += f" ({number} of {len(wanted)})" if len(wanted) > 1 else ""
            watch = partial(progress, told)
            runs.append(evaluate.evaluate(dataset, own, one.mode, watch, models, encoded, one.name))
    for path, reason in refused.items():
        terminal.say(f"refused {path}: {reason}")
    return runs


def show(dataset: Dataset, runs: Sequence[Run], as_json: bool) -> None:
    """Print what was measured: a table, and what the others win and lose against the first."""
    compared = [evaluate.compare(runs[0], other) for other in runs[1:]]
    if as_json:
        json_output.print_json(json_output.of_runs(dataset.name, runs, compared))
        return
    names = list(runs[0].measures)
    title = f"{dataset.name}, {len(dataset.questions):,} questions"
    rows = [[one.name, *(_marked(runs, one, name) for name in names), _ms(one)] for one in runs]
    terminal.show_table(title, ["mode", *names, "ms"], rows)
    if compared:
        title = f"against {runs[0].name}"
        rows = [
            _told(other.name, one)
            for other, found in zip(runs[1:], compared, strict=True)
            for one in found
            if one.measure in _COMPARED
        ]
        head = ["mode", "measure", "difference", "95 % interval", "p", "won", "lost"]
        terminal.show_table(title, head, rows)


def measure_briefings(settings: Settings, folder: Path, as_json: bool) -> None:
    """Measure briefings on a labelled week, and print what came out."""
    from newsdesk.index.evaluate import briefs, weeks

    week = weeks.load_week(folder)
    with terminal.watched() as progress:
        own = weeks.index_week(week, settings, progress)
    measures = briefs.measure_week(week, own, settings.home / MODELS)
    if as_json:
        json_output.print_json(json_output.of_week(measures))
        return
    names = list(next(iter(measures.values())))
    rows = [[name, *(_plainly(found[name]) for found in measures.values())] for name in names]
    title = f"{folder.name}, {len(week.of()):,} articles, {len(week.stories):,} stories"
    terminal.show_table(title, ["measure", *measures], rows)


def pass_gates(settings: Settings, file: Path, as_json: bool) -> int:
    """Measure what a file of gates asks for; returns 1 if a floor is missed."""
    found: list[gates.Passing] = []
    for gate, dataset in gates.read(file):
        wanted = [Configuration(gate.mode, gate.mode, settings)]
        (one,) = run(dataset, wanted, settings.home / MODELS)
        found += gates.passings(gate, one.measures)
    if as_json:
        json_output.print_json(json_output.of_gates(found))
    else:
        head = ["dataset", "measure", "limit", "reached", ""]
        terminal.show_table(str(file), head, [_at_gate(one) for one in found])
    return 0 if all(one.passed for one in found) else 1


def _choices(given: str) -> list[tuple[str, str]]:
    key, mark, values = given.partition("=")
    if not mark or not key.strip() or not values.strip():
        raise UsageError(f"--set {given}: write it as fusion.weight=0.3,0.5")
    return [(key.strip(), value.strip()) for value in values.split(",")]


def _chosen(modes: Sequence[str]) -> list[Mode]:
    named = [name.strip() for given in modes for name in given.split(",")] or ["hybrid"]
    for name in named:
        if name not in _MODES:
            raise UsageError(f"--mode {name}: no such mode; choose of {', '.join(_MODES)}")
    return [_MODES[name] for name in dict.fromkeys(named)]


def _write(dataset: Dataset, runs: Sequence[Run], options: EvalOptions, several: bool) -> None:
    if options.qrels_to:
        file = options.qrels_to
        named = file.with_name(f"{file.stem}-{_plain(dataset.name)}{file.suffix}")
        evaluate.write_qrels(dataset, named if several else file)
    if not options.run_file:
        return
    for one in runs[: len(runs) - len(options.others)]:
        name = options.run_file.name
        if several or len(runs) > 1:
            stem, suffix = options.run_file.stem, options.run_file.suffix
            name = f"{stem}-{_plain(dataset.name)}-{_plain(one.name)}{suffix}"
        evaluate.write_run(one, options.run_file.with_name(name), f"newsdesk-{_plain(one.name)}")
        terminal.say(f"wrote {options.run_file.with_name(name)}")


def _report(settings: Settings, file: Path, measured: list[tuple[Dataset, list[Run]]]) -> None:
    """Write the page of `--report`. The libraries are asked for what did not come back."""
    from newsdesk.index.evaluate import report
    from newsdesk.index.library import Library

    with contextlib.ExitStack() as stack:
        opened: dict[str, Library] = {}

        def article(dataset: Dataset, article_id: str) -> Article | None:
            if dataset.key not in opened:
                own, _ = evaluate.index(dataset, settings, lambda *_: None)
                opened[dataset.key] = stack.enter_context(Library(own.home))
            return opened[dataset.key].article(article_id)

        report.write(file, measured, article)
    terminal.say(f"wrote {file}")


def _plain(name: str) -> str:
    return name.replace("/", "-").replace(" ", "-")


def _marked(runs: Sequence[Run], one: Run, name: str) -> str:
    """A value, with a star behind the best of several."""
    value = one.measures.get(name)
    if value is None:
        return "–"
    values = [v for other in runs if (v := other.measures.get(name)) is not None]
    best = min(values) if name in evaluate.LESS_IS_BETTER else max(values)
    return f"{value:.3f}" + ("*" if len(values) > 1 and value == best else "")


def _plainly(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _ms(one: Run) -> str:
    """The median of what an answer took."""
    return f"{1000 * median(one.seconds):.1f}" if any(one.seconds) else "–"


def _told(name: str, one: Comparison) -> list[str]:
    star = " *" if one.is_significant else ""
    return [
        name,
        one.measure,
        f"{one.difference:+.3f}",
        f"{one.low:+.3f} … {one.high:+.3f}",
        f"{one.p:.3f}{star}",
        str(len(one.wins)),
        str(len(one.losses)),
    ]


def _at_gate(one: gates.Passing) -> list[str]:
    limit = f"{'at least' if one.least else 'at most'} {one.limit:.3f}"
    reached = "–" if one.reached is None else f"{one.reached:.3f}"
    return [one.dataset, one.measure, limit, reached, "" if one.passed else "MISSED"]
