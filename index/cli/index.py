"""`newsdesk index`: bring the library in line with files."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec import structs

from . import json_output, terminal
from .application import Application, as_json_option, pass_application
from .opening import paths_to_index, say_waiting


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]…")
@click.option("--prune", is_flag=True, help="Remove articles even if a path has none left.")
@click.option(
    "--engine",
    type=click.Choice(["local", "milvus"]),
    help="What shall answer, instead of NEWSDESK_ENGINE: milvus brings the library there.",
)
@click.option(
    "--vectors",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take vectors that `newsdesk encode` wrote; may be given several times.",
)
@as_json_option
@pass_application
def index(
    application: Application,
    paths: tuple[Path, ...],
    prune: bool,
    engine: str | None,
    vectors: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Index files or folders of articles.

    Read are cuttings (.txt), Markdown, web pages, feeds, PDF, Word, mail, CSV, JSON, and .zip files
    of all these. What cannot be taken is told with the reason and the remedy.

    The library is brought in line with them. Without PATH: what was indexed before, at first
    seeds/. Only what is new or has changed is read into the library; a run that was stopped goes on
    where it was. Articles of a folder that has gone stay until `newsdesk forget`.

    \b
      newsdesk index news/ extra.jsonl   add a folder and a file
      newsdesk index                     bring all of it up to date
      newsdesk index --json | jq .added

    Exit codes: 0 done, 1 nothing usable there, 2 wrong use or no such path.
    """
    from newsdesk.index.update import update

    settings = application.settings()
    if engine:
        settings = structs.replace(settings, engine=engine)
    with terminal.watched() as progress:
        report = update(
            settings,
            paths or paths_to_index(settings),
            progress,
            say_waiting,
            prune,
            vectors=vectors,
        )
    if as_json:
        json_output.print_json(json_output.of_report(report))
    else:
        terminal.show_report(report)
