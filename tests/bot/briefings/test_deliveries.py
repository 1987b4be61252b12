"""No briefing is delivered twice and no story is lost, whatever happens on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from newsdesk.bot.store.store import Store
from tests.botapi import Chat, StandIn
from tests.helpers.delivering import KINDS, Many, Talk, briefings, rounds, rush, started
from tests.helpers.running import Running
from tests.helpers.support import ROOT, SMALL

from .test_untold import feed, story

pytestmark = pytest.mark.slow  # 150 chats, and kills at every point

CLOSED = "TOPIC_CLOSED"


def clean(api: StandIn, bot: Running, *expected: str) -> None:
    """Nothing of ours was refused but what was expected; nothing was edited, no mistake logged."""
    refused = [why for _, why in api.refused]
    assert [why for why in refused if not any(one in why for one in expected)] == []
    assert not [call for call in api.calls if call.method.startswith("edit")]
    assert "Traceback" not in bot.told(), bot.told()[-6000:]


def test_however_often_it_is_killed_and_whatever_fails_none_comes_twice_and_no_story_is_lost(
    news_home: Path, tmp_path: Path
) -> None:
    seed = int(os.environ.get("NEWSDESK_SEED", "7"))
    print(f"NEWSDESK_SEED={seed}")
    with StandIn() as api:
        bot = started(api, news_home, tmp_path / "home")
        many = Many(api, bot.home, 45, seed)
        with bot, Talk(many, 4):
            found = rounds(many, bot, 2, kills=2, timeouts=1)
            assert bot.stop() == 0
        assert found.twice == []
        assert found.lost == []
        assert 0 < found.missing <= found.unknown
        assert {counts[found.dues[-1]] for counts in found.told.values()} == {1}
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
        where = {"token": api.token, "url": api.url, "home": str(home), "model": SMALL}
        order = {**where, "now": now, "point": point}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@pytest.mark.skipif(os.name == "nt", reason="Windows neither forks nor kills so")
def test_killed_before_any_of_its_steps_a_delivery_is_not_made_twice_and_loses_no_story(
    tmp_path: Path,
) -> None:
    home, today = tmp_path / "home", datetime.now(UTC)
    feed(home, "today", [story(n, today - timedelta(hours=n)) for n in range(1, 7)], None)
    ended, point, dropped = signal.SIGKILL.value, 0, 0
    told: set[frozenset[str]] = set()
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
            make_due(home, chat, now)
            ended = nursery.tick(api, home, now, point)
            killed_after_delivery = bool(ended) and bool(briefings(chat))
            for _ in range(ended == signal.SIGKILL):
                assert nursery.tick(api, home, now + 60) == 0
            assert len(briefings(chat)) <= 1, (kind, point)
            known, missed = state(home, chat)
            assert bool(known) != missed, (kind, point)
            if missed:
                dropped += 1
                before = len(briefings(chat))
                make_due(home, chat, now + 100)
                assert nursery.tick(api, home, now + 120) == 0
                assert len(briefings(chat)) == before + 1
                assert "With what was due" in briefings(chat)[-1].text
                known, missed = state(home, chat)
                assert not missed
            elif killed_after_delivery:
                raise AssertionError("sent, and known to be, before that was written down")
            told.add(known)
            assert all(one.labels for one in briefings(chat)), (kind, point)
            point += 1
        assert ended == 0
        assert point > 9  # two transactions, the try, the plan
        assert dropped >= 2  # killed once it may have been sent, before that was known
    assert len(told) == 1  # every chat was told the same stories


def make_due(home: Path, chat: Chat, due: float) -> None:
    """Have a chat's briefing be due."""
    with Store(home) as store:
        plan = store.briefings.plan(chat.id, 0)
        store.briefings.set_plan(msgspec.structs.replace(plan, on=True, all_quiet=True, due=due))


def state(home: Path, chat: Chat) -> tuple[frozenset[str], bool]:
    """The articles that count as told in a chat, and whether a briefing was given up there."""
    with Store(home) as store:
        return store.briefings.told(chat.id, 0), bool(store.briefings.plan(chat.id, 0).missed)
