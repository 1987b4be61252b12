"""`newsdesk status`: show what the library holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import json_output, sources_output, terminal
from .application import Application, as_json_option, pass_application

if TYPE_CHECKING:
    from newsdesk.index.generation import Generation
    from newsdesk.index.sync import SourceState

_SOURCES = 8  # that are named in the terminal


@click.command()
@as_json_option
@pass_application
def status(application: Application, as_json: bool) -> None:
    """Show what the library holds, and where it lies.

    \b
      newsdesk status
      newsdesk status --json | jq .articles

    Exit codes: 0 done, 1 no library, 2 wrong use.
    """
    from newsdesk.index.generation import open_current

    settings = application.settings()
    generation = open_current(settings.home)
    size = sum({(s.st_dev, s.st_ino): s.st_size for s in _stats(settings.home)}.values())
    current = _currency(settings.home)
    facts = [of_package(settings) for of_package in application.facts]
    if as_json:
        fields = json_output.of_status(generation, settings.home, size)
        fields["current"] = sources_output.of_currency(current)
        json_output.print_json(fields | {k: v for fact in facts for k, v in fact.as_json.items()})
    else:
        shown = _as_text(generation, settings.home, size)
        shown["current"] = sources_output.currency(current)
        terminal.show_facts(shown | {k: v for fact in facts for k, v in fact.as_text.items()})


def _as_text(generation: Generation, home: Path, size: int) -> dict[str, str]:
    manifest = generation.manifest
    sources = ", ".join(name or "(none)" for name in manifest.sources[:_SOURCES])
    return {
        "articles": f"{manifest.articles:,}",
        "passages": f"{manifest.passages:,}",
        "period": " to ".join(map(str, generation.period() or ())) or "undated",
        "sources": sources + (" …" if len(manifest.sources) > _SOURCES else ""),
        "model": f"{manifest.model.name} ({manifest.model.id})",
        "size": f"{size / 1e6:,.1f} MB",
        "updated": manifest.updated,
        "home": str(home.absolute()),
        "generation": generation.name,
    }


def _stats(home: Path) -> Iterator[os.stat_result]:
    """Of each file; one that several generations share comes more than once."""
    for file in _files(home):
        yield file.stat()


def _currency(home: Path) -> list[SourceState]:
    from newsdesk.index.library import Library
    from newsdesk.index.sync import states

    with Library(home) as library:
        return states(library)


def _files(home: Path) -> Iterator[Path]:
    """The library's own files; those of datasets are not the library's."""
    from newsdesk.index.evaluate import FOLDER

    for file in home.rglob("*"):
        if file.is_file() and file.relative_to(home).parts[0] != FOLDER:
            yield file
