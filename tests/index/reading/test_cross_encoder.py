"""A cross-encoder of one's own as the reader: a tiny one, made here."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from msgspec import structs

from newsdesk.index.errors import ModelError
from newsdesk.index.reading import Text, open_reader
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Reading
from newsdesk.index.types import Query, Span
from tests.helpers.support import SmallAsking, index, small, write


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


def test_it_scores_the_passage_and_each_of_its_sentences(tiny: Path) -> None:
    reader = open_reader(Reading(model=str(tiny)))
    assert reader
    one = reader.read("ferry?", Text("", "ferry crews. port. x", (Span(0, 12), Span(13, 18))))
    assert sum(math.exp(share) for share in one.evidence) == pytest.approx(1.0)
    assert one != reader.read("ferry?", Text("", "port. ferry", (Span(0, 5), Span(6, 11))))


def test_it_is_asked_by_its_directory(tiny: Path, tmp_path: Path) -> None:
    files = {f"a{n}.txt": f"Ferry {n}\n\nThe ferry crews of port {n} work.\n" for n in range(8)}
    index(tmp_path / "home", write(tmp_path / "articles", files))
    settings = structs.replace(small(tmp_path / "home"), reader=Reading(str(tiny), passages=5))
    with Searcher(settings, load=SmallAsking) as searcher:
        hits = searcher.search(Query("which ferry crews went back to work", k=8))
        assert searcher.ask("which ferry crews went back to work?").passages
    assert sum(hit.reading is not None for hit in hits) == 5
    assert len({hit.article.id for hit in hits}) == 8


def test_a_model_that_is_none_is_named_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="name a directory with a reader or a cross-encoder"):
        open_reader(Reading(model=str(tmp_path)))
