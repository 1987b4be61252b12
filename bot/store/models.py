"""What the bot remembers: answers, settings of chats, schedules, briefings, additions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from newsdesk.index.brief import Topic

DAY = 86_400.0  # seconds
CHANNELS = "https://t.me/c/"  # where Telegram shows the posts of a channel to its members
CHANNEL = 10**12  # what the ids of channels begin at, below zero


class StoredCitation(Struct, frozen=True):
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


class KeptAnswer(Struct, kw_only=True):
    """An answer: what was asked, what was shown, and where."""

    key: str  # what its buttons name it by
    chat: int
    user: int  # who asked
    asked: float  # seconds since 1970
    question_message: int = 0
    topic: int | None = None
    origin: int = 0  # chat of the answer that this is a copy of; 0 for none
    author: int = 0  # who asked for that one; 0 for none
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
    places: list[StoredCitation] = []  # every passage shown so far, by number
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


class Unanswered(NamedTuple):
    """An update that an earlier run stored and did not handle."""

    number: int
    packed: str
    tries: int  # how many runs ended without a word while it was in hand


@dataclass(frozen=True, slots=True)
class Hours:
    """Times of the day, and the days of the week they are meant for.

    Attributes:
        minute: minutes since midnight.
        days: days of the week; 0 is Monday.
        also: further minutes of the same days.
    """

    minute: int
    days: frozenset[int]
    also: tuple[int, ...] = ()

    @property
    def minutes(self) -> list[int]:
        """All minutes of a day, in order."""
        return sorted({self.minute, *self.also})

    def __post_init__(self) -> None:
        for minute in self.minutes:
            if not 0 <= minute < 24 * 60:
                raise ValueError(f"no day has a minute {minute}")
        if not self.days or not self.days <= frozenset(range(7)):
            raise ValueError(f"no week has the days {sorted(self.days)}")


class State(StrEnum):
    """What has become of a briefing."""

    MADE = "made"  # it is to be sent, and has not been
    TRIED = "tried"  # it may have been sent
    SENT = "sent"
    DROPPED = "dropped"  # it could not be; what it told is new to the next one


class Follow(Struct, frozen=True, kw_only=True):
    """A topic that a chat, or a topic of a forum, follows."""

    words: str = ""  # empty: everything
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    message: int = 0  # that holds the command; 0 where that is not known

    @property
    def name(self) -> str:
        """What people know it by; no two of a chat have the same."""
        sources = f" from {' or '.join(self.sources)}" if self.sources else ""
        languages = f" in {', '.join(self.languages)}" if self.languages else ""
        return f"{self.words}{sources}{languages}".strip()

    @property
    def of(self) -> Topic:
        """The topic as `newsdesk.index.brief` is asked for it."""
        return Topic(self.words, self.sources, self.languages)


class Plan(Struct, frozen=True, kw_only=True):
    """When a chat, or a topic of a forum, is briefed."""

    chat: int
    topic: int = 0  # of a forum; 0 for none
    minute: int = 8 * 60  # of the day
    days: tuple[int, ...] = (0, 1, 2, 3, 4)  # 0 is Monday
    also: tuple[int, ...] = ()  # further minutes of the day
    due: float | None = None  # seconds since 1970; None while it is off or paused
    on: bool = False
    paused: str = ""  # why it cannot be sent just now, in words
    covered: float = 0.0  # until when the last briefing told what is new; 0 for none yet
    begun: float = 0.0  # what the library got before then was never to be told; 0 for none yet
    loud: bool = False
    all_quiet: bool = False  # whether to say so when nothing is new
    missed: float = 0.0  # when one was due that joins the next; 0 for none
    less: tuple[str, ...] = ()  # articles of stories of which less is wanted

    @property
    def hours(self) -> Hours:
        """When it is due, by the clock on the wall."""
        return Hours(self.minute, frozenset(self.days), self.also)


class KeptStory(Struct):
    """A story of a briefing."""

    headline: str
    page: str  # HTML of what is shown of it
    articles: tuple[str, ...]  # of the period and before
    name: str  # of the follow that it fits
    marks: tuple[str, ...] = ()  # articles that count as told once it is shown
    sentence: str = ""  # that tells it
    less: bool = False  # whether less of it is wanted


class KeptBrief(Struct, kw_only=True):
    """A briefing: what it tells, and where it stands."""

    key: str  # what its buttons name it by
    chat: int
    topic: int = 0
    due: float = 0.0  # when it was to be sent; 0 for one that was asked for
    made: float
    until: float  # it tells what came out before
    begun: float = 0.0  # and what the library got from then on; 0 for one that was asked for
    state: State = State.MADE
    message: int = 0  # that holds it; 0 until it is known to have been sent
    reply_to: int = 0
    update: int = 0  # that asked for it; 0 if it was due
    user: int = 0  # who asked for it; 0 if it was due
    loud: bool = True
    pages: list[str] = []  # HTML of each page
    stories: list[KeptStory] = []
    seen: dict[str, list[str]] = {}  # name of a follow -> articles with nothing new to tell
    page: int = 0  # the one that is shown
    per_page: int = 7
    open: int = 0  # number of the story that is shown by itself; 0 for none

    @property
    def on_page(self) -> list[KeptStory]:
        """The stories of the page that is shown."""
        return self.stories[self.page * self.per_page :][: self.per_page]


class BriefingCounts(NamedTuple):
    """What /stats and `newsdesk status` tell of briefings."""

    chats: int  # with a schedule
    due: float | None  # when the next is
    sent: float | None  # when the last was
    delivered: int  # in the last 24 hours
    failed: int  # in the last 24 hours
    waiting: int = 0  # schedules that are on and wait until the bot may write there


class Post(Struct, frozen=True, kw_only=True):
    """A post of a channel: what is read of it."""

    channel: int
    username: str = ""  # of a public channel
    title: str  # of the channel
    message: int
    text: str
    date: float  # seconds since 1970
    author: str = ""  # where posts are signed

    @property
    def place(self) -> str:
        """The address of its channel; the same whatever the channel is called."""
        return f"{CHANNELS}{-self.channel - CHANNEL}"

    @property
    def link(self) -> str:
        """Its own address, which members open; anyone, where the channel is public."""
        above = f"https://t.me/{self.username}" if self.username else self.place
        return f"{above}/{self.message}"


class Handed(Struct, frozen=True, kw_only=True):
    """What an administrator handed over to be added: addresses and names, a file, or a post."""

    names: tuple[str, ...] = ()
    file: str = ""  # its name
    file_id: str = ""  # by which Telegram gives it
    size: int = 0  # bytes; 0 where Telegram does not say
    post: Post | None = None


class AdditionState(StrEnum):
    """What has become of an addition."""

    OPEN = "open"  # accepted, and to be finished, be it after a restart
    ADDED = "added"
    FAILED = "failed"  # nothing of it was added
    TAKING = "taking"  # back, or out: to be finished
    TAKEN = "taken"
    HELD = "held"  # a post of a channel that nobody has said yes or no to


class Addition(Struct, kw_only=True):
    """Something that an administrator adds to the library, or takes out of it."""

    key: str  # what its button names it by
    chat: int
    user: int
    topic: int | None = None
    reply_to: int = 0
    message: int = 0  # that tells how it goes; 0 until it is known to have been sent
    update: int = 0  # that brought it
    made: float  # seconds since 1970
    state: AdditionState = AdditionState.OPEN
    handed: Handed = Handed()
    name: str = ""  # what people know it by
    told: str = ""  # HTML of what was read
    places: tuple[str, ...] = ()  # sources and ids of articles that go when it is taken back
    tries: int = 0  # in runs that ended without a word


class ChannelState(StrEnum):
    """Whether a channel's posts are read."""

    ASKED = "asked"  # the administrators were asked, and have not said
    READ = "read"
    LEFT = "left"  # alone
