"""BM25 on postings: the scores of rank-bm25 with our idf, and what it mends."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi
from rapidfuzz.distance import OSA

from newsdesk.index.indexes import bm25
from newsdesk.index.indexes.bm25 import PostingsBM25, best, idf
from newsdesk.index.indexes.postings import postings
from newsdesk.index.indexes.vocabulary import slips_of
from tests.helpers.examples import examples

Corpus = list[list[str]]

# Few words, so that documents share them; with some that sort or encode in other ways.
WORDS = ["war", "wars", "b9", "z", "é", "ü", "東京", "😀", "\ud800", "a" * 300]
words = st.sampled_from(WORDS) | st.text(min_size=1, max_size=4)
documents = st.lists(words, max_size=30)
corpora = st.lists(documents, min_size=1, max_size=12).filter(any)
questions = st.lists(words, max_size=8)


def made(corpus: Corpus, **settings: float) -> PostingsBM25:
    """BM25 over a corpus."""
    return PostingsBM25(postings(corpus), **settings)


def okapi(corpus: Corpus, ours: PostingsBM25, **settings: float) -> Any:
    """The plain implementation with our idf."""
    plain = BM25Okapi(corpus, **settings)
    plain.idf = {term: ours.idf[term] for term in plain.idf}
    return plain


@given(
    corpora,
    questions,
    st.floats(0.01, 5),
    st.floats(0, 0.99),  # at 1, rank-bm25 divides by the length of an empty document
)
@example([["a"] * 70_000, ["a", "b"]], ["a", "b"], 1.5, 0.75)  # more than 16 bits can count
@example([["war", "war", "b9"], [], ["war"]], ["war", "war", "unheard-of"], 1.5, 0.75)
def test_scores_are_those_of_the_plain_implementation(
    corpus: Corpus, question: list[str], k1: float, b: float
) -> None:
    ours = made(corpus, k1=k1, b=b)
    plain = okapi(corpus, ours, k1=k1, b=b)
    assert ours.avgdl == plain.avgdl
    assert ours.corpus_size == plain.corpus_size
    np.testing.assert_allclose(ours.get_scores(question), plain.get_scores(question), atol=1e-6)


@given(corpora, st.lists(questions, min_size=1, max_size=3))
def test_scores_of_very_many_documents_are_those_of_few_in_single_precision(
    corpus: Corpus, asked: list[list[str]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        many = made(corpus)
        for question in asked:  # one after the other in the same scratch space
            few = many.get_scores(question)
            patch.setattr(bm25, "_MANY", 1)
            scores = many.get_scores(question)
            assert (scores.dtype == np.float32) == any(term in many.vocabulary for term in question)
            np.testing.assert_allclose(scores, few, rtol=1e-5)
            patch.undo()


@given(corpora, questions, st.data())
def test_scores_of_some_documents_come_in_the_order_asked(
    corpus: Corpus, question: list[str], data: st.DataObject
) -> None:
    ours = made(corpus)
    chosen = data.draw(st.lists(st.integers(0, len(corpus) - 1), min_size=1, max_size=20))
    expected = okapi(corpus, ours).get_batch_scores(question, chosen)
    np.testing.assert_allclose(ours.get_batch_scores(question, chosen), expected, atol=1e-6)


def test_scores_of_no_documents_are_none() -> None:
    assert made([["war"]]).get_batch_scores(["war"], []) == []


@given(corpora, questions, st.integers(0, 15))
def test_the_best_n_are_the_plain_ones_that_share_a_term(
    corpus: Corpus, question: list[str], n: int
) -> None:
    ours = made(corpus)
    plain = okapi(corpus, ours)
    numbers = list(range(len(corpus)))
    scores = plain.get_scores(question)
    found = ours.get_top_n(question, numbers, n)
    sharing = [number for number in numbers if set(corpus[number]) & set(question)]
    expected = sorted((float(scores[i]) for i in sharing), reverse=True)[:n]
    np.testing.assert_allclose(scores[found], expected, atol=1e-6)
    assert set(found) <= set(sharing)
    assert len(set(found)) == len(found)


@given(st.lists(documents, max_size=8), questions)
def test_a_passage_that_shares_no_term_is_no_result(corpus: Corpus, question: list[str]) -> None:
    scores = made(corpus).get_scores(question)
    for document, score in zip(corpus, scores, strict=True):
        assert (score > 0) == bool(set(document) & set(question))


@given(st.integers(1, 10**9), st.data())
def test_idf_is_never_negative_and_falls_with_frequency(size: int, data: st.DataObject) -> None:
    containing = sorted(data.draw(st.lists(st.integers(0, size), min_size=2, max_size=20)))
    weights = idf(size, np.array(containing))
    assert (weights > 0).all()
    assert (np.diff(weights) <= 0).all()


@given(corpora)
def test_idf_is_a_mapping_of_every_term(corpus: Corpus) -> None:
    ours = made(corpus)
    terms = {term for document in corpus for term in document}
    assert set(ours.idf) == terms
    assert len(ours.idf) == len(terms)
    for term in terms:
        containing = sum(term in document for document in corpus)
        assert ours.idf[term] == pytest.approx(float(idf(len(corpus), np.array([containing]))[0]))


def test_small_corpora_score_as_they_should() -> None:
    assert made([]).get_scores(["war"]).tolist() == []
    assert made([]).get_top_n(["war"], []) == []
    assert made([[]]).get_scores(["war"]).tolist() == [0.0]
    (one,) = made([["war", "peace"]]).get_scores(["war"])
    assert one > 0
    first, second = made([["war", "b9"], ["peace", "b9"]]).get_scores(["war"])
    assert first > 0
    assert second == 0


def test_a_word_in_most_documents_weighs_less_than_a_rare_one() -> None:
    corpus = [["the", "b9"], ["the", "war"], ["the", "pact"]]
    scores = made(corpus).get_scores(["the", "b9"])
    assert scores[0] > 3 * scores[1]


def test_the_wrong_number_of_documents_is_refused() -> None:
    with pytest.raises(ValueError, match="2 documents for an index of 1"):
        made([["war"]]).get_top_n(["war"], ["one", "two"])


@given(corpora, questions)
def test_parts_add_up_to_the_score(corpus: Corpus, question: list[str]) -> None:
    ours = made(corpus)
    rows = np.arange(len(corpus))
    parts_of = ours.parts(question, rows)
    for number, (score, parts) in enumerate(zip(ours.get_scores(question), parts_of, strict=True)):
        assert sum(parts.values()) == pytest.approx(score)
        assert set(parts) == set(question) & set(corpus[number])


def mapped(columns: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The same columns as memory-mapped files."""
    found = {}
    for name, column in columns.items():
        column.tofile(folder / name)
        shape = column.shape
        found[name] = (
            np.memmap(folder / name, column.dtype, "r", shape=shape) if column.size else column
        )
    return found


@given(corpus=st.lists(documents, max_size=8), question=questions)
def test_memory_mapped_columns_give_the_same_scores(
    tmp_path_factory: pytest.TempPathFactory, corpus: Corpus, question: list[str]
) -> None:
    ours = made(corpus, k1=1.2, b=0.4)
    columns = mapped(postings(corpus), tmp_path_factory.mktemp("columns"))
    opened = PostingsBM25(columns, k1=1.2, b=0.4)
    assert opened.get_scores(question).tolist() == ours.get_scores(question).tolist()
    assert list(opened.vocabulary) == list(ours.vocabulary)
    assert dict(opened.idf) == dict(ours.idf)


def test_opening_and_asking_copy_no_column(tmp_path: Path) -> None:
    terms = [f"t{number}" for number in range(2_000)]
    columns = mapped(postings([terms] * 1_000), tmp_path)
    size = sum(column.nbytes for column in columns.values())
    tracemalloc.start()
    try:
        opened = PostingsBM25(columns)
        opened.get_scores(["t7", "t1999"])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > 10_000_000
    assert peak < size / 50


@given(corpora)
def test_the_vocabulary_finds_every_term_and_no_other(corpus: Corpus) -> None:
    vocabulary = made(corpus).vocabulary
    terms = {term for document in corpus for term in document}
    in_order = sorted(terms, key=lambda term: term.encode("utf-8", "surrogatepass"))
    assert list(vocabulary) == in_order
    assert [vocabulary[term] for term in in_order] == list(range(len(terms)))
    for term in terms:
        assert (term + "x" in vocabulary) == (term + "x" in terms)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ukrane", "ukraine"),  # a letter missing
        ("russsia", "russia"),  # one too many
        ("crmiea", "crimea"),  # two swapped
        ("zelensky", "zelenskyy"),
        ("buckarest", "bucharest"),  # one that sounds alike
        ("afghenisten", "afghanistan"),  # two slips in a long word
        ("racket", None),  # another word, not a misspelt "rocket"
        ("wear", None),  # too short to tell
        ("2021", None),  # numbers are not misspelt words
        ("quantum", None),
        ("\U0010ffff" * 6, None),
        ("\ud7fb\ud7fb\ud7fb\ud7fb\ud7fb", None),  # a letter, the next code point is none
    ],
)
def test_a_misspelt_word_is_taken_for_the_one_that_was_meant(typed: str, meant: str | None) -> None:
    known = "ukraine russia crimea zelenskyy bucharest afghanistan rocket war 2022 \ud7fb\ud7fb"
    assert made([known.split()]).vocabulary.closest(typed) == meant


@given(st.text(min_size=1, max_size=12), st.lists(words, max_size=8))
def test_whatever_is_typed_the_closest_is_a_term_or_none(typed: str, known: list[str]) -> None:
    found = made([known]).vocabulary.closest(typed)
    assert found is None or found in known


letters = st.text("abé東", min_size=3, max_size=12)


@examples(200)
@given(letters, st.lists(letters, min_size=1, max_size=8))
@example("ababa", ["ab東aba", "abab", "bbaba"])
@example("ab東aba", ["ababa"])
def test_those_near_are_all_that_some_slips_lead_to(typed: str, known: list[str]) -> None:
    terms = made([known]).vocabulary
    beginning = [term for term in dict.fromkeys(known) if term[0] == typed[0]]
    within = {term for term in beginning if OSA.distance(term, typed) <= slips_of(typed)}
    near = terms.near(typed)
    assert within <= set(near) <= set(beginning)
    assert near == sorted(near, key=str.encode)


def places(scores: Sequence[float], n: int) -> list[int]:
    """What `best` should give, said plainly."""
    found = [place for place, score in enumerate(scores) if score > 0]
    return sorted(found, key=lambda place: (-scores[place], place))[:n]


scored = st.lists(st.sampled_from([0.0, 0.5, 0.5, 1.0, 2.0]) | st.floats(0, 9), max_size=30)


@given(scored, st.integers(0, 40))
def test_the_best_are_in_order_and_the_earlier_of_equals_first(scores: list[float], n: int) -> None:
    assert best(np.array(scores), n) == places(scores, n)


@given(scored, st.integers(0, 40), st.data())
def test_the_best_of_some_leave_out_all_others(
    scores: list[float], n: int, data: st.DataObject
) -> None:
    count = len(scores)
    among = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    kept = [score if own else 0.0 for score, own in zip(scores, among, strict=True)]
    assert best(np.array(scores), n, np.array(among, dtype=bool)) == places(kept, n)


@examples(40)
@given(
    st.integers(0, 10**6),
    st.integers(0, 8),
    st.sampled_from([1.0, 0.5, 0.02, 0.0]),
    st.floats(0.01, 5),
    st.floats(0, 1),
)
def test_the_best_are_those_of_all_scores(
    seed: int, n: int, share: float, k1: float, b: float
) -> None:
    """To the last bit, whatever was not looked at, also of words that stand nearly everywhere."""
    chance = np.random.default_rng(seed)
    corpus = [
        [f"t{number}" for number in (12 * chance.random(size) ** 3).astype(int)]
        for size in chance.integers(0, 9, 400).tolist()
    ]
    ours = made(corpus, k1=k1, b=b)
    among = None if share == 1.0 else chance.random(400) < share
    for size in (1, 3, 6):
        question = [f"t{number}" for number in chance.integers(0, 13, size).tolist()]
        scores = ours.get_scores(question)
        allowed = np.ones(400, dtype=bool) if among is None else among
        wanted = [row for row in np.argsort(-scores, kind="stable") if scores[row] and allowed[row]]
        assert best(scores, n, among) == wanted[:n]
        every = np.arange(400)[::-1]
        assert ours.scores_of(question, every).tolist() == scores[every].tolist()


@pytest.mark.parametrize("n", [1, 100, 3_000])
@pytest.mark.parametrize("share", [1.0, 0.3, 0.001])
@pytest.mark.parametrize("scored", [0.5, 0.001])
def test_the_best_of_very_many_are_found_by_a_guess(n: int, share: float, scored: float) -> None:
    chance = np.random.default_rng(n)
    scores = np.rint(900 * chance.random(150_000) ** 4) / 100 * (chance.random(150_000) < scored)
    among = None if share == 1.0 else chance.random(150_000) < share
    expected = scores if among is None else scores * among
    order = np.lexsort((np.arange(len(expected)), -expected))
    assert best(scores, n, among) == [p for p in order[:n].tolist() if expected[p] > 0]


def test_a_guess_that_is_too_high_is_noticed() -> None:
    """Where the only high scores are those that were looked at."""
    scores = np.full(150_000, 0.5)
    scores[: 40 * 64 : 64] = 2.0
    assert best(scores, 60) == [*range(0, 40 * 64, 64), *range(1, 21)]
