"""/healthz, /metrics and the log as JSON: the running bot, asked over HTTP."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from newsdesk.index.generation.generation import CURRENT
from tests.botapi import Message, StandIn
from tests.helpers.running import Running, copied
from tests.helpers.talking import ANSWERED, B9, NOWHERE, ask, clean, talking


def free_port() -> int:
    """A port that nobody listens at just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Watched(NamedTuple):
    """A bot, the Telegram it does it in, and where it is watched over."""

    api: StandIn
    bot: Running
    url: str

    def health(self) -> tuple[int, dict[str, Any]]:
        """The status of /healthz, and what it says."""
        reply = httpx.get(f"{self.url}/healthz", timeout=60)
        told = reply.json()
        assert told["ok"] is (reply.status_code == 200)
        return reply.status_code, told["checks"]

    def sick(self) -> set[str]:
        """The checks that are not well."""
        return {name for name, check in self.health()[1].items() if not check["ok"]}

    def metrics(self) -> dict[tuple[str, ...], float]:
        """Each sample of /metrics, by its name and the values of its labels."""
        reply = httpx.get(f"{self.url}/metrics", timeout=60)
        assert reply.status_code == 200
        return {
            (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(reply.text)
            for sample in family.samples
        }


@pytest.fixture(scope="module")
def watched(seeds_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    port = free_port()
    home = tmp_path_factory.mktemp("health") / "home"
    with talking(seeds_home, home, health_port=str(port)) as (api, bot):
        yield Watched(api, bot, f"http://127.0.0.1:{port}")


def answered(api: StandIn, message: Message) -> Message:
    """Wait for the answer where a message says "one moment", as it does on a busy machine."""
    api.wait_for(lambda: not message.text.startswith("One moment"), 60, "the answer")
    return message


def test_all_is_well_and_each_check_says_so(watched: Watched) -> None:
    status, checks = watched.health()
    assert (status, set(checks)) == (
        200,
        {"polling", "library", "storage", "disk", "briefings"},
    )
    assert checks["library"]["articles"] == 30
    assert checks["disk"]["free"] > 0
    assert (checks["briefings"]["last"], checks["briefings"]["scheduled"]) == (None, 0)


def test_questions_are_counted_by_verdict_with_their_times(watched: Watched) -> None:
    before = watched.metrics()
    ann = watched.api.person("Ann")
    chat = watched.api.private(ann)
    for question in (B9, NOWHERE):
        answered(watched.api, ask(watched.api, ann, chat, question))
    after = watched.metrics()

    def grown(*name: str) -> float:
        return after.get(name, 0.0) - before.get(name, 0.0)

    assert grown("newsdesk_questions_total", "answered", "message") == 1
    assert grown("newsdesk_questions_total", "none", "message") == 1
    assert grown("newsdesk_answer_seconds_count", "message") == 2
    assert grown("newsdesk_answer_seconds_bucket", "+Inf", "message") == 2
    assert grown("newsdesk_answer_seconds_sum", "message") > 0
    assert after["newsdesk_articles",] == 30
    assert 0 < after["newsdesk_generation_age_seconds",] < 1e7
    assert 0 <= after["newsdesk_poll_age_seconds",] < 100
    assert after["newsdesk_sources_failing",] == 0
    assert {"newsdesk_outbox_waiting", "newsdesk_store_waiting"} <= {name[0] for name in after}


def test_a_library_that_cannot_be_opened_is_named_until_it_can(watched: Watched) -> None:
    pointer = watched.bot.home / CURRENT
    name = pointer.read_text("utf-8")
    pointer.write_text("000999-aaaaaaaaaaaa", "utf-8")
    try:
        status, checks = watched.health()
        assert status == 503
        assert "which is not there" in checks["library"]["told"]
        assert watched.sick() == {"library"}
    finally:
        pointer.write_text(name, "utf-8")
    assert watched.health()[0] == 200


def test_messages_that_wait_for_telegram_are_counted(watched: Watched) -> None:
    ann = watched.api.person("Ann")
    chat = watched.api.private(ann)
    with watched.api.lock:
        watched.api.faults.add("sendMessage", 502, times=2)
    watched.api.say(ann, chat, "who is in the B9?")
    end = time.monotonic() + 20
    while watched.metrics()["newsdesk_outbox_waiting",] < 1:
        assert time.monotonic() < end, "it never waited"
    watched.api.wait(chat, 1)
    while watched.metrics()["newsdesk_outbox_waiting",] > 0:
        assert time.monotonic() < end, "it waits on"


def test_who_watches_holds_up_nobody(watched: Watched) -> None:
    ann = watched.api.person("Ann")
    chat = watched.api.private(ann)
    with ThreadPoolExecutor(8) as pool:
        looks = [pool.submit(watched.health) for _ in range(40)]
        message = answered(watched.api, ask(watched.api, ann, chat))
        assert message.text.startswith(ANSWERED)
        # Not 200 each time: where the machine is busy, a thread may not answer in time.
        assert {look.result()[0] for look in looks} <= {200, 503}
    assert watched.health()[0] == 200
    # The administrator who is told of the library has not written to the bot.
    clean(watched.api, watched.bot, "502", "chat not found")


def test_what_is_not_served_is_not_found_and_no_request_is_logged(watched: Watched) -> None:
    assert httpx.get(f"{watched.url}/").status_code == 404
    assert "GET /" not in watched.bot.told()


def test_before_telegram_is_reached_it_is_not_well(seeds_home: Path, tmp_path: Path) -> None:
    port = free_port()
    with StandIn() as api:
        api.down()
        home = copied(seeds_home, tmp_path / "home")
        watched = Watched(
            api, Running(api, home, health_port=str(port)), f"http://127.0.0.1:{port}"
        )
        watched.bot.start()
        try:
            watched.bot.until("cannot reach")
            assert {"polling", "briefings"} <= watched.sick()
            assert httpx.get(f"{watched.url}/metrics").status_code == 503
            api.up()
            watched.bot.until("answers from")
            end = time.monotonic() + 20
            while watched.sick():
                assert time.monotonic() < end, watched.health()
                time.sleep(0.1)
        finally:
            watched.bot.kill()


def test_a_port_that_is_taken_is_said_with_the_remedy(seeds_home: Path, tmp_path: Path) -> None:
    home = copied(seeds_home, tmp_path / "home")
    with StandIn() as api, socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        bot = Running(api, home, health_port=str(one.getsockname()[1]))
        bot.start()
        assert bot.wait() == 1
        assert "set NEWSDESK_HEALTH_PORT to one that is free" in bot.told()
        assert "Traceback" not in bot.told()


class _InJson(Running):
    words = ("bot", "--log-json")


def test_the_log_is_lines_of_json_without_the_token(seeds_home: Path, tmp_path: Path) -> None:
    home = copied(seeds_home, tmp_path / "home")
    with StandIn() as api, _InJson(api, home) as bot:
        lines = [json.loads(line) for line in bot.told().splitlines()]
        assert {frozenset(line) for line in lines} == {
            frozenset({"time", "level", "logger", "message"})
        }
        assert any("answers from 30 articles" in line["message"] for line in lines)
        assert lines[0]["time"].endswith("+00:00")
        assert api.token not in bot.told()
        # Off unless it is set.
        assert "/healthz" not in bot.told()
