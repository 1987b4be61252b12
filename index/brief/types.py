"""What a briefing is asked for, and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from newsdesk.index.types import Article

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a briefing is about: words or a question; empty for everything."""

    words: str = ""
    sources: tuple[str, ...] = ()  # only these sources
    languages: tuple[str, ...] = ()  # only articles that say they are in one of these


@dataclass(frozen=True, slots=True)
class BriefQuery:
    """A briefing that is wanted: of articles with `since <= published < until`, both aware.

    `known` are the articles that were told before; None takes those of the week before `since`
    for known, as far as they are of the topic's sources and languages. A story that has such
    articles is told by what is new; if nothing is, it is told again with `repeat`, and left out
    without. Stories with articles in `less` are left out, and those like them come later.
    """

    topic: Topic
    since: datetime
    until: datetime
    k: int = 7  # stories at most
    known: frozenset[str] | None = None
    repeat: bool = True
    less: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.since.tzinfo is None or self.until.tzinfo is None or self.since >= self.until:
            raise ValueError(f"no period: {self.since} to {self.until}")


@dataclass(frozen=True, slots=True)
class StorySentence:
    """A sentence that tells a story: `article.text[start:end] == text`, always."""

    text: str
    article: Article
    start: int
    end: int
    paragraph: int  # the one it stands in, 1 for the first
    link: str  # the article's page scrolled to the words, or its file

    def __post_init__(self) -> None:
        if self.article.text[self.start : self.end] != self.text or not self.text:
            raise ValueError(f"not in {self.article.id}: {self.text!r}")


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that tell the same thing, and the sentences that tell it best."""

    headline: str  # the title of the article that tells it
    sentences: tuple[StorySentence, ...]  # one or two; the first is the telling
    articles: tuple[Article, ...]  # of the period, newest first
    fit: float  # how probably it belongs to the topic; 1 without a topic
    score: float  # what stories are ordered by
    parts: Mapping[str, float] = field(default_factory=dict)  # what the score is the sum of
    before: tuple[str, ...] = ()  # ids of its articles that were known, oldest first

    @property
    def update_of(self) -> str | None:
        """The name it had when it was told before, if it was."""
        return self.before[0] if self.before else None

    @property
    def id(self) -> str:
        """The story's name: the id of its first article."""
        return self.update_of or self.articles[-1].id

    @property
    def sources(self) -> tuple[str, ...]:
        """Who carries it, the one with the newest article first."""
        named = (one.source or one.author for one in self.articles)
        return tuple(dict.fromkeys(name for name in named if name))

    @property
    def first(self) -> date | None:
        """When its first article of the period was published."""
        return self.articles[-1].published

    @property
    def last(self) -> date | None:
        """When its last one was."""
        return self.articles[0].published


@dataclass(frozen=True, slots=True)
class Brief:
    """What is new in a period, as stories, best first."""

    query: BriefQuery
    stories: tuple[Story, ...]
    left_out: int = 0  # stories that fit, beyond the `k` that were asked for
    seen: tuple[str, ...] = ()  # ids of the period's articles that fit: known from now on
    period: tuple[str, ...] = ()  # ids of all articles of the period, oldest first

    @property
    def articles(self) -> int:
        """How many articles the period has, whatever they are about."""
        return len(self.period)


def moment(published: date) -> datetime:
    """When an article came out; its day's beginning where it gives no time. UTC unless it says."""
    if not isinstance(published, datetime):
        return datetime.combine(published, time(), UTC)
    return published if published.tzinfo else published.replace(tzinfo=UTC)


def falls_within(published: date | None, since: datetime, until: datetime) -> bool:
    """Whether an article belongs to `since <= t < until`; all of its day where it gives no time.

    An article without a date belongs to no period.
    """
    if published is None:
        return False
    start = moment(published)
    if isinstance(published, datetime):
        return since <= start < until
    return start < until and since < start + _DAY
