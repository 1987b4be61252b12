"""The READMEs, the settings' table and CI say what is so; the project names no machine."""

from __future__ import annotations

import os
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
import yaml

from newsdesk.bot.settings import BotSettings
from newsdesk.index.settings import keys

from .helpers.running import copied
from .helpers.support import ROOT, SEEDS, WEEK, lend_to_dataset

READMES = [ROOT / "README.md", ROOT / "index" / "README.md", ROOT / "bot" / "README.md"]
TEXTS = {str(file.relative_to(ROOT)): file.read_text("utf-8") for file in READMES if file.exists()}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CHECKS = ["ruff check", "ruff format", "mypy"]
CI = ROOT / ".ci" / "run"


def blocks(language: str) -> list[tuple[str, str]]:
    """The code blocks of a language in all READMEs, each behind the name of its file."""
    pattern = re.compile(rf"^```{language}\n(.*?)^```", re.DOTALL | re.MULTILINE)
    return [(name, code) for name, text in TEXTS.items() for code in pattern.findall(text)]


SHELL = [(name, line) for name, code in blocks("sh") for line in code.splitlines()]
INSTALLS = [line for name, line in SHELL if name == "README.md" and line.startswith("python3 ")]
COMMANDS = [(name, line) for name, line in SHELL if line.startswith("newsdesk ")]
FEW = 8  # questions of the seeds that `eval` asks here, in each configuration


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like a clone's, but with few questions."""
    made = tmp_path_factory.mktemp("clone")
    shutil.copytree(SEEDS, made / "seeds")
    shutil.copytree(WEEK, made / "tests" / "week")  # whose questions are off-topic for the seeds
    for file in made.rglob("questions*.jsonl"):
        file.write_text("".join(file.read_text("utf-8").splitlines(keepends=True)[:FEW]), "utf-8")
    return made


@pytest.fixture(scope="module")
def shared_home(seeds_home: Path, clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the seeds' library, since a command may change it."""
    home = copied(seeds_home, tmp_path_factory.mktemp("readme") / "home")
    lend_to_dataset(seeds_home, clone / "seeds", home)
    return home


@pytest.fixture
def folder(clone: Path, shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: what a command writes does not land in ours."""
    monkeypatch.chdir(clone)
    monkeypatch.setenv("NEWSDESK_HOME", str(shared_home))
    return clone


def arguments(line: str) -> list[str]:
    """A command's own words; a bot is not started here, only asked what it takes."""
    words = shlex.split(line, comments=True)[1:]
    return [*words, "--help"] if words[0] == "bot" else words


def test_two_commands_do_all_the_set_up() -> None:
    asking, testing = INSTALLS
    assert asking.endswith('newsdesk ask "who is in the B9?"')
    assert " -m pytest" in testing


@pytest.mark.parametrize(("name", "line"), COMMANDS)
def test_the_readmes_commands_run(
    name: str,
    line: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    main = pkgutil.resolve_name(PROJECT["scripts"]["newsdesk"])
    monkeypatch.setattr(sys, "argv", ["newsdesk", *arguments(line)])
    with pytest.raises(SystemExit) as exit_:
        main()
    told = capsys.readouterr()
    assert exit_.value.code == 0, told.err
    assert told.out


def test_the_first_readme_is_short() -> None:
    assert len(TEXTS["README.md"].splitlines()) <= 150


@pytest.mark.parametrize(("name", "code"), blocks("python"))
def test_the_readmes_python_runs(
    name: str, code: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(compile(code, name, "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out


def test_the_readmes_python_answers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, code = blocks("python")[0]
    exec(compile(code, name, "exec"), {"__name__": "__main__"})
    assert "Slovakia" in capsys.readouterr().out


def test_the_readmes_list_every_setting_with_its_default() -> None:
    tree = msgspec.to_builtins(BotSettings(), enc_hook=str)
    told = "\n".join(TEXTS.values())
    for path in keys(BotSettings):
        value = tree
        for part in path:
            value = value[part]
        assert f"| `{'.'.join(path)}` | `{value}` |" in told


def test_no_path_of_a_machine_stands_in_the_project() -> None:
    named = subprocess.run(
        ["git", "ls-files", "-z"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if named.returncode:
        pytest.skip("not a git checkout, so what belongs to the project cannot be listed")
    paths = (ROOT / name for name in named.stdout.split("\0") if name)
    texts = {path: path.read_text("utf-8", errors="replace") for path in paths if path.is_file()}
    assert not [path for path, text in texts.items() if str(ROOT) in text]


# .ci/run is run in a folder with the README alone, where every program is a stand-in that writes
# down how it was called, and fails if it is told to.

STAND_IN = """#!/usr/bin/env bash
echo "$(basename "$0") $* ${PYTEST_ADDOPTS:-}" >> called
if [ "$2" = venv ]; then mkdir -p .venv/bin && cp "$0" .venv/bin/python; fi
case "$*" in *"$FAILING"*) echo "it fails: $*"; exit 1;; esac
"""


class Checked(NamedTuple):
    """What .ci/run did."""

    code: int
    called: list[str]
    out: str


def ci(folder: Path, failing: str) -> Checked:
    """Run .ci/run where a call with some words in it fails."""
    (folder / ".ci").mkdir()
    shutil.copy(CI, folder / ".ci" / "run")
    shutil.copy(ROOT / "README.md", folder)
    program = folder / "programs" / "python3"
    program.parent.mkdir()
    program.write_text(STAND_IN, "utf-8")
    program.chmod(0o755)
    environ = {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", "FAILING": failing}
    done = subprocess.run(
        [folder / ".ci" / "run"], capture_output=True, text=True, check=False, env=environ
    )
    return Checked(done.returncode, (folder / "called").read_text().splitlines(), done.stdout)


def called(whole: str) -> list[str]:
    """How the parts of a README's command call Python, as the stand-in writes it down."""
    parts = whole.split(" && ")
    return [" ".join(shlex.split(part.replace(".venv/bin/", ""))) for part in parts]


@pytest.mark.skipif(os.name == "nt", reason="CI's script needs bash")
def test_ci_runs_the_readmes_second_command_whole_with_lint_and_types_before_the_tests(
    tmp_path: Path,
) -> None:
    done = ci(tmp_path, "nothing fails")
    *setting_up, testing = called(INSTALLS[1])
    checks = ["python -m ruff check .", "python -m ruff format --check .", "python -m mypy"]
    expected = [*setting_up, *checks, f"{testing} --durations=20"]
    assert [call.strip() for call in done.called] == expected
    assert done.code == 0


@pytest.mark.skipif(os.name == "nt", reason="CI's script needs bash")
@pytest.mark.parametrize("failing", ["venv", "pip install", *CHECKS, "pytest"])
def test_ci_ends_at_what_fails_and_shows_what_it_said(tmp_path: Path, failing: str) -> None:
    done = ci(tmp_path, failing)
    assert done.code == 1
    assert failing in done.called[-1]
    assert "it fails: " in done.out.splitlines()[-1]


def test_a_commit_is_checked_by_what_ci_checks() -> None:
    told = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    (local,) = told["repos"]
    assert local["repo"] == "local"  # nothing to be fetched
    assert [hook["name"] for hook in local["hooks"]] == CHECKS
    for hook in local["hooks"]:
        python, _, check = hook["entry"].removesuffix(" --force-exclude").partition(" -m ")
        assert (python, check) == (".venv/bin/python", hook["name"])
        assert hook["language"] == "system"
        assert f"$python -m {check}" in CI.read_text("utf-8")
