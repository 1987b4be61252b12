"""`NEWSDESK_SYNC_EVERY`: the bot brings its library up to date while it answers."""

from __future__ import annotations

import itertools
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from newsdesk.index.library import Library, Source
from tests.botapi import Chat, Person, StandIn
from tests.helpers import web as bad
from tests.helpers.feeding import OFTEN, add_source, fed, story
from tests.helpers.inprocess import asked
from tests.helpers.web import Web

ASKED = "who reopened the harbour of Leedham?"
SAID = "The harbour of Leedham was reopened on Monday by mayor Ida Holm after repairs."
DAYS = 2 * 86_400.0


def source(home: Path, place: str) -> Source:
    with Library(home) as library:
        found = library.sources.find(place)
    assert found
    return found


def test_rounds_bring_what_is_new_while_the_bot_runs(
    api: StandIn, home: Path, boss: Person, desk: Chat, web: Web
) -> None:
    add_source(home, web.url("/broken", "127.0.0.2"))
    add_source(home, web.url("/feed"))
    web.pages["/broken"] = bad.refuse(500)
    web.lines("/feed", [story(1)])
    with fed(api, home, boss, sync_every=OFTEN):
        api.wait_for(lambda: source(home, web.url("/feed")).success, what="a round")
        api.wait_for(
            lambda: "kestrel1" in asked(api, boss, desk, "where did the kestrel1 nest?").text,
            what="what the first round brought",
        )
        web.lines("/feed", [story(1), story(2)])
        api.wait_for(
            lambda: "kestrel2" in asked(api, boss, desk, "where did the kestrel2 nest?").text,
            what="what a later round brought",
        )
    assert source(home, web.url("/broken", "127.0.0.2")).error  # its own trouble
    spans = [(each.began, each.ended or each.began) for each in web.asked("/feed")]
    assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(spans))


def test_there_are_no_rounds_unless_they_are_wanted(
    api: StandIn, home: Path, boss: Person, desk: Chat, web: Web
) -> None:
    add_source(home, web.url("/feed"))
    with fed(api, home, boss):
        assert SAID in asked(api, boss, desk, ASKED).text
        time.sleep(0.3)
    assert web.requests == []


def test_a_round_that_takes_long_holds_up_neither_questions_nor_the_end(
    api: StandIn, home: Path, boss: Person, desk: Chat, web: Web
) -> None:
    add_source(home, web.url("/slow"))
    web.pages["/slow"] = bad.slowly(0.05)
    with fed(api, home, boss, sync_every=OFTEN):
        api.wait_for(lambda: web.asked("/slow"), what="a round")
        assert SAID in asked(api, boss, desk, ASKED).text
        assert web.asked("/slow")[-1].ended == 0  # it is still read
        assert len(web.asked("/slow")) == 1
        began = time.monotonic()
    assert time.monotonic() - began < 10


def test_administrators_are_told_once_that_rounds_fail_while_they_do(
    api: StandIn, home: Path, boss: Person, desk: Chat, web: Web
) -> None:
    add_source(home, web.url("/feed"))
    web.lines("/feed", [story(1)])
    with closing(sqlite3.connect(home / "library.db")) as base:
        with base:
            base.execute(
                "CREATE TRIGGER no_room BEFORE UPDATE ON sources BEGIN"
                " SELECT RAISE(FAIL, 'database or disk is full'); END"
            )
        with fed(api, home, boss, sync_every=OFTEN):
            (word,) = api.wait(desk)
            assert word.text.startswith(
                "Newsdesk needs you: the library was not brought up to date"
            )
            assert "disk is full" in word.text
            with base:
                base.execute("DROP TRIGGER no_room")
            api.wait_for(lambda: source(home, web.url("/feed")).success, what="a round")
            api.quiet(desk, 1.0)
    assert len(desk.answers) == 1


def test_administrators_are_told_once_of_a_source_that_fails_for_long_and_once_of_its_return(
    api: StandIn, home: Path, boss: Person, desk: Chat, web: Web
) -> None:
    place = web.url("/feed", "127.0.0.2")
    add_source(home, place, "Harbour Gazette")
    web.pages["/feed"] = bad.refuse(500)
    with fed(api, home, boss, sync_every=OFTEN) as bot:
        api.wait_for(lambda: source(home, place).failures >= 4, what="failures")
        api.quiet(desk, 0.1)  # it has failed for a moment only
        bot.context.clock = lambda: time.time() + DAYS
        (word,) = api.wait(desk)
        assert word.text.startswith("A source has given nothing for more than a day:")
        assert "Harbour Gazette: " in word.text
    before = source(home, place).failures
    with fed(api, home, boss, sync_every=OFTEN) as bot:  # nor again after a restart
        bot.context.clock = lambda: time.time() + DAYS
        api.wait_for(lambda: source(home, place).failures >= before + 3, what="more failures")
        assert len(desk.answers) == 1
        web.lines("/feed", [story(1)])
        assert api.wait(desk, 2)[1].text == "Back again: Harbour Gazette"
        asked_for = len(web.asked("/feed"))
        api.wait_for(lambda: len(web.asked("/feed")) >= asked_for + 2, what="more rounds")
    assert len(desk.answers) == 2
