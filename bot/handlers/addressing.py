"""Whether a message asks the bot something, and what."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Message, MessageEntity, User
from telegram.constants import ChatType

ASK = "ask"
_UNITS = "utf-16-le", "surrogatepass"  # what entities count in


@dataclass(frozen=True, slots=True)
class Addressed:
    """A question in a message. The text is empty where only /ask was written."""

    text: str
    replied_to: int = 0  # the bot's message that it is a reply to; 0 for none


def addressed(message: Message, me: User) -> Addressed | None:
    """The question that a message puts to the bot `me`; None if it puts none."""
    text = message.text or ""
    if not text or (message.via_bot and message.via_bot.id == me.id):
        return None
    replied_to = _own_message(message, me)
    command = _command(message)
    if command:
        name, _, whose = command.partition("@")
        if name.lower() != ASK or whose.lower() not in ("", (me.username or "").lower()):
            return None
        rest = text[len(command) + 1 :].strip()
        return Addressed(rest or _asked_about(message, me), replied_to)
    if message.chat.type == ChatType.PRIVATE or replied_to:
        return Addressed(_without_mention(message, me), replied_to)
    if _is_mentioned(message, me):
        return Addressed(_without_mention(message, me) or _asked_about(message, me), replied_to)
    return None


def _command(message: Message) -> str:
    """The command that a message begins with, without its slash."""
    for entity in message.entities:
        if entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0:
            return message.parse_entity(entity)[1:]
    return ""


def _own_message(message: Message, me: User) -> int:
    """The bot's message that this one replies to.

    In a topic, Telegram gives every message the topic's first as what it replies to.
    """
    to = message.reply_to_message
    if to is None or to.forum_topic_created or not to.from_user or to.from_user.id != me.id:
        return 0
    return to.message_id


def _asked_about(message: Message, me: User) -> str:
    """The text of someone's message that this one replies to."""
    to = message.reply_to_message
    if to is None or to.forum_topic_created or _own_message(message, me):
        return ""
    return (to.text or to.caption or "").strip()


def _is_mentioned(message: Message, me: User) -> bool:
    return any(_is_mention(message, entity, me) for entity in message.entities)


def _is_mention(message: Message, entity: MessageEntity, me: User) -> bool:
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == me.id
    named = f"@{me.username}".lower()
    return entity.type == MessageEntity.MENTION and message.parse_entity(entity).lower() == named


def _without_mention(message: Message, me: User) -> str:
    packed = (message.text or "").encode(*_UNITS)
    for entity in sorted(message.entities, key=lambda one: one.offset, reverse=True):
        if _is_mention(message, entity, me):
            start, end = 2 * entity.offset, 2 * (entity.offset + entity.length)
            packed = packed[:start] + " ".encode(*_UNITS) + packed[end:]
    return " ".join(packed.decode(*_UNITS).split())
