"""Tables of eval: whole numbers at every width, and the same facts in JSON."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from newsdesk.index import evaluate
from newsdesk.index.cli import measuring
from newsdesk.index.cli.eval_tables import show_week
from newsdesk.index.evaluate import Dataset, JudgedQuestion, Outcome, Run, gates
from newsdesk.index.types import Answer

from .commands import in_terminal

WIDTHS = [60, 80, 100, 200]
NAMES = ["hybrid", "lexical", "dense passages.words=100 fusion.weight=0.25 lexical.b=0.5"]
_PREPARED = "from tests.index.cli.test_eval_tables import dataset, runs, NAMES; "
SHOWN = (
    _PREPARED + "from newsdesk.index.cli import measuring; measuring.show(dataset(), runs(), {})"
)


def dataset() -> Dataset:
    asked = tuple(JudgedQuestion(str(n), f"question {n}", {"x": 1}) for n in range(30))
    return Dataset("made-up", Path("nowhere"), asked)


def runs() -> list[Run]:
    """Three runs that differ in every question, one by a long name."""
    made = []
    for number, name in enumerate(NAMES):
        chance = random.Random(number)
        outcomes = tuple(
            Outcome(
                question,
                tuple((article, 1.0) for article in chance.sample("xabcdefgh", 9)),
                Answer(question.text, "none", 0.1, None, ()),
                seconds=1.2345678 + number,
            )
            for question in dataset().questions
        )
        made.append(Run("hybrid", {}, evaluate.measure(outcomes), outcomes, name))
    return made


def numbers(run: Run) -> list[str]:
    return [f"{value:.3f}" for value in run.measures.values() if value is not None]


@pytest.mark.parametrize("width", WIDTHS)
def test_in_a_terminal_every_number_is_whole_and_no_line_is_too_long(
    tmp_path: Path, width: int
) -> None:
    shown = in_terminal([], home=tmp_path, width=width, code=SHOWN)
    words = re.findall(r"[^\s*]+", shown)
    for run in runs():
        assert all(words.count(number) >= 1 for number in numbers(run))
        assert f"{run.milliseconds:.1f}" in words
        for comparison in evaluate.compare(runs()[0], run) if run.name != NAMES[0] else ():
            if comparison.measure == "nDCG@10":
                assert f"{comparison.low:+.3f} … {comparison.high:+.3f}" in shown
                assert f"{comparison.difference:+.3f}" in words
    assert not re.search(r"\d…", shown)
    assert max(map(len, shown.splitlines())) <= max(width, len(NAMES[2]) + len(", against hybrid"))


def test_when_piped_a_run_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    measuring.show(dataset(), runs(), as_json=False)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("lexical ")]
    assert [cell.rstrip("*") for cell in line.split() if cell[0].isdigit()] == [
        *numbers(runs()[1]),
        "2234.6",
    ]


def test_every_label_of_the_tables_has_its_place_in_the_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    measuring.show(dataset(), runs(), as_json=False)
    table = capsys.readouterr().out.splitlines()
    measuring.show(dataset(), runs(), as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert table[0] == f"{told['dataset']}, {told['questions']} questions"
    first, compared = told["runs"][0], told["comparisons"][0]
    for label in table[1].split():
        assert label in first or label in first["measures"]
    assert [run["run"] for run in told["runs"]] == NAMES
    assert f"{first['ms']:.1f}" in table[2]
    keys = {"95 % interval": "interval", "won": "wins", "lost": "losses"}
    header = next(line for line in table if "interval" in line)
    for label in re.split(r"\s{2,}", header.strip()):
        assert keys.get(label, label) in compared["measures"][0]
    assert f"{compared['run']}, against {compared['with']}" in table


def test_the_tables_of_a_week_and_of_gates_are_whole_at_80(tmp_path: Path) -> None:
    code = (
        "from tests.index.cli import test_eval_tables as t; from pathlib import Path; "
        "from newsdesk.index.cli import eval_tables; "
        "eval_tables.show_week('week', t.WEEK); eval_tables.show_gates(Path('gate'), t.CHECKS)"
    )
    shown = in_terminal([], home=tmp_path, width=80, code=code)
    assert all(f"{value:.3f}" in shown for part in WEEK.values() for value in part.values())
    assert shown.count("at least 0.123") == shown.count("0.100") == 2
    assert "MISSED" in shown
    assert max(map(len, shown.splitlines())) <= 80


WEEK = {part: {f"measure {n}": n / 7 for n in range(9)} for part in ("all", "politics", "sport")}
CHECKS = [
    gates.GateCheck("../datasets/" + "long/" * 12 + name, "false_refusals", True, 0.123, 0.1)
    for name in ("a", "b")
]


def test_a_table_on_its_side_names_the_runs_above_their_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = SHOWN.replace("runs()", "runs()[:2]")
    lines = in_terminal([], home=tmp_path, width=80, code=code).splitlines()
    assert lines[1].split() == ["run", "hybrid", "lexical"]
    show_week("week", WEEK)
    assert capsys.readouterr().out.splitlines()[1].split() == ["measure", *WEEK]
