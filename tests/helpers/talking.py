"""What people do in talks with the bot, and what they make sure of."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.botapi import Chat, Message, Person, StandIn
from tests.botapi.world import Press

from .running import Running, copied

B9 = "who is in the B9?"
NINE = (
    "The Bucharest Nine, or B9 for short, is made up of Bulgaria, the Czech Republic, Estonia, "
    "Hungary, Latvia, Lithuania, Poland, Romania and Slovakia."
)
ANSWERED = f"Answer: {NINE}"  # as the bot's message begins
EXPLAINED = "Bucharest Nine Explained: NATO's Eastern Members Speak With One Voice"
TOKYO = "when did the tokyo olympics close?"
META = "when did Facebook change its name?"
NOWHERE = "who painted the ceiling of the Paris opera?"
NOT_FOUND = "I did not find this in 30 articles (from 4 April 2008 to 21 January 2022)."
ADMIN = 500_000
NOT_MODIFIED = "message is not modified"
_QUOTE = re.compile(r"<blockquote expandable>(.*?)</blockquote>", re.DOTALL)
_TAG = re.compile(r"</?[a-z][^>]*>")


@contextmanager
def talking(library: Path, home: Path, **settings: str) -> Iterator[tuple[StandIn, Running]]:
    """A bot that answers from a copy of a library, and the Telegram it does it in."""
    given = {"admins": str(ADMIN), "telegram_messages_a_second": "500", **settings}
    with StandIn() as api, Running(api, copied(library, home), **given) as bot:
        yield api, bot


def clean(api: StandIn, bot: Running, *expected: str) -> None:
    """Nothing of the bot's was refused but what was expected, and it made no mistake."""
    with api.lock:
        # An administrator who never wrote to the bot has no menu yet.
        refused = [why for how, why in api.refused if how != "setMyCommands"]
        api.refused.clear()
    known = (NOT_MODIFIED, *expected)
    wrong = [why for why in refused if not any(one in why for one in known)]
    assert not wrong, wrong
    assert "Traceback" not in bot.told(), bot.told()[-6000:]


def ask(api: StandIn, person: Person, chat: Chat, text: str = B9, **more: Any) -> Message:
    """Say something and return what the bot says to it."""
    before = len(chat.answers)
    api.say(person, chat, text, **more)
    return api.wait(chat, before + 1)[before]


def changed(api: StandIn, by: Person, message: Message, label: str) -> Message:
    """Press a button and wait until the message is another."""
    before = message.text, message.labels
    api.tap(by, message, label)
    api.wait_for(lambda: (message.text, message.labels) != before, what=f"a change by {label!r}")
    return message


def told(api: StandIn, by: Person, message: Message, label: str) -> str:
    """Press a button; returns the words that pop up."""
    return str((api.tap(by, message, label).answer or {}).get("text", ""))


def press(api: StandIn, by: Person, message: dict[str, object], data: str) -> Press:
    """Press what is no button of a message that the stand-in knows."""
    pressed = Press(f"odd {api.number('odd press')}")
    api.taps[pressed.id] = pressed
    content = {"id": pressed.id, "from": by.told(), "message": message, "data": data}
    api.update("callback_query", {**content, "chat_instance": "1"})
    api.wait_for(lambda: pressed.answer is not None, what=f"an answer to {data!r}")
    return pressed


def opened(api: StandIn, person: Person, link: str, count: int = 1) -> list[Message]:
    """Follow a link to the bot; returns what comes in the private chat."""
    chat = api.private(person)
    before = len(chat.answers)
    assert link.startswith("https://t.me/newsdesk_bot?start=")
    api.say(person, chat, f"/start {link.partition('?start=')[2]}")
    return api.wait(chat, before + count)[before:]


def quotes(message: Message) -> list[str]:
    """The passages of an answer, as they are read."""
    return [_read(one) for one in _QUOTE.findall(message.html)]


def bold_in_quotes(message: Message) -> list[list[str]]:
    """What is bold in each passage."""
    return [
        [_read(one) for one in re.findall(r"<b>(.*?)</b>", quote, re.DOTALL)]
        for quote in _QUOTE.findall(message.html)
    ]


def cited(message: Message) -> list[tuple[int, str]]:
    """Number and title of each citation line; every passage must have one."""
    lines = re.findall(r"^\[(\d+)\] (.+?) · .*paragraph \d+$", message.text, re.MULTILINE)
    return [(int(number), title) for number, title in lines]


def _read(part: str) -> str:
    return html.unescape(_TAG.sub("", part))
