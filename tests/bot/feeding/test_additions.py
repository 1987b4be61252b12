"""What administrators add, see and take back; what others get; what a kill leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from newsdesk.index.library import Library
from newsdesk.index.readers import write_opml
from newsdesk.index.readers.web_page import FeedLink
from newsdesk.index.settings import Net
from tests.botapi import Chat, Message, Person, StandIn
from tests.helpers import web as bad
from tests.helpers.feeding import fed, story
from tests.helpers.inprocess import asked, settled
from tests.helpers.talking import told
from tests.helpers.web import Page, Web

BACK = "Take it back"
NO = "Only this bot's administrators change where its articles come from."
PAGE = """<html><head><title>Lighthouse keeper retires</title>
<meta property="og:site_name" content="Harbour Gazette">
<meta property="article:published_time" content="2026-03-05T10:00:00Z"></head><body><article>
<h1>Lighthouse keeper retires</h1>
<p>The keeper of the Tenby lighthouse, Oda Brandt, retired on Thursday after forty years of
service, and a band of the coast guard played for her on the pier.</p>
<p>Her lamp was lit by hand until 1991, she said, and she would miss the storms more than the calm
days, of which there had been too many for her taste.</p></article></body></html>"""
CUTTING = b"""Ferry of Marlow gets a new engine

By Ida Holm | March 4, 2026

The ferry of Marlow got a new engine on Wednesday, which runs on rapeseed oil.

Its captain, Per Lund, called the smell an improvement.
"""


def done(api: StandIn, chat: Chat, count: int, *words: str) -> Message:
    """The bot's message of that number, once it says one of some words."""
    message = api.wait(chat, count)[count - 1]
    api.wait_for(lambda: any(one in message.text for one in words), what=f"{words}")
    return message


def added(api: StandIn, chat: Chat, count: int) -> Message:
    """The bot's message of that number, once something was added."""
    message = done(api, chat, count, "added: ", "Not added")
    api.wait_for(lambda: message.labels, what="a button")
    return message


def ids(home: Path) -> list[str]:
    with Library(home) as library:
        return [article.id for article in library.articles()]


def places(home: Path) -> list[str]:
    with Library(home) as library:
        return [source.place for source in library.sources.all()]


def test_a_link_is_shown_added_answered_from_and_taken_back(
    api: StandIn, home: Path, boss: Person, desk: Chat, web: Web
) -> None:
    web.pages["/keeper.html"] = Page(PAGE.encode(), "text/html; charset=utf-8")
    before = ids(home)
    with fed(api, home, boss):
        link = api.say(boss, desk, web.url("/keeper.html"))
        message = added(api, desk, 1)
        assert message.reply_to is link
        first, second, *_ = message.text.splitlines()
        assert first == "Lighthouse keeper retires · Harbour Gazette · 5 March 2026, 10:00"
        assert second.startswith("The keeper of the Tenby lighthouse, Oda Brandt,")
        assert message.text.endswith("\n\nadded: 1 passage")
        shown = [one.partition(" …")[0] for one in message.edits]
        assert shown[0] == f"Reading {web.url('/keeper.html')}"
        assert shown[-1].endswith("adding it")  # what was read, before it was indexed
        assert (
            "Oda Brandt"
            in asked(api, boss, desk, "which keeper of the Tenby lighthouse retired?").text
        )
        assert told(api, boss, message, BACK) == ""
        done(api, desk, 1, "Taken back: ")
        api.wait_for(lambda: ids(home) == before, what="what was there before")
        assert message.labels == []
        assert web.url("/keeper.html") not in places(home)
        api.say(boss, desk, f"/add {web.url('/keeper.html')}")  # and once more
        assert added(api, desk, 3).text.endswith("added: 1 passage")
        api.say(boss, desk, f"Please add {web.url('/keeper.html')}, thanks!")
        assert "It was here before" in done(api, desk, 4, "here before").text
        assert desk.answers[3].labels == []


def test_a_feed_a_list_of_feeds_and_what_of_it_fails(
    api: StandIn, home: Path, boss: Person, desk: Chat, web: Web
) -> None:
    for number in range(3):
        web.lines(f"/feed{number}", [story(10 * number + n) for n in range(number + 1)])
    web.pages["/down"] = bad.refuse(503)
    links = [FeedLink(web.url(f"/feed{n}"), f"Gazette {n}") for n in range(3)]
    links.append(FeedLink(web.url("/down", "127.0.0.2"), "Gone Gazette"))
    with fed(api, home, boss):
        api.say(boss, desk, f"/add {web.url('/feed0')}")
        assert added(api, desk, 1).text.endswith("added: 1 passage")
        api.send_file(boss, desk, "feeds.opml", write_opml(links))
        message = added(api, desk, 2)
        assert "Gazette 1\nGazette 2\nGone Gazette" in message.text
        assert "5 articles, the newest:\n• Kestrel" in message.text
        assert "503" in message.text
        assert message.text.endswith("added: 5 passages of 5 articles")
        assert len(places(home)) == 1 + 4
        assert not list((home / "received").iterdir())
        told(api, boss, message, BACK)
        done(api, desk, 2, "Taken back: ")
        api.wait_for(lambda: len(places(home)) == 1 + 1, what="the feed that was there before")


def test_a_file_is_added_kept_and_taken_back(
    api: StandIn, home: Path, boss: Person, desk: Chat
) -> None:
    before = ids(home)
    with fed(api, home, boss):
        api.send_file(boss, desk, "../../ferry.txt", CUTTING, caption="what is this?")
        message = added(api, desk, 1)
        assert message.text.startswith("Ferry of Marlow gets a new engine · Ida Holm · 4 March")
        assert "rapeseed oil" in asked(api, boss, desk, "what does the Marlow ferry run on?").text
        (file,) = (home / "received").rglob("*.txt")
        assert file.parent.parent == home / "received"
        assert file.read_bytes() == CUTTING
        listed = asked(api, boss, desk, "/feeds").text
        assert f"{file.name} · file\n1 article · last read " in listed
        told(api, boss, message, BACK)
        done(api, desk, 1, "Taken back: ")
        api.wait_for(lambda: ids(home) == before and not file.exists(), what="nothing of it")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("scan.pdf", b"%PDF-1.4 nothing", ""),
        ("empty.txt", b" ", "the file is empty"),
        ("cat.jpg", b"\xff\xd8\xff\xe0", "no reader for this kind of file"),
    ],
    ids=["damaged", "empty", "of no known kind"],
)
def test_a_file_that_cannot_be_read_leaves_nothing(
    api: StandIn, home: Path, boss: Person, desk: Chat, name: str, content: bytes, why: str
) -> None:
    before = ids(home), places(home)
    with fed(api, home, boss):
        api.send_file(boss, desk, name, content)
        message = done(api, desk, 1, "Not added: ")
        assert why in message.text
        assert message.text.count(name) == 1
        assert str(home) not in message.text
        assert message.labels == []
    assert (ids(home), places(home)) == before
    assert not list((home / "received").iterdir())


def test_sizes_are_checked_before_anything_is_fetched(
    api: StandIn, home: Path, boss: Person, desk: Chat
) -> None:
    with fed(api, home, boss):
        api.send_file(boss, desk, "large.pdf", b"%PDF-", size=25_000_000)
        assert "25.0 MB, and Telegram gives a bot at most 20 MB" in settled(api, desk, 1).text
        assert not api.called("getFile")
        api.send_file(boss, desk, "liar.txt", b"x" * 20_000_001, size=500)
        done(api, desk, 2, "Not added: ")
        assert not api.called("download")
    api.refused.clear()  # "file is too big"


def test_private_addresses_are_refused(
    api: StandIn, home: Path, boss: Person, desk: Chat, web: Web
) -> None:
    web.lines("/feed", [story(1)])
    before = places(home)
    with fed(api, home, boss, net=Net()):
        api.say(boss, desk, web.url("/feed"))
        assert "private" in done(api, desk, 1, "Not added: ").text
    assert web.requests == []
    assert places(home) == before


def test_others_get_a_plain_no(
    api: StandIn, home: Path, boss: Person, desk: Chat, ann: Person, chat: Chat, web: Web
) -> None:
    web.lines("/feed", [story(1)])
    group = api.group("Desk", ann)
    before = places(home)
    with fed(api, home, boss):
        for words in (f"/add {web.url('/feed')}", "/remove 1", "/feeds"):
            assert asked(api, ann, chat, words).text == NO
        assert asked(api, ann, chat, web.url("/feed")).text.startswith(NO)
        api.send_file(ann, chat, "ferry.txt", CUTTING)
        assert settled(api, chat, 5).text.startswith(NO)
        api.say(ann, group, "/feeds")  # there it may be another bot's command
        api.quiet(group, 0.3)
        assert "Did you mean" not in asked(api, ann, chat, "/feed").text
        listed = asked(api, boss, desk, "/feeds")
        api.tap(ann, listed, "BBC World")
    assert places(home) == before
    assert web.requests == []
    assert not api.called("getFile")


def test_feeds_lists_sources_and_offers_known_feeds_of_which_none_is_fetched(
    api: StandIn, home: Path, boss: Person, desk: Chat, web: Web
) -> None:
    with Library(home) as library, library.transaction():
        for number in range(12):
            library.sources.add("feed", web.url(f"/{number}"), 1.0, f"Gazette {number}")
        library.sources.update(2, {"tried": 1.0, "error": "it answers 500"})
    with fed(api, home, boss):
        message = asked(api, boss, desk, "/feeds")
        assert message.text.startswith("13 sources")
        assert "2. Gazette 0 · feed\n0 articles · last read never\n✕ " in message.text
        assert "it answers 500" in message.text
        assert "+ BBC World" in message.labels
        api.tap(boss, message, "More")
        api.wait_for(lambda: "13. Gazette 11" in message.text, what="the second page")
        assert "◂ Back" in message.labels
        assert not web.requests
        assert "no feed that I know by name: bbc-world" in asked(api, boss, desk, "/add bbc").text
        removed = asked(api, boss, desk, "/remove 5")
        api.wait_for(lambda: "Removed: Gazette 3" in removed.text, what="an end")
        assert web.url("/3") not in places(home)
        assert "no such source or article" in asked(api, boss, desk, "/remove 5").text


def test_administrators_have_the_commands_in_their_menu_and_others_do_not(
    api: StandIn, home: Path, boss: Person, desk: Chat
) -> None:
    new = api.person("New")
    with fed(api, home, boss, new):
        menus = {
            scope: [one["command"] for one in commands]
            for scope, commands in api.bot.commands.items()
        }
        own = menus[f"chat {boss.id}"]
        assert {"add", "remove", "feeds", "ask", "settings"} <= set(own)
        assert not any("feeds" in menu for scope, menu in menus.items() if "chat " not in scope)
        assert f"chat {new.id}" not in menus  # never wrote to the bot
        asked(api, new, api.private(new), "/start")
        api.wait_for(lambda: f"chat {new.id}" in api.bot.commands, what="a menu")
        assert "Did you mean /feeds?" in asked(api, boss, desk, "/feed").text
    api.refused.clear()  # "chat not found"


def test_what_is_added_by_name_is_a_feed_of_the_list() -> None:
    from newsdesk.index.net import is_url
    from newsdesk.index.sync import KNOWN_FEEDS

    assert all(is_url(feed.url) and feed.url.startswith("https://") for feed in KNOWN_FEEDS)
    assert len({feed.name for feed in KNOWN_FEEDS}) == len(KNOWN_FEEDS) >= 5
    assert json.dumps([feed.name for feed in KNOWN_FEEDS]).isascii()
