"""Each briefing is delivered once, and to the end, whatever happens on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from newsdesk.bot.store.store import Store
from newsdesk.bot.store.subscriptions import Plan
from tests.botapi import StandIn
from tests.helpers.delivering import KINDS, Many, Talk, briefings, rounds, rush, started
from tests.helpers.running import Running, copied
from tests.helpers.support import ROOT

pytestmark = pytest.mark.slow  # 150 chats, and kills at every point

# What Telegram says to a look for a briefing that may have been lost.
LOOKED = ("message is not modified", "message to edit not found", "message can't be edited")
CLOSED = "TOPIC_CLOSED"


def clean(api: StandIn, bot: Running, *expected: str) -> None:
    """Nothing of ours was refused but looks and what was expected; no mistake was logged."""
    refused = [why for _, why in api.refused]
    assert [why for why in refused if not any(one in why for one in (*LOOKED, *expected))] == []
    assert "Traceback" not in bot.told(), bot.told()[-6000:]


def test_however_often_it_is_killed_and_whatever_fails_every_chat_gets_each_briefing_once(
    news_home: Path, tmp_path: Path
) -> None:
    seed = int(os.environ.get("NEWSDESK_SEED", "7"))
    print(f"NEWSDESK_SEED={seed}")
    with StandIn() as api:
        bot = started(api, news_home, tmp_path / "home")
        many = Many(api, bot.home, 45, seed)
        with bot, Talk(many, 4):
            dues = rounds(many, bot, 2, kills=2, timeouts=1)
            told = many.told()
            assert bot.stop() == 0
        wrong = {one: counts for one, counts in told.items() if counts != Counter(dues)}
        assert wrong == {}
        clean(api, bot)


def test_many_that_are_due_at_once_go_out_at_their_pace_and_in_order_and_hold_up_no_question(
    news_home: Path, tmp_path: Path
) -> None:
    with StandIn() as api:
        bot = started(api, news_home, tmp_path / "home", telegram_messages_a_second="28")
        many = Many(api, bot.home, 150, 1, kinds=("private",))
        with bot:
            found = rush(many, asked=2)
            assert bot.stop() == 0
        assert found.sent == 150
        assert 149 / found.seconds < 30  # Telegram's limit, not the machine's speed
        assert found.shuffled <= 16  # eight are on their way at once
        assert max(found.between) <= 16
        clean(api, bot)


class Nursery:
    """A process that ticks, and kills itself at a point, see `ticking`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.ticking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def tick(self, api: StandIn, home: Path, now: float, point: int | None = None) -> int:
        """Tick once; returns the signal that ended it."""
        order = {"token": api.token, "url": api.url, "home": str(home), "now": now, "point": point}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@pytest.mark.skipif(os.name == "nt", reason="Windows neither forks nor kills so")
def test_killed_before_any_of_its_steps_a_delivery_is_made_once(
    news_home: Path, tmp_path: Path
) -> None:
    home = copied(news_home, tmp_path / "home")
    ended, point = signal.SIGKILL.value, 0
    with StandIn() as api, Nursery() as nursery:
        ann = api.person("Ann")
        while ended == signal.SIGKILL:
            kind = KINDS[point % 3]
            chat = (
                api.private(api.person("Bob"))
                if kind == "private"
                else api.group(kind, ann, basic=kind == "basic")
            )
            now = time.time()
            seen = api.say(ann, chat, "hello").id
            with Store(home) as store:
                store.set_plan(Plan(chat=chat.id, on=True, due=now, seen=seen, all_quiet=True))
            ended = nursery.tick(api, home, now, point)
            for _ in range(ended == signal.SIGKILL):
                assert nursery.tick(api, home, now + 60) == 0
            assert len(briefings(chat)) == 1, (kind, point)
            assert briefings(chat)[0].labels, (kind, point)
            point += 1
        assert ended == 0
        assert point > 9  # two transactions, the try, the plan
