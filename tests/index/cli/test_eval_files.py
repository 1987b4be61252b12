"""Files that eval reads and writes are tried before anything is computed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.helpers.support import Command, write

BROKEN = [
    ("--report", "missing/page.html", "No such file or directory"),
    ("--report", "folder", "Is a directory"),
    ("--report", "file/page.html", "Not a directory"),
    ("--run", "missing/run.txt", "No such file or directory"),
    ("--run", "folder", "Is a directory"),
    ("--qrels-to", "missing/qrels.txt", "No such file or directory"),
    ("--with-run", "missing.txt", "No such file or directory"),
    ("--with-run", "folder", "Is a directory"),
    ("--with-run", "latin1.txt", "line 1: not UTF-8"),
    ("--gate", "missing.toml", "No such file or directory"),
    ("--gate", "folder", "Is a directory"),
    ("--gate", "latin1.txt", "not a file of gates"),
]


@pytest.mark.parametrize(("option", "name", "reason"), BROKEN)
def test_a_file_that_cannot_be_used_is_refused_before_anything_is_computed(
    newsdesk_small: Command, beir: Path, tmp_path: Path, option: str, name: str, reason: str
) -> None:
    write(tmp_path, {"folder/x": "", "file": "", "latin1.txt": b"\xe9 Q0 x 1 1.0 y"})
    file, home = tmp_path / name, tmp_path / "home"
    done = newsdesk_small("eval", str(beir), option, str(file), home=home)
    assert done.code in {1, 2}
    assert done.out == ""
    assert len(done.err.splitlines()) == 1
    assert str(file) in done.err
    assert reason in done.err
    assert not home.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_refused(
    newsdesk_small: Command, beir: Path, tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    done = newsdesk_small("eval", str(beir), "--report", str(closed / "page.html"))
    assert done.code == 2
    assert "Permission denied" in done.err


def test_each_of_several_runs_is_tried_and_what_was_tried_is_not_left(
    newsdesk_small: Command, beir: Path, tmp_path: Path
) -> None:
    (tmp_path / "run-tiny-dense.txt").mkdir()
    modes = ("--mode", "hybrid,dense", "--run", str(tmp_path / "run.txt"))
    done = newsdesk_small("eval", str(beir), *modes, home=tmp_path / "home")
    assert done.code == 2
    assert "run-tiny-dense.txt: cannot be written: Is a directory" in done.err
    assert not (tmp_path / "run-tiny-hybrid.txt").exists()
    assert not (tmp_path / "home").exists()


def test_a_file_that_was_there_is_not_touched_by_trying(
    newsdesk_small: Command, beir: Path, tmp_path: Path
) -> None:
    page = write(tmp_path, {"page.html": "before"}) / "page.html"
    missing = str(tmp_path / "missing" / "run.txt")
    assert newsdesk_small("eval", str(beir), "--report", str(page), "--run", missing).code == 2
    assert page.read_text() == "before"
