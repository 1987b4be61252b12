"""A library of a few articles without a model, and the console script that reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsdesk.bot import cli
from tests.helpers.support import Command, Done, index, write

ARTICLES = """\
{"id": "ferry", "title": "Ferry Sinks", "text": "It sank.", "date": "2021-12-10T08:00", "source": "Coast Post"}
{"id": "ferry-raised", "title": "Ferry Raised", "text": "It rose.", "date": "2021-12-10T20:00", "source": "Coast Post"}
{"id": "tower", "title": "Tower Sold", "text": "A school bought it.", "date": "2022-01-05", "source": "Hill Times"}
{"id": "undated", "title": "Recipe", "text": "Take flour."}
"""  # noqa: E501


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a library that was indexed from `news/` beside it. Not to be changed."""
    folder = tmp_path_factory.mktemp("small")
    index(folder / "home", write(folder / "news", {"a.jsonl": ARTICLES}))
    return folder / "home"


@pytest.fixture
def newsdesk_small(
    small_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Runs a command of the console script in this process."""

    def command(*arguments: str, home: Path = small_home, **environment: str) -> Done:
        monkeypatch.setenv("NEWSDESK_HOME", str(home))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = cli.run(arguments)
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return command
