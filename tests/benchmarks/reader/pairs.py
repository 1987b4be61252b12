"""Question and passage pairs from the training sets, with the sentences that answer marked.

Only sets whose licence is stated are read: weights learned from them ship with the project.
Passages are split as the index splits them, so that the reader learns on what it will read.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsdesk.index.text.passages import split
from newsdesk.index.types import Passage, Span

Row = Mapping[str, Any]
DEV = 0.015  # share of the questions that are kept from training


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and a passage, and what of the passage answers it."""

    question: str
    title: str
    text: str  # of the passage
    sentences: tuple[Span, ...]  # in the text
    source: str  # the set it is from
    answers: bool  # whether the passage answers
    gold: tuple[int, ...] = ()  # numbers of the sentences that answer; none if not known
    answer: Span | None = None  # in the text, if known
    strings: tuple[str, ...] = ()  # answers, lower case: what holds one is no negative

    @property
    def is_dev(self) -> bool:
        """Whether it is kept from training: all pairs of one question are, or none."""
        digest = hashlib.sha256(self.question.lower().encode()).digest()
        return int.from_bytes(digest[:4]) < DEV * 2**32


def read_all(folder: Path) -> list[Pair]:
    """All pairs of the sets in `folder`, each set in its order."""
    return [
        pair
        for names, made in READ.items()
        for name in names.split()
        for pair in made(_rows(folder / f"{name}.jsonl.gz"), name)
    ]


def files(folder: Path) -> list[Path]:
    """The files of `folder` that `read_all` reads."""
    return [folder / f"{name}.jsonl.gz" for names in READ for name in names.split()]


def _rows(file: Path) -> Iterator[Row]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _spans(rows: Iterable[Row], name: str) -> Iterator[Pair]:
    """Passages with the answers at their offsets; passages of the same text are negatives."""
    for row in rows:
        starts = [
            Span(start, start + len(answer))
            for start, answer in zip(row["answer_start"], row["answers"], strict=True)
            if answer
        ]
        strings = tuple({answer.lower() for answer in row["answers"] if answer})
        known = bool(strings) or (not row.get("answerable") and "yesno" not in row)
        passages = split("", row["context"])
        if not known and len(passages) > 1:
            continue  # it answers, but nothing says where
        for passage in passages:
            inside = [s for s in starts if passage.start <= s.start and s.end <= passage.end]
            spoilt = not inside and any(answer in passage.text.lower() for answer in strings)
            if not spoilt:
                yield _pair(row, name, passage, inside, strings, bool(inside) or not known)


def _pair(
    row: Row,
    name: str,
    passage: Passage,
    inside: Sequence[Span],
    strings: tuple[str, ...],
    answers: bool,
) -> Pair:
    moved = [Span(s.start - passage.start, s.end - passage.start) for s in inside]
    sentences = own_sentences(passage)
    gold = [i for i, s in enumerate(sentences) for a in moved if s.start <= a.start < s.end]
    return Pair(
        row["question"].strip(),
        row["title"] if not row["title"].startswith("docid") else "",
        passage.text,
        sentences,
        name,
        answers,
        tuple(sorted(set(gold))),
        moved[0] if len(moved) == 1 else None,
        strings,
    )


def own_sentences(passage: Passage) -> tuple[Span, ...]:
    """The sentences of a passage, by their offsets in it."""
    return tuple(Span(s.start - passage.start, s.end - passage.start) for s in passage.sentences)


def _chosen(rows: Iterable[Row], name: str) -> Iterator[Pair]:
    """Sections of which every sentence is marked: windows of about a hundred words."""
    sections = defaultdict(list)
    for row in rows:
        sections[row["qid"], row["question"]].append(row)
    for (_, question), section in sections.items():
        strings = tuple(row["sentence"].strip().lower() for row in section if row["label"])
        for window in _windows(section):
            gold = tuple(i for i, row in enumerate(window) if row["label"])
            texts = [row["sentence"].strip() for row in window]
            yield _joined(question, window[0].get("title", ""), texts, name, gold, strings)


def _windows(section: Sequence[Row], words: int = 105) -> Iterator[list[Row]]:
    window: list[Row] = []
    size = 0
    for row in section:
        length = len(row["sentence"].split())
        if not length:
            continue
        if window and size + length > words * 1.2:
            yield window
            window, size = [], 0
        window.append(row)
        size += length
    if window:
        yield window


def _joined(
    question: str,
    title: str,
    texts: Sequence[str],
    name: str,
    gold: tuple[int, ...],
    strings: tuple[str, ...],
    answer: str = "",
) -> Pair:
    spans, start = [], 0
    for text in texts:
        spans.append(Span(start, start + len(text)))
        start += len(text) + 1
    where = texts[gold[0]].find(answer) if answer and len(gold) == 1 else -1
    at = spans[gold[0]].start + where if where >= 0 else 0
    return Pair(
        question.strip(),
        title,
        " ".join(texts),
        tuple(spans),
        name,
        bool(gold),
        gold,
        Span(at, at + len(answer)) if where >= 0 else None,
        strings,
    )


def _of_sentences(rows: Iterable[Row], name: str) -> Iterator[Pair]:
    """Questions about one sentence: it is shown among its neighbours in the document."""
    documents: dict[str, dict[tuple[int, ...], str]] = defaultdict(dict)
    asked = list(rows)
    for row in asked:
        document, place = _place(row["qid"])
        documents[document][place] = row["sentence"].strip()
    for row in asked:
        document, place = _place(row["qid"])
        order = sorted(documents[document])
        texts = [documents[document][each] for each in order]
        first, last = _around(texts, order.index(place), random.Random(row["question"]))
        gold = (order.index(place) - first,)
        strings = (row["answer"].lower(),) if row.get("answer") else ()
        yield _joined(
            row["question"], "", texts[first:last], name, gold, strings, row.get("answer", "")
        )


def _place(qid: str) -> tuple[str, tuple[int, ...]]:
    *document, paragraph, sentence = qid.split(":")
    return ":".join(document), (int(paragraph), int(sentence))


def _around(texts: Sequence[str], at: int, chance: random.Random) -> tuple[int, int]:
    """A window of about a hundred words around a sentence, which stands anywhere in it."""
    words = [len(text.split()) for text in texts]
    most = chance.uniform(60, 120)
    first, last = at, at + 1
    while first > 0 or last < len(texts):
        forwards = last < len(texts) and (first == 0 or chance.random() < 0.5)
        grown = (first, last + 1) if forwards else (first - 1, last)
        if sum(words[grown[0] : grown[1]]) > most:
            break
        first, last = grown
    return first, last


def news(folder: Path) -> Iterator[Pair]:
    """Pairs of the project's own articles, the files news*.jsonl in `folder`."""
    for file in sorted(folder.glob("news*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            article = json.loads(line)
            for asked in article["questions"]:
                for number, text in enumerate(article["passages"]):
                    if number == asked["passage"]:
                        yield news_pair(
                            asked["q"],
                            article["title"],
                            text,
                            asked["sentences"],
                            asked.get("answer"),
                            "news",
                        )


def events(folder: Path) -> Iterator[Pair]:
    """Pairs of several of the project's own articles on one event, `events.jsonl` in `folder`.

    What does not answer is another passage on the same event, the most tempting ones.
    """
    file = folder / "events.jsonl"
    for line in file.read_text("utf-8").splitlines() if file.exists() else ():
        event = json.loads(line)
        for asked in event["questions"]:
            right: dict[tuple[int, int], list[str]] = defaultdict(list)
            for article, number, sentence in asked["right"]:
                right[article, number].append(sentence)
            for place in [*right, *map(tuple, asked["wrong"])]:
                article = event["articles"][place[0]]
                yield news_pair(
                    asked["q"],
                    article["title"],
                    article["passages"][place[1]],
                    right.get(place, ()),
                    asked.get("answer"),
                    "news",
                )


def news_pair(
    question: str, title: str, text: str, right: Sequence[str], answer: str | None, name: str
) -> Pair:
    """A pair of a news passage; no `right` sentences: it does not answer."""
    (passage,) = split("", text, words=400, most=600)
    sentences = own_sentences(passage)
    starts = [text.find(each.strip()) for each in right]
    gold = {i for i, s in enumerate(sentences) for at in starts if s.start <= at < s.end}
    span = None
    if answer and gold:
        first = sentences[min(gold)]
        at = text.find(answer, first.start, first.end)
        span = Span(at, at + len(answer)) if at >= 0 else None
    strings = (answer.lower(),) if answer else tuple(each.lower() for each in right)
    return Pair(
        question, title, text, sentences, name, bool(gold), tuple(sorted(gold)), span, strings
    )


READ: Mapping[str, Callable[[Iterable[Row], str], Iterator[Pair]]] = {
    "squad1_train_part squad2_train_part qed_train nq_oracle_dev multispanqa_valid": _spans,
    "hotpotqa_part fairytaleqa quoref_part mrqa_dev_drop mrqa_dev_duorc": _spans,
    "timeqa_human_train boolq_train": _spans,
    "selqa_dev selqa_test qed_train_sentences": _chosen,
    "qamr_wikinews qamr_wikipedia qadiscourse_wikinews qadiscourse_wikipedia": _of_sentences,
}


def templates(seed: int, count: int = 12_000) -> Iterator[Pair]:
    """Pairs of generated news passages, see `news_templates`."""
    from .news_templates import generate

    for row in generate(count, seed):
        yield news_pair(
            row["question"], row["title"], row["text"], row["sentences"], row["answer"], "template"
        )
