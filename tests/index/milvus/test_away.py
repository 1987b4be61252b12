"""Milvus away, slow, restarting, killed and read-only: questions wait, are told, and come back."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from newsdesk.bot.library import Asker
from newsdesk.bot.settings import BotSettings
from newsdesk.index.errors import EngineAway, EngineRefused
from newsdesk.index.generation import open_current
from newsdesk.index.library import Library
from newsdesk.index.milvus import check_moved, client_of, newest_number
from newsdesk.index.milvus.client import Client
from newsdesk.index.search.milvus_engine import open_milvus
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Question
from newsdesk.index.update import update
from tests.helpers.milvus import Served, articles, in_milvus, missing
from tests.helpers.support import ROOT, SmallAsking, SmallEncoder, index

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "there is a Milvus")

NEWS = {
    "ferry": ("2021-01-02", "Coast Post", "The ferry to Aran does not run in a storm. It waits."),
    "light": ("2021-03-04", "Coast Post", "The keeper of Cape Dorn turned off its light."),
}
COMES_BACK = 30.0  # seconds
QUESTION = "who turned off the light?"
WRITER = """
import sys
from pathlib import Path
from newsdesk.index.update import update
from tests.helpers.milvus import in_milvus
from tests.helpers.support import SmallEncoder
told = lambda step, done, total: print(step, done, flush=True)
update(in_milvus(Path(sys.argv[1]), sys.argv[2]), [Path(sys.argv[3])], told, load=SmallEncoder)
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    running = Served(tmp_path / "served.db")
    running.start()
    yield running
    running.kill()


@pytest.fixture
def settings(served: Served, tmp_path: Path) -> Settings:
    """Settings of a library in the served Milvus, which wait half a second for it."""
    writing = in_milvus(tmp_path / "home", served.uri)
    update(writing, [articles(tmp_path / "news", NEWS)], load=SmallEncoder)
    short = structs.replace(writing.milvus, wait=0.5, timeout=1.0)
    return structs.replace(writing, milvus=short)


def patient(settings: Settings) -> Settings:
    return structs.replace(settings, milvus=structs.replace(settings.milvus, wait=30.0))


def answered(ask: Callable[[], Any]) -> Any:
    """What is given once Milvus is back: the first call after a start may be slow."""
    until = time.monotonic() + COMES_BACK
    while True:
        try:
            return ask()
        except EngineAway:
            if time.monotonic() > until:
                raise


def test_killed_and_started_again_it_answers_as_before(served: Served, settings: Settings) -> None:
    with Searcher(settings, load=SmallAsking) as searcher:
        before = searcher.ask(QUESTION)
        served.kill()
        began = time.monotonic()
        with pytest.raises(EngineAway, match=r"does not answer .*; start it") as told:
            searcher.ask("who runs the ferry?")
        assert time.monotonic() - began < 10
        assert "\n" not in str(told.value)
        with pytest.raises(EngineAway):
            searcher.refresh()
        served.start()
        assert answered(lambda: searcher.ask(QUESTION)) == before
        assert not answered(searcher.refresh)


def test_a_question_waits_for_a_restart(served: Served, settings: Settings) -> None:
    with Searcher(patient(settings), load=SmallAsking) as searcher:
        before = searcher.ask(QUESTION)
        served.kill()
        starting = threading.Timer(1.0, served.start)
        starting.start()
        assert searcher.ask(QUESTION) == before
        starting.join()


def test_one_that_hangs_is_not_waited_for_long(served: Served, settings: Settings) -> None:
    with Searcher(settings, load=SmallAsking) as searcher:
        before = searcher.ask(QUESTION)
        served.send(signal.SIGSTOP)
        try:
            began = time.monotonic()
            with pytest.raises(EngineAway):
                searcher.ask("who runs the ferry in a storm?")
            assert time.monotonic() - began < 10
        finally:
            served.send(signal.SIGCONT)
        assert answered(lambda: searcher.ask(QUESTION)) == before


def test_the_bot_stays_up_and_answers_again(served: Served, settings: Settings) -> None:
    options = {name: getattr(settings, name) for name in settings.__struct_fields__}
    asker = Asker(BotSettings(**options), Searcher(settings, load=SmallAsking))

    async def talk() -> None:
        before = await asker.ask(Question(QUESTION))
        served.kill()
        with pytest.raises(EngineAway):
            await asker.ask(Question("who runs the ferry in a storm?"))
        assert "does not answer" in asker.trouble
        await asyncio.to_thread(served.start)
        until = time.monotonic() + COMES_BACK
        while asker.trouble and time.monotonic() < until:
            with suppress(EngineAway):
                again = await asker.ask(Question(QUESTION))
        assert (asker.trouble, again.sentence) == ("", before.sentence)

    try:
        asyncio.run(talk())
    finally:
        asker.close()


def test_several_that_ask_see_an_update_at_their_next_question(
    settings: Settings, tmp_path: Path
) -> None:
    askers = [Searcher(settings, load=SmallAsking) for _ in range(3)]
    more = articles(tmp_path / "news", {"goat": ("2021-04-01", "", "A goat walked into a museum.")})
    update(patient(settings), [more], load=SmallEncoder)
    for searcher in askers:
        assert searcher.refresh()
        assert searcher.engine.article("goat") is not None
        searcher.close()


def test_what_was_replaced_while_it_was_asked_is_asked_again(
    settings: Settings, tmp_path: Path
) -> None:
    with Searcher(settings, load=SmallAsking) as searcher:
        articles(tmp_path / "news", {"light": ("2021-03-05", "", "Ann turned off the light.")})
        update(patient(settings), load=SmallEncoder)
        answer = searcher.ask(QUESTION)  # of the state that is open, whose row is gone
        assert answer.passages[0].citation.article.text == "Ann turned off the light."


def test_an_update_waits_for_it_and_goes_on(
    served: Served, settings: Settings, tmp_path: Path
) -> None:
    more = articles(tmp_path / "news", {"goat": ("2021-04-01", "", "A goat walked into a museum.")})
    served.kill()
    with pytest.raises(EngineAway):
        update(settings, [more], load=SmallEncoder)
    served.start()
    assert newest_number(client_of(patient(settings).milvus)) == 1
    report = update(patient(settings), load=SmallEncoder)
    assert report.moved and report.moved.articles == 3
    assert list(check_moved(patient(settings).milvus, open_current(settings.home))) == []


def test_one_that_takes_no_writes_is_told_and_still_asked(
    settings: Settings, tmp_path: Path
) -> None:
    """Its file is held by another program, so that it can read and not write."""
    more = articles(tmp_path / "news", {"goat": ("2021-04-01", "", "A goat walked into a museum.")})
    with closing(sqlite3.connect(tmp_path / "served.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises((EngineRefused, EngineAway), match=settings.milvus.uri):
            update(settings, [more], load=SmallEncoder)
        with Searcher(settings, load=SmallAsking) as searcher:
            assert searcher.ask(QUESTION).passages
            assert searcher.engine.article("goat") is None
        holder.execute("ROLLBACK")
    update(patient(settings), load=SmallEncoder)
    assert open_milvus(settings).article("goat") is not None
    assert list(check_moved(patient(settings).milvus, open_current(settings.home))) == []


@pytest.mark.slow
def test_a_writer_that_is_killed_loses_nothing_and_publishes_nothing_half(
    served: Served, tmp_path: Path
) -> None:
    """Killed by SIGKILL after ever more time, until one comes to its end."""
    many = {f"a{n}": ("2021-01-02", "", f"Boat {n} left port {n % 7} at dawn.") for n in range(200)}
    news, home = articles(tmp_path / "many", many), tmp_path / "written"
    index(home, news)
    settings = in_milvus(home, served.uri)
    killed, wait = 0, 0.0
    while True:
        code = _write(home, served.uri, news, wait)
        number = newest_number(Client(settings.milvus))
        if code == 0:
            break
        assert code == -signal.SIGKILL
        killed, wait = killed + 1, 4 * wait + 0.2
        if number:
            assert open_milvus(settings).count() == len(many)
    assert killed > 0
    assert open_milvus(settings).count() == len(many)
    assert list(check_moved(settings.milvus, open_current(home))) == []
    with Library(home) as library:
        assert library.counts()[0] == len(many)


def _write(home: Path, uri: str, news: Path, seconds: float) -> int:
    """Run a writer, and kill it some seconds after it began to move what it has."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / '.namespace'}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-c", WRITER, str(home), uri, str(news)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as running:
        assert running.stdout
        timed: threading.Timer | None = None
        for line in running.stdout:
            if line.startswith("moving") and not timed:
                timed = threading.Timer(seconds, running.kill)
                timed.start()
        running.wait()
        if timed:
            timed.cancel()
    return running.returncode
