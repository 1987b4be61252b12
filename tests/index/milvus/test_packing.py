"""Values as Milvus holds them come back as they were, whatever is in them."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.indexes.bm25 import PostingsBM25
from newsdesk.index.indexes.postings import postings
from newsdesk.index.milvus.packing import (
    coded_id,
    coded_term,
    packed_article,
    packed_sentences,
    pieces,
    term_of,
    unpacked_article,
    unpacked_sentences,
)
from newsdesk.index.milvus.weights import asked, weights
from newsdesk.index.types import Article, Span

_MOST = 65_535  # bytes of a string in Milvus
texts = st.text(max_size=200)


@given(st.text(alphabet="aü中\U0001f40d\0\"'\\", max_size=100), st.integers(1, 900))
def test_pieces_are_short_and_make_the_text(text: str, times: int) -> None:
    parts = pieces(text * times)
    assert "".join(parts) == text * times
    assert all(len(part.encode()) <= _MOST for part in parts)


@given(st.text(st.characters(codec=None), min_size=1, max_size=400))
def test_a_coded_term_is_ascii_and_comes_back(term: str) -> None:
    coded = coded_term(term)
    assert coded.isalnum() and coded.isascii() and len(coded) < 1000
    assert term_of(coded) in (term, None)
    if len(term) < 70:
        assert term_of(coded) == term
        assert coded.startswith(coded_term(term[0]))


def test_what_is_named_in_conditions_needs_no_quoting() -> None:
    ids = ["a", 'a" or "1" == "1', "é\\", "a" * 10_000, "a\udc80"]
    codes = [coded_id(each) for each in ids]
    assert len(set(codes)) == len(ids)
    assert all(code.isalnum() and code.isascii() for code in codes)


@given(
    title=texts, text=texts.filter(str.strip), source=texts, pages=st.lists(st.integers(0, 99)),
    published=st.one_of(st.none(), st.dates(), st.just(datetime(2021, 12, 29, 14, 55))),
)  # fmt: skip
def test_an_article_comes_back(
    title: str, text: str, source: str, pages: list[int], published: date | None
) -> None:
    given_ = Article("id", title, text, "a.md#1", published, source, pages=tuple(sorted(pages)))
    assert unpacked_article(packed_article(given_)) == given_


@pytest.mark.parametrize("count", [0, 1, 5, 300])
def test_sentences_come_back(count: int) -> None:
    chance = np.random.default_rng(count)
    spans = np.array([(7 * n, 7 * n + 3) for n in range(count)], dtype=np.int32).reshape(-1, 2)
    vectors = chance.integers(-127, 128, (count, 384)).astype(np.int8)
    packed = packed_sentences(spans, vectors)
    assert all(len(part) <= _MOST for part in packed)
    told, back = unpacked_sentences(packed, 384)
    assert told == tuple(Span(*pair) for pair in spans.tolist())
    assert (back == vectors).all()


words = st.lists(st.sampled_from(["b9", "riga", "met", "nine", "ü"]), max_size=12)


@given(st.lists(words, min_size=1, max_size=6), words)
def test_the_product_of_weights_is_bm25(corpus: list[list[str]], question: list[str]) -> None:
    index = PostingsBM25(postings(corpus))
    numbers = {term: number for number, term in enumerate(index.vocabulary, start=1)}
    query = asked(question, numbers, {term: index.idf[term] for term in numbers})
    scores = []
    for text in corpus:
        row = weights(text, numbers, index.avgdl, index.k1, index.b)
        scores.append(sum(row.get(place, 0.0) * weight for place, weight in query.items()))
        assert len(row) == 1 + len(Counter(text))
    assert scores == pytest.approx(index.get_scores(question).tolist())
