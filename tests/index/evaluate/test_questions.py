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
]


@cache
def texts(folder: Path) -> dict[str, str]:
    """The text of each article of a folder, by its id."""
    return {
        article.id: article.text
        for file in sorted(folder.iterdir())
        for article in read_articles(file, folder, Settings().readers)
        if isinstance(article, Article)
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_sentence_that_answers_stands_in_its_article(file: Path) -> None:
    for one in evaluate.load(file).questions:
        assert one.sentences or one.unanswerable, one.id
        for article, sentence in one.sentences:
            assert sentence in texts(file.parent)[article], one.id


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
