"""Whatever goes wrong, and in whatever order: sent once, or not at all where that cannot be."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.request import HTTPXRequest

from newsdesk.bot.store.store import Store
from newsdesk.bot.transport.outbox import Letter, Outbox, Sent
from newsdesk.bot.transport.rate_limit import Pace
from tests.botapi import Chat, Message, StandIn

pytestmark = pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
# What may go wrong at a send, and pass: not done; done, but told otherwise; too fast; our HTML.
PASSING = ["500", "502", "lost 500", "lost 502", "429", "plain"]
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
    looks: Sequence[str]
    moves: bool = False
    chats: list[Chat] = field(default_factory=list)  # and where it moved
    message: Message | None = None

    def plan(self, api: StandIn) -> None:
        """Ask, and plan what goes wrong."""
        ann = api.person("Ann")
        private = self.kind == "private"
        chat = api.private(ann) if private else api.group("D", ann, basic=self.kind == "basic")
        self.chats = [chat]
        self.message = api.say(ann, chat, "who?")
        if self.moves and self.kind == "basic":
            self.chats.append(chat := api.migrate(chat, told=False))
        for one in self.sends:
            fail(api, chat, "sendMessage", one)
        for one in self.looks:
            fail(api, chat, "editMessageReplyMarkup", one)

    @property
    def letter(self) -> Letter:
        """Its answer."""
        assert self.message is not None
        number = self.message.id
        markup = InlineKeyboardMarkup(
            [[InlineKeyboardButton("More", callback_data=f"p:{id(self)}:1")]]
        )
        to = self.chats[0].id
        return Letter(to, "<b>Nobody</b> &amp; all.", markup, reply_to=number, after=number)

    @property
    def answers(self) -> list[Message]:
        """Its answers, wherever they stand."""
        return [one for chat in self.chats for one in chat.answers]


def fail(api: StandIn, chat: Chat, method: str, what: str) -> None:
    """Plan one thing that goes wrong at the next call of a method."""
    if what == "429":
        api.faults.add(method, 429, chat=chat, retry_after=1)
    elif what == "plain":
        api.faults.add(method, 400, chat=chat, words="Bad Request: can't parse entities: no")
    elif what in LASTING:
        code, words = LASTING[what]
        api.faults.add(method, code, chat=chat, words=words)
    else:
        lost, _, code_ = what.rpartition(" ")
        api.faults.add(method, int(code_), chat=chat, lost=bool(lost))


def sent(api: StandIn, every: Sequence[Asked]) -> list[Sent | None]:
    """Answer all questions side by side."""
    for one in every:
        one.plan(api)

    async def send() -> list[Sent | None]:
        async with HTTPXRequest(connection_pool_size=50) as request:
            bot = Bot(api.token, base_url=f"{api.url}/bot", request=request)
            with tempfile.TemporaryDirectory() as home, Store(Path(home)) as store:
                outbox = Outbox(bot, store, Pace(10_000))
                for one in every:
                    outbox.saw(one.chats[0].id, one.letter.after)
                return list(await asyncio.gather(*(outbox.send(one.letter) for one in every)))

    return asyncio.run(send())


PHASES = [Phase.explicit, Phase.reuse, Phase.generate]  # each takes seconds: no shrinking
CHATS = st.sampled_from(["private", "private", "basic", "group"])
# A text without markup is not refused for its markup.
SENDS = st.lists(st.sampled_from(PASSING), max_size=2).filter(lambda all_: all_.count("plain") < 2)
LOOKS = st.lists(st.sampled_from(["500", "502", "429"]), max_size=1)


@settings(max_examples=8, phases=PHASES)
@given(
    st.lists(
        st.builds(
            Asked,
            kind=CHATS,
            sends=SENDS,
            looks=LOOKS,
            moves=st.booleans(),
        ),
        min_size=5,
        max_size=40,
    )
)
def test_what_passes_is_outlived_and_every_answer_is_sent_exactly_once(every: list[Asked]) -> None:
    with StandIn(privacy=False) as api:
        found = sent(api, every)
        for one, where in zip(every, found, strict=True):
            (answer,) = one.answers
            assert where == Sent(answer.chat.id, answer.id)
            assert answer.chat is one.chats[-1]
            assert answer.text == "Nobody & all."
            assert answer.labels == ["More"]
            assert bool(answer.entities) != ("plain" in before_delivery(one.sends))


def before_delivery(sends: Sequence[str]) -> Sequence[str]:
    """What went wrong before the answer stood in the chat."""
    lost = [place for place, what in enumerate(sends) if what.startswith("lost")]
    return sends[: lost[0]] if lost else sends


@settings(max_examples=2, phases=PHASES)
@given(
    st.lists(
        st.builds(
            Asked,
            kind=CHATS,
            sends=st.tuples(
                st.lists(st.sampled_from(PASSING), max_size=1), st.sampled_from([*LASTING])
            ).map(lambda two: [*two[0], two[1]]),
            looks=LOOKS,
        ),
        min_size=5,
        max_size=40,
    )
)
def test_what_lasts_ends_the_sending_and_nothing_is_sent_twice(every: list[Asked]) -> None:
    with StandIn(privacy=False) as api:
        found = sent(api, every)
        for one, where in zip(every, found, strict=True):
            was_lost = any(what.startswith("lost") for what in one.sends)
            assert len(one.answers) == was_lost
            assert where == (Sent(one.answers[0].chat.id, one.answers[0].id) if was_lost else None)


def test_a_hundred_answers_whose_replies_are_all_lost_are_each_sent_once() -> None:
    every = [Asked("private", ["lost 502"], []) for _ in range(100)]
    with StandIn() as api:
        found = sent(api, every)
        for one, where in zip(every, found, strict=True):
            (answer,) = one.answers
            assert where == Sent(answer.chat.id, answer.id)


def test_a_server_that_fails_for_everyone_at_once_costs_few_looks() -> None:
    every = [Asked("private", ["502"], []) for _ in range(100)]
    with StandIn() as api:
        sent(api, every)
        assert all(len(one.answers) == 1 for one in every)
        # Whoever is through first shows that no lost answer stands beyond: the rest need not look.
        assert len(api.called("editMessageReplyMarkup")) < 10 * len(every)


def test_a_look_waits_as_long_as_telegram_says() -> None:
    asked = Asked("private", ["502"], ["429"])
    with StandIn() as api:
        sent(api, [asked])
        first, second, *_ = api.called("editMessageReplyMarkup")
        assert first.code == 429
        assert second.at - first.at >= 1
        assert len(asked.answers) == 1
