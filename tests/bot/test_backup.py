"""Backup and restore of the library with the bot's memory: under load, killed, damaged, refused."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec import structs

from newsdesk.bot.store import database
from newsdesk.bot.store.checking import companion
from newsdesk.bot.store.models import ChatSettings, KeptAnswer, StoredCitation
from newsdesk.bot.store.store import Store
from newsdesk.index.errors import LibraryDamaged, UsageError
from newsdesk.index.library import FILE, Library
from newsdesk.index.library.settling import PENDING
from newsdesk.index.sync import back_up, check, is_backup, restore_backup, sync
from newsdesk.index.sync.backup import MANIFEST
from tests.botapi import Message, StandIn
from tests.helpers.restoring import Nursery
from tests.helpers.running import Running
from tests.helpers.support import ROOT, SmallEncoder, index, small, write
from tests.helpers.talking import ANSWERED, TOKYO, ask

OLD, NEW = "Europe/Paris", "Asia/Tokyo"
COMPANIONS = [companion()]
CLI = [sys.executable, "-m", "newsdesk.bot.cli"]


def filled(folder: Path, name: str, zone: str, articles: int = 6) -> Path:
    """A home with articles of one name, and a bot's memory in which chat 1 has a zone."""
    texts = {
        f"{name}-{n}.txt": f"The {name} canal {n}\n\nA ship of {name} passed lock {n} at noon."
        for n in range(articles)
    }
    index(folder / "home", write(folder / "articles", texts))
    with Store(folder / "home") as store:
        store.set_chat(1, ChatSettings(zone=zone))
    return folder / "home"


def state(home: Path) -> tuple[set[str], str | None]:
    """What the library's articles are named by, and the zone that the bot remembers."""
    with Library(home) as library:
        names = {article.title.split()[1] for article in library.articles()}
        assert library.flaws() == []
    with Store(home, create=False) as store:
        return names, store.chat(1).zone


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the home of the old state, and a backup of the new one."""
    folder = tmp_path_factory.mktemp("backups")
    filled(folder / "old", "old", OLD)
    new = filled(folder / "new", "new", NEW)
    back_up(small(new), folder / "new.newsdesk", COMPANIONS)
    return folder


@pytest.fixture
def old(made: Path, tmp_path: Path) -> Path:
    """A home with the old state."""
    shutil.copytree(made / "old" / "home", tmp_path / "home")
    return tmp_path / "home"


def restored(home: Path, file: Path, replace: bool = True) -> None:
    restore_backup(small(home), file, COMPANIONS, replace=replace, load=SmallEncoder)


def test_what_is_restored_is_what_was_backed_up_and_can_be_asked(made: Path, old: Path) -> None:
    restored(old, made / "new.newsdesk")
    assert state(old) == ({"new"}, NEW)
    checked = check(small(old), companions=COMPANIONS)
    assert (checked.articles, checked.flaws, checked.companions) == (6, (), ("bot.db",))
    assert not list(old.glob(".restore*"))


def test_a_backup_is_restored_into_a_home_that_has_nothing(made: Path, tmp_path: Path) -> None:
    restored(tmp_path / "other", made / "new.newsdesk", replace=False)
    assert state(tmp_path / "other") == ({"new"}, NEW)


def test_what_is_there_is_not_replaced_unless_that_is_said(made: Path, old: Path) -> None:
    with pytest.raises(UsageError, match=r"has bot\.db and library\.db already; --force replaces"):
        restored(old, made / "new.newsdesk", replace=False)
    with pytest.raises(UsageError, match="it is there; name another, or --force"):
        back_up(small(old), made / "new.newsdesk", COMPANIONS)
    assert state(old) == ({"old"}, OLD)


def test_a_library_that_is_damaged_is_replaced(made: Path, old: Path) -> None:
    (old / FILE).write_bytes(b"no database" * 1000)
    (old / database.FILE).write_bytes(b"")
    restored(old, made / "new.newsdesk")
    assert state(old) == ({"new"}, NEW)


def tampered(file: Path, target: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """A copy of a backup in which one file is another; its sum in the archive fits."""
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(target, "w") as copy:
        for each in source.namelist():
            content = source.read(each)
            copy.writestr(each, change(content) if each == name else content)
    return target


def newer(packed: bytes) -> bytes:
    return json.dumps({**json.loads(packed), "format": 99}).encode()


def with_a_stranger(packed: bytes) -> bytes:
    told = json.loads(packed)
    told["files"]["../stray"] = next(iter(told["files"].values()))
    return json.dumps(told).encode()


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        (FILE, lambda c: c[:-1] + b"?", r"library\.db is not as it was written\); take another"),
        ("bot.db", lambda c: c[:-4096], r"bot\.db is not as it was written"),
        (MANIFEST, newer, "written by a newer Newsdesk .*; update this one"),
        (MANIFEST, with_a_stranger, r"holds '\.\./stray', which this command does not know"),
        (MANIFEST, lambda _: b"{}", "no backup of Newsdesk"),
    ],
)
def test_a_backup_that_is_not_as_it_was_written_changes_nothing(
    name: str,
    change: Callable[[bytes], bytes],
    told: str,
    made: Path,
    old: Path,
    tmp_path: Path,
) -> None:
    file = tampered(made / "new.newsdesk", tmp_path / "changed", name, change)
    with pytest.raises(LibraryDamaged, match=told):
        restored(old, file)
    assert state(old) == ({"old"}, OLD)
    assert not list(old.glob(".restore*"))


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_a_backup_that_was_cut_is_told_as_one(
    share: float, made: Path, old: Path, tmp_path: Path
) -> None:
    whole = (made / "new.newsdesk").read_bytes()
    (tmp_path / "cut").write_bytes(whole[: int(len(whole) * share)])
    assert is_backup(tmp_path / "cut")
    with pytest.raises(LibraryDamaged, match="damaged, cut or no backup"):
        restored(old, tmp_path / "cut")
    assert state(old) == ({"old"}, OLD)


def test_a_damaged_library_is_not_backed_up_as_if_it_were_sound(old: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(old / FILE)) as db, db:  # where foreign keys are not enforced
        assert db.execute("DELETE FROM articles WHERE id LIKE 'old-1%'").rowcount == 1
    with pytest.raises(LibraryDamaged, match=r"belongs to nothing.*newsdesk check"):
        back_up(small(old), tmp_path / "file", COMPANIONS)
    assert not (tmp_path / "file").exists()


# Killed


def settled(home: Path) -> tuple[set[str], str | None]:
    """The state of a home after a kill: of both files, whichever is opened first."""
    with Store(home, create=False) as store:
        zone = store.chat(1).zone
    names, again = state(home)
    assert zone == again
    return names, zone


@pytest.mark.slow
def test_a_restore_that_is_killed_anywhere_leaves_the_old_state_or_the_new(
    made: Path, tmp_path: Path
) -> None:
    outcomes = []
    with Nursery() as nursery:
        home = tmp_path / "whole"
        shutil.copytree(made / "old" / "home", home)
        points = nursery.order("restore", home, made / "new.newsdesk")["points"]
        assert {"progress restoring library.db", "progress restoring bot.db"} <= set(points)
        chosen = range(0, len(points), max(1, len(points) // 80))
        for point in chosen:
            home = tmp_path / f"killed-{point}"
            shutil.copytree(made / "old" / "home", home)
            done = nursery.order("restore", home, made / "new.newsdesk", point=point)
            assert done["signal"] == signal.SIGKILL, points[point]
            outcomes.append(settled(home))
            assert outcomes[-1] in (({"old"}, OLD), ({"new"}, NEW)), points[point]
            assert not (home / PENDING).exists()
            if point % 10 == 0:  # and what a kill left is in nobody's way
                restored(home, made / "new.newsdesk")
                assert state(home) == ({"new"}, NEW)
                assert not list(home.glob(".restore*"))
            shutil.rmtree(home)
    turn = outcomes.index(({"new"}, NEW))
    assert 0 < turn < len(chosen)
    assert outcomes == [({"old"}, OLD)] * turn + [({"new"}, NEW)] * (len(chosen) - turn)


@pytest.mark.slow
def test_a_backup_that_is_killed_anywhere_leaves_the_file_as_it_was(
    made: Path, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    home = made / "new" / "home"
    with Nursery() as nursery:
        points = nursery.order("backup", home, file)["points"]
        before = file.read_bytes()
        whole = 0
        for point in range(0, len(points), 3):
            done = nursery.order("backup", home, file, point=point)
            assert done["signal"] == signal.SIGKILL, points[point]
            if file.read_bytes() != before:  # killed after the rename: it is the new one, whole
                before, whole = file.read_bytes(), whole + 1
                restored(tmp_path / f"home-{whole}", file, replace=False)
        assert whole < 3
    back_up(small(home), file, COMPANIONS, replace=True)
    assert not list(tmp_path.glob(".*"))


# Under load


def kept(key: str, update: int) -> KeptAnswer:
    return KeptAnswer(key=key, chat=1, user=2, asked=time.time(), typed="who?", update=update)


@pytest.fixture
def busy(old: Path, tmp_path: Path) -> Iterator[Path]:
    """A home that is written to all the time: answers in pairs, and articles that are synced."""
    stop = threading.Event()
    errors: list[BaseException] = []

    def answers() -> None:
        with Store(old) as store:
            number = 0
            while not stop.is_set():
                with store.transaction():
                    store.keep(kept(f"a{number}", number))
                    store.keep(kept(f"b{number}", number))
                number += 1
                stop.wait(0.001)  # or the log outgrows the disk before a slow machine has copied it

    def articles() -> None:
        folder, number = tmp_path / "coming", 0
        while not stop.is_set():
            name = f"coming-{number}.txt"
            write(folder, {name: f"The coming canal {number}\n\nA ship passed lock {number}."})
            if number:
                sync(small(old), load=SmallEncoder)
            else:
                index(old, folder)
            number += 1

    def noted(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=noted, args=(work,)) for work in (answers, articles)]
    for thread in threads:
        thread.start()
    yield old
    stop.set()
    for thread in threads:
        thread.join()
    assert not errors


def pairs(home: Path) -> tuple[int, int]:
    """How many answers of either kind there are."""
    with closing(sqlite3.connect(home / database.FILE)) as db:
        sql = "SELECT count(*) FROM answers WHERE key LIKE ?"
        first, second = (int(db.execute(sql, (k,)).fetchone()[0]) for k in ("a%", "b%"))
        return first, second


def test_a_backup_under_load_is_the_state_of_one_moment(busy: Path, tmp_path: Path) -> None:
    seen: list[int] = []
    for number in range(5):
        before = pairs(busy)
        file, home = tmp_path / f"backup-{number}", tmp_path / f"home-{number}"
        facts = back_up(small(busy), file, COMPANIONS)
        restored(home, file, replace=False)
        first, second = pairs(home)
        assert first == second >= before[0]
        checked = check(small(home), companions=COMPANIONS)
        assert (checked.flaws, checked.articles) == ((), facts.articles)
        seen.append(first)
    assert seen == sorted(set(seen))  # it was written to meanwhile


def test_a_restore_waits_for_a_sync_and_is_refused_while_the_bot_has_its_memory(
    made: Path, busy: Path
) -> None:
    """The writer of answers here is no bot: it holds no lock, as an editor of SQLite files."""
    with closing(sqlite3.connect(busy / database.FILE)):
        restored(busy, made / "new.newsdesk")
    with Library(busy) as library:
        assert library.stored("new-1")
        assert library.flaws() == []


@pytest.mark.slow
def test_the_running_bot_is_backed_up_and_has_to_stop_for_a_restore(
    own_home: Path, tmp_path: Path
) -> None:
    """By the commands, as people give them; the bot answers on all the while."""

    def newsdesk(*words: str) -> subprocess.CompletedProcess[str]:
        environ = {
            **os.environ,
            "NEWSDESK_HOME": str(own_home),
            "PYTHONPATH": os.pathsep.join([str(ROOT / ".namespace"), str(ROOT)]),
        }
        return subprocess.run(
            [*CLI, *words], capture_output=True, text=True, check=False, env=environ, cwd=ROOT,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    file = tmp_path / "monday"
    with StandIn() as api, Running(api, own_home) as bot:
        ann = api.person("Ann")
        chat = api.private(ann)
        answered(api, ask(api, ann, chat))
        done = newsdesk("backup", str(file), "--json")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["articles"], set(told["files"]) >= {"library.db", "bot.db"}) == (30, True)
        ask(api, ann, chat, TOKYO)
        refused = newsdesk("restore", str(file), "--force")
        assert refused.returncode == 2
        assert "`newsdesk bot` runs here and holds bot.db; stop it first" in refused.stderr
        bot.kill()
        done = newsdesk("restore", str(file), "--force")
        assert done.returncode == 0, done.stderr
        with Store(own_home, create=False) as store:
            assert sum(store.figures(0.0).verdicts.values()) == 1
        done = newsdesk("check", "--json")
        assert (done.returncode, json.loads(done.stdout)["flaws"]) == (0, [])
        bot.start()
        bot.until("answers from", times=2)
        answered(api, ask(api, ann, chat))


def answered(api: StandIn, message: Message) -> None:
    """Wait until a message holds the answer; on a busy machine it says "one moment" first."""
    api.wait_for(lambda: message.text.startswith(ANSWERED), 60, "the answer")


# Checked


def test_check_names_rows_of_the_bot_that_cannot_be_read(old: Path) -> None:
    with Store(old) as store:
        store.keep(kept("fine", 1))
        place = StoredCitation(article="x", digest="", start=9, end=3, title="")
        backwards = structs.replace(kept("spans", 2), places=[place])
        store.keep(backwards)
    with closing(sqlite3.connect(old / database.FILE)) as db, db:
        db.execute("UPDATE chats SET settings = '{'")
    told = [(flaw.what, flaw.mend) for flaw in check(small(old), companions=COMPANIONS).flaws]
    assert [what.partition("bot.db: ")[2].partition(": ")[0] for what, _ in told] == [
        "a row of chats (1) cannot be read",
        "the answer spans cites what is no span",
    ]
    assert all("`newsdesk restore`" in mend for _, mend in told)
