"""Loads datasets: articles to index, questions to ask, and their judgements.

A dataset is a folder in BEIR's layout (`corpus.jsonl[.gz]`, `queries.jsonl[.gz]`, `qrels/*.tsv`),
or a `questions.jsonl` beside the articles it asks about, as in `seeds/`: `articles*.jsonl`, or all
files there if none has such a name. A question whose `type` is "null", or whose article is null,
has no answer in the collection; nothing there is even about one whose `type` is "off_topic".
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from newsdesk.index.errors import DatasetError

_OFF_TOPIC = "off_topic"


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question with its judgements."""

    id: str
    text: str
    relevant: Mapping[str, int] = field(default_factory=dict)  # article id -> grade, 1 and more
    answers: tuple[str, ...] = ()  # strings; the answering sentence contains one of them
    sentences: tuple[tuple[str, str], ...] = ()  # (article id, sentence that answers)
    unanswerable: bool = False
    off_topic: bool = False  # nothing in the collection is about it; so unanswerable as well
    about: str = ""  # id of the article that an unanswerable question is about
    day: date | None = None  # the day on which it was asked
    kind: str = ""  # the dataset's category
    where: str = ""  # file and line


@dataclass(frozen=True, slots=True)
class Dataset:
    """Articles to index and questions to ask of them.

    >>> load_dataset(Path("seeds")).name
    'seeds'
    """

    name: str
    corpus: Path
    questions: tuple[JudgedQuestion, ...]
    notes: tuple[str, ...] = ()  # what was read and does not fit, a sentence each

    @property
    def key(self) -> str:
        """Name of the dataset's library: its folder, and a hash of the folder's path."""
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
        """SHA-256 of the questions, their judgements and the articles."""
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
    """Load a dataset from a folder or a questions file.

    `qrels` is the judgements file of a BEIR dataset, without its suffix. Raises DatasetError with
    the file and what is wrong with it.

    >>> dataset = load_dataset(Path("seeds"))
    >>> dataset.questions[0].text
    'who is in the B9?'
    """
    if path.is_file():
        return _load_questions(path)
    if (path / "questions.jsonl").is_file():
        return _load_questions(path / "questions.jsonl")
    corpus = _either(path, "corpus.jsonl")
    return _load_beir(path, corpus, _either(path, "queries.jsonl"), qrels)


def _either(folder: Path, name: str) -> Path:
    """The file, plain or gzipped. Raises DatasetError if there is neither."""
    for file in (folder / name, folder / f"{name}.gz"):
        if file.is_file():
            return file
    raise DatasetError(
        f"{folder}: no {name}[.gz] there, and no questions.jsonl; name a folder in BEIR's layout, "
        "or one with articles and a questions.jsonl"
    )


def _load_questions(file: Path) -> Dataset:
    """Load a `questions.jsonl`. Raises DatasetError."""
    questions = [
        _question(f"{file}, line {number}", number, given) for number, given in _objects(file)
    ]
    _check_ids(questions)
    name = file.parent.absolute().name
    if file.stem != "questions":
        name = f"{name}/{file.stem}"
    return Dataset(name, file.parent, tuple(questions))


def _question(where: str, number: int, given: Mapping[str, Any]) -> JudgedQuestion:
    """A line of a `questions.jsonl`. Raises DatasetError."""
    if not isinstance(given.get("question"), str) or "article" not in given:
        raise DatasetError(f'{where}: needs "question" and "article" (null if unanswerable)')
    article = None if given["article"] is None else _id(where, given["article"], "article")
    marked = _marked(where, given, article)
    return JudgedQuestion(
        id=_id(where, number if given.get("id") is None else given["id"], "id"),
        text=given["question"],
        relevant=dict.fromkeys((*(name for name, _ in marked), *([article] if article else [])), 1),
        answers=_answers(where, given),
        sentences=tuple(marked),
        unanswerable=article is None,
        off_topic=article is None and given.get("type") == _OFF_TOPIC,
        about=str(given.get("about") or ""),
        day=_day(where, given),
        kind=str(given.get("type") or ""),
        where=where,
    )


def _marked(where: str, given: Mapping[str, Any], article: str | None) -> list[tuple[str, str]]:
    """The sentences that answer, each with its article. Raises DatasetError."""
    pairs = [[article, given["sentence"]]] if article and given.get("sentence") else []
    also = given.get("also") or []
    if not isinstance(also, list) or not all(isinstance(p, list) and len(p) == 2 for p in also):
        raise DatasetError(f'{where}: "also" is no list of [article, sentence]')
    marked = [(_id(where, name, "article"), sentence) for name, sentence in (*pairs, *also)]
    for _, sentence in marked:
        if not isinstance(sentence, str) or not sentence.strip():
            raise DatasetError(f"{where}: the sentence {sentence!r} is no text")
    return marked


def _answers(where: str, given: Mapping[str, Any]) -> tuple[str, ...]:
    """The strings one of which answers. Raises DatasetError.

    Not a string for a list of one: `"answers": "May"` read as a list is "M", "a", "y", which
    nearly every sentence holds.
    """
    answers = given.get("answers") or []
    if not isinstance(answers, list):
        raise DatasetError(f'{where}: "answers" is no list; write it as ["May", "in spring"]')
    for answer in answers:
        if not isinstance(answer, str) or not answer.strip():
            raise DatasetError(f'{where}: {answer!r} in "answers" is no text')
    return tuple(answers)


def _id(where: str, value: object, name: str) -> str:
    """An id, given as a text or a whole number. Raises DatasetError."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise DatasetError(f'{where}: "{name}" is {value!r}, which is no id')
    return str(value)


def _check_ids(questions: Sequence[JudgedQuestion]) -> None:
    """Check that no two questions have the same id. Raises DatasetError."""
    places: dict[str, str] = {}
    for question in questions:
        if question.id in places:
            raise DatasetError(
                f"{question.where}: the id {question.id!r} again, as in {places[question.id]}; a "
                "question without an id has its line's number"
            )
        places[question.id] = question.where


def _load_beir(folder: Path, corpus: Path, queries: Path, name: str) -> Dataset:
    """Load a dataset in BEIR's layout. Raises DatasetError."""
    file, notes = _qrels_file(folder, name)
    judged = _qrels(file)
    questions = [
        _query(f"{queries}, line {number}", given, judged) for number, given in _objects(queries)
    ]
    _check_ids(questions)
    of_use = tuple(q for q in questions if q.relevant or q.unanswerable)
    if not of_use:
        raise DatasetError(f"{folder}: no query of {queries.name} is judged in {file}")
    if unknown := judged.keys() - {question.id for question in questions}:
        notes.append(
            f"{file}: {some(unknown)} judged and not among the queries of {queries.name}; left out"
        )
    title = folder.absolute().name
    if len(title) <= 2:  # a language, say: xquad/en
        title = f"{folder.absolute().parent.name}-{title}"
    return Dataset(title, corpus, of_use, tuple(notes))


def _query(
    where: str, given: Mapping[str, Any], judged: Mapping[str, Mapping[str, int]]
) -> JudgedQuestion:
    """A line of a `queries.jsonl`. Raises DatasetError."""
    if "_id" not in given or not isinstance(given.get("text"), str):
        raise DatasetError(f'{where}: needs "_id" and "text"')
    name = _id(where, given["_id"], "_id")
    return JudgedQuestion(
        id=name,
        text=given["text"],
        relevant=judged.get(name, {}),
        answers=_answers(where, given),
        unanswerable=str(given.get("type")).startswith("null"),
        day=_day(where, given),
        kind=str(given.get("type") or ""),
        where=where,
    )


def some(names: Collection[str]) -> str:
    """How many names there are, and the first of them.

    >>> some({"q2", "q1", "q3", "q4"})
    "4 ('q1', 'q2', 'q3', …)"
    """
    first = [*map(repr, sorted(names)[:3]), *(["…"] if len(names) > 3 else [])]
    return f"{len(names):,} ({', '.join(first)})"


def _day(where: str, given: Mapping[str, Any]) -> date | None:
    """The day on which a question was asked; None if it is not given. Raises DatasetError."""
    value = given.get("date")
    if not value:
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise DatasetError(
            f"{where}: {str(value)[:40]!r} is no date; write it as 2021-12-29"
        ) from error


def _qrels_file(folder: Path, name: str) -> tuple[Path, list[str]]:
    """The judgements with this name, else the first there are, with a note. Raises DatasetError."""
    files = sorted((folder / "qrels").glob("*.tsv"))
    if not files:
        raise DatasetError(f"{folder / 'qrels'}: no *.tsv there")
    file = next((candidate for candidate in files if candidate.stem == name), files[0])
    note = f"{folder / 'qrels'}: no {name}.tsv there; judged by {file.name}"
    return file, [note] if file.stem != name else []


def _qrels(file: Path) -> dict[str, dict[str, int]]:
    """Read judgements with a positive grade: query id -> article id -> grade.

    In three columns as BEIR's, or in TREC's four; raises DatasetError.
    """
    grades: dict[tuple[str, str], int] = {}
    for number, line in enumerate(_text_lines(file), start=1):
        row = line.split("\t") if "\t" in line else line.split()
        if not row or (number == 1 and row[-1].strip() == "score"):
            continue
        try:
            query, article, written = (row[0], *row[2:]) if len(row) == 4 else row
            grade = int(written)
        except ValueError as error:
            raise DatasetError(f"{file}, line {number}: not query, article, score") from error
        if grades.setdefault((query, article), grade) != grade:
            raise DatasetError(
                f"{file}, line {number}: {article!r} is judged twice for {query!r}, and otherwise"
            )
    qrels: dict[str, dict[str, int]] = {}
    for (query, article), grade in grades.items():
        if grade > 0:
            qrels.setdefault(query, {})[article] = grade
    return qrels


def _text_lines(file: Path) -> list[str]:
    """The lines of a text in UTF-8, with or without a byte order mark. Raises DatasetError."""
    try:
        return file.read_text("utf-8-sig").split("\n")
    except OSError as error:
        raise DatasetError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DatasetError(f"{file}, line {line}: not UTF-8; save it as UTF-8") from error


def _objects(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, JSON object) of a JSONL file, gzipped or not. Raises DatasetError."""
    number = 0
    try:
        with file.open("rb") as packed, contextlib.ExitStack() as stack:
            zipped = file.suffix == ".gz"
            lines = stack.enter_context(gzip.open(packed)) if zipped else packed
            for number, line in enumerate(lines, start=1):
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                if text.strip():
                    given = json.loads(text)
                    if not isinstance(given, dict):
                        raise DatasetError(f"{file}, line {number}: not a JSON object")
                    yield number, given
    except json.JSONDecodeError as error:
        raise DatasetError(f"{file}, line {number}: not JSON: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise DatasetError(f"{file}, line {number}: not UTF-8; save it as UTF-8") from error
    except (OSError, EOFError) as error:
        raise DatasetError(f"{file}: cannot be read: {error}") from error
