"""A hundred people at once, and a thousand questions: none lost, none answered twice."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsdesk.index import evaluate
from tests.botapi import Chat, Message, StandIn
from tests.helpers.running import Running, copied
from tests.helpers.support import SEEDS

pytestmark = pytest.mark.slow  # bursts

PEOPLE, EACH, FEW = 100, 8, 2
MANY = 10
MOMENT = "One moment …"
GROWTH = 14_000  # kilobytes, from the small burst to the large one, at most


@pytest.fixture
def home(seeds_home: Path, tmp_path: Path) -> Iterator[Path]:
    """A home with a library of the seeds."""
    yield (found := copied(seeds_home, tmp_path / "home"))
    shutil.rmtree(found)


def questions() -> list[str]:
    """Questions of the seeds."""
    return [one.text for one in evaluate.load(SEEDS).questions]


def memory(bot: Running) -> int:
    """Kilobytes that a bot holds of its own. Files that it maps are everyone's, and the more words
    were asked the more of them has been looked at."""
    told = Path(f"/proc/{bot.pid}/status").read_text("utf-8")
    (line,) = [one for one in told.splitlines() if one.startswith("RssAnon")]
    return int(line.split()[1])


def counted(chats: list[Chat]) -> int:
    """The bot's messages in some chats."""
    return sum(len(one.answers) for one in chats)


def burst(api: StandIn, chats: list[Chat], each: int = EACH) -> list[Message]:
    """Everyone asks some questions, one after another, as fast as they can."""
    every = questions()
    return [
        api.say(api.people[chat.id], chat, every[(place * each + turn) % len(every)])
        for turn in range(each)
        for place, chat in enumerate(chats)
    ]


def each_once(chats: list[Chat], asked: list[Message]) -> None:
    """Each question has exactly one answer, in its own chat and in the order of asking."""
    for chat in chats:
        replied = [one.reply_to for one in chat.answers]
        assert replied == [one for one in asked if one.chat is chat]
    assert all(MOMENT not in one.text for chat in chats for one in chat.answers)


def test_a_burst_of_a_thousand_is_answered_and_takes_no_more_memory_than_a_small_one(
    home: Path,
) -> None:
    with StandIn() as api, Running(api, home, telegram_messages_a_second="1000") as bot:
        chats = [api.private(api.person(f"Person {n}")) for n in range(PEOPLE)]
        lone = api.private(api.person("Lone"))
        asked = burst(api, chats, FEW)
        api.wait_for(lambda: counted(chats) >= len(asked), 120)
        first = memory(bot)
        asked += burst(api, chats)
        api.wait_for(lambda: counted(chats) >= len(asked) // 2, 120)
        question = api.say(api.people[lone.id], lone, "who is in the B9?")
        api.wait(lone, timeout=60)
        assert counted(chats) < len(asked)  # it did not wait for the others to end
        api.wait_for(lambda: counted(chats) >= len(asked), 120)
        second = memory(bot)
        api.quiet(lone)
        each_once(chats, asked)
        assert [one.reply_to for one in lone.answers] == [question]
        assert second < first + GROWTH, f"{first} kB, then {second} kB"
        assert [one for one in api.refused if "not modified" not in one[1]] == []
        assert bot.stop() == 0
        assert "Traceback" not in bot.told()


def test_who_must_wait_is_told_so_and_killed_meanwhile_it_answers_in_that_message(
    home: Path,
) -> None:
    given = {"telegram_messages_a_second": "1000", "telegram_threads": "1"}
    with StandIn() as api, Running(api, home, **given) as bot:
        chats = [api.private(api.person(f"Person {n}")) for n in range(150)]
        every = questions()
        asked = [
            api.say(api.people[chat.id], chat, every[place % len(every)])
            for place, chat in enumerate(chats)
        ]

        def answers() -> list[Message]:
            return [one for chat in chats for one in chat.answers if one.text != MOMENT]

        def told() -> list[Message]:
            return [one for chat in chats for one in chat.answers if one.text == MOMENT]

        # Words that were on their way are not known to the next run: wait for more than those.
        api.wait_for(
            lambda: len(told()) >= MANY and [one for one in answers() if MOMENT in one.edits], 60
        )
        bot.kill()
        with api.lock:
            seen = told()
        bot.start()
        api.wait_for(lambda: {one.reply_to for one in answers()} == set(asked), 120)
        api.quiet(chats[0])
        # Again only where an answer was on its way at the kill, since its fate was unknown then.
        assert max(Counter(one.reply_to for one in answers()).values()) <= 2
        assert any(MOMENT in one.edits for one in seen)
        # A word that was on its way at the kill is not known to the next run; there are no others.
        assert all(one in seen or one.edits for one in told())
        assert bot.stop() == 0
        assert "Traceback" not in bot.told()
