"""Staying current with feeds and pages of a real server, and with folders."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from newsdesk.index.errors import UsageError
from newsdesk.index.library import Library
from newsdesk.index.sync import remove, restore
from tests.helpers import web as bad
from tests.helpers.support import SmallEncoder, index, write
from tests.helpers.web import Page, Web

from .helpers import added, ids, settings, source, story, synced, text_of


def test_a_feed_is_added_and_stays_current(web: Web, home: Path) -> None:
    web.lines("/feed", [story(1), story(2)], ETag='"1"')
    first = added(home, web.url("/feed"))
    assert [each.kind for each in first.sources] == ["feed"]
    assert ids(home) == ["story-1", "story-2"]
    again = synced(home)
    assert (again.report.added, again.report.published) == ([], False)
    assert web.asked("/feed")[-1].headers["If-None-Match"] == '"1"'
    web.lines("/feed", [story(2), story(3)], ETag='"2"')
    assert synced(home).report.added == ["story-3"]
    assert ids(home) == ["story-1", "story-2", "story-3"]  # what left the feed stays


def test_a_server_without_validators_costs_no_storing(web: Web, home: Path) -> None:
    web.lines("/feed", [story(1)])
    added(home, web.url("/feed"))
    assert not synced(home).report.published
    assert source(home, web.url("/feed")).success > 0


def test_a_changed_article_is_a_new_version_and_the_old_one_still_opens(
    web: Web, home: Path
) -> None:
    web.lines("/feed", [story(1, "It was five.")], ETag='"1"')
    added(home, web.url("/feed"))
    with Library(home) as library:
        before = library.article("story-1")
    assert before
    web.lines("/feed", [story(1, "It was six.")], ETag='"2"')
    assert synced(home).report.changed == ["story-1"]
    assert "six" in text_of(home, "story-1")
    with Library(home) as library:
        assert library.version("story-1", before.digest) == before
        assert [each.digest for each in library.versions("story-1")] == [before.digest]
        assert len(library.passages(before)) == library.counts()[1]


def test_the_trouble_of_one_source_is_its_own(web: Web, home: Path) -> None:
    web.pages |= {
        "/gone": bad.refuse(410),
        "/missing": bad.refuse(404),
        "/busy": bad.refuse(429, Retry_After="3600"),
        "/broken": bad.refuse(500),
        "/loop": bad.redirect("/loop"),
        "/endless": bad.endless(),
        "/slow": bad.slowly(0.1),
        "/bomb": bad.bomb(2),
        "/liar": bad.raw(bad.HEAD + b"Content-Length: 90\r\n\r\n", b"only this"),
        "/empty": Page(b"", bad.LINES),
        "/binary": Page(bytes(range(256)) * 20, "image/png"),
    }
    hosts = {path: f"127.0.1.{number}" for number, path in enumerate(web.pages, start=1)}
    places = {path: web.url(path, host) for path, host in hosts.items()}
    places["/dns"] = "http://no-such-host.invalid/feed"
    places["/closed"] = "http://127.0.0.9:1/feed"
    places["/tls"] = web.url("/feed", "127.0.0.10").replace("http:", "https:")
    web.lines("/feed", [story(1)])
    opml_free = [web.url("/feed"), *places.values()]
    began = time.monotonic()
    with Library(home, create=True) as library, library.transaction():
        for place in opml_free:
            library.sources.add("feed", place, time.time())
    report = synced(home)
    assert time.monotonic() - began < 20
    assert report.report.added == ["story-1"]
    assert ids(home) == ["story-1"]
    errors = {path: source(home, place).error for path, place in places.items()}
    assert all(errors.values())
    assert len(set(errors.values())) >= 10
    assert source(home, places["/gone"]).retired
    assert not source(home, places["/missing"]).retired
    pauses = {p: source(home, place).next_try - time.time() for p, place in places.items()}
    assert 3500 < pauses["/busy"] < 3700
    assert 280 < pauses["/broken"] < 310
    # Nobody who failed is asked again before the pause is over, unless that is wanted.
    asked = len(web.requests)
    waiting = synced(home).waiting
    assert {each.place for each in waiting} == set(places.values()) - {places["/gone"]}
    assert len(web.requests) == asked + 1
    synced(home, places["/broken"], now=True)
    assert 580 < source(home, places["/broken"]).next_try - time.time() < 610
    web.lines("/broken", [story(2)])
    assert synced(home, places["/broken"], now=True).report.added == ["story-2"]
    mended = source(home, places["/broken"])
    assert (mended.error, mended.failures, mended.next_try) == ("", 0, 0)


def test_a_pause_of_a_wrong_clock_does_not_last(web: Web, home: Path) -> None:
    web.lines("/feed", [story(1)])
    added(home, web.url("/feed"))
    future = time.time() + 10 * 365 * 86_400
    with Library(home) as library, library.transaction():
        known = source(home, web.url("/feed"))
        library.sources.update(known.id, {"tried": future, "next_try": future + 300, "failures": 1})
    assert len(synced(home).outcomes) == 1


def test_permanent_redirects_are_remembered(web: Web, home: Path) -> None:
    web.pages["/old"] = bad.redirect("/new", 301)
    web.lines("/new", [story(1)])
    added(home, web.url("/old"))
    assert source(home, web.url("/old")).url == web.url("/new")
    asked = len(web.asked("/old"))
    synced(home)
    assert len(web.asked("/old")) == asked


def test_after_429_the_other_sources_of_the_host_wait_too(web: Web, home: Path) -> None:
    web.lines("/a", [story(1)])
    web.lines("/b", [story(2)])
    added(home, web.url("/a"), web.url("/b"))
    web.pages["/a"] = bad.refuse(429, Retry_After="100")
    asked = len(web.asked("/b"))
    report = synced(home)
    assert [bool(each.error) for each in report.outcomes] == [True, True]
    assert len(web.asked("/b")) == asked


def test_robots_txt_holds_for_sources(web: Web, home: Path) -> None:
    web.lines("/feed", [story(1)])
    web.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /feed")
    failed = added(home, web.url("/feed")).failed
    assert "robots.txt" in failed[web.url("/feed")]


def test_an_article_of_two_feeds_is_of_the_first(web: Web, home: Path) -> None:
    web.lines("/a", [story(1, "It was five.")])
    web.lines("/b", [story(1, "It was six."), story(2)])
    added(home, web.url("/a"))
    added(home, web.url("/b"))
    assert "five" in text_of(home, "story-1")
    remove(settings(home), web.url("/a"), load=SmallEncoder)
    assert ids(home) == ["story-1", "story-2"]
    remove(settings(home), web.url("/b"), load=SmallEncoder)
    with Library(home) as library:
        assert library.counts() == (0, 0)


def test_private_addresses_are_refused_unless_set(web: Web, home: Path) -> None:
    web.lines("/feed", [story(1)])
    failed = added(home, web.url("/feed"), allow_private=False).failed
    assert "NEWSDESK_NET_ALLOW_PRIVATE" in failed[web.url("/feed")]
    assert not web.requests


# Folders and files


def test_only_files_that_changed_are_read(tmp_path: Path, home: Path) -> None:
    folder = write(tmp_path / "news", {f"{n}.txt": f"Story {n}\n\nIt was {n}." for n in range(5)})
    old = time.time() - 100
    for file in folder.iterdir():
        bad_time = (old, old)
        import os

        os.utime(file, bad_time)
    index(home, folder)
    (folder / "1.txt").write_text("Story 1\n\nIt was eleven.")
    (folder / "0.txt").chmod(0)  # proves that it is not opened, unless by root
    report = synced(home).report
    (folder / "0.txt").chmod(0o644)
    assert (report.changed, len(report.unchanged)) == (["1"], 4)


def test_a_change_under_the_same_time_and_size_is_seen(tmp_path: Path, home: Path) -> None:
    """As when a file is written twice within what the clock of the file system can tell."""
    import os

    folder = write(tmp_path / "news", {"a.txt": "Story\n\nIt was five.", "b.txt": "B\n\nB."})
    index(home, folder)
    status = (folder / "a.txt").stat()
    (folder / "a.txt").write_text("Story\n\nIt was nine.")
    os.utime(folder / "a.txt", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert synced(home).report.changed == ["a"]


def test_a_vanished_file_leaves_and_comes_back(tmp_path: Path, home: Path) -> None:
    folder = write(tmp_path / "news", {"a.txt": "A\n\nA is here.", "b.txt": "B\n\nB is here."})
    lone = write(tmp_path / "lone", {"c.txt": "C\n\nC is here."}) / "c.txt"
    index(home, folder)
    index(home, lone)
    kept = {file: file.read_text() for file in (folder / "b.txt", lone)}
    for file in kept:
        file.unlink()
    assert sorted(synced(home).report.removed) == ["b", "c"]
    assert ids(home) == ["a"]
    assert "vanished" in source(home, str(lone)).error
    for file, text in kept.items():
        file.write_text(text)
    report = synced(home).report
    assert (sorted(report.added), report.encoded) == (["b", "c"], 0)
    assert ids(home) == ["a", "b", "c"]
    assert not source(home, str(lone)).error


def test_a_vanished_article_can_be_restored_without_its_file(tmp_path: Path, home: Path) -> None:
    folder = write(tmp_path / "news", {"a.txt": "A\n\nA is here.", "b.txt": "B\n\nB is here."})
    index(home, folder)
    (folder / "b.txt").unlink()
    synced(home)
    restore(settings(home), ["b"], load=SmallEncoder)
    assert ids(home) == ["a", "b"]
    synced(home)
    index(home, folder)
    assert ids(home) == ["a", "b"]
    (folder / "b.txt").write_text("B\n\nB is back.")
    synced(home)
    assert text_of(home, "b") == "B is back."


def test_a_removed_article_stays_out_until_it_is_restored(tmp_path: Path, home: Path) -> None:
    folder = write(tmp_path / "news", {"a.txt": "A\n\nA is here.", "b.txt": "B\n\nB is here."})
    index(home, folder)
    remove(settings(home), "b", load=SmallEncoder)
    synced(home)
    index(home, folder)
    assert ids(home) == ["a"]
    restore(settings(home), ["b"], load=SmallEncoder)
    synced(home)
    index(home, folder)
    assert ids(home) == ["a", "b"]


def test_adding_a_file_again_lets_its_article_come_back(tmp_path: Path, home: Path) -> None:
    folder = write(tmp_path / "news", {"a.txt": "A\n\nA is here.", "b.txt": "B\n\nB is here."})
    index(home, folder)
    remove(settings(home), str(folder / "b.txt"), load=SmallEncoder)
    assert ids(home) == ["a"]
    added(home, str(folder / "b.txt"))
    assert ids(home) == ["a", "b"]


def test_erasing_keeps_nothing(tmp_path: Path, home: Path) -> None:
    index(home, write(tmp_path / "news", {"a.txt": "A\n\nA is here.", "b.txt": "B\n\nB is."}))
    remove(settings(home), "b", erase=True, load=SmallEncoder)
    with Library(home) as library:
        assert library.versions("b") == []
    with pytest.raises(UsageError, match="nothing is kept"):
        restore(settings(home), ["b"], load=SmallEncoder)


def test_the_trouble_of_a_folder_is_its_own(web: Web, tmp_path: Path, home: Path) -> None:
    web.lines("/feed", [story(1)])
    folder = write(tmp_path / "news", {"a.txt": "A\n\nA is here."})
    added(home, str(folder), web.url("/feed"))
    (folder / "a.txt").rename(tmp_path / "a.txt")
    folder.rmdir()
    web.lines("/feed", [story(1), story(2)])
    report = synced(home).report
    assert (report.added, [each.path for each in report.gone]) == (["story-2"], [str(folder)])
    assert "gone" in source(home, str(folder)).error
    assert ids(home) == ["a", "story-1", "story-2"]


@pytest.mark.parametrize("name", ["9", "https://nobody.example/", "nobody"])
def test_what_is_not_known_is_said(web: Web, home: Path, name: str) -> None:
    web.lines("/feed", [story(1)])
    added(home, web.url("/feed"))
    with pytest.raises(UsageError, match="no such source"):
        remove(settings(home), name, load=SmallEncoder)
    with pytest.raises(UsageError, match="no such source"):
        synced(home, name)
