"""Asks a dataset's questions, under one configuration after another."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from newsdesk.index.indexes.dense import Asking, Matrix, QuestionEncoder
from newsdesk.index.search.engine import Mode
from newsdesk.index.search.searcher import MODELS, Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Query
from newsdesk.index.update import Progress, Report, update

from .datasets import Dataset
from .measures import Outcome, measure

FOLDER = "eval"  # in the home: a library for each dataset
_DEPTH = 100  # articles in a run
# The token of a bot must not be printed with what was measured.
_NOT_OF_RETRIEVAL = {"home", "seeds", "telegram", "admins", "allowed_chats"}
_OF_THE_INDEX = ("model", "readers", "passages")  # settings that an index depends on


@dataclass(frozen=True, slots=True)
class Run:
    """One configuration on one dataset."""

    mode: Mode
    settings: Mapping[str, Any]
    measures: Mapping[str, float | None]
    outcomes: tuple[Outcome, ...]
    name: str = ""  # of the configuration, by what it differs in

    @property
    def seconds(self) -> list[float]:
        """What each answer took, in order of size."""
        return sorted(one.seconds for one in self.outcomes)


def index(dataset: Dataset, settings: Settings, progress: Progress) -> tuple[Settings, Report]:
    """Index a dataset in a library of its own, kept in the home. Returns settings that open it.

    Settings that change how articles are read, split or encoded have a library of their own each.
    """
    own = msgspec.structs.replace(settings, home=settings.home / FOLDER / _place(dataset, settings))
    return own, update(own, list(dataset.articles), progress, models=settings.home / MODELS)


def evaluate(
    dataset: Dataset,
    settings: Settings,
    mode: Mode = "hybrid",
    progress: Callable[[int, int], None] = lambda *_: None,
    models: Path | None = None,
    load: Callable[[Path], Asking] = QuestionEncoder,
    name: str = "",
) -> Run:
    """Ask every question of a dataset that `index` has indexed, and measure what comes back.

    `load` opens the model that questions are encoded with; `caching_loader` makes one that several
    runs share, so that each question is encoded once.
    """
    outcomes = []
    with Searcher(settings, mode, models, load) as searcher:
        for number, question in enumerate(dataset.questions, start=1):
            query = Query(question.text, settings.answer.passages, asked=question.day)
            ranking = tuple(searcher.articles(query, _DEPTH))
            start = time.perf_counter()
            answer = searcher.ask(query)
            seconds = time.perf_counter() - start
            outcomes.append(Outcome(question, ranking, answer, seconds))
            progress(number, len(dataset.questions))
    return Run(mode, _flat(settings), measure(outcomes), tuple(outcomes), name or mode)


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
    told = [str(getattr(settings, name)) for name in _OF_THE_INDEX]
    if told == [str(getattr(Settings(), name)) for name in _OF_THE_INDEX]:
        return dataset.key
    return f"{dataset.key}-{hashlib.sha256(repr(told).encode()).hexdigest()[:6]}"


def _flat(settings: Settings) -> dict[str, Any]:
    tree = msgspec.to_builtins(settings, enc_hook=str)
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        if name in _NOT_OF_RETRIEVAL:
            continue
        if isinstance(value, dict):
            flat.update({f"{name}.{inner}": given for inner, given in value.items()})
        else:
            flat[name] = value
    return flat
