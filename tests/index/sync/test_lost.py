"""Nothing is lost: killed, out of room, read-only, locked, two at once."""

from __future__ import annotations

import contextlib
import os
import resource
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsdesk.index.errors import LibraryDamaged
from newsdesk.index.library import FILE
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.sync import SyncReport
from newsdesk.index.types import Query
from tests.helpers.disks import read_only
from tests.helpers.killed_sync import Trial
from tests.helpers.support import ROOT, SmallAsking, small
from tests.helpers.web import Handler, Page, Web

from .helpers import added, ids, source, story, synced

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows neither forks nor kills so")


@pytest.mark.slow
def test_killed_at_random_moments_while_somebody_asks(home: Path) -> None:
    figures = Trial(home, articles=200, kills=8).run()
    assert figures.kills == 8
    assert figures.reported > 0
    assert (figures.lost, figures.wrong, figures.passages_amiss) == ([], [], 0)
    assert figures.articles == 200
    assert figures.asked > 50


def test_what_was_read_is_noted_last(web: Web, home: Path) -> None:
    """Stopped between two articles of a feed, it asks for the whole feed again."""
    web.lines("/feed", [story(1)], ETag='"1"')
    added(home, web.url("/feed"))
    web.lines("/feed", [story(n) for n in range(250)], ETag='"2"')
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from newsdesk.index.library import Library\n"
        "from tests.index.sync.helpers import synced\n"
        "put, count = Library.put, iter(range(150))\n"
        "def stopping(*given):\n"
        "    if next(count) == 149: os.kill(os.getpid(), 9)\n"
        "    put(*given)\n"
        "Library.put = stopping\n"
        f"synced(Path({str(home)!r}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == -9
    assert source(home, web.url("/feed")).etag == '"1"'
    report = synced(home).report
    assert len(report.added) + len(report.unchanged) == 250
    assert 0 < len(report.added) < 200
    assert len(ids(home)) == 250


def test_two_at_once_one_waits(web: Web, home: Path) -> None:
    began, go_on = threading.Event(), threading.Event()

    def held(handler: Handler) -> None:
        began.set()
        go_on.wait(10)
        Page(b'{"id": "story-1", "text": "It was."}', "application/jsonl")(handler)

    web.lines("/feed", [story(1)])
    added(home, web.url("/feed"), deadline=20.0, timeout=20.0)
    web.pages["/feed"] = held
    before = len(web.asked("/feed"))
    reports: list[SyncReport] = []
    waiting = threading.Event()
    slow = {"deadline": 20.0, "timeout": 20.0}
    first = threading.Thread(target=lambda: reports.append(synced(home, **slow)))
    first.start()
    assert began.wait(10)
    second = threading.Thread(
        target=lambda: reports.append(synced(home, waiting=waiting.set, **slow))
    )
    second.start()
    assert waiting.wait(10)
    assert len(web.asked("/feed")) == before + 1
    go_on.set()
    first.join()
    second.join()
    assert [each.report.changed for each in reports] == [["story-1"], []]


def test_while_a_sync_fetches_others_may_index(web: Web, home: Path, tmp_path: Path) -> None:
    from tests.helpers.support import index, write

    began, go_on = threading.Event(), threading.Event()

    def held(handler: Handler) -> None:
        began.set()
        go_on.wait(10)
        Page(b"no", status=404)(handler)

    web.lines("/feed", [story(1)])
    added(home, web.url("/feed"))
    web.pages["/feed"] = held
    syncing = threading.Thread(target=lambda: synced(home, deadline=20.0, timeout=20.0))
    syncing.start()
    assert began.wait(10)
    index(home, write(tmp_path / "news", {"a.txt": "A\n\nA is here."}))
    assert ids(home) == ["a", "story-1"]
    go_on.set()
    syncing.join()
    assert ids(home) == ["a", "story-1"]


@contextlib.contextmanager
def locked(home: Path, seconds: float) -> Iterator[None]:
    """Another program writes to the library's file for a while."""
    with contextlib.closing(
        sqlite3.connect(home / FILE, isolation_level=None, check_same_thread=False)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(seconds, other.execute, ("COMMIT",))
        timer.start()
        try:
            yield
        finally:
            timer.join()


@pytest.mark.parametrize(
    "seconds", [1.0, pytest.param(20.0, marks=pytest.mark.slow)], ids=["short", "20 s"]
)
def test_a_locked_library_is_waited_for(web: Web, home: Path, seconds: float) -> None:
    web.lines("/feed", [story(1)])
    added(home, web.url("/feed"))
    web.lines("/feed", [story(1), story(2)])
    began = time.monotonic()
    with locked(home, seconds):
        assert synced(home).report.added == ["story-2"]
    assert time.monotonic() - began > seconds * 0.9
    assert ids(home) == ["story-1", "story-2"]


@pytest.mark.parametrize("room", [0, 20_000, 100_000])
def test_on_a_full_disk_what_was_there_answers_and_the_next_sync_goes_on(
    web: Web, home: Path, room: int
) -> None:
    web.lines("/feed", [story(1)], ETag='"1"')
    added(home, web.url("/feed"))
    web.lines("/feed", [story(n) for n in range(600)], ETag='"2"')
    code = (
        "import resource\n"
        "from pathlib import Path\n"
        "from newsdesk.index.errors import LibraryDamaged\n"
        "from tests.index.sync.helpers import synced\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {resource.RLIM_INFINITY}))\n"
        "try:\n"
        f"    synced(Path({str(home)!r}))\n"
        "except LibraryDamaged as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "free some space" in done.stdout
    assert ids(home) == ["story-1"]
    synced(home)
    assert len(ids(home)) == 600


def test_on_a_read_only_disk_it_is_said_and_what_was_there_answers(web: Web, home: Path) -> None:
    """By the file system: unlike modes, root keeps to that."""
    web.lines("/feed", [story(1)])
    added(home, web.url("/feed"))
    web.lines("/feed", [story(1), story(2)])
    with read_only(home):
        with pytest.raises(LibraryDamaged, match=r"(?i)read-only"):
            synced(home)
        with Searcher(small(home), load=SmallAsking) as searcher:
            (hit,) = searcher.search(Query(story(1)["text"], k=1))
            assert hit.article.id == "story-1"
    assert synced(home).report.added == ["story-2"]


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="root may write anywhere")
def test_a_read_only_home_is_said(web: Web, home: Path) -> None:
    web.lines("/feed", [story(1)])
    added(home, web.url("/feed"))
    web.lines("/feed", [story(2)])
    for place in (home, *home.iterdir()):
        place.chmod(0o555 if place.is_dir() else 0o444)
    try:
        with pytest.raises(LibraryDamaged, match="change its mode"):
            synced(home)
        assert ids(home) == ["story-1"]
    finally:
        for place in (home, *home.iterdir()):
            place.chmod(0o755 if place.is_dir() else 0o644)


def test_a_clock_set_back_stops_nothing(web: Web, home: Path, tmp_path: Path) -> None:
    """What was noted and written while the clock was a year ahead."""
    from newsdesk.index.library import Library
    from tests.helpers.support import index, write

    folder = write(tmp_path / "news", {"a.txt": "A\n\nA is here."})
    ahead = time.time() + 365 * 86_400
    os.utime(folder / "a.txt", (ahead, ahead))
    index(home, folder)
    web.lines("/feed", [story(1)])
    added(home, web.url("/feed"))
    known = source(home, web.url("/feed"))
    with Library(home) as library, library.transaction():
        library.sources.update(
            known.id, {"tried": ahead, "success": ahead, "changed": ahead, "next_try": ahead}
        )
    (folder / "a.txt").write_text("A\n\nA is there.")
    web.lines("/feed", [story(1), story(2)])
    report = synced(home).report
    assert (report.added, report.changed) == (["story-2"], ["a"])
