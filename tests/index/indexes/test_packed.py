"""Packed vectors: what they read as, and that nothing but the last digits is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from newsdesk.index.indexes.dense import Matrix, PackedVectors, Vectors, encode_bits, pack

floats = st.floats(-1, 1, width=32)
matrices = arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 70)), elements=floats)


@given(matrices)
def test_a_component_is_off_by_half_a_step_and_keeps_its_bit(vectors: Matrix) -> None:
    packed = PackedVectors(*pack(vectors))
    step = np.abs(vectors).max(axis=1, keepdims=True) / np.iinfo(np.int16).max
    # A whole step where what is above 0 would be 0, and what floats of 32 bits lose besides.
    assert (np.abs(packed[:] - vectors) <= 1.01 * step + 1e-7).all()
    sound = np.abs(vectors) > 1e-30  # below that, steps are no floats any more
    same = (packed[:] > 0) == (vectors > 0)
    assert same[sound | (vectors == 0)].all()


@given(matrices, st.data())
def test_rows_are_taken_as_of_a_matrix(vectors: Matrix, data: st.DataObject) -> None:
    packed = PackedVectors(*pack(vectors))
    whole = packed[:]
    places = np.array(data.draw(st.lists(st.integers(0, len(vectors) - 1))), dtype=np.int64)
    mask = np.arange(len(vectors)) % 2 == 0
    assert (len(packed), packed.shape, packed.dtype) == (len(whole), whole.shape, whole.dtype)
    assert np.array_equal(np.asarray(packed), whole)
    assert np.array_equal(packed[places], whole[places])
    assert np.array_equal(packed[mask], whole[mask])
    assert np.array_equal(packed[-1], whole[-1])
    vector = whole[0]
    assert np.allclose(packed.dots(vector), whole @ vector, atol=1e-4)
    assert np.allclose(packed.dots_of(places, vector), whole[places] @ vector, atol=1e-4)


@pytest.mark.parametrize("exact_up_to", [0, 10_000])
def test_the_nearest_are_those_of_the_vectors_themselves(exact_up_to: int) -> None:
    vectors = np.random.default_rng(5).normal(size=(3_000, 96)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    codes = encode_bits(vectors)
    packed = PackedVectors(*pack(vectors))
    assert np.array_equal(encode_bits(packed[:]), codes)
    for asked in vectors[::500]:
        found = Vectors(packed, codes, exact_up_to).nearest(asked, 20)
        wanted = Vectors(vectors, codes, exact_up_to).nearest(asked, 20)
        assert [row for row, _ in found] == [row for row, _ in wanted]
        cosines = [[cosine for _, cosine in pairs] for pairs in (found, wanted)]
        assert np.allclose(cosines[0], cosines[1], atol=1e-5)
