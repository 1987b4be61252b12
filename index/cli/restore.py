"""`newsdesk restore`: put back a backup, or bring back articles that were removed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from newsdesk.index.errors import UsageError

from . import json_output, sources_output, terminal
from .application import Application, as_json_option, pass_application
from .opening import say_waiting


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="FILE|ID…")
@click.option("--force", is_flag=True, help="Replace the library that there is, without asking.")
@as_json_option
@pass_application
def restore(application: Application, names: tuple[str, ...], force: bool, as_json: bool) -> None:
    """Put back a backup; or bring back articles that were removed.

    FILE is what `newsdesk backup` wrote. It is verified, and takes the place of the library and of
    what lies beside it, all together or not at all. An ID is that of an article that was removed,
    or whose file vanished; it comes back as it last was.

    \b
      newsdesk restore /backups/monday.newsdesk --force
      newsdesk restore nobel-peace-prize-2021

    Exit codes: 0 done, 1 no library, or a backup that is damaged, 2 wrong use.
    """
    from newsdesk.index.sync import is_backup

    backups = [name for name in names if is_backup(Path(name))]
    if backups and len(names) > 1:
        raise UsageError(f"{backups[0]} is a backup; name it alone")
    if backups:
        _put_back(application, Path(backups[0]), force, as_json)
    else:
        _bring_back(application, names, as_json)


def _put_back(application: Application, file: Path, force: bool, as_json: bool) -> None:
    from newsdesk.index.library import FILE
    from newsdesk.index.sync import restore_backup

    settings = application.settings()
    if not force and sys.stdin.isatty() and (settings.home / FILE).exists():
        click.confirm(
            f"{settings.home} holds a library. Replace it by {file}?", abort=True, err=True
        )
        force = True
    with terminal.watched() as progress:
        facts = restore_backup(
            settings,
            file,
            application.companions(),
            replace=force,
            progress=progress,
            waiting=say_waiting,
        )
    if as_json:
        json_output.print_json(sources_output.of_backup(facts))
    else:
        sources_output.show_backup(facts, f"restored into {settings.home} from {file}")


def _bring_back(application: Application, ids: tuple[str, ...], as_json: bool) -> None:
    from newsdesk.index.sync import restore as restore_ids

    _refuse_files(ids)
    with terminal.watched() as progress:
        restored = restore_ids(application.settings(), ids, progress=progress, waiting=say_waiting)
    if as_json:
        json_output.print_json(sources_output.of_removed(restored, "restored"))
    else:
        sources_output.show_removed(restored, "restored")


def _refuse_files(names: tuple[str, ...]) -> None:
    """Raise UsageError for what looks like a file, and is no backup."""
    for name in names:
        if Path(name).is_absolute() and not name.startswith("//"):
            what = "no backup of Newsdesk" if Path(name).exists() else "no such file"
            raise UsageError(f"{name}: {what}; name what `newsdesk backup` wrote, or an article")
