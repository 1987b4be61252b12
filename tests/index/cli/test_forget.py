"""What the commands say of folders that have gone, and of forgetting them."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from newsdesk.index.cli import json_output, terminal
from newsdesk.index.update import Gone, Report
from tests.helpers.support import Command, index, write


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A library of one folder, which then goes."""
    folder = write(tmp_path / "old news", {"a.txt": "Ferry\n\nIt sank."})
    index(tmp_path / "home", folder)
    folder.rename(tmp_path / "new news")
    return tmp_path / "home"


def test_index_names_the_folder_and_the_mend(newsdesk_small: Command, home: Path) -> None:
    done = newsdesk_small("index", home=home)
    assert (done.code, done.out) == (1, "")
    assert f"{home.parent / 'old news'}: gone" in done.err
    assert "`newsdesk forget PATH` removes them" in done.err
    assert newsdesk_small("article", "a", home=home).code == 0


def test_the_mend_can_be_pasted_into_a_shell(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(gone=[Gone("/old news", 2)])
    terminal.show_report(report)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("gone")]
    assert "its 2 articles stay" in line
    assert shlex.split(line.split("coming back: ")[1]) == ["newsdesk", "forget", "/old news"]
    assert json_output.of_report(report)["gone"] == [{"path": "/old news", "articles": 2}]


@pytest.mark.parametrize("as_json", [False, True])
def test_forget_says_what_it_removed(newsdesk_small: Command, home: Path, as_json: bool) -> None:
    path = str(home.parent / "old news")
    done = newsdesk_small("forget", path, *(["--json"] if as_json else []), home=home)
    assert done.code == 0
    if as_json:
        assert done.told == {"path": path, "removed": ["a"], "articles": 0}
    else:
        assert done.out == f"forgot {path}: 1 article removed, 0 left\n"
    assert newsdesk_small("status", home=home).code == 1


def test_forget_of_something_unknown_names_the_nearest(newsdesk_small: Command, home: Path) -> None:
    done = newsdesk_small("forget", str(home.parent / "old newts"), home=home)
    assert done.code == 2
    assert done.err.endswith(f"old newts: not indexed; known are {home.parent / 'old news'}\n")
