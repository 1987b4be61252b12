"""What the bot remembers of briefings, as it lies in the store."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from newsdesk.bot.briefings.schedule_grammar import Hours
from newsdesk.index.brief import Topic


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

    @property
    def name(self) -> str:
        """What people know it by; no two of a chat have the same."""
        outlets = f" from {' or '.join(self.sources)}" if self.sources else ""
        languages = f" in {', '.join(self.languages)}" if self.languages else ""
        return f"{self.words}{outlets}{languages}".strip()

    @property
    def of(self) -> Topic:
        """The same, as briefings are asked for."""
        return Topic(self.words, self.sources, self.languages)


class Plan(Struct, frozen=True, kw_only=True):
    """When a chat, or a topic of a forum, is briefed."""

    chat: int
    topic: int = 0  # of a forum; 0 for none
    minute: int = 8 * 60  # of the day
    days: tuple[int, ...] = (0, 1, 2, 3, 4)  # 0 is Monday
    due: float | None = None  # seconds since 1970; None while it is off or paused
    on: bool = False
    paused: str = ""  # why it cannot be sent just now, in words
    covered: float = 0.0  # until when the last briefing told what is new; 0 for none yet
    loud: bool = False
    all_quiet: bool = False  # whether to say so when nothing is new
    missed: float = 0.0  # when one was due that joins the next; 0 for none
    less: tuple[str, ...] = ()  # articles of stories of which less is wanted

    @property
    def hours(self) -> Hours:
        """When it is due, by the clock on the wall."""
        return Hours(self.minute, frozenset(self.days))


class KeptStory(Struct):
    """A story of a briefing."""

    headline: str
    page: str  # HTML of what is shown of it
    articles: tuple[str, ...]  # of the period and before
    name: str  # of the follow that it fits
    less: bool = False  # whether less of it is wanted


class KeptBrief(Struct, kw_only=True):
    """A briefing: what it tells, and where it stands."""

    key: str  # what its buttons name it by
    chat: int
    topic: int = 0
    due: float = 0.0  # when it was to be sent; 0 for one that was asked for
    made: float
    until: float  # it tells what came out before
    state: State = State.MADE
    message: int = 0  # that holds it; 0 until it is known to have been sent
    reply_to: int = 0
    update: int = 0  # that asked for it; 0 if it was due
    loud: bool = True
    pages: list[str] = []  # HTML of each page
    stories: list[KeptStory] = []
    seen: dict[str, list[str]] = {}  # name of a follow -> articles that are known from now on
    page: int = 0  # the one that is shown
    per_page: int = 7
