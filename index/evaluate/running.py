"""Asks a dataset's questions, under one configuration after another."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from datetime import time as time_of_day
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from newsdesk.index.indexes.dense import Asking, Matrix, QuestionEncoder
from newsdesk.index.library import Library
from newsdesk.index.search.engine import Mode
from newsdesk.index.search.searcher import MODELS, Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Answer, Question
from newsdesk.index.update import Progress, Report, update

from .datasets import Dataset, JudgedQuestion, some
from .measures import Outcome, measure

FOLDER = "eval"  # in the home: a library for each dataset
_DEPTH = 100  # articles in a run
_NOON = time_of_day(12)
_NOT_OF_RETRIEVAL = {"home", "seeds", "engine", "milvus"}
_OF_THE_INDEX = ("model", "readers", "passages")  # settings that an index depends on


@dataclass(frozen=True, slots=True)
class Run:
    """One configuration on one dataset.

    >>> Run("hybrid", {}, {"hit@1": 1.0}, (), "hybrid").seconds
    []
    """

    mode: Mode
    settings: Mapping[str, Any]
    measures: Mapping[str, float | None]
    outcomes: tuple[Outcome, ...]
    name: str = ""  # of the configuration, by what it differs in
    notes: tuple[str, ...] = ()  # what of a run that was read does not fit the dataset
    off_topic: tuple[Outcome, ...] = ()  # of questions from another dataset

    @property
    def judged(self) -> tuple[Outcome, ...]:
        """All that the measures are made of: of the dataset's questions and of the off-topic."""
        return (*self.outcomes, *self.off_topic)

    @property
    def seconds(self) -> list[float]:
        """What each answer took, in order of size."""
        return sorted(outcome.seconds for outcome in self.outcomes)

    @property
    def milliseconds(self) -> float | None:
        """The median of what an answer took; None for a run that was read from a file."""
        return 1000 * median(self.seconds) if any(self.seconds) else None


def index(dataset: Dataset, settings: Settings, progress: Progress) -> tuple[Settings, Report]:
    """Index a dataset in a library of its own, kept in the home. Returns settings that open it.

    Settings that change how articles are read, split or encoded have a library of their own each.
    """
    place = _place(dataset, settings)
    mark = hashlib.sha256(str(place).encode()).hexdigest()[:10]
    there = msgspec.structs.replace(
        settings.milvus, name=f"{settings.milvus.name[:20]}_{FOLDER}_{mark}"
    )
    own = msgspec.structs.replace(settings, home=settings.home / FOLDER / place, milvus=there)
    return own, update(own, list(dataset.articles), progress, models=settings.home / MODELS)


def missing_articles(dataset: Dataset, settings: Settings) -> list[str]:
    """What is said of relevant articles that the library of a dataset does not have.

    They count as not found. `settings` are those that `index` gave.
    """
    by_name: dict[str, JudgedQuestion] = {}
    for question in dataset.questions:
        for name in question.relevant:
            by_name.setdefault(name, question)
    with Library(settings.home) as library:
        missing = [name for name in by_name if library.stored(name) is None]
    if not missing:
        return []
    where = by_name[missing[0]].where or dataset.name
    return [f"{where}: relevant, but no article of the dataset: {some(missing)}; not to be found"]


def evaluate(
    dataset: Dataset,
    settings: Settings,
    mode: Mode = "hybrid",
    progress: Callable[[int, int], None] = lambda *_: None,
    models: Path | None = None,
    load: Callable[[Path], Asking] = QuestionEncoder,
    name: str = "",
    off_topic: Sequence[JudgedQuestion] = (),
) -> Run:
    """Ask every question of a dataset that `index` has indexed, and measure what comes back.

    Questions enter as everyone's do, by `Searcher.ask`: filters in their words are understood. A
    question is asked at the noon (UTC) of its own day; where the dataset gives none, no day is
    known, see `Question.now`. `load` opens the model that questions are encoded with;
    `caching_loader` makes one that several runs share, so that each question is encoded once, and
    the time that encoding takes is not counted. `off_topic` are questions about nothing in the
    dataset, see `off_topic_questions`; each is asked as well. A question that has an answer and is
    refused is asked once more with `answer.weak` at 0, for the sentence that was chosen. Raises
    what opening the library raises.

    >>> from dataclasses import replace
    >>> dataset = load_dataset(Path("seeds"))
    >>> few = replace(dataset, questions=dataset.questions[:3])
    >>> evaluate_dataset(few, load_settings()).measures["hit@1"]
    1.0
    """
    asked, outcomes = (*dataset.questions, *off_topic), []
    timed = _Timed(load)
    with Searcher(settings, mode, models, timed.open) as searcher:
        for question in asked[:1]:  # not measured: it reads files and fills caches
            _ask(searcher, question)
        for number, question in enumerate(asked, start=1):
            timed.seconds, start = 0.0, time.perf_counter()
            answer = _ask(searcher, question)
            seconds = time.perf_counter() - start - timed.seconds
            ranking = () if question.off_topic else tuple(_ranking(searcher, answer))
            outcomes.append(Outcome(question, ranking, answer, seconds))
            progress(number, len(asked))
    if any(map(_is_missing_its_sentence, outcomes)):
        with Searcher(_refusing_nothing(settings), mode, models, timed.open) as searcher:
            outcomes = [_unrefused(searcher, outcome) for outcome in outcomes]
    own, other = outcomes[: len(dataset.questions)], outcomes[len(dataset.questions) :]
    measures = measure(outcomes)
    return Run(mode, _flat(settings), measures, tuple(own), name or mode, off_topic=tuple(other))


def _ask(searcher: Searcher, question: JudgedQuestion) -> Answer:
    return searcher.ask(Question(question.text, now=_asked_at(question)))


def _refusing_nothing(settings: Settings) -> Settings:
    answering = msgspec.structs.replace(settings.answer, weak=0.0)
    return msgspec.structs.replace(settings, answer=answering)


def _is_missing_its_sentence(outcome: Outcome) -> bool:
    is_measured = outcome.is_labelled and not outcome.question.unanswerable
    return is_measured and outcome.answer.verdict == "none"


def _unrefused(searcher: Searcher, outcome: Outcome) -> Outcome:
    """An outcome with the sentence that was chosen, where its question was refused."""
    if not _is_missing_its_sentence(outcome):
        return outcome
    return replace(outcome, unrefused=_ask(searcher, outcome.question))


def _ranking(searcher: Searcher, answer: Answer) -> list[tuple[str, float]]:
    """Articles as the answer's query ranks them: the newest first where it asked for those."""
    query = answer.understood.query
    if answer.no_match:
        return []
    if not answer.understood.newest:
        return searcher.articles(query, _DEPTH)
    newest = searcher.engine.newest(_DEPTH, query.filters)
    return [(article.id, 1 / rank) for rank, (article, _) in enumerate(newest, start=1)]


def _asked_at(question: JudgedQuestion) -> datetime | None:
    """The noon of the day on which a question was asked; None where its dataset does not say.

    Not the moment of measuring: what is measured would change with the calendar, and "last week"
    would name days that nobody meant.
    """
    return datetime.combine(question.day, _NOON, UTC) if question.day else None


class _Timed:
    """A model whose time is known, to be taken off an answer's: runs share what it encodes."""

    def __init__(self, load: Callable[[Path], Asking]) -> None:
        self._load = load
        self.seconds = 0.0

    def open(self, folder: Path) -> Asking:
        """Open the model in a folder."""
        self._inner = self._load(folder)
        self.hash = self._inner.hash
        return self

    def encode(self, text: str) -> Matrix:
        """As `dense.QuestionEncoder.encode`."""
        start = time.perf_counter()
        vector = self._inner.encode(text)
        self.seconds += time.perf_counter() - start
        return vector


class _CachingEncoder:
    """A model that encodes each text once."""

    def __init__(self, inner: Asking) -> None:
        self._inner = inner
        self._known: dict[str, Matrix] = {}
        self.hash = inner.hash

    def encode(self, text: str) -> Matrix:
        """As `dense.QuestionEncoder.encode`."""
        if text not in self._known:
            self._known[text] = self._inner.encode(text)
        return self._known[text]


def caching_loader(load: Callable[[Path], Asking] = QuestionEncoder) -> Callable[[Path], Asking]:
    """A way to open models that opens each once, and has it encode each question once."""
    opened: dict[Path, Asking] = {}

    def open_(folder: Path) -> Asking:
        if folder not in opened:
            opened[folder] = _CachingEncoder(load(folder))
        return opened[folder]

    return open_


def _place(dataset: Dataset, settings: Settings) -> str:
    """The name of the library of a dataset under some settings."""
    values = [str(getattr(settings, name)) for name in _OF_THE_INDEX]
    if values == [str(getattr(Settings(), name)) for name in _OF_THE_INDEX]:
        return dataset.key
    return f"{dataset.key}-{hashlib.sha256(repr(values).encode()).hexdigest()[:6]}"


def _flat(settings: Settings) -> dict[str, Any]:
    """Settings of retrieval, by dotted keys.

    Not those of a type derived from `Settings`: a bot's token must not be printed.
    """
    tree = msgspec.to_builtins(settings, enc_hook=str)
    flat: dict[str, Any] = {}
    for name in Settings.__struct_fields__:
        value = tree[name]
        if name in _NOT_OF_RETRIEVAL:
            continue
        if isinstance(value, dict):
            flat.update({f"{name}.{inner}": setting for inner, setting in value.items()})
        else:
            flat[name] = value
    return flat
