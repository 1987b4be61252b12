"""The second look: its place in the pipeline, and the adapter, with a tiny model made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from newsdesk.index.errors import ModelError
from newsdesk.index.search.rerank import CrossEncoderReranker
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Rerank
from newsdesk.index.types import Query
from tests.helpers.support import SmallAsking, index, small, write

ASKED = Query("which ferry crews went back to work", 3)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("rerank")
    files = {
        f"a{n}.txt": f"Ferry {n}\n\nThe ferry crews of port number {n} went back to work.\n"
        for n in range(8)
    }
    index(place / "home", write(place / "articles", files))
    return place / "home"


class ByNumber:
    """Likes the highest port number best, and remembers what it was given to read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        assert question == ASKED.text
        self.read = list(texts)
        return [float(text.split("port number ")[1].split()[0]) for text in texts]


def searcher(home: Path, depth: int, reranker: ByNumber | None) -> Searcher:
    settings = structs.replace(small(home), rerank=Rerank(depth=depth))
    return Searcher(settings, load=SmallAsking, reranker=reranker)


def test_the_first_passages_are_read_again_and_the_rest_stay_as_they_are(home: Path) -> None:
    with searcher(home, 4, None) as plain, searcher(home, 4, reranker := ByNumber()) as again:
        before = [one.article.id for one in plain.search(replace(ASKED, k=8))]
        hits = again.search(replace(ASKED, k=8))
        after = [one.article.id for one in hits]
        articles = [one for one, _ in again.articles(ASKED, 8)]
    assert after[:4] == sorted(before[:4], reverse=True)
    assert after[4:] == before[4:]
    assert articles == after
    assert len(reranker.read) == 4
    assert reranker.read[0].startswith("Ferry ")
    scores = [one.score for one in hits]
    assert scores == sorted(scores, reverse=True)
    assert [one.rank for one in hits] == list(range(1, 9))


def test_nothing_is_read_again_unless_a_model_is_named(home: Path) -> None:
    with searcher(home, 4, None) as plain:
        assert plain._ranking._reranker is None


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of two layers with weights of chance."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    folder = tmp_path_factory.mktemp("cross") / "tiny"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ferry", "crews", "port", "##s"]
    vocabulary = folder.parent / "vocab.txt"
    vocabulary.write_text("\n".join(words), "utf-8")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
    )
    config.num_labels = 1
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizer(str(vocabulary)).save_pretrained(folder)
    return folder


def test_a_cross_encoder_by_directory_orders_what_is_found(home: Path, tiny: Path) -> None:
    scores = CrossEncoderReranker(str(tiny)).scores("ferry?", ["ferry crews", "port", "x"])
    assert len(set(scores)) == 3
    settings = structs.replace(small(home), rerank=Rerank(model=str(tiny), depth=5))
    with Searcher(settings, load=SmallAsking) as again:
        hits = again.search(replace(ASKED, k=8))
    assert len(hits) == 8
    assert len({one.article.id for one in hits}) == 8


def test_a_model_that_is_none_is_named_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="name a directory with a cross-encoder"):
        CrossEncoderReranker(str(tmp_path))
