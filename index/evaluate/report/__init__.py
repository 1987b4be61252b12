"""The report of `newsdesk eval --report`: one self-contained HTML page.

    report.write(Path("page.html"), [(dataset, runs)], article)

The data is embedded as JSON and drawn by four scripts of ours, so that the page opens without a
network. Its numbers are those of the runs, and of `newsdesk ask --explain`.
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
    """Write the page of datasets with their runs.

    `article` looks up an article of a dataset by its id, for gold articles that no run returned.
    """
    text = page([gather(dataset, runs, article) for dataset, runs in measured])
    file.write_text(text, "utf-8", errors="replace")


def page(datasets: Sequence[dict[str, Any]]) -> str:
    """The page's HTML, of datasets as `gather` returns them."""
    names = ", ".join(dataset["name"] for dataset in datasets)
    data = {"made": f"{datetime.now():%Y-%m-%d %H:%M}", "datasets": list(datasets)}
    slots = {
        "title": html.escape(f"Newsdesk measured on {names}"),
        "style": _read("page.css"),
        "script": "\n".join(_read(name) for name in _SCRIPTS),
        "data": embedded(data),
    }
    # Not one slot after another: the data may contain what looks like a slot.
    return _SLOT.sub(lambda match: slots[match[1]], _read("page.html"))


def embedded(data: object) -> str:
    """JSON that is safe inside a <script>: "<", ">" and "&" are escaped.

    >>> embedded({"a": "</script>"})
    '{"a":"\\\\u003c/script\\\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")
