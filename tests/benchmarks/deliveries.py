"""Over a thousand deliveries on bad days, and a thousand at once: `python -m
tests.benchmarks.deliveries [SEED]`.

Prints how many briefings came twice, how many stories were lost, and what came of questions that
were asked while a thousand briefings were on their way.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from newsdesk.index.settings import Settings
from newsdesk.index.update import update
from tests.botapi import StandIn
from tests.helpers.delivering import Many, Talk, rounds, rush, started
from tests.helpers.support import news


def main() -> None:
    """Both, one after the other."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        news(home / "articles", datetime.now(UTC))
        update(Settings(home=home / "library"), [home / "articles"])
        bad_days(home, seed)
        at_once(home, seed)


def bad_days(home: Path, seed: int, count: int = 210, times: int = 5, kills: int = 4) -> None:
    """Kills, 429s, timeouts after delivery and 5xx, while people chat."""
    began = time.monotonic()
    with StandIn() as api:
        bot = started(api, home / "library", home / "bad")
        many = Many(api, bot.home, count, seed)
        with bot, Talk(many, 4):
            found = rounds(many, bot, times, kills, timeouts=2)
    print(f"{count * len(found.dues)} deliveries, {kills * times} kills, seed {seed}:")
    print(f"  chats in which a briefing came twice: {len(found.twice)}")
    print(f"  chats that were not told a story which others were told: {len(found.lost)}")
    print(f"  briefings that joined the next one: {found.missing}, of {found.unknown} at most")
    print(f"  {time.monotonic() - began:.0f} s")


def at_once(home: Path, seed: int, count: int = 1000, pace: float = 28) -> None:
    """All are due in the same minute, and some ask meanwhile."""
    with StandIn() as api:
        bot = started(api, home / "library", home / "many", telegram_messages_a_second=str(pace))
        many = Many(api, bot.home, count, seed, kinds=("private",))
        with bot:
            found = rush(many, asked=5)
    print(f"{found.sent} due at once, {pace:g} a second: {found.seconds:.1f} s")
    print(f"  out of their order by {found.shuffled} places at most")
    print(f"  briefings that went out between a question and its answer: {found.between}")


if __name__ == "__main__":
    main()
