"""How well a packed reader reads the events that no reader was trained on.

    python -m tests.benchmarks.reader.held_out [DIR ...] [--every N]

The events of `events-held-out.jsonl` are of the same hands as those in `events.jsonl`. Of each
question all passages of its event are read. Told are: how often the sentence that answers best is
right (by the passage's logit and the sentence's evidence), over questions that have an answer; and
AUROC of the highest logit, of these against those that have none.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sklearn.metrics import roc_auc_score

from newsdesk.index.indexes.dense.models import DEFAULT_MODEL, place
from newsdesk.index.reading.onnx_reader import PACKAGED, OnnxReader
from newsdesk.index.reading.reader import Reader, Text
from newsdesk.index.text.passages import split

from .pairs import own_sentences

EVENTS = Path(__file__).with_name("events-held-out.jsonl")
Event = Mapping[str, Any]


class Told(NamedTuple):
    """What a reader makes of one question."""

    answerable: bool
    logit: float  # the highest of all passages
    is_right: bool  # the sentence with the highest merit


def told(reader: Reader, event: Event, asked: Mapping[str, Any]) -> Told:
    """Ask one question of all passages of its event."""
    right = {(article, number, sentence) for article, number, sentence in asked["right"]}
    merits: list[tuple[float, bool]] = []
    logits = []
    for article, number, text in _passages(event):
        title = event["articles"][article]["title"]
        reading = reader.read(asked["q"], text._replace(title=title))
        logits.append(reading.answers)
        for span, evidence in zip(text.sentences, reading.evidence, strict=True):
            merit = evidence - math.log1p(math.exp(-reading.answers))
            merits.append((merit, (article, number, span.of(text.text)) in right))
    return Told(bool(right), max(logits), max(merits)[1])


def _passages(event: Event) -> Iterator[tuple[int, int, Text]]:
    for place_, article in enumerate(event["articles"]):
        for number, text in enumerate(article["passages"]):
            (passage,) = split("", text, words=400, most=600)
            yield place_, number, Text("", text, own_sentences(passage))


def figures(questions: Sequence[Told]) -> tuple[float, float]:
    """The share of right sentences, and AUROC."""
    answerable = [each for each in questions if each.answerable]
    right = sum(each.is_right for each in answerable) / len(answerable)
    auroc = roc_auc_score([q.answerable for q in questions], [q.logit for q in questions])
    return right, float(auroc)


def main() -> None:
    """Print a line for each reader."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("readers", nargs="*", type=Path, default=[PACKAGED], help="their folders")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="read every Nth event")
    given = parser.parse_args()
    events = [json.loads(line) for line in EVENTS.read_text("utf-8").splitlines()][:: given.every]
    print("| reader | questions | sentence | AUROC |\n| --- | --- | --- | --- |")
    for folder in given.readers:
        reader = OnnxReader(folder, place(DEFAULT_MODEL))
        questions = [told(reader, event, asked) for event in events for asked in event["questions"]]
        right, auroc = figures(questions)
        print(f"| {folder.name} | {len(questions)} | {right:.3f} | {auroc:.3f} |", flush=True)


if __name__ == "__main__":
    main()
