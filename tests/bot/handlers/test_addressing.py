"""What is a question to the bot, and what are its words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Message

from newsdesk.bot.context import Identity
from newsdesk.bot.handlers.addressing import Addressed, addressed
from tests.botapi.entities import units

ME = Identity(101, "newsdesk_bot")
Object = dict[str, Any]
ANN: Object = {"id": 7, "is_bot": False, "first_name": "Ann"}
BOT: Object = {"id": 101, "is_bot": True, "first_name": "Newsdesk", "username": "newsdesk_bot"}
OTHER: Object = {"id": 102, "is_bot": True, "first_name": "Other", "username": "other_bot"}
PRIVATE: Object = {"id": 7, "type": "private", "first_name": "Ann"}
GROUP: Object = {"id": -1001, "type": "supergroup", "title": "Desk"}


def told(
    text: str | None = None, chat: Object = GROUP, sender: Object = ANN, **more: Any
) -> Object:
    """A message as Telegram tells it; commands and mentions in it are found."""
    found: Object = {"message_id": 50, "date": 0, "chat": chat, "from": sender, **more}
    if text is not None:
        found["text"] = text
        found.setdefault("entities", marks(text))
    return found


def marks(text: str) -> list[Object]:
    """Where commands and mentions stand, as Telegram finds them."""
    found, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        name = word.rstrip(",.?!:")
        kind = {"/": "bot_command", "@": "mention"}.get(name[0] if name else "")
        if kind and len(name) > 1:
            found.append({"type": kind, "offset": units(text[:at]), "length": units(name)})
        at += len(word)
    return found


def asked(text: str | None = None, chat: Object = GROUP, **more: Any) -> Addressed | None:
    message = Message.de_json(told(text, chat, **more), None)
    return addressed(message, ME)


def reply_to(text: str | None, sender: Object, **more: Any) -> Object:
    return {"reply_to_message": told(text, sender=sender, **more) | {"message_id": 40}}


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("who is in the B9?", "who is in the B9?"),
        ("/ask who is in the B9?", "who is in the B9?"),
        ("/ask@newsdesk_bot who?", "who?"),
        ("/ASK@NewsDesk_Bot\n who?\n why?", "who?\n why?"),
        ("/ask", ""),
        ("/ask   ", ""),
        ("hey @newsdesk_bot who?", "hey who?"),
        ("what is /ask for?", "what is /ask for?"),
    ],
)
def test_in_private_every_text_is_a_question(text: str, question: str) -> None:
    assert asked(text, PRIVATE) == Addressed(question)


@pytest.mark.parametrize("text", ["/start", "/help who?", "/ask@other_bot who?", "/asks who?"])
@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
def test_other_commands_are_none(text: str, chat: Object) -> None:
    assert asked(text, chat) is None


@pytest.mark.parametrize(
    "text", ["who is in the B9?", "ask @other_bot", "newsdesk_bot who?", "a@b.c"]
)
def test_in_a_group_what_is_not_for_the_bot_is_none(text: str) -> None:
    assert asked(text) is None


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("/ask who is in the B9?", "who is in the B9?"),
        ("/ask@newsdesk_bot when was @ann there?", "when was @ann there?"),
        ("@newsdesk_bot who?", "who?"),
        ("@NewsDesk_bot, who?", ", who?"),
        ("who is it, @newsdesk_bot?", "who is it, ?"),
        ("😀👩‍👩‍👧 who @newsdesk_bot was 😀 that?", "😀👩‍👩‍👧 who was 😀 that?"),
        ("@newsdesk_bot @newsdesk_bot who?", "who?"),
        # A longer name that begins like the bot's is another's, and stays.
        ("as @newsdesk_bot_two said, @newsdesk_bot who?", "as @newsdesk_bot_two said, who?"),
        ("@newsdesk_bot", ""),
    ],
)
def test_in_a_group_a_command_and_a_mention_ask(text: str, question: str) -> None:
    assert asked(text) == Addressed(question)


def test_a_mention_by_link_asks_and_its_words_go_where_they_stand() -> None:
    text = "😀 is the desk right? desk, who?"
    at = units(text[: text.index("desk,")])
    mention = {"type": "text_mention", "offset": at, "length": 4, "user": BOT}
    assert asked(text, entities=[mention]) == Addressed("😀 is the desk right? , who?")
    assert asked(text, entities=[mention | {"user": OTHER}]) is None


words = st.sampled_from(["who", "😀", "👩‍👩‍👧", "e\u0301", "@ann", "שלום", "中文", "B9", "\n"])


@given(st.lists(words), st.lists(words))
def test_a_mention_anywhere_leaves_the_other_words(before: list[str], after: list[str]) -> None:
    text = " ".join([*before, "@newsdesk_bot", *after]).strip()
    assert asked(text) == Addressed(" ".join(" ".join([*before, *after]).split()))


@pytest.mark.parametrize("text", ["and who leads it?", "/ask and who leads it?"])
@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
def test_a_reply_to_the_bot_asks_on(text: str, chat: Object) -> None:
    found = asked(text, chat, **reply_to("Bulgaria …", BOT))
    assert found == Addressed("and who leads it?", 40)


def test_a_reply_to_someone_else_asks_nothing() -> None:
    assert asked("and who leads it?", **reply_to("who is in the B9?", ANN)) is None
    assert asked("and who leads it?", **reply_to("Bulgaria …", OTHER)) is None


@pytest.mark.parametrize("text", ["/ask", "/ask@newsdesk_bot", "@newsdesk_bot"])
def test_the_message_replied_to_is_the_question_where_there_are_no_words(text: str) -> None:
    assert asked(text, **reply_to("who is in the B9?", ANN)) == Addressed("who is in the B9?")
    assert asked(f"{text} why?", **reply_to("who?", ANN)) == Addressed("why?")
    picture = {"caption": " who is this? ", "photo": []}
    assert asked(text, **reply_to(None, ANN, **picture)) == Addressed("who is this?")
    assert asked(text, **reply_to(None, ANN)) == Addressed("")
    assert asked(text, **reply_to("Bulgaria …", BOT)) == Addressed("", 40)


@pytest.mark.parametrize("opener", [ANN, BOT], ids=["by a person", "by the bot"])
def test_a_topics_first_message_is_nothing_that_is_replied_to(opener: Object) -> None:
    topic = {"forum_topic_created": {"name": "Ukraine", "icon_color": 7322096}}
    in_topic = {
        "message_thread_id": 40,
        "is_topic_message": True,
        **reply_to(None, opener, **topic),
    }
    assert asked("who is in the B9?", **in_topic) is None
    assert asked("/ask", **in_topic) == Addressed("")
    assert asked("/ask who?", **in_topic) == Addressed("who?")
    assert asked("@newsdesk_bot who?", **in_topic) == Addressed("who?")


@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
def test_what_was_sent_by_way_of_the_bot_is_no_question(chat: Object) -> None:
    assert asked("Bulgaria … [1]", chat, via_bot=BOT) is None
    assert asked("/ask who?", chat, via_bot=BOT) is None
    assert asked("/ask who?", chat, via_bot=OTHER) == Addressed("who?")


@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
def test_without_text_there_is_no_question(chat: Object) -> None:
    assert asked(None, chat) is None


def test_an_administrator_who_speaks_as_the_group_asks_like_anyone() -> None:
    group = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    assert asked("/ask who?", sender=group, sender_chat=GROUP) == Addressed("who?")
