"""Floors: CI passes them, other data is refused, and none is lowered in silence."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from newsdesk.index import evaluate
from newsdesk.index.cli import app
from newsdesk.index.errors import DatasetError
from newsdesk.index.evaluate import gates
from newsdesk.index.evaluate.off_topic import MOST
from tests.helpers.support import ROOT, SEEDS, WEEK, lend_to_dataset, write

GATE = ROOT / "tests" / "gate.toml"
WHY = "# lowered:"
NONE_ASKED = "[[gate]]\ndataset = 'small'\nchecksum = 'sha256:1'\nevery = 0"


@pytest.fixture
def home(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "home"
    made.mkdir()
    (made / "models").symlink_to(models)
    monkeypatch.setenv("NEWSDESK_HOME", str(made))
    return made


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Two articles, and a question of each that is answered, and one that is not."""
    asked = [
        {"question": "when did the ferry crews go back to work", "article": "ferry"},
        {"question": "which cheese won in Lyon", "article": "cheese"},
    ]
    files = {
        "ferry.txt": "Ferry Strike Ends\n\nThe ferry crews went back to work on Tuesday.\n",
        "cheese.txt": "Cheese Prize\n\nA goat cheese from Millford won first prize in Lyon.\n",
        "questions.jsonl": "".join(json.dumps(one) + "\n" for one in asked),
    }
    return write(tmp_path / "small", files)


def gate(folder: Path, floor: float, checksum: str = "") -> Path:
    checksum = checksum or evaluate.load(folder).checksum
    told = (
        f'[[gate]]\ndataset = "small"\nchecksum = "{checksum}"\nfloors = {{ "hit@1" = {floor} }}\n'
    )
    file = folder.parent / "gate.toml"
    file.write_text(told, "utf-8")
    return file


@pytest.mark.slow
def test_the_projects_own_floors_are_passed(
    home: Path, seeds_home: Path, week_library: Path, every_question: bool
) -> None:
    lend_to_dataset(seeds_home, SEEDS, home)
    lend_to_dataset(week_library, WEEK, home)
    whole = ["--whole"] if every_question else []
    assert app.run(["eval", "--gate", str(GATE), *whole]) == 0


def test_a_floor_that_is_missed_is_exit_1_and_marked(
    home: Path, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(["eval", "--gate", str(gate(small, 1.0))]) == 0
    assert "MISSED" not in capsys.readouterr().out
    assert app.run(["eval", "--gate", str(gate(small, 1.01))]) == 1
    assert "MISSED" in capsys.readouterr().out
    assert app.run(["eval", "--gate", str(gate(small, 1.01)), "--json"]) == 1
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["passed"] is False
    assert told["gates"][0]["at_least"] == 1.01


def test_one_question_of_so_many_is_asked_or_all_if_that_is_wanted(small: Path) -> None:
    file = gate(small, 1.0)
    file.write_text(f"{file.read_text('utf-8')}every = 2\noff_topic = 5\n", "utf-8")
    every = [question.id for question in evaluate.load(small).questions]
    assert [[q.id for q in dataset.questions] for _, dataset in gates.read(file)] == [every[::2]]
    assert [[q.id for q in dataset.questions] for _, dataset in gates.read(file, True)] == [every]
    assert [gate.off_topic for gate, _ in gates.read(file)] == [5]
    assert [gate.off_topic for gate, _ in gates.read(file, True)] == [MOST]


def test_that_all_are_wanted_goes_with_a_gate(
    home: Path, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(["eval", str(small), "--whole"]) == 2
    assert "--whole goes with --gate FILE" in capsys.readouterr().err


def test_floors_do_not_hold_for_other_data(small: Path) -> None:
    file = gate(small, 0.5)
    (small / "cheese.txt").write_text("Cheese\n\nAnother cheese won in Lyon.\n", "utf-8")
    with pytest.raises(DatasetError, match="not what the floors were reached on") as error:
        gates.read(file)
    assert evaluate.load(small).checksum in str(error.value)


@pytest.mark.parametrize(
    "told",
    ["", "gate = 1", "[[gate]]\ndataset = 'small'", "[[gate]]\nfoo = 1", "not toml", NONE_ASKED],
)
def test_a_file_that_holds_no_gates_is_refused(small: Path, told: str) -> None:
    file = write(small.parent, {"gate.toml": told}) / "gate.toml"
    with pytest.raises(DatasetError, match=r"gate\.toml"):
        gates.read(file)


def test_a_measure_that_there_is_none_of_is_missed() -> None:
    one = gates.Gate("small", "x", floors={"auroc": 0.0}, ceilings={"false_refusals": 1.0})
    assert [p.passed for p in gates.check(one, {"false_refusals": 1.0})] == [False, True]


def limits(text: str) -> dict[tuple[str, str], float]:
    """How strict each limit is, the higher the stricter."""
    found = {}
    for one in tomllib.loads(text)["gate"]:
        for name, value in one.get("floors", {}).items():
            found[one["dataset"], name] = value
        for name, value in one.get("ceilings", {}).items():
            found[one["dataset"], name] = -value
    return found


def excused(text: str) -> set[tuple[str, str]]:
    """The datasets and their measures whose lowering the line above explains."""
    found, dataset = set(), ""
    for above, row in pairwise(text.splitlines()):
        name, _, value = row.strip("# ").partition(" = ")
        if name == "dataset":
            dataset = value.strip('"')
        if above.startswith(WHY):
            found.add((dataset, name.strip('"')))
    return found


def lowered(old: str, new: str) -> set[str]:
    """Measures whose limit is less strict than before, and no word why."""
    before, now = limits(old), limits(new)
    weaker = {place for place, v in before.items() if now.get(place, -9) < v}
    # A measure that is gone everywhere is explained once, above the first dataset.
    return {name for where, name in weaker if not {(where, name), ("", name)} & excused(new)}


def test_no_floor_is_lower_than_in_an_earlier_commit_without_a_reason() -> None:
    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], capture_output=True, text=True, check=False, cwd=ROOT
        )
        return done.stdout if done.returncode == 0 else ""

    commits = git("log", "--format=%H", "--", "tests/gate.toml").split()
    if not commits:
        pytest.skip("no history of tests/gate.toml here, so nothing to compare with")
    now = GATE.read_text("utf-8")
    for commit in commits:
        assert not lowered(git("show", f"{commit}:tests/gate.toml"), now)


def test_lowering_a_floor_is_noticed_and_a_reason_excuses_it() -> None:
    told = GATE.read_text("utf-8")
    floor = re.search(r'^"nDCG@10" = (.+)$', told, re.MULTILINE)
    ceiling = re.search(r"^off_topic_shown = (.+)$", told, re.MULTILINE)
    assert floor
    assert ceiling
    weaker = f'"nDCG@10" = {float(floor[1]) - 0.03:.2f}'
    assert lowered(told, told.replace(floor[0], weaker, 1)) == {"nDCG@10"}
    why = told.replace(floor[0], f"{WHY} the questions were made harder\n{weaker}", 1)
    assert not lowered(told, why)
    assert lowered(told, told.replace(ceiling[0], "off_topic_shown = 0.99", 1))
    assert not lowered(told, told.replace(floor[0], '"nDCG@10" = 0.999', 1))
