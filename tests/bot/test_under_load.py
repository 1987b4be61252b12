"""Many at once, a bot that is stopped, and what its administrators and its people may expect."""

from __future__ import annotations

import json
import logging
import socket
import sqlite3
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from newsdesk.bot.runner import run
from newsdesk.bot.settings import BotSettings, Telegram
from newsdesk.bot.store.store import Store
from newsdesk.index.errors import UsageError
from tests.botapi import Person, StandIn
from tests.helpers.inprocess import InProcess, asked, settled
from tests.helpers.talking import told

pytestmark = pytest.mark.own_bot("small")

ASKED = "who reopened the harbour of Leedham?"
OTHER = "who reopened the museum of Ostby?"
SAID = "The harbour of Leedham was reopened on Monday by mayor Ida Holm after repairs."


def test_who_types_fast_costs_two_searches_and_delays_nobody(api: StandIn, home: Path) -> None:
    ann, bob = api.person("Ann"), api.person("Bob")
    with InProcess(api, home) as bot:
        bot.searcher.go.clear()
        typed = [api.inline(ann, f"harbour {n}", wait=False) for n in range(150)]
        api.wait_for(lambda: bot.searcher.asked, what="a search")
        api.say(bob, chat := api.private(bob), ASKED)
        # It is searched although the first of the inline queries still is.
        api.wait_for(lambda: ASKED in bot.searcher.asked, what="the question's search")
        query = api.inline(bob, "museum of Ostby", wait=False)
        bot.searcher.go.set()
        assert SAID in settled(api, chat, 1).text
        api.wait_for(lambda: typed[-1].answer and query.answer, what="the newest inline queries")
        of_ann = [text for text in bot.searcher.asked if text.startswith("harbour ")]
        assert of_ann[-1] == "harbour 149"
        assert len(of_ann) <= 3  # one that was searched as it came, and the newest


def test_a_question_goes_before_the_inline_queries_of_hundreds(api: StandIn, home: Path) -> None:
    bob = api.person("Bob")
    with InProcess(api, home) as bot:
        bot.searcher.go.clear()
        people = [api.person(f"Person {n}") for n in range(300)]
        queries = [api.inline(one, f"harbour {one.id}", wait=False) for one in people]
        api.wait_for(lambda: bot.searcher.asked, what="a search")
        api.say(bob, chat := api.private(bob), ASKED)
        api.wait_for(lambda: ASKED in bot.searcher.asked, what="the question's search")
        assert bot.searcher.asked.index(ASKED) == 1  # with the one that had begun
        begun = time.monotonic()
        bot.soon(bot.stop_soon)
        bot.searcher.go.set()
        bot.stop()
        assert time.monotonic() - begun < 5
        # A few of the 300: those that began before the bot heard that it is to stop.
        assert len(bot.searcher.asked) < 30
        assert sum(one.answer is not None for one in queries) < 30
        assert SAID in settled(api, chat, 1).text  # what was being answered is


def test_questions_that_wait_at_the_end_are_answered_at_the_next_start(
    api: StandIn, home: Path
) -> None:
    people = [api.person(f"Person {n}") for n in range(20)]
    chats = [api.private(one) for one in people]
    with InProcess(api, home) as bot:
        bot.searcher.go.clear()
        questions = [api.say(p, c, ASKED) for p, c in zip(people, chats, strict=True)]
        api.wait_for(lambda: not api.bot.updates and len(bot.searcher.asked) == 2)
        bot.soon(bot.stop_soon)
        bot.searcher.go.set()
        bot.stop()
        assert len(bot.searcher.asked) < len(people)
    with InProcess(api, home):
        for chat, question in zip(chats, questions, strict=True):
            assert SAID in settled(api, chat, 1).text
            assert [one.reply_to for one in chat.answers] == [question]


def test_a_press_is_answered_while_all_threads_search_and_before_telegram_is_asked(
    api: StandIn, home: Path
) -> None:
    ann = api.person("Ann")
    group = api.group("Desk", admins=(ann,), added=True)
    with InProcess(api, home) as bot:
        answer = asked(api, ann, api.private(ann), ASKED)
        api.wait(group)  # its greeting
        panel = asked(api, ann, group, "/settings")
        api.faults.add("getChatMember", slow=4)
        begun = time.monotonic()
        api.tap(ann, panel, "1")
        assert time.monotonic() - begun < 4
        api.wait_for(lambda: "✓ 1" in "".join(panel.labels), what="the change")
        bot.searcher.go.clear()
        for number in range(50):
            person = api.person(f"Person {number}")
            api.say(person, api.private(person), OTHER)
        api.wait_for(lambda: bot.searcher.asked.count(OTHER) == 2)
        api.tap(ann, answer, "Context")
        api.wait_for(lambda: "Back" in "".join(answer.labels), what="the context")


def test_where_telegram_does_not_say_who_is_administrator_one_is_to_try_again(
    api: StandIn, home: Path
) -> None:
    ann = api.person("Ann")
    group = api.group("Desk", admins=(ann,), added=True)
    with InProcess(api, home):
        api.wait(group)  # its greeting
        panel = asked(api, ann, group, "/settings")
        api.faults.add("getChatMember", 500, times=2)
        assert "Please try again" in told(api, ann, panel, "1")
        assert "Please try again" in asked(api, ann, group, "/settings Europe/Bucharest").text
        assert "Europe/Bucharest" in asked(api, ann, group, "/settings Europe/Bucharest").text


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
def test_commands_that_telegram_did_not_take_are_registered_while_it_runs(
    api: StandIn, home: Path
) -> None:
    api.faults.add("setMyCommands", 429, times=2, retry_after=1)
    with InProcess(api, home):
        api.wait_for(lambda: len(api.bot.commands) == 3, what="the commands of three scopes")


def test_a_row_that_cannot_be_read_is_set_aside_and_counted(
    api: StandIn, home: Path, boss: Person
) -> None:
    with Store(home) as store:
        store.take(1, "no json")
        store.take(2, json.dumps({"update_id": 2, "message": {"text": "no message"}}))
    with InProcess(api, home, admins=(boss.id,)):
        chat = api.private(boss)
        assert SAID in asked(api, boss, chat, ASKED).text
        assert "updates set aside: 2" in asked(api, boss, chat, "/stats").text


def test_by_webhook_what_cannot_be_read_is_passed_over_with_its_number_alone(
    api: StandIn, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}/hook"
    secret = {"X-Telegram-Bot-Api-Secret-Token": "a_secret"}
    odd = {"update_id": 77, "message": {"text": "my secret words", "from": {"first_name": "Eve"}}}
    ann = api.person("Ann")
    with InProcess(
        api,
        home,
        telegram_webhook_url=url,
        telegram_webhook_port=port,
        telegram_webhook_secret="a_secret",
    ):
        for body in (json.dumps(odd).encode(), b"[1]", b"{", b"\xff", b"null"):
            request = urllib.request.Request(url, body, secret)
            with urllib.request.urlopen(request, timeout=30) as reply:
                assert reply.status == 200
        assert SAID in asked(api, ann, api.private(ann), ASKED).text
        assert api.inline(ann, "harbour of Leedham").results
    assert "update 77 is passed over" in caplog.text
    assert "secret words" not in caplog.text
    assert "Eve" not in caplog.text


def test_the_log_at_info_holds_no_text_name_or_id(
    api: StandIn, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "newsdesk")
    ann = api.person("Ann Surname")
    with InProcess(api, home):
        chat = api.private(ann)
        group = api.group("Desk of Ann", ann, admins=(ann,), basic=True, added=True)
        api.wait(group)
        asked(api, ann, group, f"/ask {ASKED}")
        for code, words in ((400, "chat not found"), (400, "message is too long"), (500, "")):
            api.faults.add("sendMessage", code, chat=chat, words=words)
            api.say(ann, chat, ASKED)
        api.wait(chat)
        api.faults.add("getChatMember", 500)
        asked(api, ann, group, "/follow harbour")
        new = api.migrate(group)
        asked(api, ann, new, f"/ask {ASKED}")
        api.mute(new)
        api.kick(new)
        api.block(ann)
        ours = [one.getMessage() for one in caplog.records if one.name.startswith("newsdesk")]
    assert ours
    shown = "\n".join(ours)
    for secret in ("harbour", "Surname", "Desk of", str(ann.id), str(group.id), str(new.id)):
        assert secret not in shown


def kept(home: Path) -> str:
    """All rows of the bot's file, as text."""
    with closing(sqlite3.connect(home / "bot.db")) as base:
        tables = base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        names = [name for (name,) in tables]
        rows = [row for name in names for row in base.execute(f"SELECT * FROM {name}")]
    cells = [cell for row in rows for cell in row]
    return "\n".join(c.decode() if isinstance(c, bytes) else str(c) for c in cells)


def test_what_is_kept_of_a_person_or_a_group_is_deleted_when_they_say_so(
    api: StandIn, home: Path, boss: Person
) -> None:
    ann, bob = api.person("Ann"), api.person("Bob")
    with InProcess(api, home, admins=(boss.id,)):
        group = api.group("Desk", ann, bob, admins=(bob,), added=True)
        api.wait(group)
        chat = api.private(ann)
        told(api, ann, asked(api, ann, chat, ASKED), "👍")
        asked(api, ann, group, f"/ask {ASKED}")
        asked(api, bob, group, f"/ask {OTHER}")
        asked(api, bob, group, "/follow the stadium")
        assert "Forgotten" in asked(api, ann, group, "/forgetme").text
        api.wait_for(lambda: "harbour of Leedham?" not in kept(home), what="ann forgotten")
        assert "museum of Ostby?" in kept(home)
        assert "Only administrators" in asked(api, ann, group, "/forget").text
        assert "museum of Ostby?" in kept(home)
        assert "Forgotten" in asked(api, bob, group, "/forget").text
        api.wait_for(lambda: "museum of Ostby?" not in kept(home), what="the group forgotten")
        assert "stadium" not in kept(home)
        stats = asked(api, boss, api.private(boss), "/stats").text
        assert "questions: 3" in stats.partition("Since the beginning")[2]


def test_old_questions_are_swept_away_as_set_and_stay_counted(api: StandIn, home: Path) -> None:
    ann = api.person("Ann")
    with InProcess(api, home):
        told(api, ann, asked(api, ann, api.private(ann), ASKED), "👍")
    with closing(sqlite3.connect(home / "bot.db")) as base, base:
        base.execute("UPDATE answers SET asked = asked - 10 * 86400")
        base.execute("UPDATE feedback SET at = at - 10 * 86400")
        base.execute("UPDATE updates SET received = received - 10 * 86400")
    with InProcess(api, home, telegram_retention_days=11.0):
        asked(api, ann, api.private(ann), OTHER)
        assert "harbour of Leedham?" in kept(home)
    with InProcess(api, home, telegram_retention_days=9.0):
        api.wait_for(lambda: "harbour of Leedham?" not in kept(home), what="a sweep")
    with Store(home) as store:
        assert store.figures(0.0).questions == 2
        store.sweep(0)
        assert "museum of Ostby?" not in kept(home)
        assert store.figures(0.0).questions == 2
        assert store.figures(1.0).questions == 0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"token": "123456:AA\n"}, "NEWSDESK_TELEGRAM_TOKEN"),
        ({"token": '"123456:AA"'}, "NEWSDESK_TELEGRAM_TOKEN"),
        ({"token": "123456:AA", "api_url": "localhost:8081"}, "NEWSDESK_TELEGRAM_API_URL"),
        ({"token": "123456:AA", "api_url": "ftp://here"}, "NEWSDESK_TELEGRAM_API_URL"),
    ],
)
def test_a_setting_that_cannot_be_is_said_at_the_start(
    tmp_path: Path, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        run(BotSettings(home=tmp_path, telegram=Telegram(**given)))


def test_a_file_that_is_deleted_while_it_runs_ends_it_with_the_mend(
    api: StandIn, home: Path
) -> None:
    with InProcess(api, home) as bot:
        (home / "bot.db").unlink()
        bot.wait()
    assert "moved or deleted" in str(bot.error)
    assert "start the bot again" in str(bot.error)


def test_administrators_are_told_once_that_the_library_is_broken(
    api: StandIn, home: Path, boss: Person
) -> None:
    ann = api.person("Ann")
    with InProcess(api, home, admins=(boss.id,)):
        here, chat = api.private(boss), api.private(ann)
        (home / "CURRENT").write_text("nowhere\n", "utf-8")
        for _ in range(3):
            assert SAID in asked(api, ann, chat, ASKED).text
        assert "Newsdesk needs you: " in settled(api, here, 1).text
        assert SAID in asked(api, ann, chat, ASKED).text
        assert len(here.answers) == 1


def test_administrators_are_told_once_of_a_full_disk(
    api: StandIn, home: Path, boss: Person
) -> None:
    ann = api.person("Ann")
    with InProcess(api, home, admins=(boss.id,)), closing(sqlite3.connect(home / "bot.db")) as base:
        here, chat = api.private(boss), api.private(ann)
        with base:
            base.execute(
                "CREATE TRIGGER no_room BEFORE INSERT ON updates BEGIN"
                " SELECT RAISE(FAIL, 'database or disk is full'); END"
            )
        assert SAID in asked(api, ann, chat, ASKED).text
        word = settled(api, here, 1).text
        assert word.startswith("Newsdesk needs you: ")
        assert "disk is full" in word
        assert SAID in asked(api, ann, chat, ASKED).text
        with base:
            base.execute("DROP TRIGGER no_room")
        assert SAID in asked(api, ann, chat, ASKED).text
        api.quiet(here, 1.0)
        assert len(here.answers) == 1


def test_administrators_are_told_that_another_bot_polls_with_the_token(
    api: StandIn, home: Path, boss: Person
) -> None:
    with InProcess(api, home, admins=(boss.id,)) as bot:
        here = api.private(boss)
        api.faults.add("getUpdates", 409)
        bot.wait()
        assert "another bot polls" in settled(api, here, 1).text
        assert "another bot polls" in str(bot.error)


def test_an_administrator_has_it_leave_a_group_and_it_leaves_what_is_not_allowed_by_setting(
    api: StandIn, home: Path, boss: Person
) -> None:
    ann = api.person("Ann")
    given = {"telegram_leave_not_allowed": True, "allowed_chats": (-101, ann.id)}
    with InProcess(api, home, admins=(boss.id,), **given) as bot:
        me = api.bot.person.id
        wanted = api.group("Desk", ann, basic=True, added=True)
        other = api.group("Elsewhere", ann, basic=True, added=True)
        api.wait_for(lambda: me not in other.members, what="its leaving")
        assert other.answers == []
        assert wanted.id == -101
        assert me in wanted.members
        private = api.private(boss)
        api.say(ann, api.private(ann), f"/leave {wanted.id}")
        assert "Write the id" in asked(api, boss, private, "/leave").text
        assert "Left" in asked(api, boss, private, f"/leave {wanted.id}").text
        assert me not in wanted.members
        assert bot.error is None
