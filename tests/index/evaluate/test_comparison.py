"""Comparing configurations: grids, paired tests, TREC's formats, and what a reader sees."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index import evaluate
from newsdesk.index.cli import app, measuring
from newsdesk.index.errors import DatasetError, UsageError
from newsdesk.index.evaluate import JudgedQuestion, Outcome, Run
from newsdesk.index.settings import Settings
from newsdesk.index.types import (
    Answer,
    Article,
    Citation,
    Hit,
    Passage,
    Sentence,
    Shown,
    Span,
    Verdict,
)
from tests.helpers.support import write

from .test_evaluate import run


def outcome(name: str, ranking: str, verdict: str = "none") -> Outcome:
    question = JudgedQuestion(name, name, {"x": 1})
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
    asked = JudgedQuestion("1", "q", {"x": 1})
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


ANSWERABLE = JudgedQuestion("", "q", {"x": 1}, answers=("Tuesday",))
NO_ANSWER = JudgedQuestion("", "q", unanswerable=True)
FOREIGN = JudgedQuestion("", "q", unanswerable=True, off_topic=True)


def told(
    name: str, verdict: Verdict, right: bool = False, of: JudgedQuestion = ANSWERABLE
) -> Outcome:
    """What a question got, with a sentence that is right or not."""
    question = replace(of, id=name)
    if verdict == "none":
        return Outcome(question, (), answer())
    text = "On Tuesday." if right else "On Friday."
    article = Article("x", "X", text, "x.txt")
    passage = Passage("x", 0, 0, len(text), text, (Span(0, len(text)),))
    shown = Shown(Hit(passage, article, 1, 1.0, {}), Citation(1, article, 0, 9, 1, ""), (), ())
    sentence = Sentence(text, 1, 0, len(text), 1)
    return Outcome(question, (("x", 1.0),), Answer("q", verdict, 0.9, sentence, (shown,)))


def verdicts(*outcomes: Outcome) -> Run:
    return Run("hybrid", {}, evaluate.measure(outcomes), outcomes)


def test_of_what_is_answered_unanswerable_questions_are_a_third() -> None:
    # Four answerable weigh 4, and the unanswerable ones, however many, 2 together.
    asked = [told("a", "answered", True), told("b", "answered", True), told("c", "answered")]
    asked.append(told("d", "weak", True))
    found = evaluate.measure([*asked, told("n", "answered", of=NO_ANSWER)])
    assert found["answered_precision"] == pytest.approx(2 / (3 + 2))
    more = [told(f"n{n}", "answered" if n == 0 else "weak", of=NO_ANSWER) for n in range(4)]
    found = evaluate.measure([*asked, *more])
    assert found["answered_precision"] == pytest.approx(2 / (3 + 0.5))
    assert found["answered_coverage"] == 0.75
    assert found["false_refusals"] == 0.0


def test_off_topic_questions_take_the_place_of_unanswerable_ones_where_there_are_none() -> None:
    asked = [told("a", "answered", True), told("b", "answered", True)]
    assert evaluate.measure(asked)["answered_precision"] is None
    shown = told("f", "answered", of=FOREIGN)
    assert evaluate.measure([*asked, shown])["answered_precision"] == pytest.approx(2 / 3)
    own = told("n", "weak", of=NO_ANSWER)
    assert evaluate.measure([*asked, shown, own])["answered_precision"] == 1.0


def test_weak_is_shown_to_an_off_topic_question_and_no_claim_to_others() -> None:
    asked = [told("f", "weak", of=FOREIGN), told("g", "none", of=FOREIGN), told("a", "none")]
    found = evaluate.measure(asked)
    assert (found["off_topic_shown"], found["false_refusals"]) == (0.5, 1.0)
    assert found["auroc"] is None  # against questions of the subject only
    assert evaluate.measure([told("a", "weak", True)])["off_topic_shown"] is None


def test_the_chosen_sentence_counts_although_the_question_was_refused() -> None:
    refused = told("a", "none")
    assert evaluate.measure([refused])["sentence@1"] == 0.0
    known = replace(refused, unrefused=told("a", "weak", True).answer)
    assert evaluate.measure([known])["sentence@1"] == 1.0
    assert evaluate.measure([known])["false_refusals"] == 1.0


def test_precisions_are_compared_by_what_whole_questions_add() -> None:
    first = verdicts(*(told(str(n), "answered") for n in range(9)), told("n", "weak", of=NO_ANSWER))
    other = verdicts(
        *(told(str(n), "answered" if n else "weak", n > 1) for n in range(9)),
        told("n", "answered", of=NO_ANSWER),
    )
    found = compared(first, other, "answered_precision")
    assert found.difference == pytest.approx(7 / (8 + 4.5))
    assert found.low <= found.difference <= found.high
    assert found.wins == tuple(map(str, [0, *range(2, 9)]))  # not shown is better than wrong
    assert found.losses == ("n",)
    same = compared(first, first, "answered_precision")
    assert (same.difference, same.p, same.wins + same.losses) == (0.0, 1.0, ())


def test_a_precision_that_is_better_in_most_questions_is_significant() -> None:
    without = [told(f"n{n}", "weak", of=NO_ANSWER) for n in range(5)]
    first = verdicts(*(told(str(n), "answered", n < 2) for n in range(10)), *without)
    other = verdicts(*(told(str(n), "answered", n > 0) for n in range(10)), *without)
    found = compared(first, other, "answered_precision")
    # As a paired test of 9 changed questions of 10, 8 of them won: 20 of 2**9.
    assert found.p == pytest.approx(20 / 2**9, abs=0.01)


def test_kinds_are_counted_by_verdict() -> None:
    asked = [told("a", "answered", True), told("b", "weak", True), told("c", "none")]
    asked.append(told("n", "answered", of=replace(NO_ANSWER, kind="odd")))
    plain, odd = evaluate.by_kind(asked)
    counts = (plain.questions, plain.first, plain.right, plain.answered, plain.answered_right)
    assert counts == (3, 2, 2, 1, 1)
    assert (plain.weak, plain.none) == (1, 1)
    assert (odd.name, odd.first, odd.right, odd.answered, odd.answered_right) == (
        ("odd", None, None, 1, 0)
    )


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
    names = {"measure", "difference", "interval", "p", "significant", "wins", "losses"}
    assert set(found["measures"][0]) == names


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
