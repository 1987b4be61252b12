"""Readers on damaged bytes: each gives articles or a refusal, and raises nothing."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsdesk.index.readers import Refusal, Remark, feed_links, read_data
from newsdesk.index.readers.markup import tame
from newsdesk.index.types import Article
from tests.benchmarks.fuzz_readers import SEEDS, mutated

_QUICK = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", SEEDS)
@given(data=st.data())
@_QUICK
def test_damaged_bytes_are_read_or_refused(name: str, data: st.DataObject) -> None:
    damaged = mutated(SEEDS[name], data.draw(st.randoms(use_true_random=False)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for item in read_data(damaged, name):
            assert isinstance(item, Article | Refusal | Remark)
            if isinstance(item, Refusal):
                assert "; " in item.reason
                assert "\n" not in item.reason


@given(st.text(alphabet="<>/!-'\"=& abpdivscriptli\n", max_size=300))
def test_taming_is_done_once_and_feeds_are_looked_for_in_anything(text: str) -> None:
    once = tame(text).html
    assert len(once) <= len(text)
    feed_links(text)
