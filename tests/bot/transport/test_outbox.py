"""What is sent again, and what is not: whatever goes wrong, and in whatever order."""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from telegram import Bot
from telegram.request import HTTPXRequest

from newsdesk.bot.store.threads import StoreThreads
from newsdesk.bot.transport.buttons import Button
from newsdesk.bot.transport.outbox import Letter, Outbox, Sent
from newsdesk.bot.transport.rate_limit import Pace
from tests.botapi import Chat, Message, StandIn

pytestmark = pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
# What may go wrong at a send, and pass: not done; done, but told otherwise; too fast; our HTML.
UNKNOWN = ["500", "502", "lost 500", "lost 502"]
PASSING = [*UNKNOWN, "429", "plain"]
LASTING = {
    "blocked": (403, "Forbidden: bot was blocked by the user"),
    "closed": (400, "Bad Request: TOPIC_CLOSED"),
    "mistake": (400, "Bad Request: something new"),
}


@dataclass
class Asked:
    """A question in a chat of its own, and what goes wrong at its answer."""

    kind: str  # of the chat
    sends: Sequence[str]
    moves: bool = False
    once: bool = False
    chats: list[Chat] = field(default_factory=list)  # and where it moved
    message: Message | None = None
    may_stand: bool = False  # by what the outbox said of its tries

    def plan(self, api: StandIn) -> None:
        """Ask, and plan what goes wrong."""
        ann = api.person("Ann")
        private = self.kind == "private"
        chat = api.private(ann) if private else api.group("D", ann, basic=self.kind == "basic")
        self.chats = [chat]
        self.message = api.say(ann, chat, "who?")
        if self.moves and self.kind == "basic":
            self.chats.append(chat := api.migrate(chat, told=False))
        for what in self.sends:
            fail(api, chat, what)

    @property
    def letter(self) -> Letter:
        """Its answer."""
        assert self.message is not None
        markup = [[Button("More", f"p:{id(self)}:1")]]
        return Letter(
            self.chats[0].id,
            "<b>Nobody</b> &amp; all.",
            markup,
            reply_to=self.message.id,
            once=self.once,
            tried=self._tried,
            unsent=self._unsent,
        )

    async def _tried(self, _: int) -> None:
        self.may_stand = True

    async def _unsent(self) -> None:
        self.may_stand = False

    @property
    def answers(self) -> list[Message]:
        """Its answers, wherever they stand."""
        return [answer for chat in self.chats for answer in chat.answers]


def fail(api: StandIn, chat: Chat, what: str) -> None:
    """Plan one thing that goes wrong at the next send to a chat."""
    if what == "429":
        api.faults.add("sendMessage", 429, chat=chat, retry_after=1)
    elif what == "plain":
        words = "Bad Request: can't parse entities: no"
        api.faults.add("sendMessage", 400, chat=chat, words=words)
    elif what in LASTING:
        code, words = LASTING[what]
        api.faults.add("sendMessage", code, chat=chat, words=words)
    else:
        lost, _, code_ = what.rpartition(" ")
        api.faults.add("sendMessage", int(code_), chat=chat, lost=bool(lost))


def send(api: StandIn, letters: Sequence[Letter]) -> list[Sent | None]:
    """Send some messages side by side."""

    async def send_all() -> list[Sent | None]:
        async with HTTPXRequest(connection_pool_size=50) as request:
            bot = Bot(api.token, base_url=f"{api.url}/bot", request=request)
            with tempfile.TemporaryDirectory() as home, StoreThreads(Path(home)) as store:
                outbox = Outbox(bot, store, Pace(10_000))
                return list(await asyncio.gather(*map(outbox.send, letters)))

    return asyncio.run(send_all())


def sent(api: StandIn, every: Sequence[Asked]) -> list[Sent | None]:
    """Answer all questions side by side; nothing but sends is called."""
    for asked in every:
        asked.plan(api)
    results = send(api, [asked.letter for asked in every])
    assert {call.method for call in api.calls} == {"sendMessage"}
    return results


def lost(sends: Sequence[str]) -> int:
    """How many of the things that go wrong put the message into the chat all the same."""
    return sum(what.startswith("lost") for what in sends)


PHASES = [Phase.explicit, Phase.reuse, Phase.generate]  # each takes seconds: no shrinking
CHATS = st.sampled_from(["private", "private", "basic", "group"])
# A text without markup is not refused for its markup.
SENDS = st.lists(st.sampled_from(PASSING), max_size=2).filter(lambda all_: all_.count("plain") < 2)
LAST = st.tuples(st.lists(st.sampled_from(PASSING), max_size=1), st.sampled_from([*LASTING])).map(
    lambda two: [*two[0], two[1]]
)


def some(sends: st.SearchStrategy[list[str]], once: bool = False) -> st.SearchStrategy[list[Asked]]:
    """Questions at whose answers this goes wrong."""
    asked = st.builds(Asked, kind=CHATS, sends=sends, moves=st.booleans(), once=st.just(once))
    return st.lists(asked, min_size=5, max_size=40)


@settings(max_examples=8, phases=PHASES)
@given(some(SENDS))
def test_every_answer_arrives_and_comes_again_only_where_its_fate_was_unknown(
    every: list[Asked],
) -> None:
    with StandIn(privacy=False) as api:
        for asked, where in zip(every, sent(api, every), strict=True):
            assert len(asked.answers) == 1 + lost(asked.sends)
            answer = asked.answers[-1]
            assert where == Sent(answer.chat.id, answer.id)
            assert answer.chat is asked.chats[-1]
            assert {one.text for one in asked.answers} == {"Nobody & all."}
            assert answer.labels == ["More"]
            assert bool(answer.entities) != ("plain" in asked.sends)


@settings(max_examples=4, phases=PHASES)
@given(some(SENDS, once=True))
def test_what_is_sent_once_stands_at_most_once_and_whether_it_may_stand_is_known(
    every: list[Asked],
) -> None:
    with StandIn(privacy=False) as api:
        for asked, where in zip(every, sent(api, every), strict=True):
            first = next((what for what in asked.sends if what in UNKNOWN), "")
            assert len(asked.answers) == (first not in ("500", "502"))
            assert asked.may_stand
            assert (where is None) == bool(first)


@settings(max_examples=2, phases=PHASES)
@given(some(LAST))
def test_what_lasts_ends_the_sending(every: list[Asked]) -> None:
    with StandIn(privacy=False) as api:
        for asked, where in zip(every, sent(api, every), strict=True):
            assert len(asked.answers) == lost(asked.sends)
            assert where is None
            assert not asked.may_stand


def test_a_server_that_fails_for_everyone_at_once_is_asked_twice_by_each() -> None:
    every = [Asked("private", ["502"]) for _ in range(100)]
    with StandIn() as api:
        sent(api, every)
        assert all(len(asked.answers) == 1 for asked in every)
        assert len(api.calls) == 2 * len(every)


@pytest.mark.parametrize("once", [False, True])
def test_what_never_left_is_sent_when_the_server_is_there_again(once: bool) -> None:
    with StandIn() as api:
        chat = api.private(api.person("Ann"))
        noted: list[str] = []

        async def tried(_: int) -> None:
            noted.append("tried")

        waiting = threading.Timer(1.0, api.up)

        async def unsent() -> None:
            noted.append("unsent")
            if len(noted) == 2:  # tried once in vain, however long that took to come about
                waiting.start()

        letter = Letter(chat.id, "news", once=once, tried=tried, unsent=unsent)
        api.down()
        (where,) = send(api, [letter])
        waiting.join()
        (message,) = chat.answers
        assert where == Sent(chat.id, message.id)
        tries = len(noted) // 2
        assert tries >= 1
        assert noted == ["tried", "unsent"] * tries + ["tried"]


def test_a_document_and_a_line_of_unknown_fate_are_sent_again() -> None:
    with StandIn() as api:
        chat = api.private(api.person("Ann"))
        for method in ("sendMessage", "sendDocument"):
            api.faults.add(method, 502)

        async def send_both() -> None:
            async with HTTPXRequest() as request:
                bot = Bot(api.token, base_url=f"{api.url}/bot", request=request)
                with tempfile.TemporaryDirectory() as home, StoreThreads(Path(home)) as store:
                    outbox = Outbox(bot, store, Pace(10_000))
                    assert await outbox.send(Letter(chat.id, "a line"))
                    assert await outbox.send_document(Letter(chat.id, ""), b"text", "a.txt", "it")

        asyncio.run(send_both())
        assert [(one.text, one.document is not None) for one in chat.answers] == [
            ("a line", False),
            ("it", True),
        ]


def test_patience_ends_and_what_could_not_be_sent_is_counted() -> None:
    with StandIn() as api:
        chat = api.private(api.person("Ann"))
        api.faults.add("sendMessage", 500, times=99)
        began = time.monotonic()
        assert send(api, [Letter(chat.id, "news", patience=1.0)]) == [None]
        assert 1.0 <= time.monotonic() - began < 5.0
        assert chat.answers == []
