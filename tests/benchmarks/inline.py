"""How long one person waits beside another who types fast, against alone.

`python -m tests.benchmarks.inline` indexes the seeds, starts the real bot at the stand-in for the
Bot API, and has Bob ask: alone; beside 150 inline queries of Ann, by message and inline; beside one
inline query of each of 300 people, by message. Told are medians over rounds, alone and beside in
turn, and the median of the ratios of each round, which leaves out what else the machine does; and
the time that the processor gave to the bot's event loop meanwhile, and to all of the bot's threads.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from newsdesk.index import evaluate
from tests.botapi import Person, StandIn
from tests.helpers.inprocess import asked
from tests.helpers.running import Running
from tests.helpers.support import ROOT, SEEDS

_FAST, _MANY = 150, 300  # inline queries of one person, and people with one each
_WORDS = [one.text for one in evaluate.load(SEEDS).questions]
_HEAD = """\
| beside | by | alone, ms | beside | loop, alone | beside | processor, alone | beside | ratio |
|---|---|---|---|---|---|---|---|---|"""
_Ask = Callable[[StandIn, Person, str], object]
_Burst = Callable[[StandIn], None] | None


class Sample(NamedTuple):
    """What one answer took, in seconds: by the clock, and of the processor, from the burst on."""

    seconds: float
    loop: float  # that the bot's event loop got
    every: float  # that all threads of the bot got


def by_message(api: StandIn, person: Person, text: str) -> object:
    """Ask in private."""
    return asked(api, person, api.private(person), text)


def by_inline(api: StandIn, person: Person, text: str) -> object:
    """Ask behind the bot's name."""
    return api.inline(person, text)


def spent(pid: int) -> tuple[float, float]:
    """Seconds of the processor that a process got: its main thread, where asyncio runs, and all."""
    loop = 0.0
    every = 0.0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that has ended since
            nanoseconds = int((thread / "schedstat").read_text("ascii").split()[0])
            every += nanoseconds / 1e9
            loop += nanoseconds / 1e9 if thread.name == str(pid) else 0.0
    return loop, every


def sample(ask: _Ask, api: StandIn, bot: Running, text: str, burst: _Burst = None) -> Sample:
    """Bob asks, right behind a burst if there is one."""
    bob = next(one for one in api.people.values() if one.name == "Bob")
    before = spent(bot.pid)
    if burst:
        burst(api)
    begun = time.perf_counter()
    ask(api, bob, text)
    seconds = time.perf_counter() - begun
    loop, every = spent(bot.pid)
    return Sample(seconds, loop - before[0], every - before[1])


def drained(api: StandIn) -> None:
    """Wait until nothing of a burst is searched any more."""
    before = -1
    while before != (now := len(api.called("answerInlineQuery"))):
        before = now
        time.sleep(1.0)


def of_one(api: StandIn) -> None:
    """One person types fast."""
    ann = api.person("Ann")
    for n in range(_FAST):
        api.inline(ann, f"{_WORDS[n % len(_WORDS)]} {n}", wait=False)


def of_many(api: StandIn) -> None:
    """Many people type at once."""
    for n in range(_MANY):
        api.inline(api.person(f"Person {n}"), f"{_WORDS[n % len(_WORDS)]} {n}", wait=False)


def measured(api: StandIn, bot: Running, rounds: int) -> None:
    """Print a line for each kind of burst and of question."""
    api.person("Bob")
    print(_HEAD)
    for name, burst, how, ask in (
        ("150 of one", of_one, "message", by_message),
        ("150 of one", of_one, "inline", by_inline),
        ("300 people", of_many, "message", by_message),
    ):
        alone, beside = [], []
        for n in range(rounds):
            # Never asked before: what was read for a question is kept.
            text = f"{_WORDS[n % len(_WORDS)]} {name} {how} {n}"
            alone.append(sample(ask, api, bot, f"{text} alone"))
            beside.append(sample(ask, api, bot, f"{text} beside", burst))
            drained(api)
        ratio = statistics.median(b.seconds / a.seconds for a, b in zip(alone, beside, strict=True))
        cells = [
            f"{statistics.median(figures) * 1000:.0f}"
            for a, b in zip(zip(*alone, strict=True), zip(*beside, strict=True), strict=True)
            for figures in (a, b)
        ]
        print(f"| {name} | {how} | {' | '.join(cells)} | {ratio:.2f} |", flush=True)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        library(home)
        given = {"telegram_questions_a_minute": "1000", "telegram_messages_a_second": "1000"}
        with StandIn() as api, Running(api, home, True, **given) as bot:
            measured(api, bot, rounds)
            bot.stop()


def library(home: Path) -> None:
    """Index the seeds with the real model."""
    from newsdesk.index.settings import Settings
    from newsdesk.index.update import update

    update(Settings(home=home), [ROOT / "seeds"])


if __name__ == "__main__":
    main()
