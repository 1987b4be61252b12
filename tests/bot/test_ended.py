"""What would end the bot: an update that kills it, and a library that is cut beneath it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from newsdesk.index.errors import LibraryDamaged
from newsdesk.index.generation import Generation, current
from tests.botapi import StandIn
from tests.helpers.inprocess import asked, settled
from tests.helpers.small_bot import SmallBot
from tests.helpers.support import index
from tests.helpers.talking import told

pytestmark = pytest.mark.own_bot("small")

ASKED = "who reopened the harbour of Leedham?"
DEADLY = "who reopened the deadly museum of Ostby?"
SAID = "The harbour of Leedham was reopened on Monday by mayor Ida Holm after repairs."
FAILED = "Something went wrong here, and it has been noted. Please ask again later."
DEATHS = 3
STARTED = "answers from"


@pytest.mark.slow  # six processes
def test_an_update_that_kills_the_bot_is_set_aside_after_a_few_starts_and_counted(
    api: StandIn, home: Path
) -> None:
    boss, ann, bob = api.person("Boss"), api.person("Ann"), api.person("Bob")
    chats = {one.id: api.private(one) for one in (boss, ann, bob)}
    bot = SmallBot(api, home, (boss.id,), deadly=signal.SIGKILL)
    try:
        with bot:
            api.say(ann, chats[ann.id], DEADLY)
            assert bot.wait() == -signal.SIGKILL
            api.say(bob, chats[bob.id], ASKED)
        for _ in range(DEATHS - 1):
            bot.start()
            assert bot.wait() == -signal.SIGKILL
        bot.start()
        bot.until(STARTED, times=bot.told().count(STARTED) + 1)
        assert SAID in settled(api, chats[bob.id], 1).text  # it waited for nothing
        assert "updates set aside: 1" in asked(api, boss, chats[boss.id], "/stats").text
        assert SAID in asked(api, ann, chats[ann.id], ASKED).text  # she may go on
        api.quiet(chats[bob.id], 0.3)
        assert len(chats[bob.id].answers) == 1
        assert len(chats[ann.id].answers) == 1
        assert bot.stop() == 0
        bot.start()
        bot.until(STARTED, times=bot.told().count(STARTED) + 1)
        assert "updates set aside: 1" in asked(api, boss, chats[boss.id], "/stats").text
    finally:
        bot.kill()


def columns(home: Path) -> list[Path]:
    """The files of the newest generation that are mapped."""
    folder = home / "generations" / current(home)
    names = [name for name, given in Generation(folder).manifest.columns.items() if given["bytes"]]
    return [folder / name for name in names]


def test_a_library_that_is_cut_beneath_the_bot_is_said_and_mended_while_it_lives(
    api: StandIn, home: Path, small_library: Path
) -> None:
    boss, ann = api.person("Boss"), api.person("Ann")
    here, chat = api.private(boss), api.private(ann)
    with SmallBot(api, home, (boss.id,)) as bot:
        answer = asked(api, ann, chat, ASKED)
        assert SAID in answer.text
        for file in columns(home):
            os.truncate(file, 0)
        assert asked(api, ann, chat, ASKED).text == FAILED
        assert asked(api, ann, chat, "/brief 30d").text == FAILED
        assert told(api, ann, answer, "Context") == FAILED
        assert [one["title"] for one in api.inline(ann, ASKED).results] == ["Not possible just now"]
        word = settled(api, here, 1).text
        assert word.startswith("Newsdesk needs you: ")
        assert "run `newsdesk index`" in word
        assert "library" in asked(api, boss, here, "/stats").text
        assert bot.code() is None
        index(home, small_library.parent / "articles")
        assert SAID in asked(api, ann, chat, ASKED).text
        assert bot.stop() == 0


def test_a_cut_of_any_file_is_noticed_before_it_is_read(home: Path) -> None:
    opened = Generation(home / "generations" / current(home))
    opened.check()
    for file in columns(home):
        size = file.stat().st_size
        os.truncate(file, size - 1)
        with pytest.raises(LibraryDamaged, match=f"{file.name}: .*cut to {size - 1} bytes"):
            opened.check()
        os.truncate(file, size)
    opened.check()
