"""`newsdesk eval`: measure retrieval, and compare configurations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from newsdesk.index.errors import UsageError

from .application import Application, as_json_option, pass_application


@dataclass(frozen=True, slots=True)
class EvalOptions:
    """What was asked for on the command line."""

    datasets: Sequence[Path]
    modes: Sequence[str] = ()
    sets: Sequence[str] = ()
    qrels: str = "test"
    run_file: Path | None = None
    qrels_to: Path | None = None
    others: Sequence[Path] = ()
    report: Path | None = None
    off_topic: Path | None = None
    by_kind: bool = False


@click.command("eval")
@click.argument("datasets", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--mode", "modes", multiple=True, help="hybrid, lexical or dense; several make a table."
)
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="KEY=VALUE,…",
    help="Settings to compare, such as fusion.weight=0.3,0.5; several make a grid.",
)
@click.option(
    "--qrels", default="test", show_default=True, help="Which file of qrels/ to judge by."
)
@click.option("--run", "run_file", type=click.Path(path_type=Path), help="Write TREC runs there.")
@click.option(
    "--qrels-to", type=click.Path(path_type=Path), help="Write what is relevant there, for TREC."
)
@click.option(
    "--with-run",
    "others",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Someone's TREC run, as one more row.",
)
@click.option("--report", type=click.Path(path_type=Path), help="Write a page to look at there.")
@click.option(
    "--off-topic",
    type=click.Path(path_type=Path),
    metavar="DATASET",
    help="Ask questions of this dataset too, that are about nothing in the others.",
)
@click.option("--by-kind", is_flag=True, help="A table of the kinds of question, for each run.")
@click.option(
    "--brief",
    "week",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Measure briefings on a labelled week, such as tests/week.",
)
@click.option(
    "--gate", type=click.Path(path_type=Path), help="Floors to reach; exit 1 if one is missed."
)
@click.option(
    "--whole", is_flag=True, help="With --gate, ask every question, also where FILE says few."
)
@as_json_option
@pass_application
def eval_(
    application: Application,
    /,
    datasets: tuple[Path, ...],
    as_json: bool,
    gate: Path | None,
    whole: bool,
    week: Path | None,
    **options: Any,
) -> int:
    """Measure retrieval on datasets.

    A dataset is a folder in BEIR's layout, or a questions.jsonl beside its articles. Each is
    indexed in a library of its own, which is kept, so that a second run is quick. With several
    configurations, each is compared with the first: difference, its 95 % interval, p by a paired
    randomisation test, questions won and lost. A star marks the best, and a p below 0.05.

    Off-topic questions come from --off-topic: those that ask about a name its dataset has and this
    one never mentions, and about none that this one has. For seeds it is tests/week by default, and
    the reverse. Without any, off_topic_shown is "–".

    \b
      newsdesk eval seeds
      newsdesk eval seeds --mode hybrid,lexical,dense
      newsdesk eval seeds --set fusion.weight=0.3,0.5 --report page.html
      newsdesk eval --gate tests/gate.toml --whole

    Exit codes: 0 done, 1 a floor missed or a dataset that cannot be read, 2 wrong use or a file
    that cannot be written.
    """
    from . import measuring

    settings = application.settings()
    if whole and not gate:
        raise UsageError("--whole goes with --gate FILE; datasets are always asked whole")
    if gate:
        return measuring.pass_gates(settings, gate, as_json, whole)
    if week:
        measuring.measure_briefings(settings, week, as_json)
    if not datasets and not week:
        raise UsageError("eval needs DATASETS to measure, --gate FILE or --brief DIR")
    if not datasets:
        return 0
    measuring.measure(settings, EvalOptions(datasets=datasets, **options), as_json)
    return 0
