"""Datasets: articles to index, questions to ask, and what is known of their answers.

A dataset is a folder in BEIR's layout (`corpus.jsonl[.gz]`, `queries.jsonl[.gz]`, `qrels/*.tsv`),
or a `questions.jsonl` beside the articles it asks about, as in `seeds/`: `articles*.jsonl`, or all
that is there where no file is called so. A question whose `type` is "null", or whose article is
null, has no answer in the collection.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from newsdesk.index.errors import DatasetError


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is known of its answer."""

    id: str
    text: str
    relevant: Mapping[str, int] = field(default_factory=dict)  # article's id -> grade
    answers: tuple[str, ...] = ()  # words, any of which the answering sentence contains
    sentences: tuple[tuple[str, str], ...] = ()  # article's id and the sentence that answers
    unanswerable: bool = False
    about: str = ""  # the article that a question without an answer is about
    day: date | None = None  # on which it was asked
    kind: str = ""  # as its dataset sorts it


@dataclass(frozen=True, slots=True)
class Dataset:
    """Articles to index and questions to ask of them."""

    name: str
    corpus: Path
    questions: tuple[Question, ...]

    @property
    def key(self) -> str:
        """Names the library of the articles: their folder, and a hash of where they lie."""
        place = self.corpus.resolve()
        folder = place if place.is_dir() else place.parent
        return f"{folder.name}-{hashlib.sha256(str(place).encode()).hexdigest()[:8]}"

    @property
    def articles(self) -> tuple[Path, ...]:
        """The files and folders to index."""
        named = sorted(self.corpus.glob("articles*.jsonl")) if self.corpus.is_dir() else []
        return (*named,) or (self.corpus,)

    @property
    def checksum(self) -> str:
        """A SHA-256 of the questions and what is known of their answers, and of the articles."""
        digest = hashlib.sha256()
        for question in self.questions:
            known = [
                sorted(question.relevant.items()),
                question.answers,
                question.sentences,
                question.unanswerable,
            ]
            digest.update(
                json.dumps([question.id, question.text, *known, str(question.day)]).encode()
            )
        for place in self.articles:
            for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
                if file.is_file() and not file.match("questions*.jsonl"):
                    digest.update(file.name.encode())
                    digest.update(file.read_bytes())
        return f"sha256:{digest.hexdigest()}"


def load(path: Path, qrels: str = "test") -> Dataset:
    """Read a dataset. Raises DatasetError with the file and what is wrong with it."""
    if path.is_file():
        return _load_questions(path)
    if (path / "questions.jsonl").is_file():
        return _load_questions(path / "questions.jsonl")
    corpus = _either(path, "corpus.jsonl")
    return _load_beir(path, corpus, _either(path, "queries.jsonl"), qrels)


def _either(folder: Path, name: str) -> Path:
    for file in (folder / name, folder / f"{name}.gz"):
        if file.is_file():
            return file
    raise DatasetError(
        f"{folder}: no {name}[.gz] there, and no questions.jsonl; name a folder in BEIR's layout, "
        "or one with articles and a questions.jsonl"
    )


def _load_questions(file: Path) -> Dataset:
    questions = []
    for number, given in _objects(file):
        text, article = given.get("question"), given.get("article")
        if not isinstance(text, str) or ("article" not in given):
            raise DatasetError(
                f'{file}, line {number}: needs "question" and "article" (null if unanswerable)'
            )
        marked = [(article, given["sentence"])] if article and given.get("sentence") else []
        marked += [(other[0], other[1]) for other in given.get("also", [])]
        relevant = {str(where): 1 for where, _ in marked} | ({str(article): 1} if article else {})
        questions.append(
            Question(
                id=str(given.get("id", number)),
                text=text,
                relevant=relevant,
                answers=tuple(given.get("answers", [])),
                sentences=tuple(marked),
                unanswerable=article is None,
                about=str(given.get("about") or ""),
                day=_day(file, number, given),
                kind=str(given.get("type") or ""),
            )
        )
    name = file.parent.absolute().name
    if file.stem != "questions":
        name = f"{name}/{file.stem}"
    return Dataset(name, file.parent, tuple(questions))


def _load_beir(folder: Path, corpus: Path, queries: Path, name: str) -> Dataset:
    judged = _qrels(folder, name)
    questions = []
    for number, given in _objects(queries):
        if "_id" not in given or not isinstance(given.get("text"), str):
            raise DatasetError(f'{queries}, line {number}: needs "_id" and "text"')
        relevant = judged.get(str(given["_id"]), {})
        unanswerable = str(given.get("type")).startswith("null")
        if relevant or unanswerable:
            answers = tuple(given.get("answers") or [])
            questions.append(
                Question(
                    id=str(given["_id"]),
                    text=given["text"],
                    relevant=relevant,
                    answers=answers,
                    unanswerable=unanswerable,
                    day=_day(queries, number, given),
                    kind=str(given.get("type") or ""),
                )
            )
    if not questions:
        raise DatasetError(f"{folder}: no query of {queries.name} is judged in qrels/{name}.tsv")
    title = folder.absolute().name
    if len(title) <= 2:  # a language, say: xquad/en
        title = f"{folder.absolute().parent.name}-{title}"
    return Dataset(title, corpus, tuple(questions))


def _day(file: Path, number: int, given: Mapping[str, Any]) -> date | None:
    """The day on which a question was asked, if it says so."""
    value = given.get("date")
    if not value:
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise DatasetError(
            f"{file}, line {number}: {str(value)[:40]!r} is no date; write it as 2021-12-29"
        ) from error


def _qrels(folder: Path, name: str) -> dict[str, dict[str, int]]:
    files = sorted((folder / "qrels").glob("*.tsv"))
    if not files:
        raise DatasetError(f"{folder / 'qrels'}: no *.tsv there")
    file = next((candidate for candidate in files if candidate.stem == name), files[0])
    qrels: dict[str, dict[str, int]] = {}
    with file.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.reader(stream, delimiter="\t"), start=1):
            if number == 1 and row[-1:] == ["score"]:
                continue
            try:
                query, article, grade = row if len(row) == 3 else (row[0], row[2], row[3])
                if int(grade) > 0:
                    qrels.setdefault(query, {})[article] = int(grade)
            except (IndexError, ValueError) as error:
                raise DatasetError(f"{file}, line {number}: not query, article, score") from error
    return qrels


def _objects(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with file.open("rb") as packed, contextlib.ExitStack() as stack:
            zipped = file.suffix == ".gz"
            lines = stack.enter_context(gzip.open(packed)) if zipped else packed
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    given = json.loads(line)
                    if not isinstance(given, dict):
                        raise DatasetError(f"{file}, line {number}: not a JSON object")
                    yield number, given
    except json.JSONDecodeError as error:
        raise DatasetError(f"{file}, line {number}: not JSON: {error.msg}") from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DatasetError(f"{file}: cannot be read: {error}") from error
