"""Floors under how good retrieval is on public sets, and that every citation of ours holds.

The floors of our own sets stand in `gate.toml`. What the issue that set out to build this asked
for, and was not reached, stands in the README.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import ir_measures
import pytest

from newsdesk.index import evaluate
from newsdesk.index.evaluate import Dataset
from newsdesk.index.indexes.dense import QuestionEncoder
from newsdesk.index.readers import read as read_articles
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Article, Query, Question
from tests.helpers.support import SEEDS, SHARED

DATASETS = SHARED / "datasets"


@pytest.fixture(scope="session")
def eval_home(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    home = tmp_path_factory.mktemp("eval") / "home"
    home.mkdir()
    (home / "models").symlink_to(models)
    return home


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
def test_every_citation_of_every_seed_question_round_trips(seeds_home: Path) -> None:
    with Searcher(Settings(home=seeds_home)) as searcher:
        for question in evaluate.load(SEEDS).questions:
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
                assert shown.citation.start <= start < end <= shown.citation.end
                text = article_text(searcher, shown.citation.article.id)
                assert text[start:end] == found.sentence.text


@cache
def article_text(searcher: Searcher, article_id: str) -> str:
    article = searcher.article(article_id)
    assert article
    return article.text


class Remembering:
    """A question encoder that keeps every vector, for sets that are asked in several modes."""

    def __init__(self, folder: Path) -> None:
        own = QuestionEncoder(folder)
        self.hash, self.encode = own.hash, cache(own.encode)


remembering = cache(Remembering)

# The last number: of how many questions one is asked; all of multihoprag_facts take minutes.
FLOORS = [
    ("xquad/en", "hit@1", 0.958, 1),
    ("squad2_sample", "hit@1", 0.93, 1),
    ("time_magazine", "nDCG@10", 0.805, 1),
    ("multihoprag_facts", "nDCG@10", 0.868, 5),
]


def ranked(dataset: Dataset, settings: Settings, mode: str, models: Path) -> dict[str, float]:
    """nDCG@10 and hit@1 of the articles' order alone, as `evaluate` measures them."""
    with Searcher(settings, mode, models, remembering) as searcher:  # type: ignore[arg-type]
        run = {
            one.id: {
                a: -float(r) for r, (a, _) in enumerate(searcher.articles(Query(one.text), 10))
            }
            for one in dataset.questions
            if one.relevant
        }
    qrels = {one.id: dict(one.relevant) for one in dataset.questions if one.relevant}
    wanted = [ir_measures.parse_measure(name) for name in ("nDCG@10", "Success@1")]
    found = ir_measures.calc_aggregate(wanted, qrels, run)
    return {"nDCG@10": found[wanted[0]], "hit@1": found[wanted[1]]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "measure", "floor", "every"), FLOORS, ids=[one[0] for one in FLOORS]
)
def test_hybrid_holds_its_floor_and_is_not_below_either_index(
    eval_home: Path, name: str, measure: str, floor: float, every: int
) -> None:
    if not (DATASETS / name).is_dir():
        pytest.skip(f"{name} is not beside this clone (../shared/datasets)")
    dataset = evaluate.load(DATASETS / name)
    own, _ = evaluate.index(dataset, Settings(home=eval_home), lambda *_: None)
    dataset = replace(dataset, questions=dataset.questions[::every])
    found = {
        mode: ranked(dataset, own, mode, eval_home / "models")[measure]
        for mode in ("hybrid", "lexical", "dense")
    }
    assert found["hybrid"] >= floor, json.dumps(found)
    assert found["hybrid"] >= max(found["lexical"], found["dense"]), json.dumps(found)
