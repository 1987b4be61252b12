"""Comparing configurations: grids, paired tests, TREC's formats, and what a reader sees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index import evaluate
from newsdesk.index.cli import app, measuring
from newsdesk.index.errors import DatasetError, UsageError
from newsdesk.index.evaluate import Outcome, Question, Run
from newsdesk.index.settings import Settings
from newsdesk.index.types import Answer
from tests.helpers.support import write

from .test_evaluate import beir, home, run

__all__ = ["beir", "home"]  # fixtures


def outcome(name: str, ranking: str, verdict: str = "none") -> Outcome:
    question = Question(name, name, {"x": 1})
    return Outcome(question, tuple((a, -float(n)) for n, a in enumerate(ranking)), answer())


def answer() -> Answer:
    return Answer("q", "none", 0.1, None, ())


def made(*rankings: str, name: str = "a") -> Run:
    outcomes = tuple(outcome(str(n), one) for n, one in enumerate(rankings))
    return Run("hybrid", {}, evaluate.measure(outcomes), outcomes, name)


def compared(first: Run, other: Run, measure: str) -> evaluate.Comparison:
    (found,) = [one for one in evaluate.compare(first, other) if one.measure == measure]
    return found


def test_wins_and_losses_are_of_single_questions() -> None:
    first, other = made("xyz", "yx", "zyx"), made("xyz", "xy", "zabx")
    found = compared(first, other, "MRR@10")
    assert (found.wins, found.losses) == (("1",), ("2",))
    assert found.difference == pytest.approx((0 + 0.5 + (0.25 - 1 / 3)) / 3)
    assert found.low <= found.difference <= found.high


def test_a_run_against_itself_differs_in_nothing() -> None:
    one = made("xy", "yx", "zx")
    for found in evaluate.compare(one, one):
        assert (found.difference, found.low, found.high, found.p) == (0, 0, 0, 1)
        assert not found.wins + found.losses


def test_a_refusal_that_was_wrong_counts_as_lost_although_the_number_is_higher() -> None:
    asked = Question("1", "q", {"x": 1})
    right = Answer("q", "none", 0.1, None, ())
    refused = made("x")
    answered = Run("hybrid", {}, {"false_refusals": 0.0}, (Outcome(asked, (("x", 1.0),), right),))
    assert evaluate.by_question(answered.outcomes)["false_refusals"] == {"1": 1.0}
    found = evaluate.LESS_IS_BETTER
    assert "false_refusals" in found
    assert refused.measures["false_refusals"] == 1.0


@pytest.mark.parametrize(("wins", "losses", "significant"), [(8, 0, True), (5, 4, False)])
def test_what_luck_explains_is_not_significant(wins: int, losses: int, significant: bool) -> None:
    first = made(*["yx"] * wins, *["xy"] * losses)
    other = made(*["xy"] * wins, *["yx"] * losses)
    found = compared(first, other, "hit@1")
    assert found.is_significant is significant
    if significant:  # all eight signs alike: 2 of 2**8
        assert found.p == pytest.approx(2 / 2**8)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=40))
def test_an_interval_holds_the_mean(values: list[float]) -> None:
    low, high = evaluate.interval(values)
    mean = float(np.mean(values))
    assert low - 1e-9 <= mean <= high + 1e-9 or high - low < 0.6


def test_a_mean_of_measures_by_question_is_the_measure() -> None:
    one = made("xy", "yx", "zzzx", "yyy")
    each = evaluate.by_question(one.outcomes)
    for name in evaluate.MEASURES:
        assert np.mean(list(each[name].values())) == pytest.approx(one.measures[name])


def test_answered_well_counts_right_sentences_and_right_refusals() -> None:
    told = Question("1", "q", {"x": 1}, answers=("Tuesday",))
    none = Question("2", "q", unanswerable=True)
    found = evaluate.measure([Outcome(told, (), answer()), Outcome(none, (), answer())])
    assert found["answered_well"] == 0.5  # the refusal is right for one of them
    assert found["sentence@1"] == 0.0
    assert evaluate.measure([Outcome(none, (), answer())])["answered_well"] is None


def test_a_grid_is_every_combination() -> None:
    found = measuring.configurations(
        Settings(), ["hybrid,dense"], ["fusion.weight=0.3,0.5", "lexical.b=0.5"]
    )
    assert [one.name for one in found] == [
        "hybrid fusion.weight=0.3 lexical.b=0.5",
        "hybrid fusion.weight=0.5 lexical.b=0.5",
        "dense fusion.weight=0.3 lexical.b=0.5",
        "dense fusion.weight=0.5 lexical.b=0.5",
    ]
    assert [one.settings.fusion.weight for one in found] == [0.3, 0.5, 0.3, 0.5]
    assert {one.settings.lexical.b for one in found} == {0.5}


@pytest.mark.parametrize("given_", ["fusion.weight", "=1", "fusion.weight=", "foo.bar=1"])
def test_a_setting_that_is_none_is_wrong_use(given_: str) -> None:
    with pytest.raises(UsageError):
        measuring.configurations(Settings(), [], [given_])


def test_configurations_with_another_index_have_a_library_each(
    beir: Path, home: Path, capsys: Any, monkeypatch: Any
) -> None:
    arguments = [str(beir), "--set", "passages.words=100,40", "--set", "fusion.weight=0.2,0.5"]
    code, out, err = run(*arguments, home=home, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 0
    assert out.count("passages.words=40") >= 2
    assert "against hybrid passages.words=100 fusion.weight=0.2" in out
    assert len(list((home / "eval").iterdir())) == 2
    assert "encoding" in err
    _, _, err = run(*arguments, home=home, capsys=capsys, monkeypatch=monkeypatch)
    assert "encoding" not in err


def test_json_tells_how_runs_compare(beir: Path, home: Path, capsys: Any, monkeypatch: Any) -> None:
    arguments = (str(beir), "--mode", "hybrid,lexical", "--json")
    _, out, _ = run(*arguments, home=home, capsys=capsys, monkeypatch=monkeypatch)
    (found,) = json.loads(out)["comparisons"]
    assert (found["run"], found["with"]) == ("lexical", "hybrid")
    assert {"measure", "difference", "interval", "p", "wins", "losses"} == set(found["measures"][0])


def test_a_run_that_was_written_reads_back_as_good(
    beir: Path, home: Path, capsys: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    file, qrels = tmp_path / "run.txt", tmp_path / "qrels.txt"
    arguments = (str(beir), "--run", str(file), "--qrels-to", str(qrels))
    run(*arguments, home=home, capsys=capsys, monkeypatch=monkeypatch)
    assert qrels.read_text().split("\n")[0].split() == ["q1", "0", "d1", "1"]
    _, out, _ = run(
        str(beir), "--with-run", str(file), home=home, capsys=capsys, monkeypatch=monkeypatch
    )
    assert "run.txt" in out
    read = evaluate.read_run(file, evaluate.load(beir))
    assert read.measures["hit@1"] == 1.0
    assert read.measures["auroc"] is None


def test_a_run_that_is_none_is_named_with_its_line(beir: Path, tmp_path: Path) -> None:
    file = write(tmp_path, {"run.txt": "q1 Q0 d1 1 3.0 x\nq1 Q0 d2 2 high x\n"}) / "run.txt"
    with pytest.raises(DatasetError, match=r"run\.txt, line 2"):
        evaluate.read_run(file, evaluate.load(beir))
    with pytest.raises(DatasetError, match="cannot be read"):
        evaluate.read_run(tmp_path / "gone.txt", evaluate.load(beir))


def test_eval_without_a_dataset_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["eval"]) == 2
    assert "DATASET" in capsys.readouterr().err


def test_a_question_may_say_when_it_was_asked(beir: Path) -> None:
    rows = '{"_id": "q1", "text": "a", "date": "2022-03-01", "type": "who"}\n'
    loaded = evaluate.load(write(beir, {"queries.jsonl": rows}))
    assert (str(loaded.questions[0].day), loaded.questions[0].kind) == ("2022-03-01", "who")
    with pytest.raises(DatasetError, match=r"queries\.jsonl, line 1: 'soon' is no date"):
        evaluate.load(write(beir, {"queries.jsonl": rows.replace("2022-03-01", "soon")}))
