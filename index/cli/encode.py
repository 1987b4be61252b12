"""`newsdesk encode`: vectors of articles, made on another machine than the library's."""

from __future__ import annotations

from pathlib import Path

import click

from . import json_output, terminal
from .application import Application, as_json_option, pass_application


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH…")
@click.option(
    "--out",
    "file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the vectors are written; what is there already is kept.",
)
@click.option("--shard", default="1/1", metavar="I/N", help="Only part I of N.  [default: 1/1]")
@as_json_option
@pass_application
def encode(
    application: Application, paths: tuple[Path, ...], file: Path, shard: str, as_json: bool
) -> None:
    """Encode articles into a file of vectors.

    For a collection that one machine would take days to encode: each of several, which all have
    the articles and the settings, encodes its part, and `newsdesk index --vectors` takes the files
    in. A run that was stopped goes on where it was. No library is read or changed.

    \b
      newsdesk encode news/ --shard 1/4 --out one.vectors
      newsdesk index news/ --vectors one.vectors --vectors two.vectors

    Exit codes: 0 done, 1 a damaged file, 2 wrong use, no such path, or a file of something else.
    """
    from newsdesk.index.update.shards import Shard
    from newsdesk.index.update.shards import encode as encode_shard

    part = Shard.parsed(shard)
    with terminal.watched() as progress:
        report = encode_shard(application.settings(), paths, file, part, progress)
    if as_json:
        json_output.print_json(json_output.of_encoding(report))
    else:
        terminal.show_encoding(report, file)
