"""The labelled questions of `seeds/` and `tests/week/`: that their labels are sound."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from newsdesk.index import evaluate
from newsdesk.index.readers import read as read_articles
from newsdesk.index.settings import Settings
from newsdesk.index.types import Article
from tests.helpers.support import SEEDS, WEEK

FILES = [
    SEEDS / "questions.jsonl",
    SEEDS / "questions-held-out.jsonl",
    WEEK / "questions.jsonl",
    WEEK / "questions-held-out.jsonl",
    SEEDS / "questions-kinds.jsonl",
    WEEK / "questions-kinds.jsonl",
]
KINDS = FILES[-2:]


@cache
def texts(folder: Path) -> dict[str, tuple[str, str]]:
    """The headline and the text of each article of a folder, by its id."""
    return {
        article.id: (article.title, article.text)
        for file in sorted(folder.iterdir())
        for article in read_articles(file, folder, Settings().readers)
        if isinstance(article, Article)
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_sentence_that_answers_stands_in_its_article(file: Path) -> None:
    for one in evaluate.load(file).questions:
        assert one.sentences or one.unanswerable, one.id
        for article, sentence in one.sentences:
            title, text = texts(file.parent)[article]
            assert sentence in text or (file in KINDS and sentence == title), one.id


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_no_question_of_a_file_is_asked_twice(file: Path) -> None:
    questions = evaluate.load(file).questions
    assert Counter(one.id for one in questions).most_common(1)[0][1] == 1
    assert Counter(one.text.casefold() for one in questions).most_common(1)[0][1] == 1


def test_what_was_held_out_of_the_week_asks_of_other_articles() -> None:
    def about(file: Path) -> set[str]:
        questions = evaluate.load(file).questions
        return {one.about or article for one in questions for article in one.relevant or ("",)}

    assert not about(FILES[2]) & about(FILES[3])


@pytest.mark.parametrize("file", KINDS, ids=lambda file: file.parent.name)
def test_kinds_are_as_many_and_those_without_an_answer_say_whether_they_are_foreign(
    file: Path,
) -> None:
    questions = evaluate.load(file).questions
    assert len(set(Counter(question.kind for question in questions).values())) == 1
    assert len({question.kind for question in questions}) == 10
    for question in questions:
        assert question.unanswerable == (question.kind in {"off_topic", "unanswerable"})
        assert bool(question.about) == (question.kind == "unanswerable"), question.id
        assert not question.about or question.about in texts(file.parent)


@pytest.mark.parametrize("file", KINDS, ids=lambda file: file.parent.name)
def test_questions_by_kind_are_none_of_those_that_something_was_fitted_on(file: Path) -> None:
    others = {
        question.text.casefold()
        for name in ("questions.jsonl", "questions-held-out.jsonl")
        for question in evaluate.load(file.with_name(name)).questions
    }
    assert not others & {question.text.casefold() for question in evaluate.load(file).questions}
