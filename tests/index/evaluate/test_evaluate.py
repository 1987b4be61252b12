"""Measuring: datasets in, measures by ir-measures out, and what is wrong with a dataset."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from newsdesk.index import evaluate
from newsdesk.index.cli import app
from newsdesk.index.errors import DatasetError
from newsdesk.index.evaluate import JudgedQuestion, Outcome
from newsdesk.index.types import Answer
from tests.helpers.support import write

MEASURES = {
    "nDCG@10", "hit@1", "hit@3", "hit@5", "MRR@10", "recall@100", "sentence@1", "auroc",
    "answered_precision", "answered_coverage", "false_refusals", "off_topic_shown",
}  # fmt: skip


def run(*arguments: str, home: Path, capsys: Any, monkeypatch: Any) -> tuple[int, str, str]:
    monkeypatch.setenv("NEWSDESK_HOME", str(home))
    code = app.run(["eval", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_json_of_eval_is_the_contract(
    beir: Path, home: Path, capsys: Any, monkeypatch: Any
) -> None:
    arguments = (str(beir), "--mode", "lexical,dense", "--mode", "hybrid", "--json")
    code, out, _ = run(*arguments, home=home, capsys=capsys, monkeypatch=monkeypatch)
    told = json.loads(out)
    assert code == 0
    assert set(told) == {"dataset", "questions", "off_topic", "runs", "comparisons"}
    assert told["dataset"] == "tiny"
    assert [one["mode"] for one in told["runs"]] == ["lexical", "dense", "hybrid"]
    for one in told["runs"]:
        assert set(one) == {"run", "mode", "settings", "measures", "kinds", "ms"}
        assert set(one["measures"]) == MEASURES
        assert one["settings"]["fusion.weight"] == 0.5
        assert one["measures"]["hit@1"] == 1.0
        assert one["measures"]["auroc"] == 1.0


def test_eval_keeps_its_library_and_writes_trec_runs(
    beir: Path, home: Path, capsys: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    file = tmp_path / "run.txt"
    arguments = (str(beir), "--run", str(file))
    _, out, err = run(*arguments, home=home, capsys=capsys, monkeypatch=monkeypatch)
    assert "encoding 3" in err
    assert "tiny, 3 questions" in out
    assert "nDCG@10" in out
    rows = [line.split() for line in file.read_text().splitlines()]
    assert {row[0] for row in rows} == {"q1", "q2", "q3"}
    assert all(row[1] == "Q0" and row[5] == "newsdesk-hybrid" for row in rows)
    assert [row[2] for row in rows if row[3] == "1"][:2] == ["d1", "d3"]
    _, _, err = run(*arguments, home=home, capsys=capsys, monkeypatch=monkeypatch)
    assert "encoding" not in err


def test_what_is_judged_worthless_is_not_relevant(beir: Path) -> None:
    write(beir, {"qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td3\t1\n"})
    assert evaluate.load(beir).questions[0].relevant == {"d1": 2}


def test_a_dataset_is_called_after_its_folder_and_all_of_a_folder_share_a_library(
    tmp_path: Path,
) -> None:
    line = '{"question": "who?", "article": null}\n'
    folder = write(tmp_path / "town", {"questions.jsonl": line, "questions-2.jsonl": line})
    first, second = evaluate.load(folder), evaluate.load(folder / "questions-2.jsonl")
    assert (first.name, second.name) == ("town", "town/questions-2")
    assert first.key == second.key
    assert evaluate.load(tmp_path / "town" / ".." / "town").key == first.key


def test_only_files_called_articles_are_indexed_where_there_are_such(tmp_path: Path) -> None:
    line = '{"question": "who?", "article": null}\n'
    folder = write(tmp_path / "town", {"questions.jsonl": line, "stories.jsonl": "{}\n"})
    dataset = evaluate.load(folder)
    assert dataset.articles == (folder,)
    whole = dataset.checksum
    write(folder, {"articles.jsonl": "{}\n", "articles-2.jsonl": "{}\n"})
    named = [file.name for file in dataset.articles]
    assert named == ["articles-2.jsonl", "articles.jsonl"]
    some = dataset.checksum
    assert some != whole
    write(folder, {"stories.jsonl": "{ }\n"})
    assert dataset.checksum == some
    write(folder, {"articles.jsonl": "{ }\n"})
    assert dataset.checksum != some


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"queries.jsonl": '{"_id": "q1"}\n'}, "queries.jsonl, line 1"),
        ({"queries.jsonl": '{"_id": "q1", "text": "a"}\nnone\n'}, "queries.jsonl, line 2"),
        ({"qrels/test.tsv": "q1\td1\tmany\n"}, "test.tsv, line 1"),
        ({"questions.jsonl": '{"question": "who?"}\n'}, "questions.jsonl, line 1"),
        ({"questions.jsonl": "[1]\n"}, "questions.jsonl, line 1"),
    ],
)
def test_what_is_wrong_with_a_dataset_is_named_with_its_line(
    beir: Path, files: dict[str, str | bytes], named: str
) -> None:
    with pytest.raises(DatasetError) as error:
        evaluate.load(write(beir, files))
    assert named in str(error.value)


def test_a_folder_that_is_no_dataset_says_what_would_be_one(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"questions\.jsonl"):
        evaluate.load(tmp_path)


def outcome(question: JudgedQuestion, *ranking: str, verdict: str = "none") -> Outcome:
    empty = Answer(question.text, "none", 0.9 if verdict != "none" else 0.1, None, ())
    return Outcome(question, tuple((a, 1.0 - n / 10) for n, a in enumerate(ranking)), empty)


def test_measures_are_those_of_the_order() -> None:
    first, second = JudgedQuestion("1", "a", {"x": 1}), JudgedQuestion("2", "b", {"y": 1})
    found = evaluate.measure([outcome(first, "x", "y"), outcome(second, "z", "y")])
    assert found["hit@1"] == 0.5
    assert found["hit@3"] == 1.0
    assert found["MRR@10"] == 0.75
    assert found["recall@100"] == 1.0
    assert found["auroc"] is None


def test_the_verdict_is_measured_where_some_questions_have_no_answer() -> None:
    answerable, other = (
        JudgedQuestion("1", "a", {"x": 1}),
        JudgedQuestion("2", "b", unanswerable=True),
    )
    found = evaluate.measure([outcome(answerable, "x", verdict="weak"), outcome(other, "x")])
    assert found["auroc"] == 1.0
    assert found["false_refusals"] == 1.0
    worse = evaluate.measure([outcome(answerable, "x"), outcome(other, "x", verdict="weak")])
    assert worse["auroc"] == 0.0


def test_a_sentence_is_right_if_it_is_marked_or_holds_an_answer() -> None:
    marked = JudgedQuestion("1", "a", {"x": 1}, sentences=(("x", "It rained in May."),))
    assert evaluate.answers(marked, "x", "It rained in May.")
    assert not evaluate.answers(marked, "y", "It rained in May.")
    assert not evaluate.answers(marked, "x", "It snowed in June.")
    told = replace(marked, sentences=(), answers=("in may",))
    assert evaluate.answers(told, "z", "It rained in May.")
