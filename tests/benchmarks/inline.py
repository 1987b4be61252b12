"""How long one person waits beside another who types fast, against alone.

`python -m tests.benchmarks.inline` indexes the seeds, starts the real bot at the stand-in for the
Bot API, and has Bob ask: alone; beside 150 inline queries of Ann, by message and inline; beside one
inline query of each of 300 people, by message. Told are medians over rounds, alone and beside in
turn, and the median of the ratios of each round, which leaves out what else the machine does.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from newsdesk.index import evaluate
from tests.botapi import Person, StandIn
from tests.helpers.inprocess import asked
from tests.helpers.running import Running
from tests.helpers.support import ROOT, SEEDS

_FAST, _MANY = 150, 300  # inline queries of one person, and people with one each
_Ask = Callable[[StandIn, Person, str], object]


def by_message(api: StandIn, person: Person, text: str) -> object:
    """Ask in private."""
    return asked(api, person, api.private(person), text)


def by_inline(api: StandIn, person: Person, text: str) -> object:
    """Ask behind the bot's name."""
    return api.inline(person, text)


def seconds(ask: _Ask, api: StandIn, person: Person, text: str) -> float:
    """How long an answer takes."""
    begun = time.perf_counter()
    ask(api, person, text)
    return time.perf_counter() - begun


def drained(api: StandIn) -> None:
    """Wait until nothing of a burst is searched any more."""
    before = -1
    while before != (now := len(api.called("answerInlineQuery"))):
        before = now
        time.sleep(1.0)


def of_one(api: StandIn, words: list[str]) -> None:
    """One person types fast."""
    ann = api.person("Ann")
    for n in range(_FAST):
        api.inline(ann, f"{words[n % len(words)]} {n}", wait=False)


def of_many(api: StandIn, words: list[str]) -> None:
    """Many people type at once."""
    for n in range(_MANY):
        api.inline(api.person(f"Person {n}"), f"{words[n % len(words)]} {n}", wait=False)


def measured(api: StandIn, rounds: int) -> None:
    """Print a line for each kind of burst and of question."""
    words = [one.text for one in evaluate.load(SEEDS).questions]
    bob = api.person("Bob")
    print("| beside | asked by | alone, ms | beside, ms | ratio |\n|---|---|---|---|---|")
    for burst, asks in ((of_one, (by_message, by_inline)), (of_many, (by_message,))):
        for ask in asks:
            alone, beside = [], []
            for n in range(rounds):
                # Never asked before: what was read for a question is kept.
                text = f"{words[n % len(words)]} {burst.__name__} {ask.__name__} {n}"
                alone.append(seconds(ask, api, bob, f"{text} alone"))
                burst(api, words)
                beside.append(seconds(ask, api, bob, f"{text} beside"))
                drained(api)
            ratio = statistics.median(b / a for a, b in zip(alone, beside, strict=True))
            shown = statistics.median(alone) * 1000, statistics.median(beside) * 1000
            name = "150 of one" if burst is of_one else "300 people"
            how = ask.__name__.removeprefix("by_")
            print(f"| {name} | {how} | {shown[0]:.0f} | {shown[1]:.0f} | {ratio:.2f} |", flush=True)


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
            measured(api, rounds)
            bot.stop()


def library(home: Path) -> None:
    """Index the seeds with the real model."""
    from newsdesk.index.settings import Settings
    from newsdesk.index.update import update

    update(Settings(home=home), [ROOT / "seeds"])


if __name__ == "__main__":
    main()
