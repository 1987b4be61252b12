"""`newsdesk watch` as a process of its own, and OPML in and out by command."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from newsdesk.bot import cli
from newsdesk.index.errors import LibraryError
from newsdesk.index.generation import open_current
from newsdesk.index.readers import read_opml
from newsdesk.index.settings import Settings
from newsdesk.index.sync import check
from newsdesk.index.types import Article
from tests.helpers.feeds import Published, page, rss
from tests.helpers.forking import Forked, forked
from tests.helpers.support import Command, write
from tests.helpers.web import Page, Web
from tests.index.cli.commands import environment, in_this_process

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork"),
]

DAY = datetime(2026, 3, 2, 6, tzinfo=UTC)
RULES = {"NEWSDESK_NET_ALLOW_PRIVATE": "true", "NEWSDESK_NET_DELAY": "0"}


@pytest.fixture
def home(tmp_path: Path, models: Path) -> Path:
    """A home with the real model in it, so that no process has to export it."""
    made = tmp_path / "home"
    made.mkdir()
    (made / "models").symlink_to(models)
    return made


@pytest.fixture
def newsdesk(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Runs a command of the console script in this process."""
    for name, value in RULES.items():
        monkeypatch.setenv(name, value)
    return in_this_process(cli.run, home, capsys, monkeypatch)


@contextmanager
def watching(home: Path, every: float) -> Iterator[Forked]:
    """`newsdesk watch` in a process, told to end by SIGTERM; it does, and says nothing odd."""
    log = home.parent / "watch.log"
    process = forked(["watch", "--every", str(every)], environment(home, **RULES), log)
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, log.read_text()
    finally:
        process.kill()
    assert "Traceback" not in log.read_text()
    assert check(Settings(home=home)).flaws == ()


def until(is_so: Callable[[], bool], what: str, timeout: float = 300) -> None:
    end = time.monotonic() + timeout
    while not is_so():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.05)


def listens(process: Forked) -> bool:
    """Whether a process has asked the system to be told of changes of a file."""
    try:
        open_files = list(Path(f"/proc/{process.pid}/fdinfo").iterdir())
        return any("inotify wd:" in each.read_text() for each in open_files)
    except OSError:  # it has just closed one
        return False


def asked(home: Path, article_id: str) -> Article | None:
    """An article as it can be asked for just now."""
    try:
        return open_current(home).find(article_id)
    except LibraryError:
        return None


def text_of(home: Path, article_id: str) -> str:
    found = asked(home, article_id)
    return found.text if found else ""


@pytest.mark.skipif(
    not Path("/proc/self/fdinfo").is_dir(), reason="no /proc that tells who listens"
)
def test_files_that_appear_change_and_vanish(newsdesk: Command, home: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "news", {"ferry.txt": "Ferry\n\nThe ferry of Oldport sank at five."})
    assert newsdesk("add", str(folder)).code == 0
    with watching(home, every=600) as process:
        until(lambda: listens(process), "it listens")
        (folder / "tower.txt").write_text("Tower\n\nA school bought the tower of Hill.")
        until(lambda: asked(home, "tower") is not None, "the new file is there")
        (folder / "tower.txt").write_text("Tower\n\nA museum bought the tower of Hill.")
        until(lambda: "museum" in text_of(home, "tower"), "the change is there")
        (folder / "tower.txt").unlink()
        until(lambda: asked(home, "tower") is None, "it has gone")
        assert asked(home, "ferry") is not None
        (folder / "tower.txt").write_text("Tower\n\nA museum bought the tower of Hill.")
        until(lambda: "museum" in text_of(home, "tower"), "it is back")


def published(web: Web, number: int, host: str = "127.0.0.1") -> Published:
    text = " ".join(f"Sentence {n} of story {number} tells of the canal again." for n in range(12))
    return Published(web.url(f"/story/{number}", host), f"Canal story {number}", text, DAY)


def publish(web: Web, path: str, name: str, entries: Sequence[Published]) -> None:
    """Have an address give a feed, and others the pages behind its entries."""
    etag = f'"{len(entries)}"'
    web.pages[path] = Page(rss(name, entries), "application/rss+xml", headers={"ETag": etag})
    for each in entries:
        web.pages["/" + each.link.split("/", 3)[3]] = Page(page(each), "text/html")


def test_a_feed_is_asked_on_a_schedule(newsdesk: Command, home: Path, web: Web) -> None:
    first, second = published(web, 1), published(web, 2)
    publish(web, "/feed", "Harbour Post", [first])
    assert newsdesk("add", web.url("/feed")).code == 0
    before = len(web.asked("/feed"))

    def titles() -> set[str]:
        opened = open_current(home)
        return {opened.article(n).title for n in range(opened.manifest.articles)}

    with watching(home, every=0.05):  # minutes: three seconds, of which half a one may be late
        until(lambda: len(web.asked("/feed")) > before + 1, "it is asked again and again")
        publish(web, "/feed", "Harbour Post", [second, first])
        until(lambda: second.title in titles(), "the new entry is there")
        until(lambda: web.asked("/feed")[-1].headers.get("If-None-Match") == '"2"', "a 304")
    times = [request.began for request in web.asked("/feed")[before:]]
    assert all(later - earlier > 2.5 for earlier, later in pairwise(times))
    count = len(web.requests)
    time.sleep(0.1)
    assert len(web.requests) == count


def test_opml_goes_in_and_out(newsdesk: Command, home: Path, web: Web, tmp_path: Path) -> None:
    publish(web, "/harbour", "Harbour Post", [published(web, 1)])
    publish(web, "/hill", "Hill & Dale", [published(web, 2)])
    places = {"Harbour Post": web.url("/harbour"), "Hill & Dale": web.url("/hill")}
    outlines = "".join(
        f'<outline type="rss" text="{name.replace("&", "&amp;")}" xmlUrl="{url}"/>'
        for name, url in places.items()
    )
    given = write(
        tmp_path,
        {
            "feeds.opml": '<opml version="2.0"><head><title>Mine</title></head>'
            f'<body><outline text="News">{outlines}</outline></body></opml>'
        },
    )
    done = newsdesk("add", str(given / "feeds.opml"))
    assert done.code == 0, done.err
    listed = newsdesk("sources", "--json").told
    assert {(one["kind"], one["title"], one["place"]) for one in listed} == {
        ("feed", name, url) for name, url in places.items()
    }
    assert newsdesk("list", "--json").told["matching"] == 2
    written = tmp_path / "written.opml"
    assert newsdesk("sources", "--opml", str(written)).code == 0
    feeds = read_opml(written.read_bytes())
    assert {feed.title: feed.url for feed in feeds} == places
    other = tmp_path / "other"
    other.mkdir()
    (other / "models").symlink_to((home / "models").readlink())
    assert newsdesk("add", str(written), home=other).code == 0
    again = newsdesk("sources", "--json", home=other).told
    assert [one["place"] for one in again] == [one["place"] for one in listed]
