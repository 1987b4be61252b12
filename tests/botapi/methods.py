"""The Bot API's methods, as a bot calls them, with Telegram's rules."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .entities import Entity, parse, units
from .errors import Refusal, bad
from .world import Bot, Chat, Message, Object

if TYPE_CHECKING:
    from .standin import StandIn

_TEXT, _CAPTION, _ENTITIES = 4096, 1024, 100
_UPLOAD, _DOWNLOAD = 50_000_000, 20_000_000
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_START = re.compile(r"\?start(?:group)?=[A-Za-z0-9_-]{1,64}$")
_RESULTS, _QUERY_ID = 50, 64
_REACTIONS = "👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🎉 🙏 👌 💯 🤣 💔 😢 👀 🤝 🫡".split()
_BUTTONS, _IN_A_ROW = 100, 8


class Methods:
    """Everything that one bot may do in a stand-in; state is changed under the stand-in's lock."""

    def __init__(self, api: StandIn, bot: Bot) -> None:
        self._api = api
        self._bot = bot
        self._known: dict[str, Callable[[Object], Any]] = {
            "getMe": lambda _: bot.person.told() | {"can_join_groups": True},
            "setMyCommands": self._set_commands,
            "getMyCommands": lambda given: bot.commands.get(_scope(given), []),
            "deleteMyCommands": lambda given: bool(bot.commands.pop(_scope(given), True)) or True,
            "deleteWebhook": self._delete_webhook,
            "setWebhook": self._set_webhook,
            "getWebhookInfo": lambda _: {
                "url": bot.webhook,
                "has_custom_certificate": False,
                "pending_update_count": len(bot.updates),
            },
            "sendMessage": self._send_message,
            "sendDocument": self._send_document,
            "getFile": self._get_file,
            "sendChatAction": lambda given: bool(self._chat(given)),
            "editMessageText": self._edit_text,
            "editMessageReplyMarkup": self._edit_markup,
            "deleteMessage": self._delete,
            "setMessageReaction": self._react,
            "answerCallbackQuery": self._answer_press,
            "answerInlineQuery": self._answer_inline,
            "getChat": lambda given: self._chat(given).told(),
            "getChatMember": self._member,
            "getChatAdministrators": self._administrators,
            "leaveChat": self._leave,
            "logOut": lambda _: True,
            "close": lambda _: True,
        }

    def call(self, method: str, given: Object) -> Any:
        """Do it, and return the result. Raises Refusal."""
        if method not in self._known:
            raise Refusal(501, f"Not Implemented: the stand-in has no {method}")
        return self._known[method](given)

    # Chats

    def _chat(self, given: Object) -> Chat:
        number = str(given.get("chat_id", ""))
        chat = self._api.chats.get(int(number)) if re.fullmatch(r"-?\d+", number) else None
        if chat is None or self._bot.person.id not in chat.members:
            if chat is not None:
                why = "was kicked from" if chat.bot_out else "is not a member of"
                raise Refusal(403, f"Forbidden: bot {why} the {chat.type} chat")
            raise bad("chat not found")
        if chat.moved_to:
            raise Refusal(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.moved_to,
            )
        if chat.bot_out:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if not chat.started:
            raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        return chat

    def _may_write(self, chat: Chat) -> None:
        if chat.type == "channel" and chat.members[self._bot.person.id] != "administrator":
            raise bad("need administrator rights in the channel chat")
        if chat.muted:
            raise bad("not enough rights to send text messages to the chat")

    def _topic(self, chat: Chat, given: Object, reply: Message | None) -> int | None:
        topic = given.get("message_thread_id") or (reply.topic if reply else None)
        if topic is None:
            return None
        topic = int(topic)
        if topic not in chat.topics:
            raise bad("message thread not found")
        if topic in chat.closed:
            raise bad("TOPIC_CLOSED")
        return topic

    def _reply(self, chat: Chat, given: Object) -> Message | None:
        asked = _object(given.get("reply_parameters"))
        if not asked:
            return None
        found = chat.messages.get(int(asked["message_id"]))
        if found is None or found.gone:
            if asked.get("allow_sending_without_reply"):
                return None
            raise bad("message to be replied not found")
        if asked.get("quote") and asked["quote"] not in found.text:
            raise bad("QUOTE_TEXT_INVALID")
        return found

    def _member(self, given: Object) -> Object:
        chat, user = self._chat(given), int(given["user_id"])
        person = self._api.people.get(user)
        if person is None:
            raise bad("user not found")
        status = chat.members.get(user, "left")
        rights: Object = {"status": status, "user": person.told()}
        if status == "administrator":
            names = "can_be_edited is_anonymous can_manage_chat can_delete_messages"
            names += " can_manage_video_chats can_restrict_members can_promote_members"
            names += " can_change_info can_invite_users can_post_stories can_edit_stories"
            names += " can_delete_stories"
            rights |= dict.fromkeys(names.split(), False)
        if status == "creator":
            rights["is_anonymous"] = False
        return rights

    def _administrators(self, given: Object) -> list[Object]:
        chat = self._chat(given)
        if chat.type == "private":
            raise bad("there are no administrators in the private chat")
        ranks = ("administrator", "creator")
        every = [user for user, status in chat.members.items() if status in ranks]
        people = [user for user in every if not self._api.people[user].is_bot]
        return [self._member({**given, "user_id": user}) for user in people]

    def _leave(self, given: Object) -> bool:
        self._chat(given).members.pop(self._bot.person.id)
        return True

    # Messages

    def _send_message(self, given: Object) -> Object:
        chat = self._chat(given)
        self._may_write(chat)
        reply = self._reply(chat, given)
        topic = self._topic(chat, given, reply)
        text, entities = _read(given.get("text", ""), given, _TEXT, "message text is empty")
        markup = _markup(given)
        message = self._api.put(
            chat,
            self._bot.person,
            text,
            topic=topic,
            reply_to=reply,
            entities=entities,
            html=str(given.get("text")),
            markup=markup,
        )
        return message.told()

    def _send_document(self, given: Object) -> Object:
        chat = self._chat(given)
        reply = self._reply(chat, given)
        topic = self._topic(chat, given, reply)
        name, content = given["document"]
        if not content:
            raise bad("file must be non-empty")
        if len(content) > _UPLOAD:
            raise Refusal(413, "Request Entity Too Large")
        caption = given.get("caption", "")
        text, entities = _read(caption, given, _CAPTION, "") if caption else ("", [])
        message = self._api.put(
            chat,
            self._bot.person,
            text,
            topic=topic,
            reply_to=reply,
            entities=entities,
            html=str(caption),
            markup=_markup(given),
            extra={"document": {"file_id": "f", "file_unique_id": "u", "file_name": name}},
        )
        message.document = (name, content)
        return message.told()

    def _get_file(self, given: Object) -> Object:
        file_id = str(given.get("file_id"))
        content = self._api.files.get(file_id)
        if content is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(content) > _DOWNLOAD:
            raise bad("file is too big")
        told = {"file_id": file_id, "file_unique_id": file_id, "file_size": len(content)}
        return {**told, "file_path": f"documents/{file_id}"}

    def _own(self, given: Object) -> Message:
        chat = self._chat(given)
        message = chat.messages.get(int(given["message_id"]))
        if message is None or message.gone:
            raise bad("message to edit not found")
        if message.sender != self._bot.person:
            raise bad("message can't be edited")
        return message

    def _edit_text(self, given: Object) -> Object:
        message = self._own(given)
        if message.document:
            raise bad("there is no text in the message to edit")
        text, entities = _read(given.get("text", ""), given, _TEXT, "message text is empty")
        markup = _markup(given)
        if (text, entities, markup) == (message.text, message.entities, message.markup):
            raise bad("message is not modified: specified new message content is the same")
        message.edits.append(message.text)
        message.text, message.entities, message.markup = text, entities, markup
        message.html = str(given["text"])
        return message.told()

    def _edit_markup(self, given: Object) -> Object:
        message, markup = self._own(given), _markup(given)
        if markup == message.markup:
            raise bad("message is not modified: specified new message content is the same")
        message.markup = markup
        return message.told()

    def _delete(self, given: Object) -> bool:
        self._own(given).gone = True
        return True

    def _react(self, given: Object) -> bool:
        message = self._chat(given).messages.get(int(given["message_id"]))
        if message is None or message.gone:
            raise bad("message to react not found")
        reactions = _list(given.get("reaction"))
        if len(reactions) > 1:
            raise bad("REACTIONS_TOO_MANY")
        if any(one.get("type") != "emoji" or one["emoji"] not in _REACTIONS for one in reactions):
            raise bad("REACTION_INVALID")
        message.reactions = [one["emoji"] for one in reactions]
        return True

    # Presses and inline queries

    def _answer_press(self, given: Object) -> bool:
        tap = self._api.taps.get(str(given.get("callback_query_id")))
        if tap is None or tap.answer is not None:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if units(_utf_8(given.get("text", ""))) > 200:
            raise bad("MESSAGE_TOO_LONG")
        url = given.get("url", "")
        if url and not url.startswith(f"https://t.me/{self._bot.person.username}?start="):
            raise bad("URL_INVALID")
        if url and not _PAYLOAD.fullmatch(url.partition("?start=")[2]):
            raise bad("URL_INVALID")
        tap.answer = dict(given)
        return True

    def _answer_inline(self, given: Object) -> bool:
        query = self._api.inlines.get(str(given.get("inline_query_id")))
        if query is None or query.answer is not None:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        results = _list(given.get("results"))
        if len(results) > _RESULTS:
            raise bad("RESULTS_TOO_MUCH")
        ids = [str(one.get("id", "")) for one in results]
        if len(set(ids)) != len(ids):
            raise bad("RESULT_ID_DUPLICATE")
        if any(not 0 < len(one.encode()) <= _QUERY_ID for one in ids):
            raise bad("RESULT_ID_INVALID")
        if len(str(given.get("next_offset", "")).encode()) > 64:
            raise bad("NEXT_OFFSET_INVALID")
        for one in results:
            if one["type"] != "article":
                raise bad("RESULT_TYPE_INVALID")
            content = one["input_message_content"]
            one["read"] = _read(content["message_text"], content, _TEXT, "message text is empty")
            _markup(one)
            if not _utf_8(one.get("title", "")).strip():
                raise bad("ARTICLE_TITLE_EMPTY")
            _utf_8(one.get("description", ""))
        button = _object(given.get("button"))
        if button and not _PAYLOAD.fullmatch(button.get("start_parameter", "")):
            raise bad("START_PARAM_INVALID")
        if button and not _utf_8(button.get("text", "")).strip():
            raise bad("SWITCH_PM_TEXT_EMPTY")
        query.answer = {**given, "results": results, "button": button}
        return True

    # The bot itself

    def _set_commands(self, given: Object) -> bool:
        commands = _list(given.get("commands"))
        if _object(given.get("scope")).get("type") == "chat":
            self._chat(_object(given.get("scope")))
        if len(commands) > 100:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        for one in commands:
            if not _COMMAND.fullmatch(one["command"]):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= len(one["description"]) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self._bot.commands[_scope(given)] = commands
        return True

    def _set_webhook(self, given: Object) -> bool:
        secret = given.get("secret_token", "")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise bad("secret token contains unallowed characters")
        self._bot.webhook, self._bot.secret = given.get("url", ""), secret
        self._bot.allowed = _list(given.get("allowed_updates"))
        self._bot.poller += 1  # ends whoever polls
        self._drop(given)
        self._api.post()
        return True

    def _delete_webhook(self, given: Object) -> bool:
        self._bot.webhook = ""
        self._drop(given)
        return True

    def _drop(self, given: Object) -> None:
        if given.get("drop_pending_updates") in (True, "true", "True"):
            self._bot.updates.clear()


def _scope(given: Object) -> str:
    scope = _object(given.get("scope"))
    chat = f" {scope['chat_id']}" if "chat_id" in scope else ""
    return f"{scope.get('type', 'default')}{chat}"


def _object(given: Any) -> Object:
    found: Object = json.loads(given) if isinstance(given, str) and given else given or {}
    return found


def _list(given: Any) -> list[Any]:
    found: list[Any] = json.loads(given) if isinstance(given, str) and given else given or []
    return found


def _read(html: Any, given: Object, most: int, empty: str) -> tuple[str, list[Entity]]:
    """A text as it will be shown. Raises Refusal where Telegram would not take it."""
    mode = given.get("parse_mode")
    if mode not in (None, "", "HTML"):
        raise bad("unsupported parse_mode")
    html = _utf_8(str(html))
    text, entities = parse(html) if mode == "HTML" else (html, [])
    if not text.strip():
        raise bad(empty)
    if units(text) > most:
        raise bad("message is too long" if most == _TEXT else "message caption is too long")
    if len(entities) > _ENTITIES:
        raise bad("ENTITIES_TOO_MUCH")  # Telegram drops them; nothing of ours should be dropped
    return text, entities


def _markup(given: Object) -> Object | None:
    markup = _object(given.get("reply_markup"))
    if not markup:
        return None
    rows = markup["inline_keyboard"]
    if sum(len(row) for row in rows) > _BUTTONS or any(
        not 1 <= len(row) <= _IN_A_ROW for row in rows
    ):
        raise bad("reply markup is too long")
    for button in (one for row in rows for one in row):
        _check_button(button)
    return markup


def _check_button(button: Object) -> None:
    actions = [name for name in button if name not in ("text", "style")]
    if len(actions) != 1 or not _utf_8(str(button.get("text", ""))).strip():
        raise bad("BUTTON_TYPE_INVALID")
    if "callback_data" in button and not 1 <= len(_utf_8(button["callback_data"]).encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
    url = button.get("url", "http://")
    if not url.startswith(("http://", "https://", "tg://")):
        raise bad("BUTTON_URL_INVALID")
    # Telegram takes the button, but whoever presses it comes without what it carries.
    if "t.me/" in url and "?start" in url and not _START.search(url):
        raise bad("BUTTON_URL_INVALID")


def _utf_8(text: str) -> str:
    if "\x00" in text or any("\ud800" <= one <= "\udfff" for one in text):
        raise bad("strings must be encoded in UTF-8")
    return text
