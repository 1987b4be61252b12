"""Which sources a question names."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from newsdesk.index.search.searcher import Searcher
from newsdesk.index.search.source_mentions import SourceNames
from newsdesk.index.settings import Fusion
from newsdesk.index.types import Query
from tests.helpers.support import SmallAsking, index, small, write

SOURCES = [
    "Harbour Gazette", "The Age", "Fortune", "cnn.com", "The Observer - Travel",
    "Daily | World Desk", "B9", "", "www.example.co.uk",
]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("what did the Harbour Gazette say about ferries?", {"Harbour Gazette"}),
        ("what did the harbour gazette say about ferries?", {"Harbour Gazette"}),
        ("what does Harbour  Gazette's article say?", {"Harbour Gazette"}),
        ("is the Harbour Gazetteer right?", set()),
        ("at the age of nine, who made a fortune?", set()),
        ("who, as The Age and ‘Fortune’ wrote, won?", {"The Age", "Fortune"}),
        ("according to fortune, who won?", {"Fortune"}),
        ("who won, as reported by the age?", {"The Age"}),
        ("AT THE AGE OF NINE, WHO MADE A FORTUNE?", set()),
        ("WHAT DID THE HARBOUR GAZETTE SAY?", {"Harbour Gazette"}),
        ("what did CNN say?", {"cnn.com"}),
        ("what does cnn.com say?", set()),
        ("which hotel did the Observer like?", {"The Observer - Travel"}),
        ("what stood in the Daily | World Desk?", {"Daily | World Desk"}),
        ("who is in the B9?", {"B9"}),
        ("what is an Example of a port?", {"www.example.co.uk"}),
        ("", set()),
    ],
)
def test_a_source_is_named_by_what_it_is_called(question: str, expected: set[str]) -> None:
    assert {SOURCES[place] for place in SourceNames(SOURCES).named(question)} == expected


@given(st.text(), st.lists(st.text()))
def test_any_question_and_any_sources_are_taken(question: str, sources: list[str]) -> None:
    assert SourceNames(sources).named(question) <= set(range(len(sources)))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    said = "---\ntitle: {0}\ndate: 2021-05-10\nsource: {1}\n---\nThe ferry crews met {2}."
    told = [("One", "Gazette", "here"), ("Two", "Herald", "here"), ("Three", "", "here")]
    files = {f"{title}.md": said.format(title, *rest) for title, *rest in told}
    index(tmp_path / "home", write(tmp_path / "articles", files))
    return tmp_path / "home"


def scores(home: Path, question: Query, source: float) -> dict[str, float]:
    settings = structs.replace(small(home), fusion=Fusion(source=source))
    with Searcher(settings, load=SmallAsking) as searcher:
        return {hit.article.id: hit.score for hit in searcher.search(question)}


@pytest.mark.parametrize(
    ("cited", "gaining"),
    [("the Gazette", {"One"}), ("the Herald", {"Two"}), ("the Gazette and the Herald",
     {"One", "Two"}), ("nobody", set())],
)  # fmt: skip
def test_an_article_gains_when_the_question_names_its_source(
    home: Path, cited: str, gaining: set[str]
) -> None:
    question = Query(f"who met, as reported by {cited}?", 3, asked=date(2021, 5, 10))
    before, after = scores(home, question, 0.0), scores(home, question, 0.5)
    gains = {one: after[one] - before[one] for one in after}
    assert gains == pytest.approx({one: 0.5 * (one in gaining) for one in ("One", "Two", "Three")})
