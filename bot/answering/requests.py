"""A question on its way: who asks it where, and what it may go on from."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from telegram import Message

from newsdesk.bot.context import Desk
from newsdesk.bot.store.models import Kept
from newsdesk.index.types import Question, Turn

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
    before: Kept | None = None  # the answer that it may go on from
    alone: bool = False
    whole: bool = False
    arrived: float = field(default_factory=time.monotonic)

    def following(self, before: Kept | None) -> Request:
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


def before(desk: Desk, request: Request, replied_to: int, private: bool) -> Kept | None:
    """The answer that a question may go on from: one replied to, or in private the last."""
    if not desk.store.chat(request.chat).follow_ups:
        return None
    if replied_to:
        return desk.store.answer_in(request.chat, replied_to)
    if not private:
        return None
    found = desk.store.last_answer(request.chat, time.time() - _GOES_ON)
    return found if found and found.topic == request.topic else None


def question_of(desk: Desk, request: Request) -> Question:
    """What the library is asked."""
    turn = None if request.alone or not request.before else turn_of(request.before)
    return Question(
        request.text,
        desk.passages(request.chat),
        turn,
        datetime.now(ZoneInfo(desk.zone(request.chat))),
        everything=request.whole,
    )


def turn_of(kept: Kept) -> Turn:
    """An exchange, as the next question may go on from it."""
    title = kept.places[0].title if kept.places else ""
    return Turn(f"{kept.question} {kept.context}".strip(), kept.sentence, title)


def further_question(desk: Desk, kept: Kept, k: int) -> Question:
    """The question of an answer as it was asked then, with more passages."""
    before = desk.store.answer(kept.before) if kept.before and not kept.alone else None
    return Question(
        kept.typed,
        k,
        turn_of(before) if before else None,
        datetime.fromtimestamp(kept.asked, ZoneInfo(desk.zone(kept.chat))),
        everything=kept.whole,
    )
