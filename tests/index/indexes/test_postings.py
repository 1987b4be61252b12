"""Postings: what rank-bm25's `BM25Okapi` counts in a corpus, block by block, as columns."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pytest
import rank_bm25

from newsdesk.index.indexes import postings as module
from newsdesk.index.indexes.bm25 import PostingsBM25
from newsdesk.index.indexes.postings import postings

WORDS = ["war", "wars", "b9", "canal", "ship", "é", "東京"]


def corpus(size: int) -> list[list[str]]:
    """Documents of 0 to 9 words."""
    random = np.random.default_rng(size)
    return [random.choice(WORDS, random.integers(0, 10)).tolist() for _ in range(size)]


@pytest.mark.parametrize("size", [1, 1_023, 1_024, 1_025, 2_500])
def test_blocks_add_up_to_the_statistics_of_the_whole(size: int) -> None:
    documents = [["war"], *corpus(size - 1)]
    plain, columns = rank_bm25.BM25Okapi(documents), postings(documents)
    assert columns["lengths"].tolist() == plain.doc_len
    ours = PostingsBM25(columns)
    assert (ours.corpus_size, ours.avgdl) == (plain.corpus_size, plain.avgdl)
    for term, number in ours.vocabulary.items():
        piece = slice(*columns["starts"][number : number + 2].tolist())
        expected = {i: own[term] for i, own in enumerate(plain.doc_freqs) if term in own}
        docs, pairs = columns["docs"][piece], columns["pairs"][columns["pair"][piece]]
        assert dict(zip(docs.tolist(), pairs[:, 0].tolist(), strict=True)) == expected
        assert docs.tolist() == sorted(expected)
        assert (pairs[:, 1] == columns["lengths"][docs]).all()


def test_blocks_without_a_term_only_have_lengths() -> None:
    documents: list[list[str]] = [*([[]] * 2_000), ["war"], *([[]] * 2_000)]
    columns = postings(documents)
    assert columns["lengths"].tolist() == [0] * 2_000 + [1] + [0] * 2_000
    assert columns["docs"].tolist() == [2_000]


def test_no_more_than_a_block_is_counted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    class Watched(rank_bm25.BM25Okapi):  # type: ignore[misc]  # rank-bm25 carries no types
        def __init__(self, documents: list[list[str]]) -> None:
            super().__init__(documents)
            sizes.append(self.corpus_size)

    def endless() -> Iterator[list[str]]:
        for number in range(5_000):
            assert number - sum(sizes) <= module._BLOCK
            yield ["war"]

    monkeypatch.setattr(sys.modules["rank_bm25"], "BM25Okapi", Watched)
    postings(endless())
    assert sizes == [1_024] * 4 + [904]
