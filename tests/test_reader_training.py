"""What the reader is trained on says what it claims, and training goes on where it stopped."""

from __future__ import annotations

import gzip
import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.types import Span
from tests.benchmarks.reader import negatives, pairs
from tests.benchmarks.reader.mixture import group, order
from tests.benchmarks.reader.pairs import Pair

TEXTS = {
    "Tam Bridge": "The Tam bridge opened in 1931. It was closed for repairs in 2014 by Ada Rusk. "
    "Some 9,000 cars cross it every day. Ships pass under it.",
    "Orla Venn": "Orla Venn was born in Pelham and trained as a surgeon. In 1988 she founded the "
    "Lowland Clinic with Piet Maas. She retired in 2010.",
    "Pelham": "Pelham is a port of 40,000 people. The Tam bridge joins it to Eastwick. Its first "
    "mayor, Hal Dorn, was elected in 1902.",
}
ASKED = (
    ("When did the Tam bridge open?", "Tam Bridge", "1931"),
    ("Who closed the bridge in 2014?", "Tam Bridge", "Ada Rusk"),
    ("Where was Orla Venn born?", "Orla Venn", "Pelham"),
    ("Who founded the clinic with Orla Venn?", "Orla Venn", "Piet Maas"),
    ("Who was the first mayor of Pelham?", "Pelham", "Hal Dorn"),
)


def row(question: str, title: str, answer: str) -> dict[str, Any]:
    text = TEXTS[title]
    return {
        "question": question,
        "context": text,
        "answers": [answer],
        "answer_start": [text.index(answer)],
        "title": title,
    }


def made() -> list[Pair]:
    return list(pairs._spans([row(*asked) for asked in ASKED], "ours"))


def test_gold_sentences_hold_the_answers() -> None:
    for pair in made():
        assert pair.answers
        assert pair.answer
        (number,) = pair.gold
        assert pair.answer.of(pair.text).lower() in pair.strings
        assert pair.answer.of(pair.text) in pair.sentences[number].of(pair.text)


def test_ranked_negatives_are_of_other_texts_and_hold_no_answer() -> None:
    given = made()
    ranked = list(negatives.ranked(given))
    texts = {pair.question: pair.text for pair in given}
    assert len(ranked) >= 3
    for pair in ranked:
        assert not pair.answers
        assert not pair.gold
        assert pair.text != texts[pair.question]
        assert not any(answer in pair.text.lower() for answer in pair.strings)


def test_changed_questions_differ_from_those_that_are_answered() -> None:
    given = made()
    asked = {pair.question for pair in given}
    changed = list(negatives.changed(given))
    assert {pair.source for pair in changed} == {"ours exchanged", "ours turned"}
    assert all(pair.question not in asked and not pair.answers for pair in changed)


def test_a_year_is_exchanged_for_a_year() -> None:
    (closed,) = [pair for pair in made() if "2014" in pair.question]
    texts = {pair.question for seed in range(9) for pair in negatives.changed([closed], seed)}
    assert "Who closed the bridge in 1931?" in texts


def test_questions_about_a_sentence_are_shown_among_its_neighbours() -> None:
    rows = [
        {"qid": f"d:7:0:{n}", "question": f"q{n}?", "sentence": text, "answer": text.split()[-1]}
        for n, text in enumerate(["It rained all day.", "Nobody came.", "The fair closed early."])
    ]
    for pair, asked in zip(pairs._of_sentences(rows, "qa"), rows, strict=True):
        assert [pair.sentences[n].of(pair.text) for n in pair.gold] == [asked["sentence"]]
        assert len(pair.sentences) > 1


def test_sections_are_windows_with_their_marks() -> None:
    texts = [f"Sentence {n} says something about the matter at hand today." for n in range(40)]
    rows = [
        {"qid": "a", "question": "which?", "title": "T", "sentence": text, "label": int(n == 25)}
        for n, text in enumerate(texts)
    ]
    windows = list(pairs._chosen(rows, "s"))
    assert [pair.answers for pair in windows].count(True) == 1
    assert [s.of(pair.text) for pair in windows for s in pair.sentences] == texts
    (right,) = [pair for pair in windows if pair.answers]
    assert [right.sentences[n].of(right.text) for n in right.gold] == [texts[25]]


def test_the_order_can_be_taken_up_and_keeps_the_shares() -> None:
    given = made() + list(negatives.ranked(made())) + list(negatives.changed(made()))
    given = [
        Pair(p.question, p.title, p.text, p.sentences, "squad1_train_part", True)
        if p.answers
        else p
        for p in given
    ]
    whole = list(islice(order(given, 5), 400))
    assert list(islice(islice(order(given, 5), 150, None), 250)) == whole[150:]
    answering = sum(given[place].answers for place in whole)
    assert 150 < answering < 250
    assert {group(given[place])[1] for place in whole} >= {"ranked", "exchanged", "turned"}


PIECES = "It rained. Nobody came! – “Go,” she said. 5 µg — é".split()


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_tokens_of_a_sentence_are_its_tokens(words: list[str]) -> None:
    from newsdesk.index.indexes.dense.models import DEFAULT_MODEL, place
    from newsdesk.index.reading.tokens import tokenizer_of
    from newsdesk.index.text.passages import sentences
    from tests.benchmarks.reader.network import encode

    text = " ".join(["The", *words, "end."])
    spans = tuple(sentences(text))
    folder = place(DEFAULT_MODEL)
    assert folder
    tokenizer = tokenizer_of(folder)
    last = len(spans) - 1
    answer = Span(len(text) - 4, len(text) - 1)
    coded = encode(tokenizer, Pair("why?", "A title", text, spans, "x", True, (last,), answer))
    assert coded.span
    assert coded.span[0] >= coded.sentences[last][0] >= coded.passage[0]
    assert coded.span[1] < coded.sentences[last][1] <= coded.passage[1]
    assert coded.ids[coded.span[0] : coded.span[1] + 1] == tokenizer.encode("end").ids[1:-1]
    joined = [n for start, end in coded.sentences for n in range(start, end)]
    assert joined == sorted(set(joined))


@pytest.mark.slow
def test_training_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.benchmarks.reader import train

    for name in (name for names in pairs.READ for name in names.split()):
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt") as stream:
            if name == "squad1_train_part":
                stream.writelines(json.dumps(row(*asked)) + "\n" for asked in ASKED)
    monkeypatch.setattr(train, "_CHUNK", 4)
    given = train.prepared(tmp_path, None, tmp_path / "ranked.pickle")
    for most in (4, 12):
        training = train.Training(tmp_path / "out", rate=1e-4, most=most)
        train.train(training, given, given, every=4, tokens=1_000)
    lines = (tmp_path / "out" / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["seen"] for line in lines] == [4, 8, 12]
    assert (tmp_path / "out" / "model.safetensors").exists()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the older ONNX exporter
def test_a_packed_reader_unpacks_to_what_was_packed_within_half_a_step(tmp_path: Path) -> None:
    from newsdesk.index.indexes.dense.models import DEFAULT_MODEL, place
    from tests.benchmarks.reader.network import Reader
    from tests.benchmarks.reader.pack import write_graph
    from tests.benchmarks.reader.unpack import unpacked

    folder = place(DEFAULT_MODEL)
    assert folder
    reader = Reader(folder).eval()
    write_graph(reader, tmp_path / "reader.onnx")
    given = {name: p.detach() for name, p in reader.named_parameters() if p.requires_grad}
    back = unpacked(tmp_path / "reader.onnx")
    assert given.keys() <= back.keys()
    for name, values in given.items():
        assert back[name].shape == values.shape
        columns = values.reshape(len(values), -1)
        # Seven bits with a sign: 127 steps between the least and the greatest of a column.
        spread = columns.max(1).values.clamp(min=0) - columns.min(1).values.clamp(max=0)
        off = (back[name].reshape(len(values), -1) - columns).abs().max(1).values
        assert bool((off <= spread / 127 + 1e-6).all()), name


def test_held_out_events_tell_the_share_of_right_sentences_and_auroc() -> None:
    from newsdesk.index.reading import Text
    from newsdesk.index.types import Reading
    from tests.benchmarks.reader.held_out import figures, told

    class Words:
        """Finds what is asked for in capitals, and believes what it finds."""

        def read(self, question: str, passage: Text, /) -> Reading:
            inside = [question in span.of(passage.text) for span in passage.sentences]
            return Reading(3.0 if any(inside) else -3.0, tuple(-0.1 if x else -5.0 for x in inside))

    event = {
        "articles": [
            {"title": "A", "passages": ["It rained in OSTBY. Nobody came.", "The fair was shut."]},
            {"title": "B", "passages": ["ELLA sang at the fair. It was late."]},
        ]
    }
    asked: list[dict[str, Any]] = [
        {"q": "OSTBY", "right": [[0, 0, "It rained in OSTBY."]]},
        {"q": "ELLA", "right": [[1, 0, "It was late."]]},
        {"q": "LEDA", "right": []},
    ]
    found = [told(Words(), event, question) for question in asked]
    assert [(each.answerable, each.is_right) for each in found] == [
        (True, True),
        (True, False),
        (False, False),
    ]
    assert figures(found) == (0.5, 1.0)
