"""Types of briefings: what is asked for, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from newsdesk.index.types import Article

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a briefing is about: words or a question; empty for everything.

    >>> Topic("floods", sources=("Reuters",)).languages
    ()
    """

    words: str = ""
    sources: tuple[str, ...] = ()  # only these sources
    languages: tuple[str, ...] = ()  # only articles that say they are in one of these


@dataclass(frozen=True, slots=True)
class BriefQuery:
    """Asks for a briefing of the articles with `since <= published < until`.

    An article without a date counts by when the library got it. With `got_since`, only articles
    count that the library got then or later, whenever they were published in the period.

    `since` and `until` are timezone-aware, `since` earlier; ValueError otherwise.

    `known` holds ids of articles that were told before. None takes the articles of the week before
    `since` as known, as far as they have the topic's sources and languages. A story with known
    articles is told by what is new in it; a story without anything new is told again if `repeat`
    is set and left out otherwise. Stories with articles in `less` are left out, and stories similar
    to them rank lower.

    >>> from datetime import UTC, datetime, timedelta
    >>> day = datetime(2021, 12, 29, tzinfo=UTC)
    >>> BriefQuery(Topic("floods"), day, day + timedelta(days=1)).k
    7
    """

    topic: Topic
    since: datetime
    until: datetime
    k: int = 7  # stories at most
    known: frozenset[str] | None = None
    repeat: bool = True
    less: tuple[str, ...] = ()
    got_since: datetime | None = None

    def __post_init__(self) -> None:
        if self.since.tzinfo is None or self.until.tzinfo is None or self.since >= self.until:
            raise ValueError(f"no period: {self.since} to {self.until}")


@dataclass(frozen=True, slots=True)
class StorySentence:
    """A sentence quoted from a story's article: `article.text[start:end] == text`, always."""

    text: str
    article: Article
    start: int
    end: int
    paragraph: int  # the one it stands in, 1 for the first
    link: str  # the article's URL with a text fragment, or its file

    def __post_init__(self) -> None:
        if self.article.text[self.start : self.end] != self.text or not self.text:
            raise ValueError(f"not in {self.article.id}: {self.text!r}")


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that report the same events, and the sentences that say it best."""

    headline: str  # the title of the article that the first sentence is from
    sentences: tuple[StorySentence, ...]  # one or two, best first
    articles: tuple[Article, ...]  # of the period, newest first
    fit: float  # probability that it belongs to the topic; 1 without a topic
    score: float  # the order of stories; the sum of `parts`
    parts: Mapping[str, float] = field(default_factory=dict)  # weighted features by name
    before: tuple[str, ...] = ()  # ids of its known articles, oldest first

    @property
    def update_of(self) -> str | None:
        """The `id` under which the story was told before; None for a new story."""
        return self.before[0] if self.before else None

    @property
    def id(self) -> str:
        """The id of the story's first article, known ones included."""
        return self.update_of or self.articles[-1].id

    @property
    def sources(self) -> tuple[str, ...]:
        """Sources (else authors) that carry the story, the one with the newest article first."""
        named = (article.source or article.author for article in self.articles)
        return tuple(dict.fromkeys(name for name in named if name))

    @property
    def first(self) -> date | None:
        """The publication date of its first article in the period."""
        return self.articles[-1].published

    @property
    def last(self) -> date | None:
        """The publication date of its last article in the period."""
        return self.articles[0].published


@dataclass(frozen=True, slots=True)
class Brief:
    """A briefing: what is new in a period, as stories, highest score first.

    >>> from datetime import UTC, datetime, timedelta
    >>> day = datetime(2021, 12, 29, tzinfo=UTC)
    >>> Brief(BriefQuery(Topic(), day, day + timedelta(days=1)), ()).articles
    0
    """

    query: BriefQuery
    stories: tuple[Story, ...]
    left_out: int = 0  # stories that fit, beyond the `k` that were asked for
    seen: tuple[str, ...] = ()  # ids of the period's articles that fit: known from now on
    period: tuple[str, ...] = ()  # ids of all articles of the period, oldest first

    @property
    def articles(self) -> int:
        """The number of articles in the period, on any topic."""
        return len(self.period)


def moment(published: date) -> datetime:
    """The time an article was published, timezone-aware; UTC where it names no time zone.

    >>> moment(date(2021, 12, 29)).isoformat()
    '2021-12-29T00:00:00+00:00'
    """
    if not isinstance(published, datetime):
        return datetime.combine(published, time(), UTC)
    return published if published.tzinfo else published.replace(tzinfo=UTC)


def falls_within(published: date | None, since: datetime, until: datetime) -> bool:
    """Whether an article was published in `since <= t < until`.

    An article with a date only counts if any part of its day lies in the period; one without a
    date is in no period.

    >>> noon = datetime(2021, 12, 29, 12, tzinfo=UTC)
    >>> falls_within(date(2021, 12, 29), noon, noon + timedelta(hours=1))
    True
    >>> falls_within(None, noon, noon + timedelta(hours=1))
    False
    """
    if published is None:
        return False
    start = moment(published)
    if isinstance(published, datetime):
        return since <= start < until
    return start < until and since < start + _DAY
