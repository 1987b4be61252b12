"""`newsdesk article`: show one article whole."""

from __future__ import annotations

import click

from newsdesk.index.errors import LibraryMissing

from . import json_output, terminal
from .application import Application, as_json_option, pass_application


@click.command()
@click.argument("article_id", metavar="ID")
@as_json_option
@pass_application
def article(application: Application, article_id: str, as_json: bool) -> None:
    """Show one article whole.

    Its text, with --json, is what citations name offsets in.
    """
    from newsdesk.index.generation import open_current

    home = application.settings().home
    stored = open_current(home).find(article_id)
    if stored is None:
        raise LibraryMissing(f"{home}: no article {article_id!r}; `newsdesk list` shows the ids")
    if as_json:
        json_output.print_json(json_output.of_article(stored))
    else:
        terminal.show_article(stored)
