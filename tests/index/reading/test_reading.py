"""The reader that ships: what it is given, what it says, and what it does when it is damaged."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.errors import ModelError
from newsdesk.index.indexes.dense import token_tables
from newsdesk.index.indexes.dense.models import DEFAULT_MODEL, OFFICIAL, place
from newsdesk.index.reading import Text, open_reader
from newsdesk.index.reading.onnx_reader import (
    CARD,
    EVIDENCE,
    GRAPH,
    LEAST,
    PACKAGED,
    OnnxReader,
    reading,
)
from newsdesk.index.reading.tokens import MAX_TOKENS, MAX_WORDS, Tokens, tokenizer_of, tokens
from newsdesk.index.settings import Reading as Settings
from newsdesk.index.text.passages import split
from newsdesk.index.types import Span

FOLDER = place(DEFAULT_MODEL)
assert FOLDER
TOKENIZER = tokenizer_of(FOLDER)
READER = OnnxReader(PACKAGED, FOLDER)


def text(*sentences: str, title: str = "") -> Text:
    whole, spans = " ".join(sentences), []
    for sentence in sentences:
        start = whole.index(sentence)
        spans.append(Span(start, start + len(sentence)))
    return Text(title, whole, tuple(spans))


# Pairs that any reader must tell apart: the record and the one before, who did and who did not.
TOLD = [
    (
        "How heavy is the record pumpkin of Elmby fair?",
        (
            "The fair at Elmby drew 9,000 people on Saturday.",
            "A pumpkin of 812 kilos, grown by Ida Holt, set a new record there.",
            "The old record, of 790 kilos, had stood for eleven years.",
        ),
        1,
    ),
    (
        "Who won the mayor's race in Port Alder?",
        (
            "Port Alder's voters went to the polls on Sunday.",
            "Rosa Lindt was elected mayor with 54 percent of the vote.",
            "Her rival, Karl Benn, said he would go back to his farm.",
        ),
        1,
    ),
    (
        "Why was the bridge closed?",
        (
            "The bridge over the Lorn was built in 1931.",
            "Some 20,000 cars cross it on a working day.",
            "It was shut on Monday because a crack had been found in one of its pillars.",
        ),
        2,
    ),
]


@pytest.mark.parametrize(("question", "sentences", "right"), TOLD)
def test_the_sentence_that_answers_has_most_of_the_evidence(
    question: str, sentences: tuple[str, ...], right: int
) -> None:
    found = READER.read(question, text(*sentences, title="Elmby Post"))
    assert found.evidence.index(max(found.evidence)) == right
    other = READER.read("Which river floods the city of Vantholm?", text(*sentences))
    assert found.answers > other.answers


@given(st.text(max_size=300), st.text(max_size=80), st.text(max_size=900))
def test_every_sentence_has_its_own_tokens_within_the_passage(
    question: str, title: str, body: str
) -> None:
    for passage in split(body, "en") if body.strip() else ():
        spans = tuple(
            Span(s.start - passage.start, s.end - passage.start) for s in passage.sentences
        )
        given_ = Text(title, passage.text, spans)
        found = tokens(TOKENIZER, question, given_)
        assert len(found.ids) == len(found.types) <= MAX_TOKENS
        first, behind = found.passage
        last = first
        assert found.title == (0, 0) or found.types.index(1) <= found.title[0]
        assert found.title[1] <= first or not behind
        for start, end in found.sentences:
            if end:
                assert first <= last <= start < end <= behind
                last = end - 1  # a token may lie across where one ends
        for start, end in found.offsets.values():
            assert 0 <= start < end <= len(passage.text)


def test_a_long_passage_is_cut_and_a_long_question_does_not_push_it_out() -> None:
    given_ = text(*(f"Sentence {n} tells of ship number {n}." for n in range(120)))
    found = tokens(TOKENIZER, "why " * 500, given_)
    assert len(found.ids) == MAX_TOKENS
    assert found.types.count(0) <= MAX_WORDS + 2
    assert found.sentences[0][1] > 0
    assert found.sentences[-1] == (0, 0)
    read = READER.read("why " * 500, given_)
    assert len(read.evidence) == 120
    assert read.evidence[-1] == LEAST


@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=5),
    st.integers(0, 3),
    st.integers(0, 2**32 - 1),
)
def test_the_shares_of_all_sentences_are_the_whole(
    lengths: list[int], before: int, seed: int
) -> None:
    size = before + sum(lengths)
    logits = np.random.default_rng(seed).normal(0, 5, (size + 2, 3)).astype(np.float32)
    edges = np.cumsum([before, *lengths]).tolist()
    coded = Tokens([], [], (0, before), (before, size), list(pairwise(edges)), {})
    found = reading(1.5, logits, coded)
    shares = np.exp(logits[:size, EVIDENCE].astype(float))
    of_title = shares[:before].sum() / shares.sum()
    assert np.exp(found.title) == pytest.approx(of_title, abs=1e-6)
    assert found.answers == 1.5
    assert sum(np.exp(one) for one in found.evidence) == pytest.approx(1.0, abs=1e-4)
    assert all(LEAST <= one <= 1e-9 for one in found.evidence)


def test_an_empty_passage_is_no_error() -> None:
    assert READER.read("who?", Text("", "", ())).evidence == ()
    assert READER.read("", Text("", " ", (Span(0, 1),))).evidence == (LEAST,)


def test_what_it_says_of_a_passage_depends_on_no_other_and_on_no_thread() -> None:
    asked = [(question, text(*sentences)) for question, sentences, _ in TOLD] * 4
    alone = [OnnxReader(PACKAGED, FOLDER).read(*asked[n]) for n in range(3)] * 4
    together = OnnxReader(PACKAGED, FOLDER)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda one: together.read(*one), asked)) == alone


def test_it_reads_the_same_by_the_export_of_its_model(seeds_home: Path) -> None:
    export = token_tables.exported(seeds_home / "models")
    assert export
    own = OnnxReader(PACKAGED, export)
    for question, sentences, _ in TOLD:
        given_ = text(*sentences, title="Elmby Post")
        assert own.read(question, given_) == READER.read(question, given_)
    with pytest.raises(ModelError, match="index where the whole of Newsdesk is installed"):
        OnnxReader(PACKAGED, None).read("who?", text("Ada met Bo."))


def test_an_export_that_does_not_say_where_its_tables_lie_is_none(tmp_path: Path) -> None:
    (export := tmp_path / OFFICIAL[:16]).mkdir()
    for card, found in (
        ('{"embeddings": {"word": [0, 1, 1]}}', export),
        ('{"embeddings": {}}', None),
        ("{}", None),  # as by an earlier version
        ("[]", None),
        ("{", None),
    ):
        (export / "export.json").write_text(card, "utf-8")
        assert token_tables.exported(tmp_path) == found
    assert token_tables.exported(tmp_path / "nowhere") is None


def test_the_card_tells_where_the_weights_are_from_and_they_are_small_enough() -> None:
    card = json.loads((PACKAGED / CARD).read_text("utf-8"))
    assert card["command"].startswith("python -m tests.benchmarks.reader.")
    assert card["figures"]["auroc"] > 0.7
    assert len(card["data"]) > 10
    assert all(len(sha256) == 64 for sha256 in card["data"].values())
    assert {"CC BY-SA 4.0", "Apache-2.0"} <= card["licences"].keys()
    assert (PACKAGED / GRAPH).stat().st_size < 12e6


def copied(tmp_path: Path) -> Path:
    for name in (CARD, GRAPH):
        shutil.copy(PACKAGED / name, tmp_path / name)
    return tmp_path


def test_a_reader_in_a_directory_is_opened_by_its_name(tmp_path: Path) -> None:
    own = open_reader(Settings(model=str(copied(tmp_path))))
    assert own
    question, sentences, _ = TOLD[0]
    assert own.read(question, text(*sentences)) == READER.read(question, text(*sentences))
    assert open_reader(Settings(model="none")) is None


@pytest.mark.parametrize("how", ["changed", "cut", "gone", "card"])
def test_a_damaged_reader_is_an_error_that_names_the_mend(tmp_path: Path, how: str) -> None:
    graph = copied(tmp_path) / GRAPH
    whole = graph.read_bytes()
    if how == "changed":
        graph.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    elif how == "cut":
        graph.write_bytes(whole[: len(whole) // 2])
    elif how == "gone":
        graph.unlink()
    else:
        (tmp_path / CARD).write_text("{", "utf-8")
    damaged = open_reader(Settings(model=str(tmp_path)))
    assert damaged
    with pytest.raises(ModelError, match=r"damaged or missing.*NEWSDESK_READER_MODEL=none"):
        damaged.read("who?", text("Ada met Bo."))
