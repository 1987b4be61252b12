"""Shells complete commands, options, ids of articles and names of sources."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from newsdesk.bot import cli
from newsdesk.index.cli.completion import PROGRAM, VARIABLE
from tests.helpers.support import ROOT, Command

from .commands import environment


@pytest.fixture(autouse=True)
def home(small_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_HOME", str(small_home))


def offered(*words: str) -> list[str]:
    """What is offered for the last word."""
    shell = ShellComplete(cli.build(), {}, PROGRAM, VARIABLE)
    return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("s",), ["settings", "sources", "status", "sync"]),
        (("article", "fer"), ["ferry", "ferry-raised"]),
        (("article", "zzz"), []),
        (("list", "--source", "coa"), ["Coast Post"]),
        (("brief", "--source", ""), ["Coast Post", "Hill Times"]),
        (("list", "--si"), ["--since"]),
        (("completion", ""), ["bash", "zsh", "fish"]),
    ],
)
def test_what_is_offered(words: tuple[str, ...], expected: list[str]) -> None:
    assert offered(*words) == expected


def test_forget_offers_what_was_indexed(small_home: Path) -> None:
    news = str(small_home.parent / "news")
    assert offered("forget", news[:-2]) == [news]


def test_without_a_library_nothing_is_offered_and_nothing_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NEWSDESK_HOME", str(tmp_path))
    assert offered("article", "") == offered("forget", "") == offered("list", "--source", "") == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_the_program(newsdesk_small: Command, shell: str) -> None:
    script = newsdesk_small("completion", shell).out
    assert f"{VARIABLE}={shell}_complete" in script
    assert PROGRAM in script


def test_the_program_answers_a_shell(small_home: Path) -> None:
    asked = {VARIABLE: "bash_complete", "COMP_WORDS": "newsdesk article tow", "COMP_CWORD": "2"}
    done = subprocess.run(
        [sys.executable, "-m", "newsdesk.bot.cli"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=environment(small_home, **asked),
    )
    assert (done.stdout, done.stderr) == ("plain,tower\n", "")
