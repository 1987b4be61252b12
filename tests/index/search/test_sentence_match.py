"""A closer look: the best sentence of a passage, and its place in the ranking."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from newsdesk.index.indexes.sentence_terms import heading
from newsdesk.index.search.engine import Mode
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.search.sentence_match import best_sentence
from newsdesk.index.settings import Fusion
from newsdesk.index.types import Article, Hit, Query
from tests.helpers.support import SmallAsking, index, small, write

WEIGHTS = {"ferry": 3.0, "crew": 2.0, "strike": 5.0}
TERMS = st.sets(st.sampled_from(["ferry", "crew", "strike", "harbour"]))
COSINES = st.floats(-1, 1)
WEIGHT = st.floats(0, 2)
SENTENCES = st.lists(st.tuples(TERMS, COSINES), max_size=6)
Sentence = tuple[set[str], float]


def fit(sentences: list[Sentence], about: set[str], cosine: float, words: float) -> float:
    terms, cosines = [one for one, _ in sentences], [one for _, one in sentences]
    return best_sentence(terms, cosines, about, WEIGHTS, cosine, words)


def test_a_fit_worked_out_by_hand() -> None:
    found = [({"ferry", "crew"}, 0.2), ({"strike"}, 0.6)]
    assert fit(found, set(), 0.5, 0.4) == pytest.approx(0.5 * 0.6 + 0.4 * 0.5)
    assert fit(found, {"crew"}, 0.5, 0.4) == pytest.approx(0.5 * 0.6 + 0.4 * 0.7)
    assert fit(found, set(), 0.0, 1.0) == pytest.approx(0.5)


@given(SENTENCES, TERMS, WEIGHT, WEIGHT)
def test_a_fit_is_that_of_the_best_sentence_alone(
    found: list[Sentence], about: set[str], cosine: float, words: float
) -> None:
    alone = [fit([one], about, cosine, words) for one in found]
    assert fit(found, about, cosine, words) == max(alone, default=0.0)
    assert all(0 <= one <= cosine + words + 1e-9 for one in alone)


@given(TERMS, TERMS, COSINES, WEIGHT)
def test_words_in_the_heading_count_as_words_of_the_sentence(
    terms: set[str], about: set[str], cosine: float, words: float
) -> None:
    given_ = fit([(terms, cosine)], about, 0.4, words)
    assert given_ == pytest.approx(fit([(terms | about, cosine)], set(), 0.4, words))
    assert given_ >= fit([(terms, cosine)], set(), 0.4, words) - 1e-9


def test_a_question_without_terms_is_weighed_by_its_cosine() -> None:
    assert best_sentence([{"ferry"}], [0.5], set(), {}, 0.4, 0.3) == pytest.approx(0.2)
    assert best_sentence([], [], set(), {}, 0.4, 0.3) == 0.0


def test_a_heading_is_the_title_with_month_and_year_but_not_the_day() -> None:
    nine = Article("nine", "The Nine", "They met.", "nine.md", date(2021, 5, 10))
    assert heading(nine) == "The Nine May 2021"
    assert heading(Article("nine", "The Nine", "They met.", "nine.md")) == "The Nine"


# Its place in the ranking

ASKED = "ferry crew strike pilot"
FILES = {
    "together.txt": "One\n\nA ferry crew began a strike with a pilot. Rain fell. It was warm.\n",
    "apart.txt": "Two\n\nThe ferry left. A crew slept. The strike is over. The pilot sang.\n",
    "other.txt": "Three\n\nA choir sang. Nobody knows where the ferry went. Rain fell.\n",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("closer")
    index(place / "home", write(place / "articles", FILES))
    return place / "home"


def ranked(home: Path, **given_: Any) -> list[Hit]:
    settings = structs.replace(small(home), fusion=Fusion(**given_))
    with Searcher(settings, load=SmallAsking) as searcher:
        hits = searcher.search(Query(ASKED, 3))
        ids = [one for one, _ in searcher.articles(Query(ASKED), 3)]
    assert ids == [hit.article.id for hit in hits]
    return hits


def gained(home: Path, **given_: Any) -> dict[str, float]:
    """What reading added to the score of each article's passage."""
    before = {hit.article.id: hit.score for hit in ranked(home, read=0)}
    return {hit.article.id: hit.score - before[hit.article.id] for hit in ranked(home, **given_)}


def test_a_passage_with_the_words_in_one_sentence_gains_more_than_one_that_scatters_them(
    home: Path,
) -> None:
    gains = gained(home, sentence=0.0, words=1.0)
    assert gains["together"] == pytest.approx(1.0)
    assert 0 < gains["apart"] < 0.5


def test_what_a_sentence_adds_is_told_as_a_signal(home: Path) -> None:
    gains = gained(home)
    for hit in ranked(home):
        assert hit.signals["sentence"] == pytest.approx(gains[hit.article.id])
    assert {hit.signals["sentence"] for hit in ranked(home, read=0)} == {0.0}


def test_only_the_first_passages_are_read_and_they_stay_before_the_rest(home: Path) -> None:
    unread, hits = ranked(home, read=0), ranked(home, read=2)
    assert {hit.article.id for hit in hits[:2]} == {hit.article.id for hit in unread[:2]}
    assert hits[2].article.id == unread[2].article.id
    assert (hits[2].score, hits[2].signals["sentence"]) == (unread[2].score, 0.0)
    assert hits[1].signals["sentence"] > 0


def test_each_index_alone_and_ranks_are_left_as_they_are(home: Path) -> None:
    assert {hit.signals["sentence"] for hit in ranked(home, method="rrf")} == {0.0}
    alone: tuple[tuple[Mode, str], ...] = (("lexical", "bm25"), ("dense", "dense"))
    for mode, signal in alone:
        with Searcher(small(home), mode, load=SmallAsking) as searcher:
            for hit in searcher.search(Query(ASKED, 3)):
                assert hit.score == hit.signals[signal]
