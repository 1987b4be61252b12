"""Fusion: pure functions over candidates."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.search.fusion import Candidate, recency, reciprocal_rank, scaled, weighted_sum

finite = st.floats(-1e6, 1e6)
bm25 = st.sampled_from([0.0, 1.0]) | st.floats(0, 100)
cosine = st.sampled_from([0.0, 0.5]) | st.floats(-1, 1)
candidates = st.lists(st.tuples(bm25, cosine), max_size=20).map(
    lambda pairs: [Candidate(key, *pair) for key, pair in enumerate(pairs)]
)


@given(st.lists(finite, max_size=20))
def test_scaled_scores_lie_from_0_to_1_in_the_same_order(scores: list[float]) -> None:
    found = scaled(scores)
    assert len(found) == len(scores)
    assert all(0 <= one <= 1 for one in found)
    for i, one in enumerate(scores):
        for j, other in enumerate(scores):
            assert not (one < other and found[i] > found[j])
    if len(set(scores)) > 1:
        assert (min(found), max(found)) == (0, 1)


def test_equal_scores_scale_to_0() -> None:
    assert scaled([3.0, 3.0]) == [0.0, 0.0]
    assert scaled([3.0]) == [0.0]
    assert scaled([]) == []


@given(candidates, st.floats(0, 1))
def test_the_weighted_sum_lies_from_0_to_1(found: list[Candidate], weight: float) -> None:
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in weighted_sum(found, weight))


@given(candidates)
def test_the_weight_goes_from_words_to_vectors(found: list[Candidate]) -> None:
    words = [one.bm25 for one in found]
    assert weighted_sum(found, 0.0) == scaled(words, 0.5 * max(words, default=0.0))
    assert weighted_sum(found, 1.0) == scaled([one.dense for one in found], 0.25)


@given(st.lists(finite, max_size=20), st.floats(0, 1e6))
def test_what_hardly_differs_is_not_stretched(scores: list[float], least: float) -> None:
    found = scaled(scores, least)
    wide = max(scores, default=0) - min(scores, default=0)
    assert min(found, default=0) == pytest.approx(1 - wide / max(wide, least) if wide else 0)


def test_a_hair_of_cosine_does_not_outweigh_the_rest() -> None:
    first, second = weighted_sum([Candidate(1, 3.0, 0.81), Candidate(2, 3.0, 0.80)], 0.5)
    assert 0 < first - second < 0.05


def test_a_weighted_sum_worked_out_by_hand() -> None:
    found = [Candidate(1, 0.0, 0.5), Candidate(2, 10.0, 0.1), Candidate(3, 5.0, 0.3)]
    assert weighted_sum(found, 0.25) == pytest.approx([0.25, 0.75, 0.5])


def test_reciprocal_rank_worked_out_by_hand() -> None:
    found = [Candidate(1, 0.0, 0.5), Candidate(2, 10.0, 0.1), Candidate(3, 5.0, 0.3)]
    expected = [1 / 61, 1 / 61 + 1 / 63, 1 / 62 + 1 / 62]
    assert reciprocal_rank(found) == pytest.approx(expected)
    assert reciprocal_rank(found, constant=0)[0] == pytest.approx(1.0)


@given(candidates)
def test_a_passage_that_shares_no_term_gets_nothing_for_words(found: list[Candidate]) -> None:
    for one, score in zip(found, reciprocal_rank(found), strict=True):
        if one.bm25 == 0:
            assert score <= 1 / 61


@given(candidates, st.floats(0, 1), st.randoms(use_true_random=False))
def test_the_order_candidates_come_in_changes_nothing(
    found: list[Candidate], weight: float, chance: random.Random
) -> None:
    order = list(range(len(found)))
    chance.shuffle(order)
    shuffled = [found[place] for place in order]
    for fuse in (lambda given: weighted_sum(given, weight), reciprocal_rank):
        straight = fuse(found)
        assert fuse(shuffled) == [straight[place] for place in order]


def test_of_equals_the_one_with_the_lower_key_ranks_first() -> None:
    twins = [Candidate("b", 1.0, 0.5), Candidate("a", 1.0, 0.5)]
    second, first = reciprocal_rank(twins)
    assert first == pytest.approx(2 / 61)
    assert second == pytest.approx(2 / 62)


def test_the_article_has_its_share_of_what_words_count() -> None:
    candidates = [Candidate(1, 4.0, 0.2, 0.0), Candidate(2, 0.0, 0.2, 3.0)]
    assert weighted_sum(candidates, 0.5, article=0.0) == [0.5, 0.0]
    assert weighted_sum(candidates, 0.5, article=1.0) == [0.0, 0.5]
    assert weighted_sum(candidates, 0.5, article=0.4) == pytest.approx([0.3, 0.2])


def test_recency_falls_with_age_and_is_nothing_for_what_came_later_or_has_no_date() -> None:
    ages = [0.0, 30.0, 300.0, -2.0, -4.0, None]
    found = recency([Candidate(i, 1.0, 0.5, 0.0, age) for i, age in enumerate(ages)], 30.0)
    assert found[0] == found[3] == 1.0
    assert found[1] == pytest.approx(math.exp(-1))
    assert 0 < found[2] < 1e-4
    assert found[4:] == [0.0, 0.0]
