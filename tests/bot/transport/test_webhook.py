"""Served by webhook: Telegram proves itself, and nobody else is heard."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.botapi import StandIn
from tests.helpers.running import Running

pytestmark = pytest.mark.own_bot("seeds")

B9, TOKYO = "who is in the B9?", "when did the tokyo olympics close?"
SECRET = "a_secret-1"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def hooked(api: StandIn, home: Path, **more: str) -> Running:
    """A bot that is to be reached at a free port."""
    port = free_port()
    given = {
        "telegram_webhook_url": f"http://127.0.0.1:{port}/hook/here",
        "telegram_webhook_listen": "127.0.0.1",
        "telegram_webhook_port": str(port),
    }
    return Running(api, home, **(given | more))


@pytest.fixture
def api() -> Iterator[StandIn]:
    """Telegram; nothing of ours is refused."""
    with StandIn() as found:
        yield found
        # It may look for an answer that was on its way when it was killed.
        assert found.refused == []


def post(url: str, update: object, **headers: str) -> int:
    """What a POST of an update is answered."""
    sent = {
        "Content-Type": "application/json",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    request = urllib.request.Request(url, json.dumps(update).encode(), sent)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.mark.parametrize("secret", [SECRET, ""])
def test_who_does_not_know_the_secret_is_refused_and_not_answered(
    home: Path, api: StandIn, secret: str
) -> None:
    more = {"telegram_webhook_secret": secret} if secret else {}
    ann, eve = api.person("Ann"), api.person("Eve")
    with hooked(api, home, **more) as bot:
        (set_,) = api.called("setWebhook")
        assert api.bot.secret == secret or (not secret and len(api.bot.secret) > 30)
        assert api.token.partition(":")[2] not in api.bot.secret
        assert "message" in set_.given["allowed_updates"]
        question = api.say(ann, chat := api.private(ann), B9)
        api.wait(chat)
        message = {
            "message_id": 900,
            "date": api.now(),
            "chat": (hers := api.private(eve)).told(),
            "from": eve.told(),
            "text": B9,
        }
        forged = {"update_id": 9_000_000, "message": message}
        assert post(api.bot.webhook, forged) == 403
        assert post(api.bot.webhook, forged, **{HEADER: "wrong"}) == 403
        assert post(api.bot.webhook.replace("/hook/here", "/"), forged) in (403, 404)
        assert post(api.bot.webhook, forged, **{HEADER: api.bot.secret + "x"}) == 403
        api.quiet(hers)
        assert [one.reply_to for one in chat.answers] == [question]
        second = api.say(ann, chat, TOKYO)
        api.wait(chat, 2)
        assert chat.answers[1].reply_to is second
        assert api.bot.updates == []  # all were taken
        assert bot.stop() == 0
        assert api.token not in bot.told()
        assert api.bot.secret not in bot.told()
        assert "Traceback" not in bot.told()


def test_an_update_that_is_sent_twice_is_answered_once(home: Path, api: StandIn) -> None:
    ann = api.person("Ann")
    with hooked(api, home, telegram_webhook_secret=SECRET):
        question = api.say(ann, chat := api.private(ann), B9)
        api.wait(chat)
        update = {"update_id": api.number("update") - 1, "message": question.told()}
        assert post(api.bot.webhook, update, **{HEADER: SECRET}) == 200
        api.quiet(chat)
        assert len(chat.answers) == 1


def test_a_port_that_is_taken_is_said_with_the_mend(home: Path, api: StandIn) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        bot = hooked(api, home, telegram_webhook_port=port)
        bot.start()
        assert bot.wait() not in (0, None)
    last = bot.told().strip().rpartition("\n")[2]
    assert f"cannot listen at 127.0.0.1:{port}" in last
    assert "NEWSDESK_TELEGRAM_WEBHOOK_PORT" in last
    assert "Traceback" not in bot.told()


def test_a_refused_token_is_said_by_webhook_too(home: Path, api: StandIn) -> None:
    api.faults.add("setWebhook", 401)
    bot = hooked(api, home)
    bot.start()
    assert bot.wait() not in (0, None)
    assert "refuses the token" in bot.told().strip().rpartition("\n")[2]
    assert "Traceback" not in bot.told()


def test_killed_by_webhook_it_answers_once_and_by_polling_it_goes_on(
    home: Path, api: StandIn
) -> None:
    ann = api.person("Ann")
    chat = api.private(ann)
    bot = hooked(api, home, telegram_webhook_secret=SECRET)
    with bot:
        api.faults.add("sendMessage", 429, chat=chat, retry_after=60)
        question = api.say(ann, chat, B9)
        api.wait_for(lambda: api.called("sendMessage", chat))
        bot.kill()
        bot.start()
        api.wait(chat)
        api.quiet(chat)
        assert bot.stop() == 0
    with Running(api, home) as polling:
        second = api.say(ann, chat, TOKYO)
        api.wait(chat, 2)
        assert [one.reply_to for one in chat.answers] == [question, second]
        assert polling.stop() == 0
