"""`newsdesk export`, `newsdesk import` and `newsdesk check`: a library whole."""

from __future__ import annotations

from pathlib import Path

import click

from . import json_output, sources_output, terminal
from .application import FAILED, Application, as_json_option, pass_application
from .opening import say_waiting

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("folder", type=_FOLDER, metavar="DIR")
@as_json_option
@pass_application
def export(application: Application, folder: Path, as_json: bool) -> None:
    """Write the whole library as JSONL.

    Articles, their former versions, and where they come from, into a new folder; `newsdesk import`
    takes it in again, with the very same texts. Vectors are left out, since they can be made anew.

    \b
      newsdesk export backup

    Exit codes: 0 done, 1 no library, 2 a folder that cannot be used.
    """
    from newsdesk.index.sync import export as export_library

    with terminal.watched() as progress:
        done = export_library(application.settings(), folder, progress)
    _show(sources_output.of_exchanged(done, folder), as_json)


@click.command("import")
@click.argument("folder", type=_FOLDER, metavar="DIR")
@as_json_option
@pass_application
def import_(application: Application, folder: Path, as_json: bool) -> None:
    """Take in what `newsdesk export` wrote.

    Into the library that there is, or a new one. What is there under the same id is replaced.

    \b
      newsdesk import backup

    Exit codes: 0 done, 1 nothing usable, 2 no export there.
    """
    from newsdesk.index.sync import import_ as import_library

    with terminal.watched() as progress:
        done = import_library(
            application.settings(), folder, progress=progress, waiting=say_waiting
        )
    _show(sources_output.of_exchanged(done, folder), as_json)


@click.command()
@as_json_option
@pass_application
def check(application: Application, as_json: bool) -> int:
    """Verify the library, and the bot's memory: every digest, offset and vector.

    Reads all of it and changes nothing. What is wrong is listed, each with how to mend it.

    \b
      newsdesk check
      newsdesk check --json | jq .flaws

    Exit codes: 0 all is well, 1 something is not, or no library, 2 wrong use.
    """
    from newsdesk.index.sync import check as check_library

    with terminal.watched() as progress:
        checked = check_library(application.settings(), progress, application.companions())
    if as_json:
        json_output.print_json(sources_output.of_checked(checked))
    else:
        sources_output.show_checked(checked)
    return FAILED if checked.flaws else 0


def _show(fields: dict[str, object], as_json: bool) -> None:
    if as_json:
        json_output.print_json(fields)
    else:
        terminal.show_facts({name: str(value) for name, value in fields.items()})
