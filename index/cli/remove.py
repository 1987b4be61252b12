"""`newsdesk remove`: take a source or an article out."""

from __future__ import annotations

import click

from . import json_output, sources_output, terminal
from .application import Application, as_json_option, pass_application
from .completing import complete_articles
from .opening import say_waiting


@click.command()
@click.argument("name", metavar="ID|PATH|SOURCE", shell_complete=complete_articles)
@click.option("--erase", is_flag=True, help="Keep nothing for citations that were given.")
@as_json_option
@pass_application
def remove(application: Application, name: str, erase: bool, as_json: bool) -> None:
    """Remove a source with its articles, or one article.

    A source by its number, address, path or title, as `newsdesk sources` lists them; an article by
    its id. Files are not touched. An article that was removed stays out, though its source still
    has it, until `newsdesk restore`. A citation that was given still opens the text that it quoted,
    unless --erase.

    \b
      newsdesk remove 3
      newsdesk remove https://news.example/feed.xml
      newsdesk remove nobel-peace-prize-2021

    Exit codes: 0 done, 1 no library, 2 no such source or article.
    """
    from newsdesk.index.sync import remove as remove_named

    with terminal.watched() as progress:
        removed = remove_named(
            application.settings(), name, erase=erase, progress=progress, waiting=say_waiting
        )
    if as_json:
        json_output.print_json(sources_output.of_removed(removed, "removed"))
    else:
        sources_output.show_removed(removed, "removed")
