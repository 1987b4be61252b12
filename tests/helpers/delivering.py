"""Many chats with briefings that are due, on a bad day: what is told in them, and how often."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from newsdesk.bot.store.models import KeptBrief, Plan
from newsdesk.bot.store.store import Store
from tests.botapi import Chat, Message, Person, StandIn

from .running import Running, copied

ON_THEIR_WAY = 8  # briefings, at once; at a kill, their fate is unknown
KINDS = ("private", "basic", "supergroup")
_SAID = ("good morning", "and who won?", "see you there", "no idea", "lunch?")
_TROUBLES = ("429", "500", "lost 500", "502", "lost 502")


@dataclass
class Many:
    """Chats of all kinds, each with a schedule, and what befell them."""

    api: StandIn
    home: Path
    count: int
    seed: int
    kinds: Sequence[str] = KINDS
    chats: list[Chat] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        for n in range(self.count):
            person = self.api.person(f"P{n}")
            kind = self.kinds[n % len(self.kinds)]
            chat = (
                self.api.private(person)
                if kind == "private"
                else self.api.group(f"G{n}", person, basic=kind == "basic")
            )
            self.people.append(person)
            self.chats.append(chat)
        self.api.bot.updates.clear()  # it has been in those groups for long
        with Store(self.home) as store, store.transaction():
            for chat in self.chats:
                store.briefings.set_plan(Plan(chat=chat.id, on=True, all_quiet=True))

    @property
    def ids(self) -> list[int]:
        """Of the chats."""
        return [chat.id for chat in self.chats]

    def make_due(self, at: Sequence[float]) -> None:
        """Have each chat's briefing be due at a moment."""
        with Store(self.home) as store, store.transaction():
            for chat, due in zip(self.chats, at, strict=True):
                plan = store.briefings.plan(chat.id, 0)
                store.briefings.set_plan(msgspec.structs.replace(plan, due=due))

    def is_done(self) -> bool:
        """Whether nothing is due, and nothing on its way."""
        with Store(self.home) as store:
            return not store.briefings.due(time.time()) and not store.briefings.unsent()

    def wait(self, timeout: float = 120) -> None:
        """Wait until everything was delivered, or given up."""
        self.api.wait_for(self.is_done, timeout, "all that was due")

    def plan_trouble(self, share: float, timeouts: int) -> int:
        """Have sends go wrong in a share of the chats; returns at how many the fate is unknown."""
        unknown = timeouts
        for chat in self.random.sample(self.chats, int(share * self.count)):
            trouble = self.random.choice(_TROUBLES)
            fail(self.api, chat, "sendMessage", trouble)
            unknown += trouble != "429"
        for chat in self.random.sample(self.chats, timeouts):
            self.api.faults.add("sendMessage", chat=chat, lost=True)
        return unknown

    def told(self) -> dict[int, Counter[float]]:
        """How many briefings stand in each chat, by the moment when they were due."""
        with Store(self.home) as store:
            return {
                chat.id: Counter(_brief(store, one).due for one in briefings(chat))
                for chat in self.chats
            }

    def stories(self) -> dict[int, set[str]]:
        """The articles of the stories that were told in each chat."""
        with Store(self.home) as store:
            return {
                chat.id: {
                    article
                    for message in briefings(chat)
                    for story in _brief(store, message).stories
                    for article in story.articles
                }
                for chat in self.chats
            }


def briefings(chat: Chat) -> list[Message]:
    """The briefings that stand in a chat."""
    return [one for one in chat.answers if one.text.startswith("Briefing")]


def _brief(store: Store, message: Message) -> KeptBrief:
    """The briefing that a message holds, by the key on its first story's button."""
    kept = store.briefings.brief(message.buttons[0][0].data.split(":")[1])
    return kept or KeptBrief(key="", chat=0, made=0.0, until=0.0)


def fail(api: StandIn, chat: Chat, method: str, what: str) -> None:
    """Plan one thing that goes wrong at the next call of a method."""
    lost, _, code = what.rpartition(" ")
    wait = 1 if code == "429" else 0
    api.faults.add(method, int(code), chat=chat, lost=bool(lost), retry_after=wait)


class Talk(threading.Thread):
    """People who chat in the groups, and ask the bot something now and then."""

    def __init__(self, many: Many, a_second: float) -> None:
        super().__init__(daemon=True)
        self._many = many
        self._pause = 1 / a_second
        self._random = random.Random(many.seed + 1)
        self._ended = threading.Event()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Talk, until told to stop."""
        many = self._many
        groups = [n for n, chat in enumerate(many.chats) if chat.type != "private"]
        while not self._ended.wait(self._random.expovariate(1 / self._pause)):
            n = self._random.choice(groups)
            many.api.say(many.people[n], many.chats[n], self._random.choice(_SAID))


@dataclass(frozen=True)
class Outcome:
    """What became of some rounds of briefings, the last of them without any trouble."""

    dues: list[float]  # when each round was due
    unknown: int  # sends of unknown fate, at most
    told: dict[int, Counter[float]]  # chat -> due -> how many briefings stand there
    stories: dict[int, set[str]]  # chat -> articles of the stories that it was told

    @property
    def twice(self) -> list[int]:
        """The chats in which a briefing stands twice."""
        return [chat for chat, counts in self.told.items() if max(counts.values()) > 1]

    @property
    def lost(self) -> list[int]:
        """The chats that were not told a story which others were told."""
        every = set[str]().union(*self.stories.values())
        return [chat for chat, articles in self.stories.items() if articles != every]

    @property
    def missing(self) -> int:
        """How many briefings do not stand where they were due."""
        return sum(due not in counts for counts in self.told.values() for due in self.dues)


def rounds(many: Many, bot: Running, count: int, kills: int, timeouts: int) -> Outcome:
    """Some rounds with troubles, in the midst of which the bot is killed, and one without any."""
    dues, unknown = [], 0
    for n in range(count):
        dues.append(time.time() - 100 + n)
        unknown += many.plan_trouble(0.4, timeouts) + kills * ON_THEIR_WAY
        before = len(many.api.called("sendMessage"))
        many.make_due([dues[-1]] * many.count)
        for at in sorted(many.random.sample(range(1, many.count), kills)):
            _kill(many, bot, before + at)
        many.wait()
    many.api.faults.planned.clear()
    dues.append(time.time() - 50)
    many.make_due([dues[-1]] * many.count)
    many.wait()
    return Outcome(dues, unknown, many.told(), many.stories())


@dataclass(frozen=True)
class Rush:
    """How it went when all were due at once."""

    sent: int
    seconds: float  # from the first to the last
    shuffled: int  # places that one went out earlier or later than in the order they were due
    between: list[int]  # briefings that went out between a question and its answer


def rush(many: Many, asked: int) -> Rush:
    """All are due in the same minute, and people ask meanwhile."""
    api, now = many.api, time.time()
    many.make_due([now - 50 + n / many.count for n in range(many.count)])
    between = []
    for n in range(1, asked + 1):
        _until_sent(many, n * many.count // (2 * asked))
        person = api.person("Asker")
        before = len(api.called("sendMessage"))
        api.say(person, api.private(person), "/topics")
        api.wait(api.private(person), timeout=60)
        between.append(len(api.called("sendMessage")) - before - 1)
    many.wait(300)
    sends = [one for one in api.called("sendMessage") if one.chat in many.ids]
    order = [many.ids.index(one.chat or 0) for one in sends]
    shuffled = max(abs(at - place) for at, place in enumerate(order))
    return Rush(len(sends), sends[-1].at - sends[0].at, shuffled, between)


def _until_sent(many: Many, count: int) -> None:
    many.api.wait_for(lambda: len(many.api.called("sendMessage")) >= count, 120, f"send {count}")


def _kill(many: Many, bot: Running, calls: int) -> None:
    """Kill the bot as soon as it has sent so much, or a moment later."""

    def ready() -> bool:
        return len(many.api.called("sendMessage")) >= calls or many.is_done()

    many.api.wait_for(ready, 60, f"send {calls}")
    time.sleep(many.random.choice((0, 0, many.random.random() / 50)))
    starts = bot.told().count("answers from")
    bot.kill()
    bot.start()
    bot.until("answers from", starts + 1)


def started(api: StandIn, library: Path, home: Path, **settings: str) -> Running:
    """A bot that is fast, and has a copy of a library; not yet running."""
    given = {"telegram_messages_a_second": "1000", **settings}
    return Running(api, copied(library, home), **given)
