"""Channels as sources: asked first, then their posts, changes and links; forwarded posts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.bot.feeding.posts import article_of, channel_at
from newsdesk.bot.store.database import FILE
from newsdesk.bot.store.models import ChannelState, Post
from newsdesk.bot.store.store import Store
from newsdesk.index.errors import Refused
from newsdesk.index.library import Library
from newsdesk.index.types import Article
from tests.botapi import Chat, Person, StandIn
from tests.helpers.examples import examples
from tests.helpers.feeding import fed
from tests.helpers.inprocess import asked, settled
from tests.helpers.talking import told

from .test_additions import BACK, added, done, ids

TOLD = "Heron census\nVolunteers counted 412 herons on the Ostby marsh on Sunday."
QUESTION = "how many herons were counted on the Ostby marsh?"
YES = "Read its posts"


def article(home: Path, name: str) -> Article | None:
    with Library(home) as library:
        return library.article(name)


def held(home: Path, channel: Chat) -> int:
    """How many posts of a channel wait for a decision."""
    with closing(sqlite3.connect(home / FILE)) as db:
        sql = "SELECT count(*) FROM additions WHERE state = 'held' AND chat = ?"
        return int(db.execute(sql, (channel.id,)).fetchone()[0])


def own_id(channel: Chat, message: int) -> str:
    return f"t.me/c/{-channel.id - 10**12}/{message}"


def answered(api: StandIn, boss: Person, desk: Chat, words: str) -> str:
    """The answer to the question, once it says some words."""
    return str(
        api.wait_for(
            lambda: words in (said := asked(api, boss, desk, QUESTION).html) and said, what=words
        )
    )


def test_a_channel_feeds_the_library_once_an_administrator_has_said_so(
    api: StandIn, home: Path, boss: Person, desk: Chat
) -> None:
    before = ids(home)
    other = api.person("Other")
    there = api.private(other)
    with fed(api, home, boss, other):
        channel = api.channel("Marsh News", boss, username="marshnews")
        question = settled(api, desk, 1)
        assert "I am in the channel Marsh News" in question.text
        second = settled(api, there, 1)
        api.say(boss, channel, "Nobody has said yes to this post about kites on the marsh.")
        early = api.say(boss, channel, "A stork was seen on the marsh, they say.")
        api.edit(early, "A stork has come to the marsh of Ostby.")
        api.quiet(desk, 0.3)  # it was asked once
        assert ids(home) == before
        api.tap(boss, question, YES)
        api.wait_for(
            lambda: "from now on, and 2 that waited" in second.text and not second.labels,
            what="the decision, where it was asked too",
        )
        api.wait_for(lambda: len(ids(home)) == len(before) + 2, what="what waited")
        waited = article(home, own_id(channel, early.id))
        assert waited
        assert waited.text == "A stork has come to the marsh of Ostby."
        post = api.say(boss, channel, TOLD)
        api.send(boss, channel, "photo", caption="A heron at dusk, seen from the pier of Ostby.")
        answer = answered(api, boss, desk, "412 herons")
        assert f'href="https://t.me/marshnews/{post.id}' in answer
        assert "Marsh News" in answer
        stored = article(home, own_id(channel, post.id))
        assert stored
        assert stored.text == TOLD.replace("\n", "\n\n")
        api.edit(post, TOLD.replace("412", "421"))
        assert "421 herons" in answered(api, boss, desk, "421 herons")
        with Library(home) as library:
            assert [one.article for one in library.versions(stored.id)] == [stored]
        assert "Marsh News · channel\n4 articles" in asked(api, boss, desk, "/feeds").text
        api.say(boss, channel, "/brief 3d")  # no news, but a command
        # Taken out, it brings nothing any more.
        with Library(home) as library:
            (number,) = [one.id for one in library.sources.all() if one.kind == "channel"]
        removed = asked(api, boss, desk, f"/remove {number}")
        api.wait_for(lambda: "Removed: Marsh News" in removed.text, what="an end")
        api.say(boss, channel, TOLD)
        api.quiet(desk, 0.3)
        assert ids(home) == before


def test_a_channel_that_is_refused_or_not_known_brings_nothing(
    api: StandIn, home: Path, boss: Person, ann: Person, desk: Chat
) -> None:
    before = ids(home)
    with fed(api, home, boss):
        channel = api.channel("Marsh News", ann)
        question = settled(api, desk, 1)
        pressed = told(api, ann, question, YES)
        assert pressed.startswith("Only this bot's administrators")
        api.say(ann, channel, TOLD)
        api.quiet(desk, 0.3)
        assert held(home, channel) == 1
        api.tap(boss, question, "Leave it alone")
        api.wait_for(lambda: "are not read" in question.text, what="the decision")
        api.say(ann, channel, TOLD)
        api.quiet(desk, 0.3)
    assert ids(home) == before
    assert held(home, channel) == 0


def test_what_waited_is_taken_by_the_next_run_if_the_yes_was_the_last_thing_of_this(
    api: StandIn, home: Path, boss: Person, desk: Chat
) -> None:
    channel = api.channel("Marsh News", boss)
    api.bot.updates.clear()
    post = Post(channel=channel.id, title="Marsh News", message=5, text=TOLD, date=1.7e9)
    with Store(home) as store:
        store.feeding.hold(post)
        store.feeding.set_channel(channel.id, ChannelState.READ)
    with fed(api, home, boss):
        api.wait_for(lambda: article(home, own_id(channel, 5)), what="the post")
        api.wait_for(lambda: not held(home, channel), what="that it waits no longer")


def test_what_waits_is_bounded_and_does_not_wait_for_ever(tmp_path: Path) -> None:
    def post(channel: int, message: int, text: str = "It is.") -> Post:
        return Post(channel=channel, title="A", message=message, text=text, date=1.7e9)

    with Store(tmp_path) as store:
        feeding = store.feeding
        for number in range(105):
            assert feeding.hold(post(-7, number)) is None
        feeding.hold(post(-7, 104, "It was."))
        assert feeding.count_held(-7) == 100
        for number in range(1000):
            feeding.hold(post(-8 - number % 20, number))
        assert sum(feeding.count_held(channel) for channel in range(-28, -6)) == 1000
        assert feeding.count_held(-7) == 0  # the newest stay
        assert feeding.held() == []
        feeding.set_channel(-8, ChannelState.READ)
        assert [one.message for one in feeding.held()] == list(range(0, 1000, 20))
        assert len(feeding.held([-9])) == 100
        assert feeding.hold(post(-8, 9999)) is ChannelState.READ
        assert not feeding.is_held(post(-8, 9999))
        feeding.let_go(post(-8, 0))
        assert feeding.count_held(-8) == 49
        store.sweep()
        assert feeding.count_held(-9) == 50
    with closing(sqlite3.connect(tmp_path / FILE)) as db, db:
        db.execute("UPDATE additions SET made = made - 8 * 86400 WHERE chat = -9")
    with Store(tmp_path) as store:
        store.sweep()
        assert store.feeding.count_held(-9) == 0
        assert store.feeding.count_held(-10) == 50
        store.forget_chat(-10)
        assert store.feeding.count_held(-10) == 0


def test_a_channel_of_the_settings_is_read_without_asking_and_none_is_lost_by_a_restart(
    api: StandIn, home: Path, boss: Person, desk: Chat
) -> None:
    channel = api.channel("Marsh News", boss)
    with fed(api, home, boss, telegram_channels=(channel.id,)):
        post = api.say(boss, channel, TOLD)
        answer = answered(api, boss, desk, "412 herons")
        assert f'href="https://t.me/c/{-channel.id - 10**12}/{post.id}' in answer
    later = api.say(boss, channel, "The marsh of Ostby freezes over.")  # while it is away
    with fed(api, home, boss, telegram_channels=(channel.id,)):
        api.wait_for(lambda: article(home, own_id(channel, later.id)), what="the later post")
    assert not any("I am in the channel" in one.text for one in desk.answers)


def test_a_forwarded_post_is_added_and_taken_back(
    api: StandIn, home: Path, boss: Person, ann: Person, desk: Chat, chat: Chat
) -> None:
    channel = api.channel("Marsh News", ann, administrator=False, username="marshnews")
    post = api.say(ann, channel, TOLD)
    before = ids(home)
    api.bot.updates.clear()
    with fed(api, home, boss):
        api.say(boss, desk, TOLD, post=post)
        message = added(api, desk, 1)
        assert message.text.startswith("Heron census · Marsh News · ")
        assert message.text.endswith("added: 1 passage")
        assert f"https://t.me/marshnews/{post.id}" in message.html
        assert own_id(channel, post.id) in ids(home)
        told(api, boss, message, BACK)
        done(api, desk, 1, "Taken back: ")
        api.wait_for(lambda: ids(home) == before, what="what was there before")
        api.say(boss, desk, TOLD, post=post)  # it may be added again
        assert added(api, desk, 2).text.endswith("added: 1 passage")
        # From others it is a question, as any message that is forwarded.
        api.say(ann, chat, TOLD, post=post)
        assert "that you forwarded" in settled(api, chat, 1).text


def test_the_addresses_of_posts() -> None:
    given: dict[str, Any] = {"title": "A", "message": 7, "text": "x", "date": 0.0}
    private = Post(channel=-1001234567890, **given)
    assert private.link == "https://t.me/c/1234567890/7"
    assert Post(channel=-1001234567890, username="a", **given).link == "https://t.me/a/7"
    assert channel_at(private.place) == -1001234567890
    assert channel_at("https://t.me/c/x") == channel_at("https://a.org/c/7") == 0


@examples(40)
@given(st.text(min_size=1, max_size=200))
def test_any_post_is_an_article_or_refused(text: str) -> None:
    post = Post(channel=-1001234567890, title="A", message=7, text=text, date=1.7e9)
    try:
        made = article_of(post)
    except Refused:
        return
    assert made.id == "t.me/c/1234567890/7"
    assert made.url == post.link
    assert made.title


@pytest.mark.parametrize("mark", ["<b>", "&amp;", "1 < 2", "<script>", "&lt;"])
def test_what_reads_like_markup_in_a_post_is_its_text(mark: str) -> None:
    post = Post(channel=-1001234567890, title="A", message=7, text=f"{mark} it", date=1.7e9)
    assert article_of(post).text == f"{mark} it"
