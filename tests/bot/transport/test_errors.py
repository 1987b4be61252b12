"""Each of Telegram's wordings is taken for what it means."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from newsdesk.bot.transport.errors import Failure, Meaning, classify
from tests.botapi import StandIn


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        (
            "Message is not modified: specified new message content and reply markup are exactly "
            "the same as a current content and reply markup of the message",
            Meaning.DONE,
        ),
        ('Can\'t parse entities: unsupported start tag "x" at byte offset 0', Meaning.UNREADABLE),
        (
            "Can't parse entities: can't find end tag corresponding to start tag b",
            Meaning.UNREADABLE,
        ),
        ("Chat not found", Meaning.GONE),
        ("PEER_ID_INVALID", Meaning.GONE),
        ("TOPIC_CLOSED", Meaning.CLOSED),
        ("TOPIC_DELETED", Meaning.TOPIC_GONE),
        ("Message thread not found", Meaning.TOPIC_GONE),
        ("Not enough rights to send text messages to the chat", Meaning.CLOSED),
        ("Have no rights to send a message", Meaning.CLOSED),
        ("CHAT_WRITE_FORBIDDEN", Meaning.CLOSED),
        ("need administrator rights in the channel chat", Meaning.CLOSED),
        ("CHAT_RESTRICTED", Meaning.CLOSED),
        ("Message to edit not found", Meaning.MISSING),
        ("Message can't be edited", Meaning.MISSING),
        ("MESSAGE_ID_INVALID", Meaning.MISSING),
        (
            "Query is too old and response timeout expired or query id is invalid",
            Meaning.MISSING,
        ),
        ("QUERY_ID_INVALID", Meaning.MISSING),
        ("Message text is empty", Meaning.REFUSED),
        ("Message is too long", Meaning.REFUSED),
        ("BUTTON_DATA_INVALID", Meaning.REFUSED),
    ],
)
def test_a_400_is_told_apart_by_its_words(words: str, meaning: Meaning) -> None:
    assert classify(BadRequest(words)).meaning is meaning
    assert classify(BadRequest(f"Bad Request: {words.lower()}")).meaning is meaning


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("Forbidden: bot was blocked by the user", Meaning.GONE),
        ("Forbidden: user is deactivated", Meaning.GONE),
        ("Forbidden: bot was kicked from the group chat", Meaning.GONE),
        ("Forbidden: bot was kicked from the supergroup chat", Meaning.GONE),
        ("Forbidden: bot is not a member of the supergroup chat", Meaning.GONE),
        ("Forbidden: bot can't initiate conversation with a user", Meaning.GONE),
        ("Forbidden: the group chat was deactivated", Meaning.GONE),
        ("Forbidden: something that nobody has seen yet", Meaning.GONE),
        ("Forbidden: not enough rights to send text messages to the chat", Meaning.CLOSED),
        ("Forbidden: CHAT_WRITE_FORBIDDEN", Meaning.CLOSED),
    ],
)
def test_a_403_is_told_apart_by_its_words(words: str, meaning: Meaning) -> None:
    assert classify(Forbidden(words)).meaning is meaning


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (ChatMigrated(-1001), Failure(Meaning.MOVED, chat=-1001)),
        (InvalidToken("no"), Failure(Meaning.FATAL)),
        (Conflict("two"), Failure(Meaning.FATAL)),
        (TimedOut(), Failure(Meaning.UNKNOWN)),
        (NetworkError("Bad Gateway"), Failure(Meaning.UNKNOWN)),
        (TelegramError("Invalid server response"), Failure(Meaning.UNKNOWN)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_other_errors_are_told_apart_by_their_kind(error: TelegramError, failure: Failure) -> None:
    assert classify(error) == failure


# python-telegram-bot warns of its own next version whenever it makes one of these.
@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
def test_telegrams_wish_to_wait_is_told_in_seconds() -> None:
    assert classify(RetryAfter(7)) == Failure(Meaning.WAIT, seconds=7)
    assert classify(RetryAfter(timedelta(minutes=2))) == Failure(Meaning.WAIT, seconds=120)


@given(st.text())
def test_any_words_have_a_meaning(words: str) -> None:
    for kind in (BadRequest, Forbidden, NetworkError, TelegramError):
        assert classify(kind(words)).meaning in Meaning


def failed(prepare: Callable[[StandIn], object], read_timeout: float = 5) -> Failure:
    """What a send means that goes wrong over real HTTP."""
    with StandIn() as api:
        chat = api.private(api.person("Ann"))
        prepare(api)
        request = HTTPXRequest(read_timeout=read_timeout)

        async def send() -> Failure:
            async with request:
                bot = Bot(api.token, base_url=f"{api.url}/bot", request=request)
                try:
                    await bot.send_message(chat.id, "Good morning.")
                except TelegramError as error:
                    return classify(error)
            raise AssertionError("it was sent")

        return asyncio.run(send())


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (401, Meaning.FATAL),
        (404, Meaning.FATAL),
        (403, Meaning.GONE),
        (500, Meaning.UNKNOWN),
        (502, Meaning.UNKNOWN),
    ],
)
def test_a_code_that_came_over_http_means_this(code: int, meaning: Meaning) -> None:
    assert failed(lambda api: api.faults.add("sendMessage", code)).meaning is meaning


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
def test_a_429_says_how_long_to_wait() -> None:
    found = failed(lambda api: api.faults.add("sendMessage", 429, retry_after=9))
    assert found == Failure(Meaning.WAIT, seconds=9)


def test_what_never_reached_telegram_is_known_not_to_be_sent() -> None:
    assert failed(StandIn.down).meaning is Meaning.UNSENT


def test_what_got_no_reply_may_have_been_sent() -> None:
    found = failed(lambda api: api.faults.add("sendMessage", lost=True), read_timeout=0.2)
    assert found.meaning is Meaning.UNKNOWN
