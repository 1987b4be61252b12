"""`sync` that is killed at random moments, while somebody keeps asking.

`python -m tests.helpers.killed_sync` reads an order a line, a JSON object with `home` and `seconds`
after which the sync is killed. Each gets one line back: the signal that ended it, and the ids of
the articles that it had reported as added before. Every sync runs in a fork of this process, so
that importing is paid for once.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec import structs

from newsdesk.index.library import FILE, Library
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Net, Settings
from newsdesk.index.sync import Outcome, sync
from newsdesk.index.types import Query

from .support import ROOT, SmallAsking, SmallEncoder, small
from .web import Web

FEEDS = 20
_NET = Net(allow_private=True, delay=0.0, at_once=8)


def settings(home: Path) -> Settings:
    """Of a library that fetches from this machine."""
    return structs.replace(small(home), net=_NET)


def _sync_and_tell(order: dict[str, Any], told: int) -> None:
    def said(outcome: Outcome) -> None:
        os.write(told, "".join(f"{name}\n" for name in outcome.added).encode())

    sync(settings(Path(order["home"])), said=said, load=SmallEncoder)


def forked(order: dict[str, Any]) -> dict[str, Any]:
    """Sync in a fork; kill it after `seconds`."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _sync_and_tell(order, writing)
        os._exit(0)
    os.close(writing)
    killer = threading.Timer(order["seconds"], os.kill, (child, signal.SIGKILL))
    killer.start()
    with os.fdopen(reading) as stream:  # until it ends, one way or the other
        lines = stream.read().split("\n")
    _, status = os.waitpid(child, 0)
    killer.cancel()
    # A line without its end was not reported.
    return {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, "added": lines[:-1]}


@dataclass
class Reader:
    """Asks for articles that were answered once, until stopped; notes what is wrong."""

    home: Path
    texts: dict[str, set[str]]  # id -> texts that were ever published
    asked: int = 0
    wrong: list[str] = field(default_factory=list)
    generations: set[str] = field(default_factory=set)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Ask until stopped."""
        chance, known = random.Random(7), set[str]()
        # By words alone: of a thousand articles some have the same vector by the small encoder.
        with Searcher(small(self.home), mode="lexical", load=SmallAsking) as searcher:
            while not self._stop.is_set():
                searcher.refresh()
                state = searcher.engine.state
                if state not in self.generations:
                    self.generations.add(state)
                    now = {article.id for article, _ in searcher.engine.newest(1 << 20)}
                    self.wrong += [f"{name} was lost in {state}" for name in known - now]
                    known = now
                self._ask(searcher, chance.choice(sorted(known)))

    def _ask(self, searcher: Searcher, article_id: str) -> None:
        number = article_id.removeprefix("story-")
        (hit,) = searcher.search(Query(f"keyword{number}", k=1))
        self.asked += 1
        if hit.article.id != article_id or hit.article.text not in self.texts[article_id]:
            self.wrong.append(f"{article_id}: got {hit.article.id}, {hit.article.text[:60]!r}")

    def stop(self) -> None:
        """Ask no more."""
        self._stop.set()


@dataclass
class Figures:
    """What came of it."""

    kills: int = 0
    ended: int = 0  # syncs that were done before they could be killed
    reported: int = 0  # articles reported as added by syncs that were killed or not
    lost: list[str] = field(default_factory=list)
    asked: int = 0
    wrong: list[str] = field(default_factory=list)
    generations: int = 0
    articles: int = 0
    passages_amiss: int = 0


def _article(number: int, version: int) -> dict[str, str]:
    text = f"The keyword{number} was seen, in its version{version}. It was seen again at noon."
    return {"id": f"story-{number}", "title": f"Story {number}", "text": text}


class Trial:
    """A server that publishes more and more, a library that syncs and is killed, a reader."""

    def __init__(self, home: Path, articles: int, kills: int, seed: int = 14) -> None:
        self._home, self._articles, self._kills = home, articles, kills
        self._chance = random.Random(seed)
        self._texts: dict[str, set[str]] = {}
        self._versions: dict[int, int] = {}

    def publish(self, web: Web, upto: int) -> None:
        """Serve the first articles, some of them changed since."""
        for number in range(upto):
            changed = self._chance.random() < 0.02
            self._versions[number] = self._versions.get(number, 0) + changed
        for feed in range(FEEDS):
            mine = [_article(n, self._versions[n]) for n in range(feed, upto, FEEDS)]
            for each in mine:
                self._texts.setdefault(each["id"], set()).add(each["text"])
            web.lines(f"/{feed}", mine)

    def run(self) -> Figures:
        """Kill it so many times, then let it end."""
        figures, reported = Figures(), set[str]()
        with Web() as web, _nursery() as nursery:
            self._begin(web)
            limit = 2.0
            reader = Reader(self._home, self._texts)
            thread = threading.Thread(target=reader.run)
            thread.start()
            while figures.kills < self._kills and figures.ended < 6 * self._kills:
                share = (figures.kills + 1) / self._kills
                self.publish(web, max(FEEDS, int(self._articles * share)))
                done = _ordered(nursery, self._home, self._chance.uniform(0.02, limit))
                limit *= 1.3 if done["signal"] else 0.8  # so that kills fall on all of a sync
                figures.kills += done["signal"] == signal.SIGKILL
                figures.ended += done["signal"] == 0
                reported |= set(done["added"])
                figures.lost += sorted(reported - _ids(self._home))
            self.publish(web, self._articles)
            _ordered(nursery, self._home, 600.0)
            time.sleep(0.5)
            reader.stop()
            thread.join()
        return self._summed(figures, reader, reported)

    def _begin(self, web: Web) -> None:
        self.publish(web, FEEDS * 2)
        with Library(self._home, create=True) as library, library.transaction():
            for feed in range(FEEDS):
                place = web.url(f"/{feed}", f"127.0.0.{feed + 1}")
                library.sources.add("feed", place, time.time())
        sync(settings(self._home), load=SmallEncoder)

    def _summed(self, figures: Figures, reader: Reader, reported: set[str]) -> Figures:
        figures.reported, figures.asked = len(reported), reader.asked
        figures.wrong, figures.generations = reader.wrong, len(reader.generations)
        figures.articles = len(_ids(self._home))
        figures.passages_amiss = _amiss(self._home, self._texts, self._versions)
        return figures


def _ids(home: Path) -> set[str]:
    with closing(sqlite3.connect(home / FILE)) as own:
        return {str(row[0]) for row in own.execute("SELECT id FROM articles")}


def _amiss(home: Path, texts: dict[str, set[str]], versions: dict[int, int]) -> int:
    """How many articles are not as they were published last, or not in one passage."""
    with closing(sqlite3.connect(home / FILE)) as own:
        if own.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            return len(texts)
    amiss = 0
    with Searcher(small(home), load=SmallAsking) as searcher, Library(home) as library:
        for number, version in versions.items():
            expected = _article(number, version)["text"]
            shown, stored = searcher.article(f"story-{number}"), library.article(f"story-{number}")
            sound = shown and stored and shown.text == expected and stored.text == expected
            amiss += not (sound and stored and len(library.passages(stored)) == 1)
    return amiss


def _nursery() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.killed_sync"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip


def _ordered(nursery: subprocess.Popen[str], home: Path, seconds: float) -> dict[str, Any]:
    if nursery.stdin is None or nursery.stdout is None:
        raise RuntimeError("no way to talk to it")
    nursery.stdin.write(json.dumps({"home": str(home), "seconds": seconds}) + "\n")
    nursery.stdin.flush()
    done: dict[str, Any] = json.loads(nursery.stdout.readline())
    return done


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(forked(json.loads(line))), flush=True)
