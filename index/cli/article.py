"""`newsdesk article`: show one article whole."""

from __future__ import annotations

import click

from newsdesk.index.errors import LibraryMissing

from . import json_output, terminal
from .application import Application, as_json_option, pass_application
from .completing import complete_articles


@click.command()
@click.argument("article_id", metavar="ID", shell_complete=complete_articles)
@as_json_option
@pass_application
def article(application: Application, article_id: str, as_json: bool) -> None:
    """Show one article whole.

    Its text, with --json, is what citations name offsets in. `newsdesk list` shows the ids.

    \b
    newsdesk article nobel-peace-prize-2021
    newsdesk article nobel-peace-prize-2021 --json | jq -r .text

    Exit codes: 0 done, 1 no library or no such article, 2 wrong use.
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
