"""`newsdesk status`: show what the library holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from . import json_output, terminal
from .application import Application, as_json_option, pass_application


@click.command()
@as_json_option
@pass_application
def status(application: Application, as_json: bool) -> None:
    """Show what the library holds, and where it lies."""
    from newsdesk.index.generation import open_current

    settings = application.settings()
    generation = open_current(settings.home)
    manifest = generation.manifest
    size = sum(file.stat().st_size for file in _files(settings.home))
    further = [give(settings) for give in application.facts]
    if as_json:
        home = str(settings.home.absolute())
        held = {"articles": manifest.articles, "passages": manifest.passages, "bytes": size}
        told = {**held, "model": manifest.model.name, "updated": manifest.updated, "home": home}
        for facts in further:
            told |= facts.as_json
        json_output.print_json(told)
        return
    sources = ", ".join(name or "(none)" for name in manifest.sources[:8])
    terminal.show_facts(
        {
            "articles": f"{manifest.articles:,}",
            "passages": f"{manifest.passages:,}",
            "published": " to ".join(map(str, generation.period() or ())) or "undated",
            "sources": sources + (" …" if len(manifest.sources) > 8 else ""),
            "model": f"{manifest.model.name} ({manifest.model.id})",
            "size": f"{size / 1e6:,.1f} MB",
            "updated": manifest.updated,
            "home": str(settings.home.absolute()),
            "generation": generation.name,
            **{name: value for facts in further for name, value in facts.as_text.items()},
        }
    )


def _files(home: Path) -> Iterator[Path]:
    """The library's own files; those of datasets are not the library's."""
    from newsdesk.index.evaluate import FOLDER

    for file in home.rglob("*"):
        if file.is_file() and file.relative_to(home).parts[0] != FOLDER:
            yield file
