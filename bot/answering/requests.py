"""A question on its way: who asks it where, and what it may go on from."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import date

from telegram import Message

from newsdesk.bot.context import Desk
from newsdesk.bot.library import Wish
from newsdesk.bot.store.models import KeptAnswer
from newsdesk.index.query.followups import Turn
from newsdesk.index.types import Query

_LONGEST = 2_000  # characters behind a command that are read
_GOES_ON = 300.0  # seconds in which the next question may go on from the last


@dataclass(frozen=True, slots=True)
class Request:
    """A question, and where its answer goes."""

    chat: int
    user: int
    text: str
    message: int = 0  # that asks it
    topic: int | None = None
    update: int = 0
    before: KeptAnswer | None = None  # the answer that it may go on from
    alone: bool = False
    whole: bool = False
    arrived: float = field(default_factory=time.monotonic)

    def following(self, before: KeptAnswer | None) -> Request:
        """The same, as it may go on from another."""
        return replace(self, before=before)


def of_command(message: Message, update: int) -> Request:
    """What a command asks for: the words behind it, and where they were written."""
    sender = message.sender_chat or message.from_user
    words = (message.text or "").split(maxsplit=1)[1:]  # a line's end may part them, too
    return Request(
        chat=message.chat.id,
        user=sender.id if sender else message.chat.id,
        text="".join(words).strip()[:_LONGEST],
        message=message.message_id,
        topic=message.message_thread_id if message.is_topic_message else None,
        update=update,
    )


def before(desk: Desk, request: Request, replied_to: int, private: bool) -> KeptAnswer | None:
    """The answer that a question may go on from: one replied to, or in private the last."""
    if not desk.store.chat(request.chat).follow_ups:
        return None
    if replied_to:
        return desk.store.answer_in(request.chat, replied_to)
    if not private:
        return None
    found = desk.store.last_answer(request.chat, time.time() - _GOES_ON)
    return found if found and found.topic == request.topic else None


def wish(desk: Desk, request: Request) -> Wish:
    """What the library is asked."""
    turn = None if request.alone or not request.before else turn_of(request.before)
    return Wish(
        text=request.text,
        zone=desk.zone(request.chat),
        passages=desk.passages(request.chat),
        before=turn,
        whole=request.whole,
    )


def turn_of(kept: KeptAnswer) -> Turn:
    """An exchange, as the next question may go on from it."""
    title = kept.places[0].title if kept.places else ""
    return Turn(f"{kept.question} {kept.context}".strip(), kept.sentence, title)


def query_of(kept: KeptAnswer, k: int) -> Query:
    """The question of an answer, as it was asked of the library."""
    given = kept.narrowed
    asked = None if given.since or given.until else date.fromtimestamp(kept.asked)
    return Query(kept.question, k, given.since, given.until, given.sources, kept.context, asked)
