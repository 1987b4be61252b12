"""The reader's training news: answers stand verbatim in their passages, and no question repeats."""

from __future__ import annotations

import doctest
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from newsdesk.index.text.passages import split

from .benchmarks.reader import news_templates, pairs
from .benchmarks.reader.news_templates import KINDS, frames, generate

FOLDER = Path(news_templates.__file__).parent
ARTICLES: list[dict[str, Any]] = [
    json.loads(line)
    for file in sorted(FOLDER.glob("news*.jsonl"))
    for line in file.read_text("utf-8").splitlines()
]
TRAINED_ON, HELD_OUT = (
    [json.loads(line) for line in (FOLDER / name).read_text("utf-8").splitlines()]
    for name in ("events.jsonl", "events-held-out.jsonl")
)
EVENTS: list[dict[str, Any]] = TRAINED_ON + HELD_OUT
OF_EVENTS = [(event, question) for event in EVENTS for question in event["questions"]]
ASKED = [(article, question) for article in ARTICLES for question in article["questions"]]
MADE = list(generate(4000, seed=7))


def test_every_answer_of_an_article_stands_in_its_passage() -> None:
    for article, question in ASKED:
        passage = article["passages"][question["passage"]]
        assert all(sentence in passage for sentence in question["sentences"]), question
        if question.get("answer") is not None:
            assert question["answer"] in question["sentences"][0], question


def test_every_answer_of_an_event_is_a_sentence_of_the_passage_it_names() -> None:
    for event, question in OF_EVENTS:
        for article, passage, sentence in question["right"]:
            text = event["articles"][article]["passages"][passage]
            whole = [span.of(text) for span in split("", text, words=400, most=600)[0].sentences]
            assert sentence in whole, question
        if question.get("answer") is not None:
            assert question["answer"] in question["right"][0][2], question


def test_a_passage_of_an_event_answers_or_does_not() -> None:
    for event, question in OF_EVENTS:
        right = {(article, passage) for article, passage, _ in question["right"]}
        wrong = set(map(tuple, question["wrong"]))
        assert right or wrong, question
        assert not right & wrong, question
        for article, passage in wrong:
            assert event["articles"][article]["passages"][passage], question


def test_pairs_of_an_event_say_what_it_says() -> None:
    made = list(pairs.events(FOLDER))
    questions = [question for event in TRAINED_ON for question in event["questions"]]
    asked = sum(len({(a, p) for a, p, _ in q["right"]}) for q in questions)
    assert sum(pair.answers for pair in made) == asked
    assert len(made) - asked == sum(len(question["wrong"]) for question in questions)
    assert all(bool(pair.gold) == pair.answers for pair in made)


def test_no_event_is_told_twice() -> None:
    assert not [name for name, n in Counter(e["event"] for e in EVENTS).items() if n > 1]
    texts = Counter(text for e in EVENTS for a in e["articles"] for text in a["passages"])
    assert max(texts.values()) == 1


def test_every_answer_of_a_made_row_stands_in_its_text() -> None:
    for row in MADE:
        assert all(sentence in row["text"] for sentence in row["sentences"]), row
        assert row["answer"] is None or row["answer"] in row["sentences"][0], row
        assert "{" not in row["text"] + row["title"] + row["question"], row


@pytest.mark.parametrize(
    "rows", [[question for _, question in ASKED], MADE], ids=["written", "made"]
)
def test_kinds_are_of_the_list_and_only_the_unanswerable_lack_sentences(
    rows: list[dict[str, Any]],
) -> None:
    assert {row["kind"] for row in rows} <= KINDS
    assert all((row["kind"] == "unanswerable") != bool(row["sentences"]) for row in rows)


@pytest.mark.parametrize(
    "rows", [[question for _, question in ASKED], MADE], ids=["written", "made"]
)
def test_about_one_question_in_four_is_unanswerable(rows: list[dict[str, Any]]) -> None:
    unanswerable = sum(row["kind"] == "unanswerable" for row in rows)
    assert 0.2 < unanswerable / len(rows) < 0.35


def test_no_question_repeats_in_the_articles() -> None:
    counted = Counter(question["q"].casefold().rstrip("?") for _, question in ASKED)
    assert not [text for text, count in counted.items() if count > 1]


def test_articles_are_of_the_size_of_passages() -> None:
    for article in ARTICLES:
        assert 2 <= len(article["passages"]) <= 4, article["title"]
        assert all(25 <= len(text.split()) <= 200 for text in article["passages"]), article["title"]


def test_rows_are_the_same_for_a_seed_and_others_for_another() -> None:
    assert list(generate(50, seed=7)) == MADE[:50]
    assert list(generate(50, seed=8)) != MADE[:50]


def test_each_frame_asks_for_several_things_and_for_what_it_lacks() -> None:
    news = [frame for name, frame in frames().items() if name != "ambient"]
    assert len(news) >= 60
    for frame in news:
        assert len(frame.asked) >= 3, frame.name
        assert frame.unanswerable, frame.name
        assert {letter for asked in frame.asked for letter in asked.facts} <= set(frame.facts)


def test_where_the_answer_stands_tells_nothing() -> None:
    """Of figures side by side, each place in the passage has its share of the answers."""
    rows = [row for row in MADE if row["kind"] == "two_figures"]
    first = sum(row["text"].startswith(row["sentences"][0]) for row in rows)
    last = sum(row["text"].endswith(row["sentences"][0]) for row in rows)
    assert 0.15 < first / len(rows) < 0.5
    assert 0.15 < last / len(rows) < 0.5


def test_an_answering_sentence_is_whole() -> None:
    """A dateline belongs to the sentence behind it."""
    for row in MADE:
        for sentence in row["sentences"]:
            before = row["text"].partition(sentence)[0].rstrip()
            assert not before or before[-1] in '.?!)"', row


def test_the_example_in_the_generators_documentation_runs() -> None:
    assert not doctest.testmod(news_templates).failed
