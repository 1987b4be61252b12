"""An addition that was accepted is finished after a kill, once, wherever the kill fell."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from newsdesk.index.library import Library
from tests.botapi import Chat, Message, Person, StandIn
from tests.helpers.feeding import story
from tests.helpers.inprocess import asked
from tests.helpers.small_bot import FATAL, SmallBot
from tests.helpers.support import SmallEncoder, small
from tests.helpers.talking import told
from tests.helpers.web import Handler, Web

from .test_additions import BACK, CUTTING, added, done, ids, places

STARTED = "answers from"


def again(bot: SmallBot) -> None:
    """Start it again, and wait until it answers."""
    starts = bot.told().count(STARTED)
    bot.start()
    bot.until(STARTED, times=starts + 1)


def killed(bot: SmallBot) -> None:
    """Kill it now."""
    bot.kill()
    again(bot)


def ended(bot: SmallBot) -> None:
    """Wait until it has killed itself."""
    assert bot.wait(timeout=240) == -signal.SIGKILL
    again(bot)


def says(api: StandIn, chat: Chat, words: str) -> Message:
    """The one message of the bot that says some words at last."""

    def found() -> Message | None:
        return next((one for one in chat.answers if words in one.text), None)

    message: Message = api.wait_for(found, what=words)
    return message


@pytest.mark.slow  # four processes
def test_additions_survive_kills_before_they_are_read_while_they_are_encoded_and_taken_back(
    api: StandIn, home: Path, boss: Person, desk: Chat, web: Web
) -> None:
    before = ids(home)
    waiting: list[str] = []
    web.lines("/feed", [story(1), story(2, f"A {FATAL} blew.")])
    feed = web.pages["/feed"]

    def stuck(handler: Handler) -> None:
        """Answer only once the bot was killed."""
        waiting.append(handler.path)
        if len(waiting) == 1:
            handler.rfile.read(1)  # until the connection breaks
        else:
            feed(handler)

    web.pages["/feed"] = stuck
    with SmallBot(api, home, (boss.id,)) as bot:
        # Accepted, and nothing of it read.
        api.say(boss, desk, f"/add {web.url('/feed')}")
        api.wait_for(lambda: waiting, what="a request")
        assert "Reading" in api.wait(desk)[0].text
        bot.kill()
        assert ids(home) == before
        bot.start()
        # Stored, and not encoded: by its first passage it ends itself.
        ended(bot)
        assert len(ids(home)) == len(before) + 2
        message = added(api, desk, 1)
        assert message.text.endswith("added: 2 passages of 2 articles")
        assert [one.text for one in desk.answers] == [message.text]  # one message all the while
        assert "lighthouse" in asked(api, boss, desk, "where did the kestrel1 nest?").text
        # Taken back.
        api.faults.add("editMessageText", chat=desk, slow=2.0)
        told(api, boss, message, BACK)
        killed(bot)
        done(api, desk, 1, "Taken back: ")
        api.wait_for(lambda: ids(home) == before, what="what was there before")
        assert web.url("/feed") not in places(home)
    api.refused.clear()  # the press, which was answered before the kill, is so again


@pytest.mark.slow  # three processes
def test_a_file_survives_a_kill_while_it_is_fetched_and_a_removal_one_too(
    api: StandIn, home: Path, boss: Person, desk: Chat
) -> None:
    before = ids(home)
    with SmallBot(api, home, (boss.id,)) as bot:
        api.faults.add("download", slow=5.0)
        api.send_file(boss, desk, "ferry.txt", CUTTING)
        api.wait_for(lambda: api.called("download"), what="a download")
        killed(bot)
        assert added(api, desk, 1).text.endswith("added: 1 passage")
        assert len(ids(home)) == len(before) + 1
        name = next(iter(set(ids(home)) - set(before)))
        api.faults.add("sendMessage", chat=desk, slow=2.0)
        api.say(boss, desk, f"/remove {name}")
        api.wait_for(lambda: len(api.called("sendMessage", desk)) >= 2, what="word of it")
        killed(bot)
        says(api, desk, "Removed: ")
        api.wait_for(lambda: ids(home) == before, what="what was there before")
    with Library(home) as library:
        assert not library.unencoded()
    assert small(home).model == SmallEncoder().model.name
