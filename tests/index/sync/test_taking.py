"""Articles that an application hands over, feeds by name, and what is removed meanwhile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from newsdesk.index.errors import UsageError
from newsdesk.index.generation import open_current
from newsdesk.index.library import Library
from newsdesk.index.net import Fetcher, FetchFailed, Reply
from newsdesk.index.sync import Channel, add, catch_up, known_feed, remove, remove_all, states, take
from newsdesk.index.types import Article
from tests.helpers.support import SmallEncoder
from tests.helpers.web import Handler, Web

from .helpers import added, ids, settings, story, synced

MARSH = Channel("https://t.me/c/7", "Marsh News")
POST = Article("t.me/c/7/1", "Herons", "Five herons came to the marsh.", "https://t.me/c/7/1")


def taken(home: Path, article: Article, channel: Channel | None = MARSH) -> str:
    return take(settings(home), article, channel, load=SmallEncoder)


def published(home: Path) -> bool:
    return catch_up(settings(home), load=SmallEncoder)


def test_posts_are_stored_published_once_and_left_alone_by_a_sync(web: Web, home: Path) -> None:
    second = replace(POST, id="t.me/c/7/2", path="https://t.me/c/7/2", text="Six herons left.")
    assert [taken(home, POST), taken(home, second), taken(home, POST)] == [
        *("added", "added", "unchanged"),
    ]
    assert [published(home), published(home)] == [True, False]
    assert open_current(home).manifest.articles == 2
    assert taken(home, replace(POST, text="Seven herons came.")) == "changed"
    assert published(home)
    assert synced(home).report.removed == []
    assert ids(home) == ["t.me/c/7/1", "t.me/c/7/2"]
    with Library(home) as library:
        assert [one.article for one in library.versions(POST.id)] == [POST]
        (state,) = states(library)
    assert (state.source.kind, state.source.title, state.articles) == ("channel", "Marsh News", 2)
    assert remove(settings(home), str(state.source.id), load=SmallEncoder).left == 0
    assert web.requests == []


def test_what_was_removed_by_hand_comes_back_only_when_somebody_asks(home: Path) -> None:
    taken(home, POST)
    taken(home, replace(POST, id="t.me/c/7/2", path="https://t.me/c/7/2"))
    names = [POST.id, "no such thing"]
    assert remove_all(settings(home), names, load=SmallEncoder).articles == [POST.id]
    assert taken(home, POST) == "unchanged"
    assert ids(home) == ["t.me/c/7/2"]
    assert taken(home, POST, None) == "added"
    assert taken(home, replace(POST, text="Nine."), Channel("https://t.me/c/8", "B")) == "unchanged"


class Away(Fetcher):
    """A network that is not there; notes what was asked of it."""

    asked: list[str]

    def get(self, url: str, etag: str = "", modified: str = "") -> Reply:
        """Refuse."""
        self.asked.append(url)
        raise FetchFailed("no network")


def test_a_known_feed_is_added_by_its_name_and_no_other_is_fetched(home: Path) -> None:
    given = settings(home)
    away, feed = Away(given.net), known_feed("bbc-world")
    away.asked = []
    assert feed
    done = add(given, ["BBC-World"], fetcher=away, load=SmallEncoder)
    assert [(one.kind, one.place, one.title) for one in done.sources] == [
        ("feed", feed.url, feed.title)
    ]
    assert all(url.startswith("https://feeds.bbci.co.uk/") for url in away.asked)
    with pytest.raises(UsageError, match=r"known by name \(bbc-world"):
        add(given, ["bbc"], fetcher=away, load=SmallEncoder)


def test_a_source_that_is_removed_while_it_is_fetched_brings_nothing(web: Web, home: Path) -> None:
    web.lines("/kept", [story(1)])
    web.lines("/feed", [story(2)])
    added(home, web.url("/kept"))
    added(home, web.url("/feed", "127.0.0.2"))
    web.lines("/newer", [story(2), story(3)])

    def meanwhile(handler: Handler) -> None:
        remove(settings(home), web.url("/feed", "127.0.0.2"), load=SmallEncoder)
        web.pages["/newer"](handler)

    web.pages["/feed"] = meanwhile
    synced(home, deadline=60.0, timeout=60.0)
    assert ids(home) == ["story-1"]
