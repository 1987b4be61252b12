"""BM25 of whole articles: as if each were one document of all its passages."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.indexes.article_bm25 import ArticleBM25, article_columns
from newsdesk.index.indexes.bm25 import PostingsBM25
from newsdesk.index.indexes.postings import postings

PASSAGES = st.lists(st.sampled_from("abcdefgh"), max_size=8)
ARTICLES = st.lists(st.lists(PASSAGES, min_size=1, max_size=4), min_size=1, max_size=8)


def build(articles: list[list[list[str]]], k1: float = 1.5, b: float = 0.75) -> ArticleBM25:
    columns = postings(passage for article in articles for passage in article)
    passages = PostingsBM25(columns, k1=k1, b=b)
    firsts = np.cumsum([0, *map(len, articles)], dtype=np.int64)
    columns |= {"first_passage": firsts}
    return ArticleBM25(passages, columns | article_columns(columns, firsts))


def whole(articles: list[list[list[str]]]) -> list[list[str]]:
    return [[term for passage in article for term in passage] for article in articles]


@given(
    ARTICLES,
    st.lists(st.sampled_from("abcdefghz"), max_size=6),
    st.floats(0.1, 3.0),
    st.floats(0.0, 1.0),
    st.data(),
)
def test_scores_are_those_of_the_articles_as_documents(
    articles: list[list[list[str]]], query: list[str], k1: float, b: float, data: st.DataObject
) -> None:
    wanted = PostingsBM25(postings(whole(articles)), k1=k1, b=b).get_scores(query)
    places = st.lists(st.integers(0, len(articles) - 1), max_size=10)
    asked = np.array(data.draw(places), dtype=np.int64)
    np.testing.assert_allclose(
        build(articles, k1, b).scores(query, asked), wanted[asked], atol=1e-9
    )


def test_a_word_in_two_passages_of_one_article_makes_one_article_of_it() -> None:
    articles = [[["storm"], ["storm", "sea"]], [["sea"]], [["sun"]]]
    columns = postings(p for article in articles for p in article)
    found = article_columns(columns, np.array([0, 2, 3, 4], dtype=np.int64))
    vocabulary = PostingsBM25(postings(whole(articles))).vocabulary
    counts = {term: int(found["article_counts"][number]) for term, number in vocabulary.items()}
    assert counts == {"sea": 2, "storm": 1, "sun": 1}
    assert found["article_lengths"].tolist() == [3, 1, 1]


def test_an_empty_article_scores_nothing_however_much_length_weighs() -> None:
    scores = build([[["storm"]], [[]]], b=1.0).scores(["storm"], np.array([1, 0]))
    assert scores[0] == 0
    assert scores[1] > 0
