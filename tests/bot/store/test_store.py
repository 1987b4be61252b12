"""What the bot remembers: over a restart, a kill, a new schema, a move, and a file that is none."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from newsdesk.bot.store import database
from newsdesk.bot.store.database import new_key
from newsdesk.bot.store.models import ChatSettings, KeptAnswer, Narrowed, State, StoredCitation
from newsdesk.bot.store.store import Store
from newsdesk.index.errors import LibraryDamaged, LibraryMissing
from newsdesk.index.library.database import Database
from tests.helpers.support import ROOT


def kept(store: Store, **changed: object) -> KeptAnswer:
    """An answer in chat 7, kept."""
    given: dict[str, Any] = {
        "key": new_key(),
        "chat": 7,
        "user": 70,
        "asked": time.time(),
        "message": 12,
        "question_message": 11,
        "update": 5,
        "typed": "who?",
        "question": "who?",
        "verdict": "answered",
        "seconds": 0.01,
        "places": [StoredCitation("a", "1:x", 0, 4, "Title")],
        "pages": ["<b>x</b>"],
        "narrowed": Narrowed(sources=("Reuters",), said=("from Reuters",)),
    }
    one = KeptAnswer(**{**given, **changed})
    store.keep(one)
    return one


def test_an_answer_is_found_by_all_that_names_it_after_a_restart(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        one = kept(store)
    with Store(tmp_path) as store:
        assert store.answer(one.key) == one
        assert store.answer_in(7, 12) == one
        assert store.answer_to(7, 11) == one
        assert store.answer_of(5) == one
        assert store.last_answer(7, one.asked - 1) == one
        assert store.last_answer(7, one.asked + 1) is None
        assert store.answer_in(8, 12) is None


def test_an_answer_that_was_not_sent_is_in_no_message(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        kept(store, message=0)
        assert store.answer_in(7, 0) is None


def test_an_update_is_taken_once_and_comes_back_until_it_is_struck_off(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        assert store.take(2, "two")
        assert store.take(1, "one")
        assert not store.take(1, "one again")
        assert [left.packed for left in store.unanswered()] == ["one", "two"]
        store.strike(1)
    with Store(tmp_path) as store:
        assert [left.packed for left in store.unanswered()] == ["two"]
        assert not store.take(1, "one, once more")
        store.wait_with(2, 33)
        assert store.waiting(2) == 33
        assert store.waiting(1) == store.waiting(99) == 0


def test_what_was_written_outlives_a_kill(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from newsdesk.bot.store.store import Store\n"
        "s = Store(Path(sys.argv[1])); s.take(1, 'one'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, check=False)
    assert done.returncode == -9
    with Store(tmp_path) as store:
        assert [left.packed for left in store.unanswered()] == ["one"]


def test_votes_count_once_a_person_and_can_change(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        one = kept(store)
        assert store.vote(one, 1, 1)
        assert not store.vote(one, 1, 1)
        assert store.vote(one, 2, 1)
        assert store.vote(one, 1, -1)
        assert sorted(vote for _, vote in store.votes()) == [-1, 1]
        assert [judged for judged, _ in store.votes()] == [one, one]
        figures = store.figures(0)
        assert (figures.up, figures.down) == (1, 1)


def test_figures_are_of_questions_not_of_copies(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        kept(store, seconds=0.3)
        kept(store, seconds=0.1, update=6, verdict="none")
        kept(store, update=0)
        kept(store, update=7, asked=1.0)
        figures = store.figures(2.0)
        assert figures.questions == 2
        assert figures.verdicts == {"answered": 1, "none": 1}
        assert figures.seconds == [0.1, 0.3]


def test_a_chat_that_moves_takes_everything_along(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        one = kept(store)
        store.set_chat(7, ChatSettings(zone="Europe/Bucharest"))
        store.move_chat(7, -100)
        assert store.chat(-100).zone == "Europe/Bucharest"
        assert store.chat(7) == ChatSettings()
        moved = store.answer(one.key)
        assert moved is not None
        assert (moved.chat, moved.message) == (-100, 0)
        assert store.answer_in(-100, 12) is None  # its messages are numbered anew there


def test_activity_and_settings_do_not_overwrite_one_another(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        assert store.is_active(7)
        store.set_chat(7, ChatSettings(passages=1))
        store.set_active(7, False)
        assert store.chat(7).passages == 1
        store.set_chat(7, ChatSettings(passages=2))
        assert not store.is_active(7)


def test_old_updates_and_links_are_swept_away_and_waiting_ones_are_not(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.take(1, "done")
        store.take(2, "waits")
        store.strike(1)
        store.link("who?", "key")
    with sqlite3.connect(tmp_path / database.FILE) as db:
        db.execute("UPDATE updates SET received = 0")
        db.execute("UPDATE links SET at = 0")
    db.close()
    with Store(tmp_path) as store:
        assert store.linked("key") == "who?"
        store.sweep()
        assert store.linked("key") is None
        assert [left.packed for left in store.unanswered()] == ["waits"]
        assert store.take(1, "swept")


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / database.FILE) as db:
        db.execute("CREATE TABLE other (x)")
    db.close()
    with pytest.raises(LibraryDamaged, match=r"bot\.db: not the bot's memory"):
        Store(tmp_path)


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / database.FILE) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(LibraryDamaged, match="newer Newsdesk"):
        Store(tmp_path)


def test_a_damaged_file_is_refused_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / database.FILE).write_bytes(b"no database at all, but long enough" * 100)
    with pytest.raises(LibraryDamaged, match="move it away"):
        Store(tmp_path)


OLD: dict[str, dict[str, Any]] = {
    "answers": {"key": "a", "chat": 7, "user": 70, "asked": 1.0, "typed": "who?", "tried": True},
    "plans": {"chat": 7, "on": True, "due": 100.0, "seen": 41},
    "briefings": {"key": "b", "chat": 7, "due": 90.0, "made": 91.0, "until": 90.0, "after": 40},
}


def test_a_file_of_an_earlier_version_is_brought_up_and_its_rows_stay_readable(
    tmp_path: Path,
) -> None:
    earlier = dataclasses.replace(database.BOT, migrations=database.BOT.migrations[:2])
    packed = {table: json.dumps(row).encode() for table, row in OLD.items()}
    with Database(tmp_path, earlier, create=True) as db:
        db.change(
            "INSERT INTO answers VALUES ('a', 7, 0, 11, 70, 5, 1.0, '', 0.1, ?)",
            (packed["answers"],),
        )
        db.change("INSERT INTO plans VALUES (7, 0, 100.0, ?)", (packed["plans"],))
        db.change(
            "INSERT INTO briefings VALUES ('b', 7, 0, 0, 40, 0, 91.0, 'tried', 1, ?)",
            (json.dumps({**OLD["briefings"], "state": "tried"}).encode(),),
        )
    for _ in range(2):
        with Store(tmp_path) as store:
            answer, brief = store.answer_of(5), store.briefings.brief("b")
            assert answer
            assert (answer.key, answer.typed, answer.message) == ("a", "who?", 0)
            assert brief
            assert store.briefings.unsent() == [brief]
            assert (brief.state, brief.due) == (State.TRIED, 90.0)
            assert [plan.due for plan in store.briefings.due(200.0)] == [100.0]
            store.briefings.keep_brief(brief)


def test_opening_a_file_to_read_changes_nothing_of_it(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        answer = kept(store)
    file = tmp_path / database.FILE
    before = file.stat().st_mtime_ns, file.read_bytes()
    time.sleep(0.05)
    with Store(tmp_path, create=False) as store:
        assert store.answer(answer.key) == answer
        assert store.figures(0).questions == 1
        assert store.briefings.counts(0.0).chats == 0
    assert (file.stat().st_mtime_ns, file.read_bytes()) == before
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_is_only_read_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="no bot was started here"):
        Store(tmp_path, create=False)
    assert list(tmp_path.iterdir()) == []


def test_keys_fit_a_button_and_differ() -> None:
    keys = {new_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert all(len(f"p:{key}:999".encode()) <= 64 for key in keys)
