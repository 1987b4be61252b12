"""The central types: frozen, and sure of their own invariants.

Offsets are code points into `Article.text` as stored. Identity is an article's id and a span.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Verdict = Literal["answered", "weak", "none"]

DIGEST_VERSION = "1"  # of `Article.digest`; raise it when a field joins


@dataclass(frozen=True, slots=True)
class Span:
    """Code points `start` up to, but not including, `end`."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")

    def of(self, text: str) -> str:
        """The piece of `text` this span names."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Article:
    """One article as stored. Paragraphs of `text` are parted by one empty line."""

    id: str
    title: str
    text: str
    path: str  # where it was read: a file, or file#line
    published: date | None = None  # a datetime where the article gives the time of day
    source: str = ""
    author: str = ""
    url: str = ""
    caption: str = ""  # of a picture; kept apart from the body
    language: str = ""

    def __post_init__(self) -> None:
        if not self.id or not self.text.strip():
            raise ValueError("an article needs an id and a text")

    @property
    def digest(self) -> str:
        """A versioned SHA-256 of everything but where the article was read."""
        parts = [self.id, self.title, self.text, stamp(self.published), self.source]
        parts += [self.author, self.url, self.caption, self.language]
        packed = "\x1f".join(parts).encode()
        return f"{DIGEST_VERSION}:{hashlib.sha256(packed).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences of one article: `article.text[start:end] == text`, always."""

    article_id: str
    ordinal: int  # 0 for the article's first passage
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]  # in the article's text, in order, within start..end

    def __post_init__(self) -> None:
        if self.end - self.start != len(self.text) or not self.text:
            raise ValueError(f"passage {self.id}: its text does not fill its span")

    @property
    def id(self) -> str:
        """The article and the span: what a citation names."""
        return f"{self.article_id}:{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Query:
    """A question and what narrows it. Dates are inclusive."""

    text: str
    k: int = 5
    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()
    context: str = ""  # an earlier question that this one goes on from: searched with, not answered
    asked: date | None = None  # the day it is asked on; articles from shortly before are likelier


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that came back, with its scores."""

    passage: Passage
    article: Article
    rank: int  # 1 for the first
    score: float  # fused
    signals: Mapping[str, float]  # "bm25" and "dense" (cosine), as the indexes gave them
    sentence_cosines: tuple[float, ...] = ()  # of the question to each of passage.sentences
    sentence_contrasts: tuple[float, ...] = ()  # see `dense.sentence_nearness`
    matched: Mapping[str, float] = field(default_factory=dict)  # terms shared, with their BM25


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a passage stands, so that anyone can check it."""

    number: int  # as shown, 1 for the first passage
    article: Article
    start: int
    end: int
    paragraph: int  # the one it begins in, 1 for the first
    link: str  # the article's page scrolled to the words, or its file


@dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence that answers, inside one of the passages shown."""

    text: str
    passage: int  # the number of that passage
    start: int
    end: int
    paragraph: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage as it is shown: what is lit up in it, and everywhere it stands."""

    hit: Hit
    citation: Citation
    also: tuple[Citation, ...]  # other articles with nearly the same passage
    highlights: tuple[Span, ...]  # matched words, in the article's text


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question gets. `none` carries no sentence; its passages are only what was nearest."""

    question: str
    verdict: Verdict
    probability: float  # that the collection holds the answer, by `search/answerability.py`
    sentence: Sentence | None
    passages: tuple[Shown, ...]
    signals: Mapping[str, float] = field(default_factory=dict)  # what the verdict was made of

    def __post_init__(self) -> None:
        if (self.sentence is None) != (self.verdict == "none"):
            raise ValueError(f"verdict {self.verdict} with sentence {self.sentence}")


def stamp(published: date | None) -> str:
    """A date as ISO 8601, to the minute where there is a time; empty for none."""
    if isinstance(published, datetime):
        return published.isoformat(timespec="minutes")
    return published.isoformat() if published else ""


def file_of(path: str) -> str:
    """The file of an article's path, which may name a line in it."""
    head, mark, line = path.rpartition("#")
    return head if mark and line.isdecimal() else path
