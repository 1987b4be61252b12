"""Off-topic questions: taken of another dataset only where nothing here is about them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index import evaluate
from newsdesk.index.evaluate import Dataset
from newsdesk.index.evaluate.off_topic import Vocabulary
from newsdesk.index.settings import Settings
from newsdesk.index.types import Article
from tests.helpers.support import SEEDS, WEEK, index, small, write

from .test_evaluate import run

HERE = "A ferry left Oldport. The ferry came back on Tuesday, and the mayor of Łódź saw it."
THERE = "The cheese of Millford won. A mayor from Oldport ate it in Zagreb, but no ferry came."


def asked(folder: Path, *questions: str, article: str | None = "there") -> Dataset:
    rows = [{"question": text, "article": article} for text in questions]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    return evaluate.load(write(folder, {"questions.jsonl": lines, "there.txt": f"T\n\n{THERE}\n"}))


@pytest.fixture
def library(tmp_path: Path) -> Settings:
    """A library of one article."""
    folder = write(tmp_path / "here", {"here.txt": f"H\n\n{HERE}\n"})
    index(tmp_path / "library", folder)
    return small(tmp_path / "library")


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("who won in Millford?", True),
        ("who won in millford", True),  # as people type
        ("did the mayor go to Zagreb", True),  # a word in common is no name
        ("did the Millford cheese go to Oldport?", False),  # a name that is known here
        ("did the millford cheese go to LODZ", False),  # also without its accents
        ("did the ferry come?", False),  # no name at all: of any collection
        ("who won in Paris?", False),  # no name of its own collection
    ],
)
def test_a_question_is_foreign_if_it_asks_about_a_name_that_is_unknown_here(
    library: Settings, tmp_path: Path, text: str, foreign: bool
) -> None:
    found = evaluate.off_topic_questions(library, asked(tmp_path / "other", text))
    assert [question.text for question in found] == [text] * foreign


def test_a_question_of_an_article_that_stands_here_too_is_not_foreign(tmp_path: Path) -> None:
    other = asked(tmp_path / "other", "who won in Millford?")
    index(tmp_path / "library", tmp_path / "other" / "there.txt")
    assert not evaluate.off_topic_questions(small(tmp_path / "library"), other)


def test_what_its_own_collection_says_is_no_answer_here(library: Settings, tmp_path: Path) -> None:
    (found,) = evaluate.off_topic_questions(library, asked(tmp_path / "other", "who won Millford"))
    assert found.off_topic
    assert found.unanswerable
    assert not found.relevant
    assert found.id == "other/1"


def test_the_same_questions_are_taken_every_time(library: Settings, tmp_path: Path) -> None:
    texts = [f"who won prize {n} in Millford" for n in range(9)]
    there, back = asked(tmp_path / "a", *texts), asked(tmp_path / "b", *reversed(texts))
    taken = [evaluate.off_topic_questions(library, other, 4) for other in (there, back)]
    assert [q.text for q in taken[0]] == [q.text for q in taken[1]]
    assert len(taken[0]) == 4


def test_seeds_and_week_are_asked_each_others_questions() -> None:
    assert evaluate.other_dataset(evaluate.load(SEEDS)) == WEEK
    assert evaluate.other_dataset(evaluate.load(WEEK / "questions-held-out.jsonl")) == SEEDS


def test_a_folder_of_that_name_elsewhere_has_none(tmp_path: Path) -> None:
    assert evaluate.other_dataset(asked(tmp_path / "seeds", "who?")) is None


@given(st.text(), st.text())
def test_a_name_never_stands_in_lower_case(title: str, text: str) -> None:
    words = Vocabulary.of([Article("a", title, f"{text} x", "a.txt")])
    assert words.names <= words.mentioned
    assert "x" not in words.names


def test_eval_asks_the_questions_of_the_dataset_that_is_named(
    tmp_path: Path, home: Path, capsys: Any, monkeypatch: Any
) -> None:
    here = write(
        tmp_path / "town",
        {
            "questions.jsonl": '{"question": "when did the ferry come back", "article": "here"}\n',
            "here.txt": f"Ferry\n\n{HERE}\n",
        },
    )
    asked(tmp_path / "other", "who won in Millford?", "where is Oldport?")
    named = ("--off-topic", str(tmp_path / "other"))
    _, out, _ = run(str(here), "--json", *named, home=home, capsys=capsys, monkeypatch=monkeypatch)
    told = json.loads(out)
    assert told["off_topic"] == 1
    assert told["runs"][0]["measures"]["off_topic_shown"] in {0.0, 1.0}
    assert [kind["kind"] for kind in told["runs"][0]["kinds"]] == ["", "off_topic"]
    _, out, err = run(str(here), *named, home=home, capsys=capsys, monkeypatch=monkeypatch)
    assert out.startswith("town, 1 question, 1 off-topic one\n")
    assert "about nothing" not in err
    _, out, err = run(
        str(here), "--off-topic", str(here), home=home, capsys=capsys, monkeypatch=monkeypatch
    )
    assert "town: no question that is about nothing in town" in err
    assert out.startswith("town, 1 question\n")
