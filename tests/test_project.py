"""What holds for the whole project: lint, format and types; README and CI say what is so."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from newsdesk.bot.settings import BotSettings
from newsdesk.index.cli import app
from newsdesk.index.settings import keys

from .helpers.support import ROOT

README = (ROOT / "README.md").read_text("utf-8")
SHELL = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
]
INSTALLS = [line for line in SHELL if line.startswith("python3 ")]
COMMANDS = [line for line in SHELL if line.startswith("newsdesk ")]


@pytest.mark.parametrize(
    "command",
    [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)],
    ids=" ".join,
)
def test_lint_format_and_types_hold(command: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_commands_do_all_the_set_up() -> None:
    asking, testing = INSTALLS
    assert asking.endswith('newsdesk ask "who is in the B9?"')
    assert " -m pytest" in testing


def test_ci_runs_the_second_command_as_it_stands_in_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    pattern = re.search(r"grep -E '(.*)' README.md", script)
    assert pattern
    assert [line for line in README.splitlines() if re.search(pattern[1], line)] == [INSTALLS[1]]


@pytest.mark.parametrize("line", COMMANDS)
def test_the_readmes_commands_run(
    line: str,
    seeds_home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("NEWSDESK_HOME", str(seeds_home))
    assert app.run(shlex.split(line, comments=True)[1:]) == 0
    assert capsys.readouterr().out


def test_the_readmes_python_runs(seeds_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.setenv("NEWSDESK_HOME", str(seeds_home))
    seen: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), seen)
    assert "Slovakia" in str(seen["answer"])


def test_the_readme_lists_every_setting_with_its_default() -> None:
    tree = msgspec.to_builtins(BotSettings(), enc_hook=str)
    for path in keys(BotSettings):
        value = tree
        for part in path:
            value = value[part]
        assert f"| `{'.'.join(path)}` | `{value}` |" in README


def test_no_path_of_a_machine_stands_in_the_project() -> None:
    named = subprocess.run(
        ["git", "ls-files", "-z"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if named.returncode:
        pytest.skip("not a git checkout, so what belongs to the project cannot be listed")
    paths = (ROOT / name for name in named.stdout.split("\0") if name)
    texts = {path: path.read_text("utf-8", errors="replace") for path in paths if path.is_file()}
    assert not [path for path, text in texts.items() if str(ROOT) in text]
