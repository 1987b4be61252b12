"""Votes as a dataset in BEIR's layout, so that they can be measured against."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsdesk.index.errors import NothingUsable
from newsdesk.index.generation import open_current
from newsdesk.index.types import stamp

from .database import FILE
from .models import KeptAnswer
from .store import Store


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    questions: int
    votes: int


@dataclass(slots=True)
class _Judged:
    """A question with the sum of the votes on each article that answered it."""

    text: str
    votes: dict[str, int] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)  # sentences found helpful


def write(home: Path, folder: Path) -> Written:
    """Write the feedback in `home` into `folder`.

    A question whose answer more people found helpful than not is relevant to the article that
    its sentence stands in; one with as many or more against has no relevant article, and is
    left for someone to judge (grade 0 in the qrels, which measuring leaves out).
    Raises NothingUsable if nobody has voted.
    """
    votes = []
    if (home / FILE).is_file():
        with Store(home, create=False) as store:
            votes = list(store.votes())
    if not votes:
        raise NothingUsable(f"{home}: nobody has voted yet; 👍 and 👎 stand below every answer")
    judged = _judged(votes)
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    _write_lines(folder / "corpus.jsonl.gz", _corpus(home))
    _write_lines(
        folder / "queries.jsonl", (_query(n, question) for n, question in enumerate(judged, 1))
    )
    rows = ["query-id\tcorpus-id\tscore"]
    for number, question in enumerate(judged, start=1):
        rows += [
            f"f{number}\t{article}\t{int(votes > 0)}" for article, votes in question.votes.items()
        ]
    (folder / "qrels" / "test.tsv").write_text("\n".join(rows) + "\n", "utf-8")
    return Written(len(judged), len(votes))


def _judged(votes: Iterable[tuple[KeptAnswer, int]]) -> list[_Judged]:
    judged: dict[str, _Judged] = {}
    for kept, vote in votes:
        if not kept.places:
            continue
        asked = f"{kept.question} {kept.context}".strip()
        question = judged.setdefault(asked, _Judged(asked))
        article = kept.places[max(0, kept.sentence_passage - 1)].article
        question.votes[article] = question.votes.get(article, 0) + vote
        if vote > 0 and kept.sentence and kept.sentence not in question.answers:
            question.answers.append(kept.sentence)
    return list(judged.values())


def _query(number: int, question: _Judged) -> dict[str, Any]:
    return {"_id": f"f{number}", "text": question.text, "answers": question.answers}


def _corpus(home: Path) -> Iterator[dict[str, Any]]:
    generation = open_current(home)
    for number in range(generation.manifest.articles):
        article = generation.article(number)
        yield {
            "_id": article.id,
            "title": article.title,
            "text": article.text,
            "date": stamp(article.published) or None,
            "source": article.source,
            "author": article.author,
            "url": article.url,
        }


def _write_lines(file: Path, objects: Iterable[dict[str, Any]]) -> None:
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "wt", encoding="utf-8") as stream:
        for row in objects:
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
