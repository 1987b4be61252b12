"""`newsdesk add`: take in files, folders, feeds, pages, and the feeds of an OPML file."""

from __future__ import annotations

import click

from . import json_output, sources_output, terminal
from .application import FAILED, Application, as_json_option, pass_application
from .opening import say_waiting


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="FILE|URL|FEED|NAME…")
@click.option("--feed", "kind", flag_value="feed", help="Take the address for a feed.")
@click.option("--page", "kind", flag_value="page", help="Take the address for a single page.")
@as_json_option
@pass_application
def add(application: Application, names: tuple[str, ...], kind: str | None, as_json: bool) -> int:
    """Add files, folders, feeds or pages.

    An address is fetched to see what it is: a feed, a page, or a page that names its feed, as the
    front page of a site does. Of an OPML file, which other readers write, every feed is added. What
    is added stays current with `newsdesk sync`. Some public feeds are known by name: bbc-world,
    guardian-world, al-jazeera, deutsche-welle, france-24, npr-news, un-news, nyt-world.

    \b
      newsdesk add news/ report.pdf
      newsdesk add https://news.example/feed.xml
      newsdesk add feeds.opml
      newsdesk add bbc-world

    Exit codes: 0 done, 1 something could not be added, 2 wrong use or no such path.
    """
    from newsdesk.index.sync import add as add_sources

    with terminal.watched() as progress:
        added = add_sources(
            application.settings(),
            names,
            kind="feed" if kind == "feed" else "page" if kind else None,
            progress=progress,
            waiting=say_waiting,
        )
    if as_json:
        json_output.print_json(sources_output.of_added(added))
    else:
        sources_output.show_added(added)
    return FAILED if added.failed else 0
