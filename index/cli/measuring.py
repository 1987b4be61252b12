"""Measures what `newsdesk eval` is asked for: configurations side by side, floors, briefings."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from newsdesk.index import evaluate
from newsdesk.index import settings as settings_
from newsdesk.index.errors import UsageError
from newsdesk.index.evaluate import Dataset, JudgedQuestion, Run, gates
from newsdesk.index.evaluate.off_topic import MOST
from newsdesk.index.search.engine import Mode
from newsdesk.index.search.searcher import MODELS
from newsdesk.index.settings import Settings
from newsdesk.index.types import counted

from . import eval_tables, json_output, terminal
from .eval import EvalOptions
from .eval_files import check_writable, write_report, write_trec

_MODES: dict[str, Mode] = {"hybrid": "hybrid", "lexical": "lexical", "dense": "dense"}


@dataclass(frozen=True, slots=True)
class Configuration:
    """One way to retrieve."""

    name: str
    mode: Mode
    settings: Settings


def measure(settings: Settings, options: EvalOptions, as_json: bool) -> list[list[Run]]:
    """Measure every configuration on every dataset, and print what came out.

    What is read and written besides is tried first. Raises UsageError or DatasetError.
    """
    wanted = configurations(settings, options.modes, options.sets)
    datasets = [evaluate.load(path, options.qrels) for path in options.datasets]
    others = _read_runs(options.others, datasets)
    check_writable(options, datasets, [configuration.name for configuration in wanted])
    measured = []
    for dataset, theirs in zip(datasets, others, strict=True):
        ours = run(dataset, wanted, settings.home / MODELS, options.off_topic)
        write_trec(dataset, ours, options, several=len(datasets) > 1)
        show(dataset, [*ours, *theirs], as_json, options.by_kind)
        measured.append([*ours, *theirs])
    if options.report:
        write_report(settings, options.report, list(zip(datasets, measured, strict=True)))
    return measured


def _read_runs(files: Sequence[Path], datasets: Sequence[Dataset]) -> list[list[Run]]:
    """The runs of each dataset: a run is read for those whose queries it has.

    What does not fit is said. Raises DatasetError, also for a run that is of none of them.
    """
    fits = {file: [evaluate.is_run_of(file, dataset) for dataset in datasets] for file in files}
    runs = [
        [evaluate.read_run(file, data) for file in files if fits[file][n] or not any(fits[file])]
        for n, data in enumerate(datasets)
    ]
    for note in (note for of_dataset in runs for run in of_dataset for note in run.notes):
        terminal.say(note)
    return runs


def configurations(
    settings: Settings, modes: Sequence[str], sets: Sequence[str]
) -> list[Configuration]:
    """Every combination of modes and settings. Raises UsageError for one that there is not."""
    grid = [_choices(text) for text in sets]
    return [
        _configuration(settings, mode, combination)
        for mode in _chosen(modes)
        for combination in itertools.product(*grid)
    ]


def run(
    dataset: Dataset,
    wanted: Sequence[Configuration],
    models: Path,
    other: Path | None = None,
    most: int = MOST,
) -> list[Run]:
    """Measure some configurations on one dataset; each question is encoded once for all.

    `other` is the dataset that off-topic questions are taken from, else the default one, and
    `most` how many of them are asked.
    """
    encoders = evaluate.caching_loader()
    other = other or evaluate.other_dataset(dataset)
    foreign = evaluate.load(other) if other else None
    runs, refused, notes = [], {}, dict.fromkeys(dataset.notes)
    off_topic: Sequence[JudgedQuestion] = ()
    with terminal.watched() as progress:
        for number, configuration in enumerate(wanted, start=1):
            own, report = evaluate.index(dataset, configuration.settings, progress)
            refused.update({refusal.path: refusal.reason for refusal in report.refused})
            notes.update(dict.fromkeys(evaluate.missing_articles(dataset, own)))
            if foreign and not off_topic:
                off_topic = evaluate.off_topic_questions(own, foreign, most)
                notes.update(dict.fromkeys(_none_foreign(dataset, foreign, off_topic)))
            name, mode = configuration.name, configuration.mode
            step = f"asking {dataset.name}, {name}"
            step += f" ({number} of {len(wanted)})" if len(wanted) > 1 else ""
            watch = partial(progress, step)
            runs.append(
                evaluate.evaluate(dataset, own, mode, watch, models, encoders, name, off_topic)
            )
    for path, reason in refused.items():
        terminal.say(f"refused {path}: {reason}")
    for note in notes:
        terminal.say(note)
    return runs


def _none_foreign(dataset: Dataset, other: Dataset, foreign: Sequence[object]) -> list[str]:
    if foreign:
        return []
    return [
        f"{other.name}: no question that is about nothing in {dataset.name}, so off_topic_shown "
        "is not measured; name another dataset by --off-topic"
    ]


def show(dataset: Dataset, runs: Sequence[Run], as_json: bool, by_kind: bool = False) -> None:
    """Print what was measured, and what the other runs win and lose against the first."""
    comparisons = [evaluate.compare(runs[0], other) for other in runs[1:]]
    if as_json:
        json_output.print_json(json_output.of_runs(dataset, runs, comparisons))
        return
    eval_tables.show_runs(dataset, runs, comparisons)
    for run_ in runs if by_kind else ():
        eval_tables.show_kinds(run_)


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
    articles = counted(len(week.story_by_article()), "article")
    title = f"{folder.name}, {articles}, {counted(len(week.stories), 'story', 'stories')}"
    eval_tables.show_week(title, measures)


def pass_gates(settings: Settings, file: Path, as_json: bool, whole: bool = False) -> int:
    """Measure what a file of gates asks for; returns 1 if a floor is missed.

    `whole` is to ask every question of its datasets, see `gates.read`.
    """
    checks: list[gates.GateCheck] = []
    for gate, dataset in gates.read(file, whole):
        wanted = [Configuration(gate.mode, gate.mode, settings)]
        (measured,) = run(dataset, wanted, settings.home / MODELS, most=gate.off_topic)
        checks += gates.check(gate, measured.measures)
    if as_json:
        json_output.print_json(json_output.of_gates(checks))
    else:
        eval_tables.show_gates(file, checks)
    return 0 if all(check.passed for check in checks) else 1


def _choices(given: str) -> list[tuple[str, str]]:
    key, mark, values = given.partition("=")
    if not mark or not key.strip() or not values.strip():
        raise UsageError(f"--set {given}: write it as fusion.weight=0.3,0.5")
    return [(key.strip(), value.strip()) for value in values.split(",")]


def _chosen(modes: Sequence[str]) -> list[Mode]:
    names = [name.strip() for given in modes for name in given.split(",")] or ["hybrid"]
    for name in names:
        if name not in _MODES:
            raise UsageError(f"--mode {name}: no such mode; choose of {', '.join(_MODES)}")
    return [_MODES[name] for name in dict.fromkeys(names)]


def _configuration(
    settings: Settings, mode: Mode, combination: Sequence[tuple[str, str]]
) -> Configuration:
    if not combination:
        return Configuration(mode, mode, settings)
    own = settings_.load(overrides=dict(combination), kind=type(settings))
    text = " ".join(f"{key}={value}" for key, value in combination)
    return Configuration(f"{mode} {text}", mode, own)
