"""What the bot remembers of an answer, as it lies in the store."""

from __future__ import annotations

from datetime import date

from msgspec import Struct


class Place(Struct, frozen=True):
    """A passage that was shown: where it stands, and of which state of its article."""

    article: str
    digest: str  # of the article as it was
    start: int
    end: int
    title: str


class Narrowed(Struct, frozen=True):
    """Which articles a question was asked of."""

    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()
    said: tuple[str, ...] = ()  # in words, as the answer tells it


class Kept(Struct, kw_only=True):
    """An answer: what was asked, what was shown, and where."""

    key: str  # what its buttons name it by
    chat: int
    user: int  # who asked
    asked: float  # seconds since 1970
    question_message: int = 0
    topic: int | None = None
    message: int = 0  # that holds the answer; 0 until it is known to have been sent
    update: int = 0  # that brought the question
    typed: str  # the question as it was written
    question: str = ""  # as it was searched for
    context: str = ""  # an earlier question that it was searched for with
    carried: str = ""  # what was understood with it, in words
    before: str = ""  # key of the answer that it followed
    alone: bool = False  # whether what went before was to be left out
    whole: bool = False  # whether narrowing was to be left out
    narrowed: Narrowed = Narrowed()
    verdict: str = ""
    probability: float = 0.0
    sentence: str = ""  # shown as the answer
    sentence_passage: int = 0  # number of the passage it stands in; 0 for none
    places: list[Place] = []  # every passage shown so far, by number
    pages: list[str] = []  # HTML of every page shown so far
    page: int = 0  # the one that is shown
    per_page: int = 3  # passages on each
    more: bool = False  # whether there may be further pages
    given: dict[str, int] = {}  # article -> message with its text
    generation: str = ""
    model: str = ""
    version: str = ""  # of Newsdesk
    seconds: float = 0.0  # from the question's arrival to its answer being ready


class ChatSettings(Struct, frozen=True):
    """What a chat has chosen; None where it goes by the bot's settings."""

    zone: str | None = None
    passages: int | None = None
    follow_ups: bool = True


class Figures(Struct, frozen=True):
    """What /stats tells of a span of time."""

    questions: int
    verdicts: dict[str, int]
    seconds: list[float]  # of each answer, in order of size
    up: int
    down: int
