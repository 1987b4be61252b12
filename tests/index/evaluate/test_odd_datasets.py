"""Datasets and runs that are not as they should be: read rightly, or refused with file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import pytrec_eval
from hypothesis import example, given
from hypothesis import strategies as st

from newsdesk.index import evaluate
from newsdesk.index.errors import DatasetError
from newsdesk.index.evaluate import Dataset, JudgedQuestion, Outcome, Run
from newsdesk.index.types import Answer
from tests.helpers.support import write

ANSWERED = {"question": "who?", "article": "a"}
BROKEN: dict[str, tuple[list[dict[str, Any]], str]] = {
    "answers that are a text": ([{**ANSWERED, "answers": "Zed"}], r'line 1: "answers" is no list'),
    "an answer that is a number": ([{**ANSWERED, "answers": [7]}], r"line 1: 7 in .answers"),
    "an answer of nothing": ([ANSWERED, {**ANSWERED, "answers": [""]}], r"line 2: '' in .answers"),
    "answers by name": ([{**ANSWERED, "answers": {"x": 1}}], r"line 1: .answers. is no list"),
    "an id given twice": (
        [{**ANSWERED, "id": "7"}, ANSWERED, {**ANSWERED, "id": "7"}],
        r"line 3: the id '7' again, as in .*line 1",
    ),
    "an id that is the number of another line": (
        [{**ANSWERED, "id": "2"}, ANSWERED],
        r"line 2: the id '2' again, as in .*line 1",
    ),
    "a number and a text that are one id": (
        [{**ANSWERED, "id": 5}, {**ANSWERED, "id": "5"}],
        r"line 2: the id '5' again",
    ),
    "an id that is a list": ([{**ANSWERED, "id": ["x"]}], r'line 1: "id" is \[\'x\'\]'),
    "an id of blanks": ([{**ANSWERED, "id": " "}], r'line 1: "id" is \' \''),
    "an article that is a list": ([{"question": "who?", "article": ["a"]}], r'line 1: "article"'),
    "an article without a name": ([{"question": "who?", "article": ""}], r'line 1: "article"'),
    "further sentences without articles": (
        [{**ANSWERED, "also": ["It rained."]}],
        r'line 1: "also" is no list of',
    ),
    "a sentence that is a number": ([{**ANSWERED, "sentence": 4}], r"line 1: the sentence 4"),
}


@pytest.mark.parametrize(("rows", "said"), BROKEN.values(), ids=BROKEN)
def test_a_question_that_is_none_is_refused_with_its_line(
    tmp_path: Path, rows: list[dict[str, Any]], said: str
) -> None:
    write(tmp_path, {"questions.jsonl": "".join(json.dumps(row) + "\n" for row in rows)})
    with pytest.raises(DatasetError, match=rf"questions\.jsonl, {said}"):
        evaluate.load(tmp_path)


def test_an_id_of_null_is_none_and_numbers_are_read_as_texts(tmp_path: Path) -> None:
    rows = [{**ANSWERED, "id": None}, {"question": "x", "article": 7, "sentence": "It rained."}]
    write(tmp_path, {"questions.jsonl": "".join(json.dumps(row) + "\n" for row in rows)})
    first, second = evaluate.load(tmp_path).questions
    assert (first.id, second.id) == ("1", "2")
    assert (dict(second.relevant), second.sentences) == ({"7": 1}, (("7", "It rained."),))


QUERIES = '{"_id": "q1", "text": "a"}\n{"_id": "q2", "text": "b"}\n'
QRELS = {
    "as Excel writes it": "\ufeffq1\td1\t1\r\nq2\td3\t1\r\n",
    "so, with a header": "\ufeffquery-id\tcorpus-id\tscore\r\nq1\td1\t1\r\nq2\td3\t1\r\n",
    "with blank lines": "\nq1\td1\t1\n\nq2\td3\t1\n\n",
    "as TREC's, by tabs": "q1\t0\td1\t1\nq2\t0\td3\t1\n",
    "as TREC's, by blanks": "q1 0 d1 1\nq2 0 d3  1\n",
    "said twice alike": "q1\td1\t1\nq1\td1\t1\nq2\td3\t1\n",
    "without a line at the end": "q1\td1\t1\nq2\td3\t1",
}


@pytest.mark.parametrize("qrels", QRELS.values(), ids=QRELS)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_qrels_are_read_however_they_are_written(beir: Path, qrels: str, mark: str) -> None:
    dataset = evaluate.load(write(beir, {"queries.jsonl": mark + QUERIES, "qrels/test.tsv": qrels}))
    judged = {question.id: dict(question.relevant) for question in dataset.questions}
    assert judged == {"q1": {"d1": 1}, "q2": {"d3": 1}}
    assert not dataset.notes


def test_an_id_in_qrels_may_have_quotes_and_blanks(beir: Path) -> None:
    write(beir, {"qrels/test.tsv": 'q1\t"The" end\t1\nq2\tone "two\t1\n'})
    relevant = [dict(question.relevant) for question in evaluate.load(beir).questions]
    assert relevant == [{'"The" end': 1}, {'one "two': 1}, {}]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"qrels/test.tsv": "q1\td1\t1\nq1\td1\t2\n"}, r"test\.tsv, line 2: 'd1' is judged twice"),
        ({"qrels/test.tsv": "q1\td1\t1\nq1\td1\n"}, r"test\.tsv, line 2: not query"),
        ({"qrels/test.tsv": "q1\td1\t1\t1\t1\n"}, r"test\.tsv, line 1: not query"),
        ({"qrels/test.tsv": "q1\td1\t1\nq\xe9\td1\t1\n".encode("latin-1")}, r"line 2: not UTF-8"),
        ({"qrels/test.tsv": "q1\td1\t1\n".encode("utf-16")}, r"test\.tsv, line 1: not UTF-8"),
        ({"queries.jsonl": QUERIES + QUERIES}, r"queries\.jsonl, line 3: the id 'q1' again"),
        ({"queries.jsonl": b'{"_id": "q\xff", "text": "a"}\n'}, r"line 1: not UTF-8"),
        (
            {"queries.jsonl": '{"_id": "q1", "text": "a", "answers": "Zed"}\n'},
            r'queries\.jsonl, line 1: "answers" is no list',
        ),
        ({"queries.jsonl": '{"_id": null, "text": "a"}\n'}, r'line 1: "_id" is None'),
    ],
)
def test_what_is_wrong_with_queries_and_qrels_is_refused_with_its_line(
    beir: Path, files: dict[str, str | bytes], said: str
) -> None:
    with pytest.raises(DatasetError, match=said):
        evaluate.load(write(beir, files))


# runs

RUNS = {
    "a document twice": ("q1 Q0 d1 1 9 x\nq1 Q0 d2 2 8 x\nq1 Q0 d1 3 7 x\n", r"line 3: 'd1' again"),
    "other queries": ("x1 Q0 d1 1 9 x\n", r"a\.run: none of its queries, 1 \('x1'\), is one of"),
    "no line": ("\n", r"a\.run: empty"),
    "ids with blanks": ("q1 Q0 U.S. bridge 1 9 x\n", r"line 1: not query, .* as %20"),
    "a column too few": ("q1 Q0 d1 1 9 x\nq1 Q0 d2 8\n", r"line 2: not query"),
    "no score": ("q1 Q0 d1 1 high x\n", r"line 1: not query"),
    "a score that is no number": ("q1 Q0 d1 1 nan x\n", r"line 1: the score nan is no finite"),
}


@pytest.mark.parametrize(("lines", "said"), RUNS.values(), ids=RUNS)
def test_a_run_that_does_not_fit_is_refused(
    beir: Path, tmp_path: Path, lines: str, said: str
) -> None:
    file = write(tmp_path, {"a.run": lines}) / "a.run"
    with pytest.raises(DatasetError, match=said):
        evaluate.read_run(file, evaluate.load(beir))


def test_what_of_a_run_does_not_fit_is_said(beir: Path, tmp_path: Path) -> None:
    lines = "\ufeffq1 Q0 d2 1 3.0 x\r\nq1 Q0 d1 2 9.0 x\r\nold Q0 d1 1 9 x\r\n"
    file = write(tmp_path, {"a.run": lines}) / "a.run"
    read = evaluate.read_run(file, evaluate.load(beir))
    assert read.outcomes[0].ranking == (("d1", 9.0), ("d2", 3.0))
    missing, other, ranks = read.notes
    assert "no lines for 1 ('q2')" in missing
    assert "1 ('old') of its queries" in other
    assert "ranks that the scores do not give in 1 ('q1')" in ranks
    assert read.measures["hit@1"] == 0.5


def test_columns_may_be_parted_by_tabs_so_that_ids_have_blanks(tmp_path: Path) -> None:
    file = write(tmp_path, {"a.run": "1\tQ0\tU.S. bridge\t1\t9\tx\n"}) / "a.run"
    dataset = Dataset("d", tmp_path, (JudgedQuestion("1", "a", {"U.S. bridge": 1}),))
    assert evaluate.read_run(file, dataset).measures["hit@1"] == 1.0


IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6).filter(str.strip)
SCORES = st.sampled_from([0.0, 0.25, 0.5, 0.5 + 1e-9, 1.0, -3.0, 17.125])
LETTERS = ["a", "B", "c", "é", "a b", "50%", "50%25", "a%20b"]


def run_of(dataset: Dataset, rankings: list[list[tuple[str, float]]]) -> Run:
    outcomes = tuple(
        Outcome(question, tuple(ranking), Answer(question.text, "none", 0.0, None, ()))
        for question, ranking in zip(dataset.questions, rankings, strict=True)
    )
    return Run("hybrid", {}, evaluate.measure(outcomes), outcomes)


@given(
    st.lists(IDS, min_size=2, max_size=4, unique=True),
    st.lists(IDS, min_size=1, max_size=6, unique=True),
    st.lists(SCORES, min_size=6, max_size=6),
)
@example(["U.S. bridge", "2"], [*LETTERS[2:]], [1.0] * 6)
def test_a_run_that_was_written_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory,
    queries: list[str],
    names: list[str],
    scores: list[float],
) -> None:
    """Whatever the ids, and whatever ties there are; trec_eval reads the same order in it."""
    dataset = Dataset("d", Path("d"), tuple(JudgedQuestion(q, q, {names[-1]: 1}) for q in queries))
    pairs = list(zip(names, sorted(scores, reverse=True), strict=False))
    run = run_of(dataset, [pairs] * len(queries))
    folder = tmp_path_factory.mktemp("run")
    evaluate.write_run(run, folder / "a.run", "newsdesk-hybrid")
    evaluate.write_qrels(dataset, folder / "qrels")
    read = evaluate.read_run(folder / "a.run", dataset)
    for outcome in read.outcomes:
        assert [name for name, _ in outcome.ranking] == names[:6]
    assert read.measures["MRR@10"] == run.measures["MRR@10"]
    assert not read.notes
    with (folder / "a.run").open() as lines, (folder / "qrels").open() as judged:
        theirs = pytrec_eval.RelevanceEvaluator(
            pytrec_eval.parse_qrel(judged), {"recip_rank"}
        ).evaluate(pytrec_eval.parse_run(lines))
    assert len(theirs) == len(queries)
    for values in theirs.values():
        assert values["recip_rank"] == pytest.approx(run.measures["MRR@10"])


@given(
    st.dictionaries(st.sampled_from(["a", "B", "c", "d", "é", "Z", "10", "9"]), SCORES, min_size=1),
    st.sampled_from(["a", "B", "é", "9"]),
)
def test_ties_are_broken_as_trec_eval_breaks_them(
    tmp_path_factory: pytest.TempPathFactory, scored: dict[str, float], relevant: str
) -> None:
    dataset = Dataset("d", Path("d"), (JudgedQuestion("1", "a", {relevant: 1}),))
    lines = [f"1 Q0 {name} {n} {score!r} x\n" for n, (name, score) in enumerate(scored.items())]
    file = tmp_path_factory.mktemp("run") / "a.run"
    file.write_text("".join(lines), "utf-8")
    read = evaluate.read_run(file, dataset)
    theirs = pytrec_eval.RelevanceEvaluator({"1": {relevant: 1}}, {"recip_rank"})
    assert read.measures["MRR@10"] == theirs.evaluate({"1": scored})["1"]["recip_rank"]
