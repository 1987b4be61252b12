"""Floors under how good retrieval is on public sets, and that every citation of ours holds.

The floors of our own sets stand in `gate.toml`; a set of long articles has a file of its own, so
that another worker may take it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from newsdesk.index import evaluate
from newsdesk.index.readers import read as read_articles
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Article, Question
from tests.helpers.floors import Sample, check_floor
from tests.helpers.support import SEEDS

WHOLE = {"xquad/en": 0.965, "squad2_sample": 0.935, "multihoprag_facts": 0.87}  # every question


def test_the_first_question_is_the_one_it_began_with() -> None:
    first = evaluate.load(SEEDS).questions[0]
    assert first.text == "who is in the B9?"


def test_there_are_enough_articles_and_questions() -> None:
    questions = evaluate.load(SEEDS).questions
    assert sum(not one.unanswerable for one in questions) >= 80
    assert sum(one.unanswerable for one in questions) >= 20
    files = [file for file in SEEDS.iterdir() if file.suffix in {".txt", ".md"}]
    assert len(files) >= 24
    assert {file.suffix for file in files} == {".txt", ".md"}
    for file in files:
        (article,) = read_articles(file, SEEDS, Settings().readers)
        assert isinstance(article, Article)
        assert article.published, file
        assert 150 <= len(article.text.split()) <= 600, file


@pytest.mark.slow
def test_every_citation_of_the_seeds_questions_round_trips(
    seeds_home: Path, every_question: bool
) -> None:
    with Searcher(Settings(home=seeds_home)) as searcher:
        for question in evaluate.load(SEEDS).questions[:: 1 if every_question else 8]:
            found = searcher.ask(Question(question.text))
            for shown in found.passages:
                for citation in (shown.citation, *shown.also):
                    text = article_text(searcher, citation.article.id)
                    cited = text[citation.start : citation.end]
                    assert cited.strip() == cited != ""
                    assert citation.link.startswith(("file:", "http"))
                assert (
                    shown.hit.passage.text
                    == article_text(searcher, shown.citation.article.id)[
                        shown.citation.start : shown.citation.end
                    ]
                )
            if found.sentence:
                shown = found.passages[found.sentence.passage - 1]
                start, end = found.sentence.start, found.sentence.end
                if not found.sentence.in_title:
                    assert shown.citation.start <= start < end <= shown.citation.end
                article = searcher.article(shown.citation.article.id)
                assert article
                assert found.sentence.text_of(article)[start:end] == found.sentence.text


@cache
def article_text(searcher: Searcher, article_id: str) -> str:
    article = searcher.article(article_id)
    assert article
    return article.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "measure", "sample"),
    [
        pytest.param("xquad/en", "hit@1", Sample(0.97, 10, 3), id="xquad/en"),
        pytest.param("squad2_sample", "hit@1", Sample(0.96, 6, 6), id="squad2_sample"),
        pytest.param("multihoprag_facts", "nDCG@10", Sample(0.9, 40, 6), id="multihoprag_facts"),
    ],
)
def test_hybrid_holds_its_floor_and_is_not_below_either_index(
    eval_home: Path, name: str, measure: str, sample: Sample, every_question: bool
) -> None:
    check_floor(eval_home, name, measure, Sample(WHOLE[name]) if every_question else sample)
