"""A library of a few articles without a model, and the console script that reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from newsdesk.bot import cli
from tests.helpers.support import Command, index, write

from .commands import in_this_process

FIELDS = ("id", "title", "text", "date", "source")
ARTICLES = (
    ("ferry", "Ferry Sinks", "It sank.", "2021-12-10T08:00", "Coast Post"),
    ("ferry-raised", "Ferry Raised", "It rose.", "2021-12-10T20:00", "Coast Post"),
    ("tower", "Tower Sold", "A school bought it.", "2022-01-05", "Hill Times"),
    ("undated", "Recipe", "Take flour."),
)


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a library that was indexed from `news/` beside it. Not to be changed."""
    folder = tmp_path_factory.mktemp("small")
    lines = [json.dumps(dict(zip(FIELDS, article, strict=False))) for article in ARTICLES]
    index(folder / "home", write(folder / "news", {"a.jsonl": "\n".join(lines)}))
    return folder / "home"


@pytest.fixture
def newsdesk_small(
    small_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Runs a command of the console script in this process."""
    return in_this_process(cli.run, small_home, capsys, monkeypatch)
