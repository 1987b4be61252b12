"""Output that cannot be written is one line on stderr and a failure, whatever the command."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from newsdesk.bot import cli
from tests.helpers.support import ROOT

from .commands import environment

FULL = Path("/dev/full")
COMMANDS = sorted(cli.build().commands)
# Those that print something without a model or a bot, once as text and once as JSON.
PRINTING = [
    ("status",), ("status", "--json"), ("list",), ("list", "--json"), ("settings",),
    ("settings", "--json"), ("article", "ferry"), ("article", "ferry", "--json"),
    ("completion", "bash"), ("--version",), (),
]  # fmt: skip
ASKING = [
    ("ask", "who is in the B9?"), ("ask", "who is in the B9?", "--json"),
    ("brief", "--since", "2021-12-01", "--until", "2021-12-31"), ("index",), ("index", "--json"),
]  # fmt: skip
full = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")


def complaint(arguments: tuple[str, ...], home: Path) -> str:
    """What a command says on stderr, with its output sent to a full disk; it fails."""
    with FULL.open("w") as stdout:
        done = subprocess.run(
            [sys.executable, "-m", "newsdesk.bot.cli", *arguments],
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=ROOT,
            env=environment(home),
        )
    assert done.returncode != 0
    return done.stderr


@full
@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_a_full_disk_is_one_line(small_home: Path, arguments: tuple[str, ...]) -> None:
    told = complaint(arguments, small_home)
    assert told == "newsdesk: standard output: No space left on device; free some space\n"


@full
@pytest.mark.parametrize("command", COMMANDS)
def test_help_on_a_full_disk_is_one_line(small_home: Path, command: str) -> None:
    assert len(complaint((command, "--help"), small_home).splitlines()) == 1


@full
@pytest.mark.parametrize("arguments", ASKING, ids=" ".join)
def test_what_is_asked_or_indexed_on_a_full_disk_is_one_line(
    seeds_home: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    home = shutil.copytree(seeds_home, tmp_path / "home", ignore=lambda *_: {"models", "eval"})
    (home / "models").symlink_to(seeds_home / "models")
    told = complaint(arguments, home).splitlines()
    assert told[-1] == "newsdesk: standard output: No space left on device; free some space"
    assert "Traceback" not in "".join(told)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_output_is_one_line(tmp_path: Path, command: str) -> None:
    python = f"{sys.executable} -m newsdesk.bot.cli {command}"
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec {python} >&-"],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment(tmp_path / "home"),
    )
    assert done.returncode == 1
    assert done.stderr == "newsdesk: standard output is closed; send it somewhere\n"
    assert not (tmp_path / "home").exists()
