"""The files that `newsdesk eval` writes; tried before anything is computed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from newsdesk.index import evaluate
from newsdesk.index.errors import UsageError
from newsdesk.index.evaluate import Dataset, Run
from newsdesk.index.settings import Settings
from newsdesk.index.types import Article

from . import terminal
from .eval import EvalOptions


def check_writable(options: EvalOptions, datasets: Sequence[Dataset], names: Sequence[str]) -> None:
    """See that every file can be written; `names` are those of the configurations.

    Raises UsageError for a file that cannot be written. A file that was not there is not left.
    """
    for file in _files(options, datasets, names):
        is_new = not file.exists()
        with _writing(file), file.open("a", encoding="utf-8"):
            pass
        if is_new:
            file.unlink(missing_ok=True)


def write_trec(dataset: Dataset, runs: Sequence[Run], options: EvalOptions, several: bool) -> None:
    """Write the runs and the qrels of one dataset; `several` is whether there are more datasets."""
    if options.qrels_to:
        file = _qrels_file(options.qrels_to, dataset, several)
        with _writing(file):
            evaluate.write_qrels(dataset, file)
    if not options.run_file:
        return
    for run in runs:
        file = _run_file(options.run_file, dataset, run.name, several or len(runs) > 1)
        with _writing(file):
            evaluate.write_run(run, file, f"{evaluate.TAG}-{_plain(run.name)}")
        terminal.say(f"wrote {file}")


def write_report(
    settings: Settings, file: Path, measured: Sequence[tuple[Dataset, list[Run]]]
) -> None:
    """Write the page of `--report`. The libraries are asked for what did not come back."""
    from newsdesk.index.evaluate import report

    with contextlib.ExitStack() as stack, _writing(file):
        report.write(file, list(measured), _articles(settings, stack))
    terminal.say(f"wrote {file}")


def _articles(
    settings: Settings, stack: contextlib.ExitStack
) -> Callable[[Dataset, str], Article | None]:
    """A function that reads an article of a dataset; the stack closes what it opens."""
    from newsdesk.index.library import Library

    libraries: dict[str, Library] = {}

    def article(dataset: Dataset, article_id: str) -> Article | None:
        if dataset.key not in libraries:
            own, _ = evaluate.index(dataset, settings, lambda *_: None)
            libraries[dataset.key] = stack.enter_context(Library(own.home))
        return libraries[dataset.key].article(article_id)

    return article


def _files(
    options: EvalOptions, datasets: Sequence[Dataset], names: Sequence[str]
) -> Iterator[Path]:
    several = len(datasets) > 1
    for dataset in datasets:
        if options.qrels_to:
            yield _qrels_file(options.qrels_to, dataset, several)
        if options.run_file:
            for name in names:
                yield _run_file(options.run_file, dataset, name, several or len(names) > 1)
    if options.report:
        yield options.report


def _qrels_file(file: Path, dataset: Dataset, several: bool) -> Path:
    return file.with_name(f"{file.stem}-{_plain(dataset.name)}{file.suffix}") if several else file


def _run_file(file: Path, dataset: Dataset, name: str, several: bool) -> Path:
    if not several:
        return file
    return file.with_name(f"{file.stem}-{_plain(dataset.name)}-{_plain(name)}{file.suffix}")


@contextlib.contextmanager
def _writing(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"{file}: cannot be written: {error.strerror}; name a file in a folder that is there"
        ) from error


def _plain(name: str) -> str:
    return name.replace("/", "-").replace(" ", "-")
