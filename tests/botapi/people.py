"""The people's side: what they say, edit, press, type inline, and do to chats and the bot."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import Any

from .entities import Entity, units
from .world import Bot, Button, Chat, Inline, Message, Object, Person, Press

_COMMAND = re.compile(r"(?<!\S)/[a-zA-Z0-9_]{1,32}(?:@\w+)?")
_MENTION = re.compile(r"(?<!\w)@\w{3,}")
_OTHER: dict[str, Object] = {
    "photo": {"photo": [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]},
    "video": {
        "video": {
            **{"file_id": "w", "file_unique_id": "w", "width": 9, "height": 9, "duration": 3},
        }
    },
    "voice": {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3}},
    "sticker": {
        "sticker": {
            **{"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 9, "height": 9},
            **{"is_animated": False, "is_video": False},
        }
    },
    "document": {"document": {"file_id": "d", "file_unique_id": "d", "file_name": "x.pdf"}},
    "poll": {
        "poll": {
            **{"id": "1", "question": "?", "options": [], "total_voter_count": 0},
            **{"is_closed": False, "is_anonymous": True, "type": "regular"},
            **{"allows_multiple_answers": False, "allows_revoting": False, "members_only": False},
        }
    },
    "location": {"location": {"latitude": 44.4, "longitude": 26.1}},
}


class People:
    """What people do; mixed into the stand-in, which has what is declared here."""

    lock: threading.Condition
    bot: Bot
    people: dict[int, Person]
    chats: dict[int, Chat]
    taps: dict[str, Press]
    inlines: dict[str, Inline]
    files: dict[str, bytes]

    def number(self, kind: str) -> int:
        """The next number of a kind."""
        raise NotImplementedError

    def now(self) -> int:
        """The time by Telegram's clock."""
        raise NotImplementedError

    def put(self, chat: Chat, sender: Person, text: str, **more: Any) -> Message:
        """Put a message into a chat."""
        raise NotImplementedError

    def update(self, kind: str, content: Object) -> int:
        """Tell the bot something."""
        raise NotImplementedError

    def wait_for(self, ready: Callable[[], Any], timeout: float = 20, what: str = "") -> Any:
        """Wait until something is so, and return it."""
        raise NotImplementedError

    def person(self, name: str) -> Person:
        """Someone new."""
        with self.lock:
            found = Person(self.number("person"), name)
            self.people[found.id] = found
            return found

    def private(self, person: Person, started: bool = True) -> Chat:
        """The private chat of someone with the bot."""
        with self.lock:
            members = {person.id: "member", self.bot.person.id: "member"}
            chat = Chat(person.id, "private", person.name, members, started=started)
            return self.chats.setdefault(chat.id, chat)

    def group(
        self,
        title: str,
        *people: Person,
        admins: tuple[Person, ...] = (),
        forum: bool = False,
        basic: bool = False,
        added: bool = False,
    ) -> Chat:
        """A group with the bot in it; it is told of that if it is `added` now."""
        with self.lock:
            members = {one.id: "member" for one in (*people, self.bot.person)}
            members |= {one.id: "administrator" for one in admins}
            number = self.number("group")
            number = -number if basic else -1_000_000_000_000 - number
            kind = "group" if basic else "supergroup"
            chat = self.chats[number] = Chat(number, kind, title, members, forum)
        if added:
            self._membership(chat, "left", "member")
        return chat

    def channel(
        self, title: str, *admins: Person, administrator: bool = True, username: str = ""
    ) -> Chat:
        """A channel with the bot in it, as an administrator unless that is not wanted."""
        with self.lock:
            members = {one.id: "administrator" for one in admins}
            members[self.bot.person.id] = "administrator" if administrator else "member"
            number = -1_000_000_000_000 - self.number("group")
            chat = self.chats[number] = Chat(number, "channel", title, members, username=username)
        self._membership(chat, "left", members[self.bot.person.id])
        return chat

    def topic(self, chat: Chat, title: str, by: Person) -> int:
        """A topic of a forum; its number is that of the message that opens it."""
        with self.lock:
            opened = {"forum_topic_created": {"name": title, "icon_color": 7322096}}
            message = self.put(chat, by, "", extra=opened)
            message.topic = message.id
            chat.topics[message.id] = title
            return message.id

    def close_topic(self, chat: Chat, topic: int, by: Person) -> None:
        """Close a topic; nobody but administrators writes there any more."""
        self._turned(chat, topic, by, "forum_topic_closed")

    def reopen_topic(self, chat: Chat, topic: int, by: Person) -> None:
        """Open it again."""
        self._turned(chat, topic, by, "forum_topic_reopened")

    def delete_topic(self, chat: Chat, topic: int) -> None:
        """Delete a topic with what stands in it; bots are not told."""
        with self.lock:
            del chat.topics[topic]
            for message in chat.messages.values():
                message.gone = message.gone or message.topic == topic

    def _turned(self, chat: Chat, topic: int, by: Person, how: str) -> None:
        with self.lock:
            (chat.closed.add if how == "forum_topic_closed" else chat.closed.discard)(topic)
            message = self.put(chat, by, "", extra={how: {}}, topic=topic)
        self.update("message", message.told())

    def mute(self, chat: Chat, muted: bool = True) -> None:
        """Take the bot's right to write in a group, or give it back."""
        with self.lock:
            chat.muted = muted
        old, new = ("member", "restricted") if muted else ("restricted", "member")
        self._membership(chat, old, new)

    def say(
        self,
        person: Person,
        chat: Chat,
        text: str,
        *,
        reply_to: Message | None = None,
        topic: int | None = None,
        ago: float = 0,
        anonymous: bool = False,
        via: bool = False,
        forwarded: bool = False,
        post: Message | None = None,
    ) -> Message:
        """Write a message, or forward a `post` of a channel; the bot sees it if its privacy mode
        lets it."""
        with self.lock:
            chat.started = True
            message = self.put(
                chat,
                person,
                text,
                entities=_entities(text),
                reply_to=reply_to or (chat.messages[topic] if topic else None),
                topic=topic if topic else reply_to.topic if reply_to else None,
                ago=ago,
                anonymous=anonymous,
                via=self.bot.person if via else None,
                extra=self._forward(post) if forwarded or post else {},
            )
            seen = self.sees(message)
        if seen:
            self.update(_kind("message", chat), message.told())
        return message

    def edit(self, message: Message, text: str) -> None:
        """Change a message."""
        with self.lock:
            message.edits.append(message.text)
            message.text, message.entities = text, _entities(text)
            message.edited = self.now()
            seen = self.sees(message)
        if seen:
            self.update(_kind("edited_message", message.chat), message.told())

    def recaption(self, message: Message, caption: str) -> None:
        """Change the caption of what is no text."""
        with self.lock:
            message.extra |= {"caption": caption, "caption_entities": _told(_entities(caption))}
            message.edited = self.now()
            seen = self.sees(message)
        if seen:
            self.update(_kind("edited_message", message.chat), message.told())

    def _forward(self, post: Message | None) -> Object:
        if post:
            origin = {"type": "channel", "date": post.date, "message_id": post.id}
            return {"forward_origin": {**origin, "chat": post.chat.told()}}
        return {
            "forward_origin": {
                "type": "hidden_user",
                "date": self.now(),
                "sender_user_name": "Someone",
            }
        }

    def remove(self, message: Message) -> None:
        """Delete a message; bots are not told."""
        with self.lock:
            message.gone = True

    def send(
        self,
        person: Person,
        chat: Chat,
        kind: str,
        caption: str = "",
        album: str = "",
        *,
        place: tuple[float, float] | None = None,
        reply_to: Message | None = None,
        anonymous: bool = False,
    ) -> Message:
        """Send something that is no text; a `place` is latitude and longitude of a location."""
        extra = dict(_OTHER[kind])
        if place:
            extra["location"] = {"latitude": place[0], "longitude": place[1]}
        if caption:
            extra |= {"caption": caption, "caption_entities": _told(_entities(caption))}
        extra |= {"media_group_id": album} if album else {}
        with self.lock:
            message = self.put(
                chat,
                person,
                "",
                extra=extra,
                reply_to=reply_to,
                topic=reply_to.topic if reply_to else None,
                anonymous=anonymous,
            )
            seen = self.sees(message)
        if seen:
            self.update(_kind("message", chat), message.told())
        return message

    def send_file(
        self,
        person: Person,
        chat: Chat,
        name: str,
        content: bytes,
        *,
        size: int | None = None,
        caption: str = "",
    ) -> Message:
        """Send a file; `size` is what Telegram says of it, if that is to be another."""
        with self.lock:
            file_id = f"file{self.number('file')}"
            self.files[file_id] = content
            told = {"file_id": file_id, "file_unique_id": file_id, "file_name": name}
            extra: Object = {"document": {**told, "file_size": size or len(content)}}
            if caption:
                extra |= {"caption": caption, "caption_entities": _told(_entities(caption))}
            message = self.put(chat, person, "", extra=extra)
            message.document = (name, content)
        self.update("message", message.told())
        return message

    def tap(self, person: Person, message: Message, label: str, wait: bool = True) -> Press:
        """Press the button whose words contain `label`; waits for what the bot answers."""
        with self.lock:
            button = self.button(message, label)
            if not button.data:
                raise AssertionError(f"{label!r} is a link: {button.url}")
            press = Press(str(self.number("press")))
            self.taps[press.id] = press
            content = {
                "id": press.id,
                "from": person.told(),
                "message": message.told(),
                "chat_instance": "1",
                "data": button.data,
            }
        self.update("callback_query", content)
        if wait:
            self.wait_for(lambda: press.answer is not None, what=f"an answer to {label!r}")
        return press

    def button(self, message: Message, label: str) -> Button:
        """The first button whose words contain `label`."""
        every = [one for row in message.buttons for one in row]
        found = [one for one in every if label in one.label]
        if not found:
            raise AssertionError(f"no button {label!r} in {[one.label for one in every]}")
        return found[0]

    def inline(self, person: Person, text: str, offset: str = "", wait: bool = True) -> Inline:
        """Type @bot and a text; waits for what is offered."""
        with self.lock:
            query = Inline(str(self.number("inline")))
            self.inlines[query.id] = query
        content = {"id": query.id, "from": person.told(), "query": text[:256], "offset": offset}
        self.update("inline_query", content)
        if wait:
            self.wait_for(lambda: query.answer is not None, what=f"results for {text!r}")
        return query

    def choose(self, person: Person, inline: Inline, place: int, chat: Chat) -> Message:
        """Send one of the results that are offered into a chat."""
        text, entities = inline.results[place]["read"]
        with self.lock:
            message = self.put(chat, person, text, entities=entities, via=self.bot.person)
            seen = self.sees(message)
        if seen:
            self.update("message", message.told())
        return message

    def kick(self, chat: Chat) -> None:
        """Put the bot out of a group."""
        with self.lock:
            chat.bot_out = True
            chat.members.pop(self.bot.person.id)
        self._membership(chat, "member", "kicked")

    def add(self, chat: Chat) -> None:
        """Let it in again."""
        with self.lock:
            chat.bot_out = False
            chat.members[self.bot.person.id] = "member"
        self._membership(chat, "kicked", "member")

    def block(self, person: Person) -> None:
        """Block the bot."""
        with self.lock:
            chat = self.private(person)
            chat.bot_out = True
        self._membership(chat, "member", "kicked")

    def unblock(self, person: Person) -> None:
        """Let it in again."""
        with self.lock:
            chat = self.private(person)
            chat.bot_out = False
        self._membership(chat, "kicked", "member")

    def migrate(self, chat: Chat, told: bool = True) -> Chat:
        """Make a supergroup of a group; both say so, unless the bot is to find out by itself."""
        with self.lock:
            number = -1_000_000_000_000 - self.number("group")
            new = Chat(number, "supergroup", chat.title, dict(chat.members))
            self.chats[number] = new
            chat.moved_to = number
            by = next(one for one in self.people.values() if not one.is_bot)
            old_side = self.put(chat, by, "", extra={"migrate_to_chat_id": number}).told()
            new_side = self.put(new, by, "", extra={"migrate_from_chat_id": chat.id}).told()
        if told:
            self.update("message", old_side)
            self.update("message", new_side)
        return new

    def sees(self, message: Message) -> bool:
        """Whether the bot gets a message of a person."""
        chat, me = message.chat, self.bot.person
        rank = chat.members.get(me.id)
        if chat.bot_out or rank is None or (chat.type == "channel" and rank != "administrator"):
            return False
        if chat.type in ("private", "channel") or not self.bot.privacy:
            return True
        if rank == "administrator" or message.via == me:
            return True
        if message.reply_to and message.reply_to.sender == me:
            return True
        command = _COMMAND.match(message.text or message.extra.get("caption", ""))
        if not command:
            return False
        whose = command[0].partition("@")[2].lower()
        return whose in ("", me.username.lower())

    def wait(self, chat: Chat, count: int = 1, timeout: float = 20) -> list[Message]:
        """The bot's messages in a chat, as soon as there are `count`."""
        found: list[Message] = self.wait_for(
            lambda: chat.answers if len(chat.answers) >= count else None,
            timeout,
            f"{count} messages in {chat.title}",
        )
        return list(found)

    def quiet(self, chat: Chat, seconds: float = 0.7) -> None:
        """Make sure that the bot writes nothing for a while."""
        before = len(chat.answers)
        time.sleep(seconds)
        with self.lock:
            after = chat.answers[before:]
        if after:
            raise AssertionError(f"it wrote {[one.text for one in after]}")

    def transcript(self, chat: Chat) -> str:
        """A chat as its people read it."""
        with self.lock:
            return "\n\n".join(_written(one) for one in chat.shown if one.text or one.document)

    def _membership(self, chat: Chat, old: str, new: str) -> None:
        by, me = next(iter(self.people.values())), self.bot.person.told()
        more: dict[str, dict[str, Any]] = {
            "kicked": {"until_date": 0},
            "administrator": dict.fromkeys(_OFFICE, True),
            "restricted": {"is_member": True, "until_date": 0, **dict.fromkeys(_RIGHTS, False)},
        }
        content: dict[str, Any] = {
            "chat": chat.told(),
            "from": by.told(),
            "date": self.now(),
            "old_chat_member": {"user": me, "status": old} | more.get(old, {}),
            "new_chat_member": {"user": me, "status": new} | more.get(new, {}),
        }
        self.update("my_chat_member", content)


_OFFICE = (  # of an administrator
    *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages"),
    *("can_manage_video_chats", "can_restrict_members", "can_promote_members", "can_change_info"),
    *("can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories"),
    *("can_post_messages", "can_edit_messages"),
)
_RIGHTS = (  # of a member that is restricted
    *("can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos"),
    *("can_send_videos", "can_send_video_notes", "can_send_voice_notes", "can_send_polls"),
    *("can_send_other_messages", "can_add_web_page_previews", "can_change_info"),
    *("can_invite_users", "can_pin_messages", "can_manage_topics", "can_edit_tag"),
    "can_react_to_messages",
)


def _kind(kind: str, chat: Chat) -> str:
    """What an update about a message of a chat is called."""
    return kind.replace("message", "channel_post") if chat.type == "channel" else kind


def _entities(text: str) -> list[Entity]:
    found = [("bot_command", one) for one in _COMMAND.finditer(text)]
    found += [("mention", one) for one in _MENTION.finditer(text)]
    return [Entity(kind, units(text[: one.start()]), units(one.group())) for kind, one in found]


def _told(entities: list[Entity]) -> list[Object]:
    return [{"type": e.type, "offset": e.offset, "length": e.length} for e in entities]


def _written(message: Message) -> str:
    head = f"{message.sender.name}:"
    lines = [f"{head} {message.text}" if message.text else head]
    if message.document:
        lines.append(f"[{message.document[0]}]")
    lines += [" ".join(f"[{one.label}]" for one in row) for row in message.buttons]
    return "\n".join(lines)
