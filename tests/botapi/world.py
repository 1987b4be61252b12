"""Who and what there is: people, chats, topics, messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .entities import Entity

Object = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """Someone who uses Telegram."""

    id: int
    name: str
    language: str = "en"
    is_bot: bool = False
    username: str = ""

    def told(self) -> Object:
        """As the Bot API tells it."""
        found: Object = {"id": self.id, "is_bot": self.is_bot, "first_name": self.name}
        return found | ({"username": self.username} if self.username else {})


@dataclass(frozen=True)
class Button:
    """A button below a message."""

    label: str
    data: str = ""
    url: str = ""


@dataclass(eq=False)
class Message:
    """A message as it stands in a chat."""

    id: int
    chat: Chat
    sender: Person
    date: int
    text: str = ""
    html: str = ""
    entities: list[Entity] = field(default_factory=list)
    markup: Object | None = None
    reply_to: Message | None = None
    topic: int | None = None
    extra: Object = field(default_factory=dict)  # photo, sticker, forum_topic_created …
    document: tuple[str, bytes] | None = None
    via: Person | None = None
    anonymous: bool = False  # by an administrator who speaks as the group
    edits: list[str] = field(default_factory=list)  # texts it had before
    reactions: list[str] = field(default_factory=list)  # of the bot
    edited: int = 0
    gone: bool = False

    @property
    def buttons(self) -> list[list[Button]]:
        """Rows of its buttons."""
        rows = (self.markup or {}).get("inline_keyboard", [])
        return [
            [Button(b["text"], b.get("callback_data", ""), b.get("url", "")) for b in row]
            for row in rows
        ]

    @property
    def labels(self) -> list[str]:
        """What its buttons say."""
        return [one.label for row in self.buttons for one in row]

    def bold(self) -> list[str]:
        """The parts of it in bold."""
        return self.of("bold")

    def of(self, kind: str) -> list[str]:
        """The parts of it that are of a kind."""
        packed = self.text.encode("utf-16-le", "surrogatepass")
        return [
            packed[2 * e.offset : 2 * (e.offset + e.length)].decode("utf-16-le", "surrogatepass")
            for e in self.entities
            if e.type == kind
        ]

    def told(self, reply: bool = True) -> Object:
        """As the Bot API tells it."""
        found: Object = {
            "message_id": self.id,
            "date": self.date,
            "chat": self.chat.told(),
            "from": self.sender.told(),
            **self.extra,
        }
        if self.anonymous:
            found["from"] = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
            found["sender_chat"] = self.chat.told()
        if self.chat.type == "channel":
            del found["from"]
            found["sender_chat"] = self.chat.told()
        if self.text and not self.extra.keys() - {"media_group_id", "forward_origin"}:
            found["text"] = self.text
            found["entities"] = [
                {"type": e.type, "offset": e.offset, "length": e.length} for e in self.entities
            ]
        if self.edited:
            found["edit_date"] = self.edited
        if self.via:
            found["via_bot"] = self.via.told()
        if self.topic is not None:
            found |= {"message_thread_id": self.topic, "is_topic_message": True}
        if self.reply_to and reply:
            found["reply_to_message"] = self.reply_to.told(reply=False)
        if self.markup:
            found["reply_markup"] = self.markup
        return found


@dataclass(eq=False)
class Chat:
    """A private chat, a group, a supergroup or a channel."""

    id: int
    type: str
    title: str = ""
    members: dict[int, str] = field(default_factory=dict)  # status by id
    forum: bool = False
    topics: dict[int, str] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    muted: bool = False  # whether the bot may not write there
    messages: dict[int, Message] = field(default_factory=dict)
    moved_to: int = 0
    bot_out: bool = False  # blocked by the person, or kicked from the group
    started: bool = True  # whether the person ever wrote to the bot
    username: str = ""  # of a public channel

    @property
    def shown(self) -> list[Message]:
        """What stands in it now."""
        return [one for one in self.messages.values() if not one.gone]

    @property
    def answers(self) -> list[Message]:
        """What bots wrote in it."""
        return [one for one in self.shown if one.sender.is_bot]

    def told(self) -> Object:
        """As the Bot API tells it."""
        found: Object = {"id": self.id, "type": self.type}
        name = "first_name" if self.type == "private" else "title"
        found |= {name: self.title} | ({"is_forum": True} if self.forum else {})
        return found | ({"username": self.username} if self.username else {})


@dataclass
class Call:
    """A call of a method."""

    method: str
    given: Object
    chat: int | None
    at: float
    code: int = 200


@dataclass
class Press:
    """A button that was pressed, and what the bot answered."""

    id: str
    answer: Object | None = None


@dataclass
class Inline:
    """An inline query, and what the bot answered."""

    id: str
    answer: Object | None = None

    @property
    def results(self) -> list[Object]:
        """What is offered."""
        return list((self.answer or {}).get("results", []))


@dataclass
class Bot:
    """A bot as Telegram knows it."""

    person: Person
    token: str
    privacy: bool = True
    updates: list[Object] = field(default_factory=list)
    commands: dict[str, list[Object]] = field(default_factory=dict)
    webhook: str = ""
    secret: str = ""
    allowed: list[str] = field(default_factory=list)
    poller: int = 0  # number of the newest
