"""The commands. What each needs is imported inside it, so that `--help` answers at once."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsdesk.index import settings as settings_
from newsdesk.index.errors import LibraryMissing, NewsdeskError, UsageError
from newsdesk.index.settings import Settings

if TYPE_CHECKING:
    from newsdesk.index.brief import BriefQuery
    from newsdesk.index.search.searcher import Searcher
    from newsdesk.index.types import Query

_INTERRUPTED = 130
_NOTHING_FOUND = 1
_WRONG_USE = 2
_Command = Callable[..., Any]
# What `status` also tells, each as JSON has it and as people read it; the bot adds its own.
further_facts: list[Callable[[Settings], tuple[dict[str, Any], dict[str, str]]]] = []

json_ = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code. An error is one line on stderr."""
    code = 0
    try:
        # Not app.main(), which makes an error of a program that stops reading.
        with app.make_context("newsdesk", list(arguments)) as context:
            code = int(app.invoke(context) or 0)
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        code = _WRONG_USE
    except click.ClickException as error:
        code = _complain(f"{error.format_message()} See `newsdesk --help`", _WRONG_USE)
    except NewsdeskError as error:
        code = _complain(str(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        code = _complain("interrupted; what was done so far is kept", _INTERRUPTED)
    except BrokenPipeError:
        sys.stdout = None  # or Python complains when it flushes it
    return code


def _complain(what: str, code: int) -> int:
    print(f"newsdesk: {' '.join(what.split())}", file=sys.stderr)
    return code


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="newsdesk", message="newsdesk %(version)s")
def app() -> None:
    """Answers questions from a collection of news articles: the passage, the sentence in it that
    answers, and a citation that can be checked.

    The library lies in NEWSDESK_HOME (.newsdesk in the working directory unless set). Every
    setting can be given as NEWSDESK_…, or in newsdesk.toml; the README lists them.

    Exit codes: 0 done, 1 nothing found or nothing usable, 2 wrong use.
    """


@app.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]…")
@click.option("--prune", is_flag=True, help="Remove articles even if a path has none left.")
@json_
def index(paths: tuple[Path, ...], prune: bool, as_json: bool) -> None:
    """Index files or folders of articles.

    The library is brought in line with them. Without PATH: what was indexed before, at first
    seeds/. Only what is new or has changed is
    read into the library; a run that was stopped goes on where it was.
    """
    from newsdesk.index.update import update

    from . import json_output, terminal

    settings = settings_.load()
    with terminal.watched() as progress:
        report = update(settings, paths or _known(settings), progress, _waiting, prune)
    if as_json:
        json_output.print_json(json_output.of_report(report))
    else:
        terminal.show_report(report)


@app.command()
@click.argument("question", nargs=-1)
@click.option("-k", default=None, type=click.IntRange(1, 100), help="Passages at most.  [5]")
@click.option("--since", metavar="DATE", help="No articles before: 2021-12-29, 2021-12, last week.")
@click.option("--until", metavar="DATE", help="No articles after.")
@click.option(
    "--source", "sources", multiple=True, metavar="NAME", help="Only this one's articles."
)
@click.option("--explain", is_flag=True, help="Show every score, and which words matched.")
@json_
def ask(question: tuple[str, ...], as_json: bool, explain: bool, **narrowing: Any) -> int:
    """Answer a question, or one line after another.

    Lines are asked for, or read from a pipe, when there is no QUESTION. If nothing was
    indexed yet, seeds/ is indexed first.
    """
    settings = settings_.load()
    query = _query(settings, **narrowing)
    with _searcher(settings) as searcher:
        if question:
            return _answer(searcher, " ".join(question), query, as_json, explain)
        return _answer_lines(searcher, query, as_json, explain)


@app.command()
@click.option("--topic", default="", metavar="WORDS", help="Words or a question; else everything.")
@click.option(
    "--since", default="24h", show_default=True, metavar="TIME", help="Or 7d, Monday, 2021-12-10."
)
@click.option("--until", metavar="TIME", help="Or a date, with or without a time.  [now]")
@click.option("--max", "k", default=7, show_default=True, type=click.IntRange(1, 1000))
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Only this outlet's.")
@click.option("--language", "languages", multiple=True, metavar="CODE", help="Such as en.")
@click.option("--explain", is_flag=True, help="Show what each story's place is made of.")
@json_
def brief(as_json: bool, explain: bool, **wishes: Any) -> int:
    """Tell what is new: stories, each with the sentences that tell it and who carries it.

    Stories that have articles of the week before are updates, and told by what is new. Articles
    without a date are never news. Times are of this machine's time zone; articles that give a time
    without a zone are taken to be in UTC.
    """
    from newsdesk.index.brief import Briefer

    from . import json_output, terminal

    settings = settings_.load()
    query = _brief_query(**wishes)
    with _searcher(settings) as searcher:
        made = Briefer(searcher).brief(query)
    if as_json:
        json_output.print_json(json_output.of_brief(made, explain))
    else:
        terminal.show_brief(made, explain)
    return 0 if made.stories else _NOTHING_FOUND


@app.command()
@click.argument("article_id", metavar="ID")
@json_
def article(article_id: str, as_json: bool) -> int:
    """Show one article whole.

    Its text, with --json, is what citations name offsets in.
    """
    from newsdesk.index.generation import open_current

    from . import json_output, terminal

    home = settings_.load().home
    found = open_current(home).find(article_id)
    if found is None:
        raise LibraryMissing(f"{home}: no article {article_id!r}; `newsdesk ask --json` gives ids")
    if as_json:
        json_output.print_json(json_output.of_article(found))
    else:
        terminal.show_article(found)
    return 0


@app.command()
@json_
def status(as_json: bool) -> None:
    """Show what the library holds, and where it lies."""
    from newsdesk.index.generation import open_current

    from . import json_output, terminal

    settings = settings_.load()
    generation = open_current(settings.home)
    manifest = generation.manifest
    size = sum(file.stat().st_size for file in _files(settings.home))
    further = [give(settings) for give in further_facts]
    if as_json:
        home = str(settings.home.absolute())
        held = {"articles": manifest.articles, "passages": manifest.passages, "bytes": size}
        told = {**held, "model": manifest.model.name, "updated": manifest.updated, "home": home}
        for facts, _ in further:
            told |= facts
        json_output.print_json(told)
        return
    sources = ", ".join(name or "(none)" for name in manifest.sources[:8])
    terminal.show_facts(
        {
            "articles": f"{manifest.articles:,}",
            "passages": f"{manifest.passages:,}",
            "published": " to ".join(map(str, generation.period() or ())) or "undated",
            "sources": sources + (" …" if len(manifest.sources) > 8 else ""),
            "model": f"{manifest.model.name} ({manifest.model.id})",
            "size": f"{size / 1e6:,.1f} MB",
            "updated": manifest.updated,
            "home": str(settings.home.absolute()),
            "generation": generation.name,
            **{name: value for _, facts in further for name, value in facts.items()},
        }
    )


@app.command("eval")
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
    "--brief",
    "week",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Measure briefings on a labelled week, such as tests/week.",
)
@click.option(
    "--gate", type=click.Path(path_type=Path), help="Floors to reach; exit 1 if one is missed."
)
@json_
def eval_(
    datasets: tuple[Path, ...],
    as_json: bool,
    gate: Path | None,
    week: Path | None,
    **wishes: Any,
) -> int:
    """Measure retrieval on datasets, and compare configurations.

    A dataset is a folder in BEIR's layout, or a questions.jsonl beside its articles. Each is
    indexed in a library of its own, which is kept, so that a second run is quick. With several
    configurations, each is compared with the first: difference, its 95 % interval, p by a paired
    randomisation test, questions won and lost.
    """
    from . import eval

    settings = settings_.load()
    if gate:
        return eval.pass_gates(settings, gate, as_json)
    if week:
        eval.measure_briefings(settings, week, as_json)
    if not datasets and not week:
        raise UsageError("eval needs DATASETS to measure, --gate FILE or --brief DIR")
    if not datasets:
        return 0
    eval.measure(settings, eval.Wishes(datasets=datasets, **wishes), as_json)
    return 0


def _known(settings: Settings) -> list[Path]:
    """What was indexed before, or the seeds."""
    from newsdesk.index.library import Library

    try:
        with Library(settings.home) as library:
            places = library.places()
    except LibraryMissing:
        places = []
    return [Path(place) for place in places] or [_seeds(settings)]


def _seeds(settings: Settings) -> Path:
    if not settings.seeds.exists():
        raise UsageError(
            f"{settings.seeds}: no such folder; name files or folders: `newsdesk index PATH`"
        )
    return settings.seeds


def _waiting() -> None:
    from .terminal import say

    say("another `newsdesk index` is at work here; waiting for it to end …")


def _searcher(settings: Settings) -> Searcher:
    """Open the library; make one of the seeds if nothing was ever indexed."""
    from newsdesk.index.search.searcher import Searcher

    try:
        return Searcher(settings)
    except LibraryMissing:
        _index_first(settings)
        return Searcher(settings)


def _index_first(settings: Settings) -> None:
    from newsdesk.index.update import update

    from .terminal import say, watched

    paths = _known(settings)
    say(f"No library in {settings.home} yet: indexing {', '.join(map(str, paths))} first.")
    with watched() as progress:
        report = update(settings, paths, progress, _waiting)
    say(f"{len(report.added) + len(report.unchanged)} articles indexed.")
    for refused in report.refused:
        say(f"refused {refused.path}: {refused.reason}")


def _answer(searcher: Searcher, question: str, query: Query, as_json: bool, explain: bool) -> int:
    from dataclasses import replace

    from . import json_output, terminal

    answer = searcher.ask(replace(query, text=question))
    if as_json:
        json_output.print_json(json_output.of_answer(answer, explain))
    else:
        terminal.show_answer(answer, _told(searcher), explain)
    return _NOTHING_FOUND if answer.verdict == "none" else 0


def _answer_lines(searcher: Searcher, query: Query, as_json: bool, explain: bool) -> int:
    if sys.stdin.isatty() and not as_json:
        print(f"{_told(searcher)}. Ask, or leave with Ctrl-D.")
    for line in _lines():
        if line.strip():
            searcher.refresh()
            _answer(searcher, line.strip(), query, as_json, explain)
            sys.stdout.flush()
    return 0


def _lines() -> Iterator[str]:
    if not sys.stdin.isatty():
        yield from sys.stdin
        return
    with contextlib.suppress(ImportError):  # Windows has none
        import readline  # noqa: F401  # gives input() a history and keys to edit with
    while True:
        try:
            yield input("? ")
        except EOFError:
            print()
            return


def _told(searcher: Searcher) -> str:
    """How many articles there are, and from when to when."""
    period = searcher.engine.period()
    dates = f" (from {period[0]} to {period[1]})" if period else ""
    return f"{searcher.engine.count():,} articles{dates}"


def _query(
    settings: Settings,
    k: int | None,
    since: str | None,
    until: str | None,
    sources: tuple[str, ...],
) -> Query:
    from newsdesk.index.types import Query

    first, last = _day("--since", since, last=False), _day("--until", until, last=True)
    if first and last and first > last:
        raise UsageError(f"--since {since} is after --until {until}; swap them")
    k = k or settings.answer.passages
    return Query("", k, first, last, sources, asked=None if first or last else date.today())


def _brief_query(
    topic: str,
    since: str,
    until: str | None,
    k: int,
    sources: tuple[str, ...],
    languages: tuple[str, ...],
) -> BriefQuery:
    from datetime import datetime

    from newsdesk.index.brief import BriefQuery, Topic
    from newsdesk.index.query.moments import end_of, start_of

    now = datetime.now().astimezone()
    last = end_of(until, now) if until else now
    first = start_of(since, last if until else now) if last else None
    if last is None:
        raise UsageError(
            f"--until {str(until)[:40]!r}: no time; write it as 2021-12-29 or 2021-12-29 08:00"
        )
    if first is None:
        raise UsageError(
            f"--since {since[:40]!r}: no time; write it as 24h, 7d, Monday or 2021-12-29"
        )
    if first >= last:
        raise UsageError(f"--since {since} is not before --until {until or 'now'}; swap them")
    return BriefQuery(Topic(topic, sources, languages), first, last, k)


def _day(option: str, given: str | None, last: bool) -> date | None:
    """A day as people name it: a date, a month or a year (its first or last day), "last week"."""
    if given is None:
        return None
    from newsdesk.index.query.dates import day

    found = day(given, last)
    if found is None:
        raise UsageError(
            f"{option} {given[:40]!r}: no date; write it as 2021-12-29, 2021-12 or 2021"
        )
    return found


def _files(home: Path) -> Iterator[Path]:
    """The library's own files; those of datasets are not the library's."""
    from newsdesk.index.evaluate import FOLDER

    for file in home.rglob("*"):
        if file.is_file() and file.relative_to(home).parts[0] != FOLDER:
            yield file


if __name__ == "__main__":
    main()
