"""`newsdesk status`: show what the library holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import json_output, terminal
from .application import Application, as_json_option, pass_application

if TYPE_CHECKING:
    from newsdesk.index.generation import Generation

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
    size = sum(file.stat().st_size for file in _files(settings.home))
    facts = [of_package(settings) for of_package in application.facts]
    if as_json:
        told = json_output.of_status(generation, settings.home, size)
        json_output.print_json(told | {k: v for fact in facts for k, v in fact.as_json.items()})
    else:
        shown = _as_text(generation, settings.home, size)
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


def _files(home: Path) -> Iterator[Path]:
    """The library's own files; those of datasets are not the library's."""
    from newsdesk.index.evaluate import FOLDER

    for file in home.rglob("*"):
        if file.is_file() and file.relative_to(home).parts[0] != FOLDER:
            yield file
