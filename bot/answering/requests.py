"""Requests: who asks for what and where, read from an update before any handler sees it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from newsdesk.bot.context import Context
from newsdesk.bot.store.models import Handed, KeptAnswer, KeptBrief
from newsdesk.bot.transport.callback_answers import CallbackAnswer
from newsdesk.bot.views.keyboards import Action
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Question, Turn, chained

_HEADLINES = 3  # of a briefing that a reply names no story of
_NUMBER = re.compile(r"(?:^|\bstory |\bnumber |\bno\.? ?|#)([1-9][0-9]{0,2})\b", re.IGNORECASE)
_GOES_ON = 300.0  # seconds in which the next question may go on from the last


@dataclass(frozen=True, slots=True)
class Request:
    """A message, command or press, and where the reply to it goes."""

    chat: int
    user: int  # a group or channel where it speaks for itself
    text: str = ""  # the question, or what stands behind the command
    message: int = 0
    topic: int | None = None  # of a forum
    update: int = 0
    private: bool = True
    command: bool = False  # whether it was written as a command
    replied_to: int = 0  # the bot's message that it replies to; 0 for none
    place: tuple[float, float] | None = None  # latitude and longitude, in degrees
    handed: Handed | None = None  # what an administrator hands over to be added
    age: float = 0.0  # seconds since it was written or last changed
    was_cut: bool = False  # whether the text was longer than what is read
    forwarded: bool = False  # whether the text is a message that was forwarded to the bot
    allowed: bool = True  # whether the bot answers there
    may_change: bool = False  # the chat's settings; looked up only where a route needs it
    before: KeptAnswer | None = None  # the answer that a question may go on from
    alone: bool = False  # a question without what went before
    whole: bool = False  # a question without what narrows it
    arrived: float = field(default_factory=time.monotonic)

    def following(self, before: KeptAnswer | None) -> Request:
        """This question, as it may go on from an earlier answer."""
        return replace(self, before=before)


@dataclass(frozen=True, slots=True)
class ButtonPress:
    """A press of a button; the request's message is the one with the button."""

    request: Request
    action: Action
    key: str
    rest: str  # a number or word behind the key
    answer: CallbackAnswer

    @property
    def number(self) -> int:
        """The number behind the key; 0 for none."""
        return int(self.rest) if self.rest.isdecimal() else 0


@dataclass(frozen=True, slots=True)
class InlineQuestion:
    """A question typed behind the bot's name in any chat."""

    id: str
    user: int
    text: str
    first: int  # how many results were shown before
    allowed: bool


@dataclass(frozen=True, slots=True)
class ChatEvent:
    """Something that happened to a chat, or to a topic of a forum."""

    chat: int
    topic: int = 0
    moved_to: int = 0  # the supergroup that the group became
    was_in: bool = True  # whether the bot was in the chat before
    active: bool = True  # whether it is now
    muted: bool = False  # whether it is in a group where it may not write
    group: bool = False  # whether the chat is a group
    channel: bool = False  # whether it is a channel
    title: str = ""  # of the chat
    user: int = 0  # who did it


async def before(context: Context, request: Request) -> KeptAnswer | None:
    """The answer that a question may go on from: one replied to, or in private the last."""
    if not (await context.chosen(request.chat)).follow_ups:
        return None
    if request.replied_to:
        place = request.chat, request.replied_to
        return await context.store.answer_in(*place) or await of_briefing(context, request)
    if not request.private:
        return None
    last = await context.store.last_answer(request.chat, time.time() - _GOES_ON)
    return last if last and last.topic == request.topic else None


async def of_briefing(context: Context, request: Request) -> KeptAnswer | None:
    """What a briefing told, as an answer that the reply to it may go on from."""
    kept = await context.store.brief_in(request.chat, request.replied_to)
    if kept is None or not kept.stories:
        return None
    number = _story_meant(kept, request.text)
    stories = [kept.stories[number - 1]] if number else kept.on_page[:_HEADLINES]
    told = " · ".join(story.headline for story in stories)
    answer = KeptAnswer(
        key=f"{kept.key}-{number}-{kept.page}",
        chat=request.chat,
        user=request.user,
        asked=0.0,  # Not the last answer of a chat: only a reply goes on from it
        typed=told,
        question=told,
        sentence=stories[0].sentence if number else "",
    )
    await context.store.keep(answer)
    return answer


def _story_meant(kept: KeptBrief, text: str) -> int:
    """The number of the story that a reply is about; 0 where it may be any of the page's."""
    named = _NUMBER.search(text)
    numbers = range(1, len(kept.stories) + 1)
    if kept.open or (named and int(named[1]) in numbers):
        return kept.open or int(named[1] if named else 0)
    words, first = Analyzer(), kept.page * kept.per_page + 1
    asked = set(words.query_terms(text).words)
    shared = [
        (len(asked & set(words.terms(f"{story.headline} {story.sentence}"))), -number)
        for number, story in enumerate(kept.on_page, first)
    ]
    best, number = max(shared)
    return -number if best or len(shared) == 1 else 0


async def question_of(context: Context, request: Request) -> Question:
    """What the library is asked."""
    turn = None if request.alone or not request.before else turn_of(request.before)
    return Question(
        request.text,
        await context.passages(request.chat),
        turn,
        datetime.now(ZoneInfo(await context.zone(request.chat))),
        everything=request.whole,
    )


def turn_of(kept: KeptAnswer) -> Turn:
    """An exchange, as the next question may go on from it."""
    title = kept.places[0].title if kept.places else ""
    return Turn(chained(kept.question, kept.context), kept.sentence, title)


async def further_question(context: Context, kept: KeptAnswer, k: int) -> Question:
    """The question of an answer as it was asked then, with more passages."""
    before = await context.store.answer(kept.before) if kept.before and not kept.alone else None
    return Question(
        kept.typed,
        k,
        turn_of(before) if before else None,
        datetime.fromtimestamp(kept.asked, ZoneInfo(await context.zone(kept.chat))),
        everything=kept.whole,
    )
