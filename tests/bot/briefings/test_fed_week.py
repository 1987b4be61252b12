"""A week of two feeds over a bad network: the briefings tell each story once, in time.

The feeds are on a real server, the library is synced as `newsdesk sync` does, and the briefings
are the bot's own, at the stand-in for Telegram; only the clock is given.
"""

from __future__ import annotations

import random
import sqlite3
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsdesk.index.library import FILE, Library
from tests.botapi import Chat, Message, Person, StandIn
from tests.helpers import web as bad
from tests.helpers.delivering import briefings
from tests.helpers.feeds import Published, page, rss
from tests.helpers.support import SMALL
from tests.helpers.ticking import Ticking
from tests.helpers.web import Answer, Page, Web
from tests.index.sync.helpers import added, source, synced

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVERY = 4 * HOUR  # a sync
DAYS = 7
BRIEFED = 8  # o'clock
HOSTS = {"Gazette": "127.0.0.1", "Herald": "127.0.0.2"}
_SYLLABLES = "ba ko mi rup tel vos nar gim lud sep fon zat hev dry".split()


def words(number: int) -> tuple[str, str]:
    """Title and text of a story that shares no word with that of another number."""
    of = random.Random(number)
    made = ["".join(of.choices(_SYLLABLES, k=4)) for _ in range(9 * 14)]
    lines = [" ".join(made[n : n + 14]).capitalize() + "." for n in range(0, len(made), 14)]
    return f"{made[0].capitalize()} {made[1]}", " ".join(lines)


@dataclass
class Outlet:
    """A newspaper with a feed, on a host of its own; the network to it is as `trouble` says."""

    web: Web
    name: str
    path: str = "/feed"
    entries: list[Published] = field(default_factory=list)

    @property
    def host(self) -> str:
        return HOSTS[self.name]

    @property
    def url(self) -> str:
        return self.web.url(f"/{self.name}{self.path}", self.host)

    def publish(self, number: int, title: str, text: str, at: datetime) -> None:
        """Put an entry at the top of the feed, with a page behind it."""
        place = f"/{self.name}/{number}"
        entry = Published(self.web.url(place, self.host), title, text, at)
        self.entries.insert(0, entry)
        self.web.pages[place] = Page(page(entry), "text/html; charset=utf-8")

    def serve(self, trouble: str) -> None:
        """Have the feed answered so at the next time."""
        body = rss(self.name, self.entries)
        whole = Page(body, "application/rss+xml", headers={"ETag": f'"{len(self.entries)}"'})
        if trouble == "moved":  # for good
            self.web.pages[f"/{self.name}{self.path}"] = bad.redirect(self._next_path())
            self.path = self._next_path().removeprefix(f"/{self.name}")
        ways: dict[str, Answer] = {
            "500": bad.refuse(500),
            "timeout": bad.slow_head(60.0),
            "cut": bad.raw(bad.HEAD + b"Content-Length: 900000\r\n\r\n", body[: len(body) // 2]),
        }
        self.web.pages[f"/{self.name}{self.path}"] = ways.get(trouble, whole)

    def _next_path(self) -> str:
        return f"/{self.name}{self.path}-again"


@dataclass
class Week:
    """What came out when, when the library got it, and what was told."""

    home: Path
    outlets: dict[str, Outlet]
    came_out: dict[int, datetime] = field(default_factory=dict)
    got: dict[int, datetime] = field(default_factory=dict)
    troubles: Counter[str] = field(default_factory=Counter)
    due: list[tuple[datetime, str, int, str]] = field(default_factory=list)

    def plan(self) -> None:
        """Three stories a day: two of both outlets, one nearly as the other has it, one alone."""
        of = random.Random(14)
        for number in range(3 * DAYS):
            day, nth = divmod(number, 3)
            at = MONDAY + timedelta(days=day, hours=(3, 9, 14)[nth], minutes=of.randrange(60))
            first, other = ("Gazette", "Herald") if of.random() < 0.5 else ("Herald", "Gazette")
            self.due.append((at, first, number, "whole"))
            if nth:
                self.due.append((at + of.choice((1, 5, 12, 20)) * HOUR, other, number, "copy"))
        self.due.sort()

    def publish_until(self, now: datetime) -> None:
        """What comes out up to a moment."""
        while self.due and self.due[0][0] <= now:
            at, name, number, kind = self.due.pop(0)
            title, text = words(number)
            if kind == "copy":  # another title, a line before it, and the end cut off
                title, text = f"Wire: {title}", "(Agency) - " + text.rpartition(". ")[0] + "."
            self.outlets[name].publish(number, title, text, at)
            self.came_out.setdefault(number, at)

    def sync(self, now: datetime, troubles: dict[str, str]) -> None:
        """Sync once, the network being as it is; the library's clock is the week's."""
        for name, outlet in self.outlets.items():
            outlet.serve(troubles.get(name, ""))
        report = synced(self.home, now=True, timeout=1.0, deadline=2.0)
        for outcome in report.outcomes:
            self.troubles["failed" if outcome.error else "answered"] += 1
        with closing(sqlite3.connect(self.home / FILE)) as db:
            moment = (now.timestamp(), MONDAY.timestamp() + 30 * 86_400)
            db.execute("UPDATE articles SET added = ? WHERE added > ?", moment)
            db.commit()
        with Library(self.home) as library:
            for article in library.articles():
                self.got.setdefault(int(article.url.rpartition("/")[2]), now)


@pytest.fixture
def api() -> Iterator[StandIn]:
    """Telegram; nothing was refused."""
    with StandIn() as found:
        yield found
        assert found.refused == []


@pytest.fixture
def week(tmp_path: Path) -> Iterator[Week]:
    with Web() as web:
        outlets = {name: Outlet(web, name) for name in HOSTS}
        made = Week(tmp_path / "home", outlets)
        made.plan()
        made.publish_until(MONDAY + EVERY)
        for outlet in outlets.values():
            outlet.serve("")
        added(made.home, *(outlet.url for outlet in outlets.values()))
        yield made


def links(message: Message) -> list[str]:
    """The addresses behind the stories of a briefing, without the words they scroll to."""
    return [each.url.partition("#")[0] for each in message.entities if each.type == "text_link"]


def turned(bot: Ticking, person: Person, message: Message) -> list[str]:
    """The addresses on all pages of a briefing."""
    found = links(message)
    while "More ▸" in message.labels:
        bot.press(person, message, "More")
        found += links(message)
    return found


TROUBLES = ("500", "cut", "moved", "", "")
TIMEOUTS = 4  # of the first syncs; each takes a second


@pytest.mark.slow
def test_each_story_is_told_once_in_time_with_links_that_lead_there(
    week: Week, api: StandIn, ann: Person, chat: Chat
) -> None:
    of = random.Random(7)
    told: defaultdict[int, list[datetime]] = defaultdict(list)
    addresses: list[str] = []
    now = MONDAY + EVERY
    with Ticking(api, week.home, now.timestamp(), model=SMALL) as bot:
        bot.schedule(chat, f"{BRIEFED:02}:00")
        while now < MONDAY + timedelta(days=DAYS + 1, hours=BRIEFED + 1):
            week.publish_until(now)
            calm = now >= MONDAY + timedelta(days=DAYS)  # at the end all can come
            troubles = {} if calm else {name: of.choice(TROUBLES) for name in HOSTS}
            if now <= MONDAY + TIMEOUTS * EVERY:
                troubles["Herald"] = "timeout"
            week.sync(now, troubles)
            before = len(briefings(chat))
            bot.at(now)
            for message in briefings(chat)[before:]:
                for address in turned(bot, ann, message):
                    told[int(address.rpartition("/")[2])].append(now)
                    addresses.append(address)
            now += EVERY
    assert week.troubles["failed"] >= 15 and week.troubles["answered"] >= 20, week.troubles
    assert any(outlet.path != "/feed" for outlet in week.outlets.values())
    assert sorted(told) == list(range(3 * DAYS)), "every story is told"
    assert {number: len(times) for number, times in told.items() if len(times) > 1} == {}
    for number, (when,) in told.items():  # in the first briefing after the library got it
        due = week.got[number].replace(hour=BRIEFED)
        assert when == due + (timedelta(days=1) if week.got[number] > due else timedelta())
    for address in addresses:
        with urllib.request.urlopen(address) as reply:
            number = int(address.rpartition("/")[2])
            assert words(number)[0] in reply.read().decode()
    # Copies lie in the library, each with its outlet, and are known as such.
    with Library(week.home) as library:
        groups = [ids for _, ids in library.stories.groups()]
        assert len(groups) == 2 * DAYS and all(len(ids) == 2 for ids in groups)
    for outlet in week.outlets.values():
        known = source(
            week.home, week.outlets[outlet.name].web.url(f"/{outlet.name}/feed", outlet.host)
        )
        assert known.asked == outlet.url and not known.error
