"""Reads updates: who asks the bot for what, and where. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from telegram import (
    CallbackQuery,
    ChatMemberAdministrator,
    ChatMemberRestricted,
    InlineQuery,
    MaybeInaccessibleMessage,
    Message,
    MessageEntity,
    Update,
)
from telegram.constants import ChatMemberStatus, ChatType

from newsdesk.bot.answering import deictic
from newsdesk.bot.answering.requests import ButtonPress, ChatEvent, InlineQuestion, Request
from newsdesk.bot.context import Context, Identity
from newsdesk.bot.transport.callback_answers import CallbackAnswer
from newsdesk.bot.views.keyboards import Action

ASK = "ask"
_UNITS = "utf-16-le", "surrogatepass"  # what entities count in
_LONGEST = 2_000  # characters of a question, or behind a command, that are read
_OUT = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)


@dataclass(frozen=True, slots=True)
class Addressed:
    """A question in a message. The text is empty where only /ask was written."""

    text: str
    replied_to: int = 0  # the bot's message that it is a reply to; 0 for none
    forwarded: bool = False  # whether the text is someone's message, forwarded in private


def command(context: Context, update: Update) -> Request | None:
    """A command, with what stands behind it."""
    message = update.effective_message
    # Not what a group repeats of its channel by itself: the channel has had it.
    if message is None or message.is_automatic_forward:
        return None
    words = (message.text or "").split(maxsplit=1)[1:]  # a line's end may part them, too
    return request_of(context, update, message, "".join(words).strip())


def question(context: Context, update: Update) -> Request | None:
    """A message that is addressed to the bot, as a question; None for any other."""
    message = update.effective_message
    asked = addressed(message, context.me) if message else None
    if message is None or asked is None:
        return None
    context.first_of_album(message.media_group_id)  # its other pictures then say no more
    request = request_of(context, update, message, asked.text, asked.replied_to)
    return replace(request, forwarded=asked.forwarded, alone=asked.forwarded)


def edited_question(context: Context, update: Update) -> Request | None:
    """A message that was changed and is a question now; None for one without words."""
    request = question(context, update)
    return request if request and request.text else None


def unknown_command(context: Context, update: Update) -> Request | None:
    """A command that is none of ours, by its name; in groups one that names the bot."""
    message = update.effective_message
    name, _, whose = _command(message).partition("@") if message else ("", "", "")
    if message is None or not name:
        return None
    is_ours = whose.lower() == context.me.username.lower()
    if not is_ours and (whose or message.chat.type != ChatType.PRIVATE):
        return None
    return request_of(context, update, message, name)


def unreadable(context: Context, update: Update) -> Request | None:
    """A picture, voice, sticker, file or poll; of several sent as one, the first."""
    message = update.effective_message
    if message is None or not context.first_of_album(message.media_group_id):
        return None
    return request_of(context, update, message)


def shared_place(context: Context, update: Update) -> Request | None:
    """A place that someone shares: in private, or in a group as a reply to the bot."""
    message = update.effective_message
    if message is None or message.location is None:
        return None
    to = message.reply_to_message
    to_us = to is not None and to.from_user is not None and to.from_user.id == context.me.id
    if message.chat.type != ChatType.PRIVATE and not to_us:
        return None
    place = message.location.latitude, message.location.longitude
    return request_of(context, update, message, place=place)


def press(context: Context, update: Update, query: CallbackQuery) -> ButtonPress | None:
    """A press of one of our buttons; None for any other, or where its message is not known."""
    parts = (query.data or "").split(":", 2)
    message = query.message
    if message is None or len(parts) < 2 or parts[0] not in set(Action):
        return None
    user = query.from_user.id
    request = Request(
        chat=message.chat.id,
        user=user,
        message=message.message_id,
        topic=_topic(message),
        update=update.update_id,
        private=message.chat.type == ChatType.PRIVATE,
        allowed=context.allowed(message.chat.id, user),
    )
    rest = parts[2] if len(parts) > 2 else ""
    return ButtonPress(request, Action(parts[0]), parts[1], rest, CallbackAnswer(query))


def inline_question(context: Context, query: InlineQuery) -> InlineQuestion:
    """What was typed behind the bot's name."""
    person = query.from_user.id
    return InlineQuestion(
        id=query.id,
        user=person,
        text=" ".join(query.query.split()),
        first=int(query.offset) if query.offset.isdecimal() else 0,
        allowed=context.allowed(person, person),
    )


def membership(update: Update) -> ChatEvent | None:
    """The bot was added, removed, blocked or let in again, or its rights have changed."""
    changed = update.my_chat_member
    if changed is None:
        return None
    now = changed.new_chat_member
    restricted = isinstance(now, ChatMemberRestricted) and not now.can_send_messages
    if changed.chat.type == ChatType.CHANNEL:
        restricted = not (isinstance(now, ChatMemberAdministrator) and now.can_post_messages)
    return ChatEvent(
        chat=changed.chat.id,
        was_in=changed.old_chat_member.status not in _OUT,
        active=now.status not in _OUT,
        muted=restricted and changed.chat.type != ChatType.PRIVATE,
        group=changed.chat.type in (ChatType.GROUP, ChatType.SUPERGROUP),
        channel=changed.chat.type == ChatType.CHANNEL,
        title=changed.chat.title or "",
        user=changed.from_user.id,
    )


def service(update: Update) -> ChatEvent | None:
    """A group moved, or a topic of a forum was closed or opened."""
    message = update.effective_message
    if message is None:
        return None
    topic = message.message_thread_id or 0
    return ChatEvent(message.chat.id, topic, moved_to=message.migrate_to_chat_id or 0)


def addressed(message: Message, me: Identity) -> Addressed | None:
    """The question that a message puts to the bot `me`; None if it puts none."""
    text = _written(message)
    if not text or (message.via_bot and message.via_bot.id == me.id):
        return None
    if message.forward_origin:
        return _forwarded(text, message)
    return _asked(text, message, me)


def _forwarded(text: str, message: Message) -> Addressed | None:
    return Addressed(text, forwarded=True) if message.chat.type == ChatType.PRIVATE else None


def _asked(text: str, message: Message, me: Identity) -> Addressed | None:
    """The question of a message that someone wrote."""
    replied_to = _own_message(message, me)
    command = _command(message)
    if command:
        name, _, whose = command.partition("@")
        if name.lower() != ASK or whose.lower() not in ("", me.username.lower()):
            return None
        return Addressed(_meant(text[len(command) + 1 :].strip(), message, me), replied_to)
    if replied_to:
        return Addressed(_without_mention(message, me), replied_to)
    if message.chat.type == ChatType.PRIVATE or _is_mentioned(message, me):
        return Addressed(_meant(_without_mention(message, me), message, me), replied_to)
    return None


def _meant(text: str, message: Message, me: Identity) -> str:
    """What is asked: the message that is replied to, where the words only point at it."""
    pointed = _asked_about(message, me)
    return pointed if pointed and (not text or deictic.only_points(text)) else text


def request_of(
    context: Context,
    update: Update,
    message: Message,
    text: str = "",
    replied_to: int = 0,
    place: tuple[float, float] | None = None,
) -> Request:
    """The request that a message makes, with what its handler reads of it."""
    sender = message.sender_chat or message.from_user
    user = sender.id if sender else message.chat.id
    written = message.edit_date or message.date
    return Request(
        chat=message.chat.id,
        user=user,
        text=text[:_LONGEST],
        message=message.message_id,
        topic=_topic(message),
        update=update.update_id,
        private=message.chat.type == ChatType.PRIVATE,
        command=_written(message).startswith("/"),
        replied_to=replied_to,
        place=place,
        age=(datetime.now(UTC) - written).total_seconds(),
        allowed=context.allowed(message.chat.id, user),
        was_cut=len(text) > _LONGEST,
    )


def _written(message: Message) -> str:
    """The text of a message, or the caption of a photo, video or document."""
    return message.text or message.caption or ""


def _parts(message: Message) -> dict[MessageEntity, str]:
    """What Telegram has marked in the text or caption of a message, with the words."""
    return message.parse_entities() if message.text else message.parse_caption_entities()


def _topic(message: MaybeInaccessibleMessage) -> int | None:
    """The topic of a forum that a message stands in."""
    if isinstance(message, Message) and message.is_topic_message:
        return message.message_thread_id
    return None


def _command(message: Message) -> str:
    """The command that a message begins with, without its slash."""
    for entity, words in _parts(message).items():
        if entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0:
            return words[1:]
    return ""


def _own_message(message: Message, me: Identity) -> int:
    """The bot's message that this one replies to.

    In a topic, Telegram gives every message the topic's first as what it replies to.
    """
    to = message.reply_to_message
    if to is None or to.forum_topic_created or not to.from_user or to.from_user.id != me.id:
        return 0
    return to.message_id


def _asked_about(message: Message, me: Identity) -> str:
    """The text of someone's message that this one replies to."""
    to = message.reply_to_message
    if to is None or to.forum_topic_created or _own_message(message, me):
        return ""
    return (to.text or to.caption or "").strip()


def _is_mentioned(message: Message, me: Identity) -> bool:
    return any(_is_mention(entity, words, me) for entity, words in _parts(message).items())


def _is_mention(entity: MessageEntity, words: str, me: Identity) -> bool:
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == me.id
    named = f"@{me.username}".lower()
    return entity.type == MessageEntity.MENTION and words.lower() == named


def _without_mention(message: Message, me: Identity) -> str:
    packed = _written(message).encode(*_UNITS)
    parts = _parts(message)
    for entity in sorted(parts, key=lambda entity: entity.offset, reverse=True):
        if _is_mention(entity, parts[entity], me):
            start, end = 2 * entity.offset, 2 * (entity.offset + entity.length)
            packed = packed[:start] + " ".encode(*_UNITS) + packed[end:]
    return " ".join(packed.decode(*_UNITS).split())
