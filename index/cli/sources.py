"""`newsdesk sources`: list where articles come from, and how it went."""

from __future__ import annotations

from pathlib import Path

import click

from . import json_output, sources_output
from .application import Application, as_json_option, pass_application


@click.command()
@click.option(
    "--opml",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the feeds there, for other readers.",
)
@as_json_option
@pass_application
def sources(application: Application, opml: Path | None, as_json: bool) -> None:
    """List folders, files, feeds and pages.

    Each with its articles, its last success and its last error.

    \b
      newsdesk sources
      newsdesk sources --opml feeds.opml
      newsdesk sources --json | jq '.[] | select(.error)'

    Exit codes: 0 done, 1 no library, 2 wrong use.
    """
    from newsdesk.index.library import Library
    from newsdesk.index.sync import states, write_opml

    with Library(application.settings().home) as library:
        listed = states(library)
    if opml:
        write_opml(listed, opml)
    if as_json:
        json_output.print_json([sources_output.of_source(state) for state in listed])
    elif not opml:
        sources_output.show_sources(listed)
