"""Reads and writes runs and qrels in TREC's formats, as trec_eval does.

Columns are parted by white space there. So white space within an id is written as in an address
(`U.S.%20bridge`), and `%` as `%25`. In a run that another wrote, only the ids of the dataset are
read so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

import numpy as np

from newsdesk.index.errors import DatasetError
from newsdesk.index.types import Answer

from .datasets import Dataset, some
from .measures import SENTENCE, VERDICT_MEASURES, Outcome, measure
from .running import Run

TAG = "newsdesk"  # begins the tag of runs written here
_BLANK = re.compile(r"[\s%]")
_MARK = b"\xef\xbb\xbf"
_COLUMNS = 6  # query, Q0, article, rank, score, name of the run


class _Row(NamedTuple):
    """A line of a run."""

    number: int  # of the line
    query: str
    article: str
    rank: str
    score: float


Ranked = Mapping[str, _Row]  # article id -> its row


def write_run(run: Run, path: Path, tag: str) -> None:
    """Write a run in TREC's format: query, Q0, article, rank, score, tag.

    Scores fall from rank to rank: trec_eval orders by scores alone, which are 32-bit floats there.
    """
    with path.open("w", encoding="utf-8") as stream:
        for outcome in run.outcomes:
            scores = _falling(score for _, score in outcome.ranking)
            pairs = zip(outcome.ranking, scores, strict=True)
            for rank, ((article, _), score) in enumerate(pairs, start=1):
                names = f"{_written(outcome.question.id)} Q0 {_written(article)}"
                stream.write(f"{names} {rank} {score:.9g} {tag}\n")


def write_qrels(dataset: Dataset, path: Path) -> None:
    """Write the judgements in TREC's format: query, 0, article, grade."""
    with path.open("w", encoding="utf-8") as stream:
        for question in dataset.questions:
            for article, grade in question.relevant.items():
                stream.write(f"{_written(question.id)} 0 {_written(article)} {grade}\n")


def read_run(path: Path, dataset: Dataset) -> Run:
    """Read a run in TREC's format for a dataset; only its ranking is measured.

    Ranked as trec_eval does it: by score, ties by id from the last to the first, whatever the
    column of ranks says. A question that is not in the run counts as one that found nothing; what
    does not fit is in the run's `notes`. Raises DatasetError for a file that cannot be read or has
    another form, names an article twice for a query, or has none of the dataset's questions.
    """
    rankings = _rankings(path, dataset)
    asked = {question.id for question in dataset.questions}
    if not asked & rankings.keys():
        raise DatasetError(
            f"{path}: none of its queries, {some(rankings)}, is one of {dataset.name}'s, "
            f"{some(asked)}; name the run of this dataset"
        )
    outcomes = tuple(
        Outcome(
            question,
            tuple((row.article, row.score) for row in _ordered(rankings.get(question.id, {}))),
            Answer(question.text, "none", 0.0, None, ()),
        )
        for question in dataset.questions
    )
    measures = measure(outcomes)
    measures.update(dict.fromkeys((*VERDICT_MEASURES, SENTENCE)))  # a run has no answers
    notes = tuple(_notes(path, dataset, rankings))
    return Run("hybrid", {}, measures, outcomes, path.name, notes)


def is_run_of(path: Path, dataset: Dataset) -> bool:
    """Whether a run has a query of a dataset. Raises DatasetError as `read_run` does."""
    return not {question.id for question in dataset.questions}.isdisjoint(_rankings(path, dataset))


def _rankings(path: Path, dataset: Dataset) -> dict[str, dict[str, _Row]]:
    """The rows of a run by query and article. Raises DatasetError."""
    known = [(question.id, *question.relevant) for question in dataset.questions]
    ids = {name for names in known for name in names}
    rankings: dict[str, dict[str, _Row]] = {}
    for row in _rows(path, ids):
        ranking = rankings.setdefault(row.query, {})
        if row.article in ranking:
            raise DatasetError(
                f"{path}, line {row.number}: {row.article!r} again for query {row.query!r}, as in "
                f"line {ranking[row.article].number}; trec_eval takes no such run either"
            )
        ranking[row.article] = row
    if not rankings:
        raise DatasetError(f"{path}: empty; needs lines of query, Q0, article, rank, score, tag")
    return rankings


def _rows(path: Path, ids: Collection[str]) -> Iterator[_Row]:
    """The lines of a run; `ids` are those of the dataset. Raises DatasetError."""
    names = {_written(name): name for name in ids}
    try:
        lines = path.read_bytes().removeprefix(_MARK).split(b"\n")
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read: {error.strerror}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            query, _, article, rank, score, tag = _columns(line.decode("utf-8").strip("\r"))
            row = _Row(number, query, article, rank, float(score))
        except UnicodeDecodeError as error:
            raise DatasetError(f"{path}, line {number}: not UTF-8; save it as UTF-8") from error
        except ValueError as error:
            raise DatasetError(
                f"{path}, line {number}: not query, Q0, article, rank, score, tag; write a blank "
                "in an id as %20"
            ) from error
        if not math.isfinite(row.score):
            raise DatasetError(f"{path}, line {number}: the score {score} is no finite number")
        if tag.startswith(TAG):
            yield row._replace(query=unquote(query), article=unquote(article))
        else:
            yield row._replace(query=names.get(query, query), article=names.get(article, article))


def _columns(line: str) -> list[str]:
    """The columns of a line: by tabs, where these make six, so that ids may have blanks.

    Not str.split() without an argument: trec_eval takes no other blank than ASCII's for one.
    """
    by_tab = line.split("\t")
    return by_tab if len(by_tab) == _COLUMNS else re.split(r"[ \t\r\f\v]+", line.strip())


def _ordered(ranking: Ranked) -> list[_Row]:
    """Rows as trec_eval orders them: by score, a 32-bit float, then by id, both falling."""
    return sorted(
        ranking.values(), key=lambda row: (np.float32(row.score), row.article), reverse=True
    )


def _notes(path: Path, dataset: Dataset, rankings: Mapping[str, Ranked]) -> Iterator[str]:
    """What does not fit between a run and a dataset."""
    judged = {question.id for question in dataset.questions if question.relevant}
    if missing := judged - rankings.keys():
        yield f"{path}: has no lines for {some(missing)} of the questions; they count as not found"
    if other := rankings.keys() - {question.id for question in dataset.questions}:
        yield f"{path}: {some(other)} of its queries not in {dataset.name}; left out"
    if astray := {query for query, ranking in rankings.items() if not _falls(ranking)}:
        yield (
            f"{path}: ranks that the scores do not give in {some(astray)} of the queries; the "
            "scores count, and ties go by id, the last first, as in trec_eval"
        )


def _falls(ranking: Ranked) -> bool:
    """Whether the column of ranks says the order that the scores give."""
    ranks = [row.rank for row in _ordered(ranking)]
    if not all(rank.isdecimal() for rank in ranks):
        return True  # no ranks that could say another
    return sorted(ranks, key=int) == ranks


def _falling(scores: Iterable[float]) -> Iterator[float]:
    """Scores as 32-bit floats, each less than the one before."""
    last = np.float32(np.inf)
    for score in scores:
        last = min(np.float32(score), np.nextafter(last, np.float32(-np.inf)))
        yield float(last)


def _written(name: str) -> str:
    """An id as one word.

    >>> _written("U.S. bridge, 5%")
    'U.S.%20bridge,%205%25'
    """
    return _BLANK.sub(lambda match: quote(match[0], safe=""), name)
