"""/forgetme and /forget: nothing of the person, or of the chat, is left in any table."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsdesk.bot.store.store import Store
from tests.botapi import Chat, StandIn
from tests.helpers.inprocess import InProcess, asked
from tests.helpers.talking import opened, told

pytestmark = pytest.mark.own_bot("small")

HERS, THEIRS = "quillfeather", "marmalade"  # words that stand in no article
HARBOUR = f"who reopened the harbour of Leedham, {HERS}?"
MUSEUM = f"who reopened the museum of Ostby, {THEIRS}?"
TUNNEL = "who reopened the tunnel of Ostby?"
FAR = 9_000  # ids of people that no message has for its number
NEWS = datetime(2026, 3, 6, 12, tzinfo=UTC).timestamp()  # when the articles are new
NEW_TABLE = "nothing fills it here; fill it, and have forget_person and forget_chat empty it"


def tables(home: Path) -> dict[str, str]:
    """All that lies in the bot's file, as text, by table."""
    with closing(sqlite3.connect(home / "bot.db")) as base:
        names = [
            name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        every = {name: list(base.execute(f"SELECT * FROM {name}")) for name in names}
    return {
        name: "\n".join(
            cell.decode() if isinstance(cell, bytes) else str(cell) for row in rows for cell in row
        )
        for name, rows in every.items()
    }


def holding(home: Path, *marks: int | str) -> list[str]:
    """The tables that hold a number or a word, in any column and however it is packed."""
    patterns = [
        rf"(?<![0-9.-]){mark}(?![0-9])" if isinstance(mark, int) else mark for mark in marks
    ]
    return [
        name
        for name, text in tables(home).items()
        if any(re.search(pattern, text) for pattern in patterns)
    ]


def bytes_of(home: Path) -> bytes:
    """The bot's file and its write-ahead log as they lie on the disk."""
    return b"".join(file.read_bytes() for file in sorted(home.glob("bot.db*")))


def struck_off(api: StandIn, home: Path) -> None:
    """Wait until all that was asked is done."""

    def is_done() -> bool:
        with Store(home) as store:
            return not store.unanswered()

    api.wait_for(is_done, what="the end of all updates")


def aside(home: Path, number: int, chat: Chat, sender: int) -> None:
    """An update that was set aside: nothing can be made of it."""
    told = {"from": {"id": sender, "is_bot": False}, "chat": {"id": chat.id}, "text": 5}
    with Store(home) as store:
        store.take(number, json.dumps({"update_id": number, "message": told}))
        store.set_aside(number)


def test_nothing_of_a_person_or_a_chat_is_left_in_any_table(api: StandIn, home: Path) -> None:
    for _ in range(FAR):
        api.number("person")
    ann, bob, carl = api.person("Ann"), api.person("Bob"), api.person("Carl")
    chat, other = api.private(ann), api.private(bob)
    old = api.group("Desk", ann, bob, admins=(bob,), basic=True)
    aside(home, 1, chat, ann.id)
    with InProcess(api, home, admins=(ann.id,)) as bot:
        bot.context.clock = lambda: NEWS
        # Carl is forgotten at first: then there are counts.
        asked(api, carl, api.private(carl), TUNNEL)
        asked(api, carl, api.private(carl), "/forgetme")
        # Ann, in private.
        own = asked(api, ann, chat, HARBOUR)
        told(api, ann, own, "👍")
        asked(api, ann, chat, "/help")
        asked(api, ann, chat, "/brief since 2026-03-01")
        for words in (f"/follow harbour {HERS}", "/schedule 08:00", "/settings Europe/Bucharest"):
            asked(api, ann, chat, words)
        asked(api, ann, chat, f"/brief harbour {HERS} since 2026-03-01")
        assert api.inline(ann, f"the harbour of Tenby Sands, {HERS}").results
        # In a group that has another id since.
        asked(api, bob, old, f"/ask {MUSEUM}")
        group = api.migrate(old)
        aside(home, 2, group, bob.id)
        theirs = asked(api, ann, group, f"/ask {HARBOUR}")
        told(api, bob, theirs, "👎")
        asked(api, bob, group, "and what did it cost?", reply_to=theirs)
        asked(api, ann, group, f"/brief harbour {HERS} since 2026-03-01")
        asked(api, bob, group, "/brief since 2026-03-01")
        museum = asked(api, bob, group, f"/ask {MUSEUM}")
        told(api, ann, museum, "👍")
        asked(api, bob, group, f"/follow the museum {THEIRS}")
        asked(api, bob, group, "/schedule 08:00")
        asked(api, bob, group, "/settings Europe/Berlin")
        asked(api, bob, group, "/brief since 2026-03-01")
        # What Bob opens in private of Ann's answer, and Ann of Bob's.
        opened(api, bob, str((api.tap(bob, theirs, "Context").answer or {})["url"]))
        opened(api, ann, str((api.tap(ann, museum, "Context").answer or {})["url"]))
        asked(api, bob, other, TUNNEL)
        # What feeds the library: Ann is an administrator of the bot.
        channel = api.channel("Marsh News", bob)
        api.wait_for(lambda: "Marsh News" in chat.answers[-1].text, what="a question about it")
        addition = asked(api, ann, chat, f"/add http://127.0.0.1:9/{HERS}")
        api.wait_for(lambda: "Not added" in addition.text, what="an end")
        with Store(home) as store:
            store.feeding.note_failing(["https://gazette.example/feed"], [])
        assert {"asked", "channels"} <= set(holding(home, channel.id))
        with closing(sqlite3.connect(home / "bot.db")) as base:
            empty = [name for name, text in tables(home).items() if not text]
            assert not empty, f"{empty}: {NEW_TABLE}"
            assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert len(holding(home, ann.id)) >= 6
        assert HERS.encode() in bytes_of(home)

        asked(api, ann, chat, "/forgetme")
        struck_off(api, home)
        assert holding(home, ann.id, HERS) == []
        assert HERS.encode() not in bytes_of(home)
        assert {"answers", "follows", "plans", "briefings"} <= set(holding(home, group.id))

        asked(api, bob, group, "/forget")
        marks = group.id, old.id, THEIRS
        struck_off(api, home)
        assert holding(home, *marks) == []
        assert holding(home, bob.id) == ["answers"]  # his private question
        assert "tunnel of Ostby?" in tables(home)["answers"]
        assert sorted(holding(home, channel.id)) == ["channels", "chats"]
        with Store(home) as store:
            store.forget_chat(channel.id)
        assert holding(home, channel.id) == []


def test_a_group_that_is_allowed_by_a_former_id_stays_so_when_it_is_forgotten(
    api: StandIn, home: Path
) -> None:
    ann = api.person("Ann")
    old = api.group("Desk", ann, admins=(ann,), basic=True)
    with InProcess(api, home, allowed_chats=(old.id,)):
        asked(api, ann, old, f"/ask {MUSEUM}")
        group = api.migrate(old)
        asked(api, ann, group, f"/ask {MUSEUM}")
        assert "Forgotten" in asked(api, ann, group, "/forget").text
        assert holding(home, old.id) == ["moves"]
        assert "Ida Holm" in asked(api, ann, group, f"/ask {MUSEUM}").text


def test_briefings_are_kept_as_long_as_answers(home: Path, api: StandIn) -> None:
    ann = api.person("Ann")
    with InProcess(api, home) as bot:
        bot.context.clock = lambda: NEWS
        asked(api, ann, api.private(ann), "/brief since 2026-03-01")
    with Store(home) as store:
        days = (time.time() - NEWS) / 86_400
        store.sweep(days + 1)
        assert tables(home)["briefings"]
        store.sweep(days - 1)
        assert not tables(home)["briefings"]
