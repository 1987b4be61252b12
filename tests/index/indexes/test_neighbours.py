"""The nearest of many vectors: exact for few, by 1-bit codes first for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.errors import LibraryDamaged
from newsdesk.index.indexes.dense import (
    Lists,
    Matrix,
    Vectors,
    encode_bits,
    listed,
    neighbours,
    sentence_cosines,
)
from newsdesk.index.indexes.dense import lists as module
from newsdesk.index.indexes.scratch import Room
from tests.helpers.examples import examples


def clustered(count: int, dimensions: int = 128, clusters: int = 200, seed: int = 1) -> Matrix:
    """Vectors of length 1 around some centres, as texts about some subjects have them."""
    chance = np.random.default_rng(seed)
    centres = chance.standard_normal((clusters, dimensions))
    vectors = centres[chance.integers(clusters, size=count)]
    vectors = vectors + 0.6 * chance.standard_normal((count, dimensions))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Matrix = vectors.astype(np.float32)
    return found


def ranked(vectors: Matrix, question: Matrix, n: int, among: Any) -> list[int]:
    """The nearest rows, said plainly."""
    cosines = vectors @ question
    rows = [row for row in range(len(vectors)) if among is None or among[row]]
    return sorted(rows, key=lambda row: (-cosines[row], row))[:n]


@examples(60)
@given(st.lists(st.tuples(*[st.integers(-2, 2)] * 4), max_size=40), st.integers(0, 50), st.data())
def test_the_nearest_are_exact_for_few_rows(
    rows: list[tuple[int, ...]], n: int, data: st.DataObject
) -> None:
    """Of whole numbers, so that equals are equal, of which the earlier comes first."""
    vectors = np.array(rows, dtype=np.float32).reshape(-1, 4)
    size = len(rows)
    among = data.draw(st.none() | st.lists(st.booleans(), min_size=size, max_size=size))
    mask = None if among is None else np.array(among, dtype=bool)
    question = np.array([2, 1, 0, -1], dtype=np.float32)
    found = Vectors(vectors, encode_bits(vectors)).nearest(question, n, mask)
    assert [row for row, _ in found] == ranked(vectors, question, n, among)
    assert all(cosine == vectors[row] @ question for row, cosine in found)


def recall(approximate: Vectors, vectors: Matrix, mask: Any, rows: Sequence[int]) -> float:
    """The share of the exact first ten that comes back, over questions near some rows."""
    shares = []
    for row in rows:
        question = clustered(1, vectors.shape[1], 1, seed=row)[0] * 0.3 + vectors[row]
        question /= np.linalg.norm(question)
        expected = ranked(vectors, question, 10, mask)
        found = {row for row, _ in approximate.nearest(question, 10, mask)}
        shares.append(len(found & set(expected)) / len(expected))
    return float(np.mean(shares))


def test_codes_find_nearly_all_of_the_nearest_of_many_rows() -> None:
    vectors = clustered(20_000)
    approximate = Vectors(vectors, encode_bits(vectors), exact_up_to=100, rescore=500)
    assert recall(approximate, vectors, None, range(0, 20_000, 500)) >= 0.97


def test_codes_with_a_filter_return_only_and_all_of_what_it_leaves() -> None:
    vectors = clustered(20_000)
    approximate = Vectors(vectors, encode_bits(vectors), exact_up_to=100, rescore=500)
    chance = np.random.default_rng(3)
    for share in (0.001, 0.02, 0.5):  # up to the rows that are rescored, it is exact
        mask = chance.random(20_000) < share
        found = approximate.nearest(vectors[0], 50, mask)
        assert len(found) == min(50, mask.sum())
        assert all(mask[row] for row, _ in found)
        if mask.sum() <= 500:
            assert [row for row, _ in found] == ranked(vectors, vectors[0], 50, mask)
        assert recall(approximate, vectors, mask, range(0, 20_000, 1_000)) >= 0.97
    assert approximate.nearest(vectors[0], 10, np.zeros(20_000, dtype=bool)) == []


def test_codes_give_exact_cosines_in_order() -> None:
    vectors = clustered(2_000)
    approximate = Vectors(vectors, encode_bits(vectors), exact_up_to=100, rescore=50)
    found = approximate.nearest(vectors[5], 20)
    cosines = [cosine for _, cosine in found]
    assert found[0][0] == 5
    assert cosines == sorted(cosines, reverse=True)
    np.testing.assert_allclose(cosines, [vectors[row] @ vectors[5] for row, _ in found], atol=1e-6)


@pytest.fixture(scope="module")
def many() -> tuple[Matrix, Lists]:
    """Vectors in lists, of which a question looks at a sixteenth."""
    vectors = clustered(20_000)
    codes = encode_bits(vectors)
    columns = listed(vectors, codes)
    return vectors, Lists(*columns, columns[2][:0], codes[:0])


def in_lists(
    vectors: Matrix, lists: Lists, rescore: int, patch: pytest.MonkeyPatch, least: int = 1_250
) -> Vectors:
    patch.setattr(module, "_LEAST", least)
    return Vectors(vectors, encode_bits(vectors), 100, rescore, lists)


def test_each_row_is_in_the_list_of_the_nearest_centre(many: tuple[Matrix, Lists]) -> None:
    vectors, lists = many
    assert len(lists.centres) == 141  # the root of the rows
    assert np.linalg.norm(lists.centres, axis=1) == pytest.approx(1, abs=1e-5)
    nearest = (vectors @ lists.centres.T).argmax(axis=1)
    for number, (start, end) in enumerate(pairwise(lists.starts.tolist())):
        assert lists.rows[start:end].tolist() == np.flatnonzero(nearest == number).tolist()
    codes = encode_bits(vectors)
    assert lists.hold(codes)
    assert not lists.hold(codes[:-1])
    assert not lists.hold(codes[::-1])


@examples(40)
@given(st.lists(st.tuples(*[st.integers(-2, 2)] * 4), max_size=40))
def test_lists_hold_any_rows(rows: list[tuple[int, ...]]) -> None:
    """Equal ones, zeros, one alone, none."""
    vectors = np.array(rows, dtype=np.float32).reshape(-1, 4)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    codes = encode_bits(vectors)
    if rows:
        columns = listed(vectors, codes)
        assert Lists(*columns, columns[2][:0], codes[:0]).hold(codes)


def test_lists_find_nearly_all_of_the_nearest(
    many: tuple[Matrix, Lists], monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors, lists = many
    approximate = in_lists(vectors, lists, 500, monkeypatch)
    looked_at, codes, may = lists.near(vectors[0], 500, None, Room())
    assert 1_250 <= len(looked_at) < 2_500
    assert may is not None
    assert may.all()
    assert (codes == encode_bits(vectors)[looked_at]).all()
    assert recall(approximate, vectors, None, range(0, 20_000, 500)) >= 0.97


def test_a_filter_makes_a_question_look_farther_in_the_lists(
    many: tuple[Matrix, Lists], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that leaves nothing of the lists that are nearest."""
    vectors, lists = many
    approximate = in_lists(vectors, lists, 500, monkeypatch)
    chance = np.random.default_rng(3)
    for share in (0.3, 0.5, 0.9):
        mask = chance.random(20_000) < share
        assert all(mask[row] for row, _ in approximate.nearest(vectors[0], 50, mask))
        assert recall(approximate, vectors, mask, range(0, 20_000, 1_000)) >= 0.97
    far = vectors @ vectors[0] < 0.3  # all but the lists nearest to it
    found = in_lists(vectors, lists, 2_000, monkeypatch).nearest(vectors[0], 50, far)
    assert len({row for row, _ in found} & set(ranked(vectors, vectors[0], 50, far))) >= 40
    may = lists.near(vectors[0], 500, far, Room())[2]
    assert may is not None
    assert may.sum() >= 1_250


@pytest.mark.parametrize("least", [1, 700, 1_250, 19_999, 50_000])
@pytest.mark.parametrize("rest", [0, 900])
def test_lists_of_which_no_row_is_gone_are_looked_at_alike(
    many: tuple[Matrix, Lists], monkeypatch: pytest.MonkeyPatch, least: int, rest: int
) -> None:
    vectors, lists = many
    monkeypatch.setattr(module, "_LEAST", 1)
    monkeypatch.setattr(module, "_PART", 20_000)
    lists = replace(lists, rest=lists.rows[:rest], rest_codes=lists.codes[:rest])
    for asked in vectors[:20]:
        rows, codes, may = lists.near(asked, least, None, Room())
        assert may is not None
        of_whole = replace(lists, is_whole=True).near(asked, least, None, Room())
        assert of_whole[2] is None
        assert np.array_equal(rows, of_whole[0])
        assert np.array_equal(codes, of_whole[1])


def test_rows_that_are_no_more_are_not_found_and_those_of_no_list_are(
    many: tuple[Matrix, Lists], monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors, lists = many
    rest = np.arange(0, 20_000, 40, dtype=np.int32)
    rows = lists.rows.copy()
    rows[np.isin(rows, rest)] = -1
    codes = encode_bits(vectors)
    changed = replace(lists, rows=rows, rest=rest, rest_codes=codes[rest])
    assert changed.hold(codes)
    approximate = in_lists(vectors, changed, 500, monkeypatch)
    assert recall(approximate, vectors, None, range(0, 20_000, 500)) >= 0.97
    assert approximate.nearest(vectors[40], 1)[0][0] == 40
    without = replace(changed, rest=rest[1:], rest_codes=codes[rest[1:]])
    lost = in_lists(vectors, without, 500, monkeypatch)
    assert lost.nearest(vectors[0], 1)[0][0] != 0


def test_more_wanted_than_rescored_is_not_cut_short() -> None:
    vectors = clustered(500)
    approximate = Vectors(vectors, encode_bits(vectors), exact_up_to=100, rescore=10)
    assert len(approximate.nearest(vectors[0], 300)) == 300


@given(st.integers(1, 200), st.integers(0, 5))
def test_a_code_has_one_bit_a_component(dimensions: int, rows: int) -> None:
    vectors = np.random.default_rng(dimensions).standard_normal((rows, dimensions))
    codes = encode_bits(vectors.astype(np.float32))
    assert codes.shape == (rows, -(-dimensions // 64))
    assert np.bitwise_count(codes).sum() == (vectors > 0).sum()


def test_codes_of_other_vectors_are_damage() -> None:
    vectors = clustered(10)
    with pytest.raises(LibraryDamaged):
        Vectors(vectors, encode_bits(vectors[:9]))


def test_cosines_of_some_rows_come_in_the_order_asked() -> None:
    vectors = clustered(10)
    found = Vectors(vectors, encode_bits(vectors))
    expected = [float(vectors[row] @ vectors[0]) for row in (3, 0, 3)]
    assert found.cosines(vectors[0], [3, 0, 3]) == pytest.approx(expected, abs=1e-6)
    assert found.cosines(vectors[0], []) == []


def test_a_sentence_without_a_vector_is_near_to_nothing() -> None:
    question = np.array([0.8, 0.6, 0.0], dtype=np.float32)
    first = np.array([[100, 60, 0]], dtype=np.int8)
    second = np.array([[100, -60, 0], [0, 0, 0]], dtype=np.int8)
    near, rest = sentence_cosines(question, [first, second])
    assert near == pytest.approx((0.995,), abs=0.01)
    assert rest == pytest.approx((0.377, 0.0), abs=0.01)
    assert sentence_cosines(question, []) == []


@pytest.mark.parametrize("dimensions", [60, 64, 128, 384, 385, 448, 512, 1_024])
@pytest.mark.parametrize("count", [0, 1, 3, 8_193])
def test_distances_are_the_bits_that_differ(dimensions: int, count: int) -> None:
    """However many words a code has, and however many are compared in one go."""
    chance = np.random.default_rng(dimensions)
    vectors = chance.standard_normal((count + 1, dimensions)).astype(np.float32)
    codes = encode_bits(vectors)
    expected = ((vectors[1:] > 0) != (vectors[0] > 0)).sum(axis=1)
    assert neighbours._distances(codes[1:], codes[:1], Room()).tolist() == expected.tolist()


@pytest.mark.parametrize("dimensions", [60, 384, 512, 1_024])
def test_distances_to_planes_order_as_the_rounded_question_by_the_codes(dimensions: int) -> None:
    chance = np.random.default_rng(1)
    vectors = chance.standard_normal((8_200, dimensions)).astype(np.float32)
    question = chance.standard_normal(dimensions).astype(np.float32)
    step = 2 * np.abs(question).max() / 15
    steps = np.clip(np.rint(question / step + 7.5), 0, 15)
    assert np.abs(step * (steps - 7.5) - question).max() <= step / 2 * 1.001
    found = neighbours._distances(encode_bits(vectors), neighbours._planes(question), Room())
    wanted = np.where(vectors > 0, 1, -1) @ (steps - 7.5)
    assert ((found + wanted) == 7.5 * dimensions).all()


@given(st.lists(st.integers(0, 9), max_size=300), st.integers(0, 320))
def test_the_lowest_are_found_and_the_earlier_of_equals_first(distances: list[int], n: int) -> None:
    expected = sorted(sorted(range(len(distances)), key=lambda i: (distances[i], i))[:n])
    found = neighbours._lowest(np.array(distances, dtype=np.uint16), n)
    assert found.tolist() == expected


def test_the_question_itself_chooses_better_than_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of few that are compared exactly, more are of the nearest."""
    vectors = clustered(20_000, 384)
    approximate = Vectors(vectors, encode_bits(vectors), exact_up_to=100, rescore=20)
    asked = range(0, 20_000, 500)
    both = recall(approximate, vectors, None, asked)
    monkeypatch.setattr(neighbours, "_COARSE", 1)
    assert both > recall(approximate, vectors, None, asked) + 0.05
