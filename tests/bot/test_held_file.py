"""Another program holds the bot's file: what is written waits for it, and what is answered not."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from newsdesk.bot.store.store import Store
from newsdesk.index.library import Library
from tests.botapi import StandIn
from tests.helpers.inprocess import InProcess, asked, settled

pytestmark = pytest.mark.own_bot("small")

ASKED = "who reopened the harbour of Leedham?"
OTHER = "who reopened the museum of Ostby?"
SAID = "The harbour of Leedham was reopened on Monday by mayor Ida Holm after repairs."
LONG = 25.0  # seconds; longer than SQLite waits by itself
HOLDS = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Another process holds the write lock of the bot's file."""
    command = [sys.executable, "-c", HOLDS, str(home / "bot.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        yield


def rows(home: Path, sql: str) -> list[tuple[object, ...]]:
    """What lies in the bot's file."""
    with closing(sqlite3.connect(home / "bot.db")) as base:
        return list(base.execute(sql))


def test_sqlite_is_refused_in_the_thread_of_an_event_loop(home: Path, tmp_path: Path) -> None:
    async def open_it() -> None:
        with pytest.raises(RuntimeError, match="event loop"):
            Store(tmp_path)
        with pytest.raises(RuntimeError, match="event loop"):
            Library(home)

    asyncio.run(open_it())
    with Store(tmp_path) as store:

        async def ask_it() -> None:
            with pytest.raises(RuntimeError, match="event loop"):
                store.answer("key")

        asyncio.run(ask_it())


def test_while_another_holds_the_file_all_is_answered_and_nothing_is_lost(
    api: StandIn, home: Path
) -> None:
    ann, bob = api.person("Ann"), api.person("Bob")
    with InProcess(api, home):
        chat, other = api.private(ann), api.private(bob)
        with held(home):
            first = asked(api, ann, chat, ASKED)
            assert SAID in first.text
            assert "Ostby" in asked(api, bob, other, OTHER).text
            goes_on = asked(api, ann, chat, "and what did it cost?", reply_to=first)
            assert "cost" in goes_on.text
            api.tap(ann, first, "Context")
            api.wait_for(lambda: "Back" in "".join(first.labels), what="the context")
            assert api.inline(bob, ASKED).results
            link = str(api.inline(bob, OTHER).results[0]["reply_markup"])
            assert "start=q-" in link
            assert api.tap(ann, first, "👍").answer is not None  # written later
            follows = api.say(ann, chat, "/follow the stadium")
            # Telegram is not told that an update arrived before it is stored.
            assert api.bot.updates
            assert rows(home, "SELECT * FROM answers") == []
        api.wait_for(lambda: chat.answers[-1].reply_to is follows, what="the reply to /follow")
        api.wait_for(lambda: not api.bot.updates, what="the end of the updates")
        api.wait_for(lambda: rows(home, "SELECT vote FROM feedback") == [(1,)], what="the vote")
        left = "SELECT count(*) FROM updates WHERE packed IS NOT NULL"
        api.wait_for(lambda: rows(home, left) == [(0,)], what="the last to be struck off")
        assert rows(home, "SELECT name FROM follows") == [("the stadium",)]
        assert len(rows(home, "SELECT * FROM answers")) == 3
        api.quiet(chat, 0.3)
        assert len(chat.answers) == 3  # each once, though Telegram brought them again
        assert len(other.answers) == 1


def test_killed_while_another_holds_the_file_it_has_lost_nothing(api: StandIn, home: Path) -> None:
    ann = api.person("Ann")
    chat = api.private(ann)
    with InProcess(api, home) as bot:
        with held(home):
            question = api.say(ann, chat, ASKED)
            assert SAID in settled(api, chat, 1).text
            assert [one["message"]["text"] for one in api.bot.updates] == [ASKED]
        assert question is chat.answers[0].reply_to
        assert bot.error is None


@pytest.mark.slow
def test_for_as_long_as_a_backup_may_take_writing_waits_and_answering_does_not(
    api: StandIn, home: Path
) -> None:
    ann = api.person("Ann")
    chat = api.private(ann)
    with InProcess(api, home):
        before = asked(api, ann, chat, OTHER)
        with held(home):
            begun = time.monotonic()
            assert SAID in asked(api, ann, chat, ASKED).text
            votes = api.tap(ann, before, "👎", wait=False)
            follows = api.say(ann, chat, "/follow the stadium")
            time.sleep(LONG - (time.monotonic() - begun))
            assert votes.answer is not None
            assert chat.answers[-1].reply_to is not follows
        api.wait_for(lambda: chat.answers[-1].reply_to is follows, what="the reply to /follow")
        assert rows(home, "SELECT vote FROM feedback") == [(-1,)]
        assert rows(home, "SELECT name FROM follows") == [("the stadium",)]
