"""Killed at any moment, out of room, or two at once: the library is sound, the last one answers."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newsdesk.index.errors import LibraryDamaged, NewsdeskError
from newsdesk.index.generation import open_current
from newsdesk.index.library import FILE
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.types import Query
from newsdesk.index.update import update
from tests.helpers.disks import disk
from tests.helpers.support import ROOT, SmallAsking, SmallEncoder, index, small, write

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows neither forks nor kills so")

WORDS = "canal ship summit treaty troops border vaccine comet volcano election harvest bridge"


def story(number: int, version: int = 1) -> str:
    chance = random.Random(number * 31 + version)
    words = WORDS.split()
    sentences = [" ".join(chance.choices(words, k=9)).capitalize() + "." for _ in range(24)]
    return f"Story {number}\n\n" + " ".join(sentences)


class Nursery:
    """A process that runs updates which are stopped on the way, see `interrupted`."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.interrupted"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip

    def tell(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def run(self, home: Path, articles: Path, **stop: object) -> dict[str, Any]:
        self.tell(json.dumps({"home": str(home), "articles": str(articles), **stop}))
        told: dict[str, Any] = json.loads(self.hear())
        return told

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.close()


def sound(home: Path) -> int:
    """Check the library's file as SQLite does. Returns how many vectors are committed."""
    with contextlib.closing(sqlite3.connect(home / FILE)) as own:
        assert own.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert own.execute("PRAGMA foreign_key_check").fetchall() == []
        known = own.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        return int(own.execute("SELECT count(*) FROM vectors").fetchone()[0]) if known else 0


def answers(home: Path) -> list[tuple[str, float]]:
    """What the library says to some questions, and from which articles."""
    found = []
    with Searcher(small(home), load=SmallAsking) as searcher:
        for question in ("Story 3", "volcano election bridge", "comet treaty"):
            hits = searcher.search(Query(question, k=20))
            found += [(hit.passage.id, round(hit.score, 6)) for hit in hits]
    return found


def content(home: Path) -> dict[str, str]:
    """What the current generation is made of, by the hash of each file."""
    opened = open_current(home, verify=True)
    return {name: str(given["sha256"]) for name, given in opened.manifest.columns.items()}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A library that is behind its folder: articles were added, changed and removed since."""
    place = tmp_path_factory.mktemp("killed")
    articles = write(place / "articles", {f"{n}.txt": story(n) for n in range(8)})
    index(place / "home", articles)
    write(articles, {f"{n}.txt": story(n) for n in range(8, 14)})
    write(articles, {f"{n}.txt": story(n, version=2) for n in (2, 3)})
    (articles / "5.txt").unlink()
    return place / "home", articles


@pytest.fixture(scope="module")
def undisturbed(
    before: tuple[Path, Path], nursery: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[str]]:
    """The same library brought up to date, and the points that passed on the way."""
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    shutil.copytree(before[0], home)
    told = nursery.run(home, before[1])
    assert told["report"]["published"]
    return home, told["points"]


def chosen(points: list[str]) -> list[int]:
    """Of each kind of thing the first and the last, of frequent ones that in the middle too."""
    places: dict[str, list[int]] = {}
    for number, point in enumerate(points):
        places.setdefault(point, []).append(number)
    middle = {one[len(one) // 2] for one in places.values() if len(one) >= 10}
    return sorted(middle | {one[n] for one in places.values() for n in (0, -1)})


@pytest.mark.slow
def test_killed_at_any_point_the_last_generation_answers_and_the_next_run_goes_on(
    before: tuple[Path, Path],
    undisturbed: tuple[Path, list[str]],
    nursery: Nursery,
    tmp_path: Path,
) -> None:
    (old, articles), (new, points) = before, undisturbed
    old_answers, new_answers = answers(old), answers(new)
    total, expected = sound(new), content(new)
    moved = points.index("os.rename .CURRENT")
    assert old_answers != new_answers
    assert points.count("sql transaction") > 10
    for point in chosen(points):
        home = shutil.copytree(old, tmp_path / f"home-{point}")
        assert nursery.run(home, articles, point=point)["signal"] == signal.SIGKILL, points[point]
        committed = sound(home)
        assert answers(home) == (old_answers if point <= moved else new_answers), points[point]
        report = index(home, articles)
        assert report.encoded == total - committed, points[point]
        assert (answers(home), content(home)) == (new_answers, expected), points[point]
        names = {path.name for path in (home / "generations").iterdir()}
        assert len(names) <= 2, points[point]
        assert open_current(home).name in names
        shutil.rmtree(home)


@pytest.mark.slow
def test_killed_at_the_first_run_of_all_there_is_no_library_or_a_sound_one(
    before: tuple[Path, Path], nursery: Nursery, tmp_path: Path
) -> None:
    _, articles = before
    points = nursery.run(tmp_path / "whole", articles)["points"]
    expected = content(tmp_path / "whole")
    for point in chosen(points)[::5]:
        home = tmp_path / f"home-{point}"
        assert nursery.run(home, articles, point=point)["signal"] == signal.SIGKILL
        index(home, articles)
        sound(home)
        assert content(home) == expected, points[point]
        shutil.rmtree(home)


@pytest.mark.slow
def test_killed_at_random_moments_again_and_again_it_comes_to_an_end(
    nursery: Nursery, tmp_path: Path
) -> None:
    """A few hundred articles; every run is killed, each a little later than the one before."""
    home, articles = tmp_path / "home", tmp_path / "articles"
    write(articles, {f"{n:03}.txt": story(n) for n in range(5)})
    index(home, articles)
    first = answers(home)
    write(articles, {f"{n:03}.txt": story(n) for n in range(5, 300)})
    chance = random.Random(5)
    kills, vectors, ended = 0, sound(home), False
    for longest in (0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.3, 1.6, 2.0):
        told = nursery.run(home, articles, seconds=chance.uniform(longest / 2, longest))
        kills += told["signal"] == signal.SIGKILL
        now = sound(home)
        assert now >= vectors  # what was committed is never lost
        vectors = now
        ended = ended or answers(home) != first
        assert ended or answers(home) == first
    assert kills >= 3
    report = index(home, articles)
    assert report.encoded == sound(home) - vectors
    assert len(report.unchanged) + len(report.added) == 300
    write(articles, {})
    index(tmp_path / "other", articles)
    assert content(home) == content(tmp_path / "other")


def test_what_a_kill_left_beside_a_damaged_library_does_no_harm(
    before: tuple[Path, Path], undisturbed: tuple[Path, list[str]], nursery: Nursery, tmp_path: Path
) -> None:
    """Its write-ahead log stays when the file is moved away, as the message says to."""
    (old, articles), points = before, undisturbed[1]
    home = shutil.copytree(old, tmp_path / "home")
    building = points.index("progress building")
    assert nursery.run(home, articles, point=building)["signal"] == signal.SIGKILL
    assert (home / f"{FILE}-wal").stat().st_size
    (home / FILE).write_bytes(b"noise " * 10_000)
    with pytest.raises(LibraryDamaged, match="move it away"):
        index(home, articles)
    (home / FILE).rename(home / "damaged.db")
    index(home, articles)
    sound(home)
    # Not with the library that was there before: one that is gone held others together as copies
    # of one story, and they stay one. Here it never was.
    index(tmp_path / "anew", articles)
    assert content(home) == content(tmp_path / "anew")


# Two at once


def test_a_second_update_waits_and_says_so(
    before: tuple[Path, Path], undisturbed: tuple[Path, list[str]], tmp_path: Path
) -> None:
    home = shutil.copytree(before[0], tmp_path / "home")
    first, articles = Nursery(), before[1]
    said, ended = threading.Event(), threading.Event()
    reports = []

    def second() -> None:
        report = update(small(home), [articles], waiting=said.set, load=SmallEncoder)
        reports.append(report)
        ended.set()

    first.tell(
        json.dumps({"home": str(home), "articles": str(articles), "pause": "loading the model"})
    )
    assert first.hear() == "paused"
    waiting = threading.Thread(target=second)
    waiting.start()
    assert said.wait(30)
    assert not ended.wait(0.3)
    first.tell("")
    assert json.loads(first.hear())["report"]["published"]
    waiting.join(30)
    first.close()
    assert ended.is_set()
    assert (len(reports[0].unchanged), reports[0].published) == (13, False)
    assert content(home) == content(undisturbed[0])


def test_a_second_update_goes_on_when_the_first_is_killed(
    before: tuple[Path, Path], undisturbed: tuple[Path, list[str]], tmp_path: Path
) -> None:
    home = shutil.copytree(before[0], tmp_path / "home")
    order = {"home": str(home), "articles": str(before[1]), "pause": "building"}
    first = subprocess.Popen(
        [sys.executable, "-c", f"from tests.helpers.interrupted import run; run({order!r})"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert first.stdout
    assert first.stdin
    assert first.stdout.readline() == "paused\n"
    killer = threading.Timer(0.2, first.kill)
    said = []
    killer.start()
    update(small(home), [before[1]], waiting=lambda: said.append(1), load=SmallEncoder)
    first.wait()
    first.stdin.close()
    first.stdout.close()
    assert said == [1]
    assert content(home) == content(undisturbed[0])


# No room


@pytest.mark.parametrize("limit", [0, 1_000, 5_000, 20_000, 50_000, 100_000, 150_000])
def test_where_no_file_may_grow_the_last_generation_answers(
    limit: int, before: tuple[Path, Path], nursery: Nursery, tmp_path: Path
) -> None:
    old, articles = before
    home = shutil.copytree(old, tmp_path / "home")
    write(home.parent / "many", {f"{n}.txt": story(n) for n in range(80)})
    for folder in (articles, home.parent / "many"):
        told = nursery.run(home, folder, bytes=limit)
        if "error" in told:
            assert told["error"] == "LibraryDamaged"
            assert "free some space" in told["told"]
            assert answers(home) == answers(old)
        sound(home)
    assert "error" in told
    index(home, home.parent / "many")
    sound(home)
    assert len(answers(home)) == 60


def test_on_a_full_disk_the_last_generation_answers(
    before: tuple[Path, Path], tmp_path: Path
) -> None:
    write(tmp_path / "many", {f"{n}.txt": story(n) for n in range(80)})
    with disk(tmp_path / "disk", 3_000) as place:
        home = shutil.copytree(before[0], place / "home")
        expected, failed = answers(home), 0
        for left in (0, 4, 16, 64, 128, 256, 400):
            room = os.statvfs(place)
            filler = room.f_bavail * room.f_frsize - left * 1_000
            (place / "filler").write_bytes(b"x" * max(0, filler))
            try:
                index(home, tmp_path / "many")
            except NewsdeskError as error:
                assert isinstance(error, LibraryDamaged)
                assert "free some space" in str(error)
                assert answers(home) == expected
                failed += 1
            else:
                expected = answers(home)
            (place / "filler").unlink()
            sound(home)
        assert failed >= 4
        index(home, tmp_path / "many")
        assert len(open_current(home, verify=True).manifest.sources) == 1
        assert len(answers(home)) == 60
