"""The page of `newsdesk eval --report`: one HTML file with everything in it.

    report.write(Path("page.html"), [(dataset, runs)], article)

The data is embedded as JSON and drawn by our own few scripts, so that the file can be mailed, kept
and opened without a network. Its numbers are those of the runs, and of `newsdesk ask --explain`.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

from newsdesk.index.evaluate import Dataset, Run

from .gathering import Lookup, gather

__all__ = ["embedded", "gather", "page", "write"]

_SCRIPTS = ("charts.js", "sections.js", "questions.js", "page.js")
_SLOT = re.compile(r"\{\{(\w+)\}\}")
_SURROGATE = re.compile("[\ud800-\udfff]")


def write(
    file: Path,
    measured: Sequence[tuple[Dataset, Sequence[Run]]],
    article: Lookup = lambda _dataset, _article: None,
) -> None:
    """Write the page. `article` finds an article of a dataset, for those that did not come back."""
    text = page([gather(dataset, runs, article) for dataset, runs in measured])
    file.write_text(text, "utf-8", errors="replace")


def page(datasets: Sequence[dict[str, Any]]) -> str:
    """The HTML of what `gather` found for some datasets."""
    names = ", ".join(dataset["name"] for dataset in datasets)
    data = {"made": f"{datetime.now():%Y-%m-%d %H:%M}", "datasets": list(datasets)}
    slots = {
        "title": html.escape(f"Newsdesk measured on {names}"),
        "style": _read("page.css"),
        "script": "\n".join(_read(name) for name in _SCRIPTS),
        "data": embedded(data),
    }
    # In one pass, so that nothing in the data is taken for a slot.
    return _SLOT.sub(lambda match: slots[match[1]], _read("page.html"))


def embedded(data: object) -> str:
    """JSON that may stand in a <script>: it has no "<", so that nothing in it ends the script."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")
