"""What searches, behind one protocol: two indexes in this process now, a cluster later.

A question is answered through `Engine` alone: `Searcher`, the ranking and whoever lists sources or
the newest articles know no files. Only briefings look behind it, see `brief/window.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from newsdesk.index.generation import SourceSummary
from newsdesk.index.indexes.dense import Matrix, Model
from newsdesk.index.text.analyzer import QueryTerms
from newsdesk.index.types import Article, Filters, Passage, Span

from .fusion import Candidate, Key

Mode = Literal["hybrid", "lexical", "dense"]
ALL = Filters()  # of which there are none


@dataclass(frozen=True, slots=True)
class EngineQuery:
    """A question as an engine sees it."""

    terms: tuple[str, ...]  # by `analyzer.query_terms`
    vector: Matrix  # shape (d,), length 1
    depth: int  # candidates wanted of each index
    mode: Mode = "hybrid"  # which indexes propose candidates; both score them all
    filters: Filters = ALL
    asked: date | None = None  # the day of the question
    text: str = ""  # the question in words, with what it goes on from: for the sources it names
    new: str = ""  # the question alone, for the reader
    current: bool = False  # whether it asks how things are now
    nearness: Matrix | None = None  # what sentences are compared with, if not with `vector`


@dataclass(frozen=True, slots=True)
class LoadedPassage:
    """A candidate's passage with its article, and what is needed to say why it came back."""

    passage: Passage
    article: Article
    sentence_cosines: tuple[float, ...]  # of the question to each sentence
    matched: Mapping[str, float]  # term -> what it added to BM25
    story: tuple[Key, ...] = ()  # see `Engine.story`


@dataclass(frozen=True, slots=True)
class Copy:
    """An article that is a copy of a story, with where its sentences stand."""

    article: Article
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class PassageSentences:
    """What is needed to weigh the sentences of a candidate's passage."""

    heading: Collection[str]  # the question's terms in it, see `sentence_terms.heading`
    held: Sequence[Collection[str]]  # those in each sentence
    cosines: tuple[float, ...]  # of the question to each


class Engine(Protocol):
    """Two indexes over the passages of one state of the library, which never changes.

    Where articles can be filtered, all are meant without filters.
    """

    # What is asked

    @property
    def state(self) -> str:
        """The name of the state of the library that is asked: another after each change."""

    @property
    def model(self) -> Model:
        """The embedding model that its vectors were made by."""

    @property
    def passages(self) -> int:
        """How many passages there are."""

    def check(self) -> None:
        """Raise LibraryDamaged if what is searched was cut since it was opened."""

    def is_newest(self) -> bool:
        """Whether no newer state of the library was published. Raises LibraryError."""

    def count(self, filters: Filters = ALL) -> int:
        """How many articles the filters allow."""

    def period(self) -> tuple[date, date] | None:
        """The days of the first and the last article that has one; None if none has."""

    def source_names(self) -> Sequence[str]:
        """The names of all sources, as the articles write them; "" where one names none."""

    def sources(self) -> list[SourceSummary]:
        """Every source with its articles and period, the one with most articles first."""

    def languages(self) -> dict[str, int]:
        """How many articles say that they are in a language, by its code; most first."""

    def article(self, article_id: str) -> Article | None:
        """The article with this id, or None."""

    def newest(self, n: int, filters: Filters = ALL) -> list[tuple[Article, Passage]]:
        """The n articles published last that the filters allow, each with its first passage.

        Newest first; those without a date come last.
        """

    # Search

    def candidates(self, query: EngineQuery) -> list[Candidate]:
        """The best passages of each index, each once, with both scores; in no order.

        Of a story that several articles have nearly alike, the passages of one of them: of the
        source that the question names if there is one, else of the longest.
        """

    def load(self, query: EngineQuery, keys: Sequence[Key]) -> list[LoadedPassage]:
        """The passages of some candidates, in the order asked."""

    def sentences(self, query: EngineQuery, keys: Sequence[Key]) -> list[PassageSentences]:
        """The sentences of some candidates, in the order asked; cheaper than `load`."""

    def article_ids(self, keys: Sequence[Key]) -> list[str]:
        """The ids of the articles that some candidates belong to, in the order asked."""

    def story(self, article_id: str) -> tuple[Key, ...]:
        """Keys of the articles of a story, one and its copies; empty if it has none.

        In the order in which they would be searched for all of them.
        """

    def load_copies(self, story: Sequence[Key], filters: Filters = ALL) -> list[Copy]:
        """The articles of a story that the filters allow, in order."""

    # Terms

    def spell(self, terms: QueryTerms) -> list[str]:
        """The words, each that no passage has replaced by the one it was meant to be, if any.

        With them those of the joined forms that some passage has.
        """

    def weights(self, terms: Sequence[str]) -> dict[str, float]:
        """The idf of each term; that of a term no passage has is the highest of all."""
