"""The token is nowhere in what is written, and what people asked only if it is asked for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from newsdesk.bot import cli
from tests.botapi import StandIn
from tests.helpers.running import Running
from tests.helpers.support import SEEDS

TOKEN = "123456:AA-stand-in_TOKEN"
SECRET_PART = "stand-in_TOKEN"
QUESTION = "who is in the B9, and why does Bucharest matter?"


class Written(NamedTuple):
    """What a command did and wrote."""

    code: int
    out: str
    err: str


@pytest.fixture
def written(
    own_home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Written]:
    """Runs a command with the token in its environment."""
    monkeypatch.setenv("NEWSDESK_HOME", str(own_home))
    monkeypatch.setenv("NEWSDESK_TELEGRAM_TOKEN", TOKEN)

    def command(*arguments: str) -> Written:
        capfd.readouterr()
        done = Written(cli.run(arguments), *capfd.readouterr())
        assert "Traceback" not in done.err
        return done

    return command


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("status", "--json"),
        ("eval", "few", "--json"),
        ("ask", "who is in the B9?", "--json"),
        ("bot", "--help"),
    ],
    ids=" ".join,
)
def test_the_token_is_in_nothing_that_a_command_writes(
    own_home: Path, written: Callable[..., Written], arguments: tuple[str, ...]
) -> None:
    few = own_home / "few"
    few.mkdir()
    shutil.copy(SEEDS / "bucharest-nine-explained.md", few)
    first = (SEEDS / "questions.jsonl").read_text("utf-8").partition("\n")[0]
    (few / "questions.jsonl").write_text(first, "utf-8")
    _, out, err = written(*(str(few) if one == "few" else one for one in arguments))
    assert len(out) > 100
    assert SECRET_PART not in out + err
    if "--json" in arguments:
        json.loads(out)


def test_a_setting_that_is_wrong_does_not_give_the_token_away(
    written: Callable[..., Written], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, out, err = written("bot", "no-such-argument")
    assert SECRET_PART not in out + err
    monkeypatch.setenv("NEWSDESK_TELEGRAM_THREADS", "none")
    code, out, err = written("bot")
    assert code != 0
    assert "threads" in err.lower()
    assert SECRET_PART not in out + err


@pytest.mark.parametrize("asked_for", ["true", "false", ""])
def test_the_log_holds_questions_only_where_that_is_asked_for(
    own_home: Path, asked_for: str
) -> None:
    more = {"telegram_log_questions": asked_for} if asked_for else {}
    with StandIn(token=TOKEN) as api, Running(api, own_home, **more) as bot:
        bot.log.write_text("")
        ann = api.person("Ann")
        chat = api.private(ann)
        api.say(ann, chat, QUESTION)
        (answer,) = api.wait(chat)
        api.faults.add("sendMessage", 500, chat=chat)
        api.say(ann, chat, f"{QUESTION} (again)")
        api.wait(chat, 2)
        api.faults.add("editMessageText", 400, chat=chat, words="Bad Request: strange")
        api.tap(ann, answer, "Context")
        api.wait_for(lambda: api.called("editMessageText", chat))
        assert bot.stop() == 0
    assert ("why does Bucharest matter" in bot.told()) == (asked_for == "true")
    assert SECRET_PART not in bot.told()


def test_an_error_that_names_the_token_is_logged_without_it(own_home: Path) -> None:
    with StandIn(token=TOKEN) as api, Running(api, own_home) as bot:
        bot.log.write_text("")
        ann = api.person("Ann")
        chat = api.private(ann)
        api.faults.add("sendMessage", 404, chat=chat, words=f"no /bot{TOKEN}/sendMessage")
        api.say(ann, chat, QUESTION)
        api.wait_for(lambda: api.called("sendMessage", chat))
        bot.until("fatal")
        assert SECRET_PART not in bot.told()
        assert "<token>" in bot.told()
