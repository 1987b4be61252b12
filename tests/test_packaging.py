"""What is installed: nobody's package is overwritten, and nothing that ours needs is left out."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from .helpers.support import ROOT, write

pytestmark = pytest.mark.slow  # builds wheels, and asks in environments of their own

PACKAGES = ("index", "bot")
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
OTHER = {
    "pyproject.toml": "[build-system]\n"
    'requires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    '[project]\nname = "other"\nversion = "1"\n'
    '[tool.hatch.build.targets.wheel]\npackages = ["index", "bot"]\n',
    "index/__init__.py": "WHOSE = 'the other index'\n",
    "bot/__init__.py": "WHOSE = 'the other bot'\n",
    "bot/cli.py": "WHOSE = 'the other bot'\n",
}
INSTALLED = [folder for folder in sys.path if Path(folder).name.endswith("-packages")]
WHOSE = "import bot.cli, index; print(index.WHOSE, 'and', bot.WHOSE, 'and', bot.cli.WHOSE)"
OURS = "import newsdesk.index, newsdesk.bot; print(newsdesk.index.__file__, newsdesk.bot.__file__)"


def done(*command: str | Path, **more: str) -> str:
    """Run a program of some environment, with nothing of this one; returns what it printed."""
    environ = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("NEWSDESK_") and name not in {"PYTHONPATH", "PYTHONHOME"}
    }
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**environ, "PYTHONDONTWRITEBYTECODE": "1", **more},
        cwd=more.get("PWD"),
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def built(project: Path, folder: Path) -> Path:
    """The wheel of a project, built by the hatchling that is installed here."""
    done(*PIP, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, project)
    (wheel,) = folder.iterdir()
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of somebody else, whose packages are called `index` and `bot`."""
    project = write(tmp_path_factory.mktemp("other"), OTHER)
    return built(project, tmp_path_factory.mktemp("other-wheel"))


class Environment:
    """A virtual environment that sees this one's packages behind its own.

    Not an install of what newsdesk depends on: that is a gigabyte, and is here already.
    """

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=True)
        scheme = {"base": str(folder), "platbase": str(folder)}
        self.programs = Path(sysconfig.get_path("scripts", "venv", scheme))
        self.packages = Path(sysconfig.get_path("purelib", "venv", scheme))
        (self.packages / "behind.pth").write_text("\n".join(INSTALLED), "utf-8")

    def install(self, *packages: str | Path) -> None:
        """Install packages and nothing that they depend on, from no index."""
        offline = ("--no-deps", "--no-index", "--no-build-isolation", "--ignore-installed")
        done(*PIP, "--python", self.programs / "python", "install", "-q", *offline, *packages)


def test_the_wheel_holds_every_file_of_both_packages_and_no_name_of_anybodys(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    inside = {name for name in names if name.startswith("newsdesk/")}
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"newsdesk"}
    here = {
        f"newsdesk/{file.relative_to(ROOT).as_posix()}"
        for package in PACKAGES
        for file in (ROOT / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert inside == here
    assert {f"newsdesk/{package}/py.typed" for package in PACKAGES} <= inside
    assert {Path(name).suffix for name in inside} >= {".py", ".html", ".css", ".js"}


@pytest.mark.parametrize("ours_first", [True, False], ids=["ours first", "ours last"])
def test_beside_packages_called_index_and_bot_each_is_its_own(
    wheel: Path, other: Path, ours_first: bool, seeds_home: Path, tmp_path: Path
) -> None:
    environment = Environment(tmp_path / "venv")
    for each in (wheel, other) if ours_first else (other, wheel):
        environment.install(each)
    python, newsdesk = environment.programs / "python", environment.programs / "newsdesk"
    elsewhere = str(tmp_path)
    assert done(newsdesk, "--version", PWD=elsewhere).startswith("newsdesk ")
    told = done(newsdesk, "ask", "who is in the B9?", PWD=elsewhere, NEWSDESK_HOME=str(seeds_home))
    assert "Slovakia" in told
    assert done(python, "-c", WHOSE, PWD=elsewhere).strip() == (
        "the other index and the other bot and the other bot"
    )
    assert all(
        Path(file).is_relative_to(environment.packages)
        for file in done(python, "-c", OURS, PWD=elsewhere).split()
    )


@pytest.mark.skipif(os.name == "nt", reason="the links in .namespace need a POSIX file system")
def test_installed_editably_it_runs_from_any_folder_by_the_files_of_the_clone(
    seeds_home: Path, tmp_path: Path
) -> None:
    environment = Environment(tmp_path / "venv")
    environment.install("-e", ROOT)
    python, newsdesk = environment.programs / "python", environment.programs / "newsdesk"
    elsewhere = str(tmp_path)
    assert done(newsdesk, "--version", PWD=elsewhere).startswith("newsdesk ")
    told = done(newsdesk, "ask", "who is in the B9?", PWD=elsewhere, NEWSDESK_HOME=str(seeds_home))
    assert "Slovakia" in told
    files = [Path(file).resolve() for file in done(python, "-c", OURS, PWD=elsewhere).split()]
    assert files == [ROOT / package / "__init__.py" for package in PACKAGES]
