"""Questions by message: in private, in groups and topics, and the ones that are edited."""

from __future__ import annotations

from datetime import UTC, datetime

from telegram import Message, Update
from telegram.constants import ChatType

from newsdesk.bot.answering import replies
from newsdesk.bot.answering.requests import Request
from newsdesk.bot.answering.requests import before as before_of
from newsdesk.bot.briefings import on_demand
from newsdesk.bot.context import Desk
from newsdesk.bot.quota import Leave
from newsdesk.bot.store.models import KeptAnswer

from .addressing import Addressed, addressed

_TOO_OLD = 600.0  # seconds; a question that waited longer is no longer waited for
_LONGEST = 2_000  # characters of a question that are read
_NOT_ALLOWED = "This chat is not allowed here. Its id, for the administrator: {chat}"
_AWAY = "I was away when you wrote. Please ask again."
_HOW = "Write the question behind it: /ask who is in the B9?"
_SLOWER = "That is {most} questions in a minute. Please wait a little before the next."
_ONLY_TEXT = "I can only read text. Type a question, such as: who is in the B9?"


async def on_message(desk: Desk, update: Update) -> None:
    """Answer a message that asks something; be silent otherwise."""
    message = update.effective_message
    asked = addressed(message, desk.me) if message else None
    if message is None or asked is None or not _meant(desk, message, asked):
        return
    private = message.chat.type == ChatType.PRIVATE
    request = _request(desk, update, message, asked)
    async with desk.lock(message.chat.id):
        if await _may(desk, request, message):
            wanted = None if asked.replied_to else await on_demand.wished(desk, request)
            if wanted:
                await on_demand.give(desk, request, wanted)
                return
            before = before_of(desk, request, asked.replied_to, private)
            await replies.give(desk, request.following(before))


async def on_edit(desk: Desk, update: Update) -> None:
    """Change the answer to a question that was changed; answer one that had none."""
    message = update.effective_message
    asked = addressed(message, desk.me) if message else None
    if message is None or asked is None or not asked.text:
        return
    async with desk.lock(message.chat.id):  # an answer that is on its way is waited for
        old = desk.store.answer_to(message.chat.id, message.message_id)
        if old:
            await _changed(desk, old, _request(desk, update, message, asked))
            return
    await on_message(desk, update)


async def on_other(desk: Desk, update: Update) -> None:
    """Say what works, to someone who sent a picture, a voice, a sticker, a file or a poll."""
    message = update.effective_message
    if message is None or not desk.first_of_album(message.media_group_id):
        return
    request = Request(message.chat.id, _who(message), "", message.message_id, _topic(message))
    if desk.allowed(request.chat, request.user) and await may_ask(desk, request):
        await replies.line(desk, request, _ONLY_TEXT)


async def on_failure(desk: Desk, message: Message) -> None:
    """Say that something went wrong to someone who waits for an answer."""
    if addressed(message, desk.me):
        request = Request(message.chat.id, _who(message), "", message.message_id, _topic(message))
        await replies.line(desk, request, replies.FAILED)


async def refuse(desk: Desk, request: Request) -> None:
    """Say the id of a chat that is not allowed, once a day, and nothing else."""
    if desk.may_note(request.chat):
        await replies.line(desk, request, _NOT_ALLOWED.format(chat=request.chat))


async def may_ask(desk: Desk, request: Request) -> bool:
    """Count a question, if its sender may ask one more; if not, they are told so, once."""
    leave = desk.limits.ask(request.user)
    if leave is Leave.REFUSED:
        most = desk.settings.telegram.questions_a_minute
        await replies.line(desk, request, _SLOWER.format(most=most))
    return leave is Leave.GIVEN


async def _changed(desk: Desk, old: KeptAnswer, request: Request) -> None:
    if request.text == old.typed or not desk.allowed(request.chat, request.user):
        return
    if await may_ask(desk, request):
        before = desk.store.answer(old.before) if old.before else None
        await replies.give_again(desk, old, request.following(before))


async def _may(desk: Desk, request: Request, message: Message) -> bool:
    """Whether a question is to be answered; if not, its sender is told why, once."""
    if not desk.allowed(request.chat, request.user):
        await refuse(desk, request)
        return False
    if _age(message) > _TOO_OLD:
        if desk.may_note(request.chat):
            await replies.line(desk, request, _AWAY)
        return False
    if not request.text:
        await replies.line(desk, request, _HOW)
        return False
    return await may_ask(desk, request)


def _meant(desk: Desk, message: Message, asked: Addressed) -> bool:
    """Whether it is a question: in a group, a reply to the bot is one only below an answer."""
    if message.chat.type == ChatType.PRIVATE or not asked.replied_to:
        return True
    commanded = (message.text or "").startswith("/")
    return commanded or desk.store.answer_in(message.chat.id, asked.replied_to) is not None


def _request(desk: Desk, update: Update, message: Message, asked: Addressed) -> Request:
    return Request(
        chat=message.chat.id,
        user=_who(message),
        text=asked.text[:_LONGEST],
        message=message.message_id,
        topic=_topic(message),
        update=update.update_id,
    )


def _age(message: Message) -> float:
    """Seconds since a message was written or last changed."""
    written = message.edit_date or message.date
    return (datetime.now(UTC) - written).total_seconds()


def _who(message: Message) -> int:
    """Who wrote a message; a group or channel where it speaks for itself."""
    sender = message.sender_chat or message.from_user
    return sender.id if sender else message.chat.id


def _topic(message: Message) -> int | None:
    return message.message_thread_id if message.is_topic_message else None
