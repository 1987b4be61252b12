"""What searches: the two indexes in this process now, a cluster later, behind one protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from newsdesk.index.indexes.dense import Matrix
from newsdesk.index.text.analyzer import QueryTerms
from newsdesk.index.types import Article, Passage

from .fusion import Candidate, Key

Mode = Literal["hybrid", "lexical", "dense"]


@dataclass(frozen=True, slots=True)
class Request:
    """A question as an engine sees it."""

    terms: tuple[str, ...]  # by `analyzer.query_terms`
    vector: Matrix  # shape (d,), length 1
    depth: int  # candidates wanted of each index
    mode: Mode = "hybrid"  # which indexes propose candidates; both score them all
    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()
    asked: date | None = None  # the day of the question
    text: str = ""  # the question in words, for who reads it again
    nearness: Matrix | None = None  # what sentences are compared with, if not with `vector`


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate's passage, and what is needed to say why it came back."""

    passage: Passage
    article: Article
    sentence_cosines: tuple[float, ...]  # of the question to each sentence
    sentence_contrasts: tuple[float, ...]  # the same without what all sentences found share
    matched: Mapping[str, float]  # term -> what it added to BM25


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of a candidate's passage, and what is needed to weigh them."""

    heading: str  # the article's title, and the month and year of its publishing
    texts: tuple[str, ...]
    cosines: tuple[float, ...]  # of the question to each


class Engine(Protocol):
    """Two indexes over the same passages."""

    def candidates(self, request: Request) -> list[Candidate]:
        """The best of each index, each passage once, with both scores; in no order."""

    def load(self, request: Request, keys: Sequence[Key]) -> list[Found]:
        """The passages of some candidates, in the order asked."""

    def sentences(self, request: Request, keys: Sequence[Key]) -> list[Sentences]:
        """The sentences of some candidates, in the order asked; cheaper than `load`."""

    def article_ids(self, keys: Sequence[Key]) -> list[str]:
        """The ids of the articles that some candidates belong to, in the order asked."""

    def spell(self, terms: QueryTerms) -> list[str]:
        """The words, each that no passage has replaced by the one it was meant to be, if any.

        With them those of the joined forms that some passage has.
        """

    def weights(self, terms: Sequence[str]) -> dict[str, float]:
        """The idf of each term; that of a term no passage has is the highest of all."""
