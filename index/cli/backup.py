"""`newsdesk backup`: a copy of everything that cannot be made anew, in one file."""

from __future__ import annotations

from pathlib import Path

import click

from . import json_output, sources_output, terminal
from .application import Application, as_json_option, pass_application


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@as_json_option
@pass_application
def backup(application: Application, file: Path, force: bool, as_json: bool) -> None:
    """Write a backup of the library, and of the bot's memory, while everything runs.

    One file with the state of one moment: articles, their former versions, vectors, sources, the
    exported model; of the bot all that it keeps. It appears whole or not at all; twice its size is
    needed meanwhile. `newsdesk restore FILE` puts it back, here or on another machine.

    \b
      newsdesk backup monday.newsdesk

    Exit codes: 0 done, 1 no library, or a damaged one, 2 FILE cannot be used.
    """
    from newsdesk.index.sync import back_up

    with terminal.watched() as progress:
        facts = back_up(
            application.settings(),
            file,
            application.companions(),
            replace=force,
            progress=progress,
        )
    if as_json:
        json_output.print_json(sources_output.of_backup(facts))
    else:
        sources_output.show_backup(facts, str(file))
