"""`newsdesk forget`: remove a folder that was indexed, with its articles."""

from __future__ import annotations

from pathlib import Path

import click

from . import json_output, terminal
from .application import Application, as_json_option, pass_application
from .completing import complete_places
from .opening import say_waiting


@click.command()
@click.argument("path", type=click.Path(path_type=Path), shell_complete=complete_places)
@as_json_option
@pass_application
def forget(application: Application, path: Path, as_json: bool) -> None:
    """Remove an indexed folder and its articles.

    For a folder that has gone, was moved, or is not wanted any more. Its files are not touched, and
    `newsdesk index PATH` takes them in again.

    \b
    newsdesk forget old-archive
    newsdesk forget /mnt/gone --json

    Exit codes: 0 done, 1 no library, 2 a path that was not indexed.
    """
    from newsdesk.index.update import forget as forget_path

    with terminal.watched() as progress:
        forgotten = forget_path(application.settings(), path, progress, say_waiting)
    if as_json:
        json_output.print_json(json_output.of_forgotten(forgotten))
    else:
        terminal.show_forgotten(forgotten)
