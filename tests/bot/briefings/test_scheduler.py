"""By a clock that is set: briefings come when they are due, and tell each story once."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from newsdesk.bot.briefings.plans import changed, set_plan
from newsdesk.bot.store.models import KeptBrief, Plan, State
from newsdesk.index.library import Library
from newsdesk.index.settings import Settings
from newsdesk.index.update import update
from tests.botapi import Chat, Message, Person, StandIn
from tests.helpers.delivering import briefings
from tests.helpers.support import WEEK, write
from tests.helpers.ticking import Ticking

pytestmark = pytest.mark.own_bot("news")

BUCHAREST = "Europe/Bucharest"
HOUR = 3600


@pytest.fixture
def api() -> Iterator[StandIn]:
    """Telegram; nothing was refused."""
    with StandIn() as found:
        yield found
        assert found.refused == []
        assert not found.called("editMessageReplyMarkup")


def when(text: str, zone: str = BUCHAREST) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@contextmanager
def full(bot: Ticking, after: int) -> Iterator[None]:
    """The disk takes no more than so many changes of a briefing. SQLite itself says so."""
    with closing(sqlite3.connect(bot.home / "bot.db")) as db:
        db.execute("CREATE TABLE room (used INTEGER)")
        db.execute("INSERT INTO room VALUES (0)")
        for change in ("INSERT", "UPDATE"):
            db.execute(
                f"CREATE TRIGGER full_{change} BEFORE {change} ON briefings BEGIN"
                f" SELECT RAISE(FAIL, 'database or disk is full') FROM room WHERE used >= {after};"
                " UPDATE room SET used = used + 1; END"
            )
        db.commit()
        yield
        for change in ("INSERT", "UPDATE"):
            db.execute(f"DROP TRIGGER full_{change}")
        db.execute("DROP TABLE room")
        db.commit()


def run(api: StandIn, home: Path, start: datetime) -> Ticking:
    return Ticking(api, home, start.timestamp(), BUCHAREST)


@pytest.mark.parametrize(
    ("hour", "start", "told"),
    [
        # The clocks go from 03:00 to 04:00 on Sunday.
        ("03:30", "2026-03-28", ["Sat 03:30 EET", "Sun 04:30 EEST", "Mon 03:30 EEST"]),
        ("08:00", "2026-03-28", ["Sat 08:00 EET", "Sun 08:00 EEST", "Mon 08:00 EEST"]),
        # And from 04:00 back to 03:00.
        ("03:30", "2026-10-24", ["Sat 03:30 EEST", "Sun 03:30 EEST", "Mon 03:30 EET"]),
        ("08:00", "2026-10-24", ["Sat 08:00 EEST", "Sun 08:00 EET", "Mon 08:00 EET"]),
    ],
)
def test_the_hour_that_never_comes_and_the_one_that_comes_twice_bring_one_briefing_each(
    api: StandIn, home: Path, chat: Chat, hour: str, start: str, told: list[str]
) -> None:
    with run(api, home, when(start)) as bot:
        bot.schedule(chat, hour, all_quiet=True)
        assert bot.walk(chat, when(start), when(start) + timedelta(days=2, hours=23)) == told


def test_a_chat_that_changes_its_time_zone_is_briefed_by_the_new_one(
    api: StandIn, home: Path, chat: Chat
) -> None:
    start = when("2026-06-01 00:00")
    with run(api, home, start) as bot:
        bot.schedule(chat, "08:00", all_quiet=True)
        assert bot.walk(chat, start, when("2026-06-01 12:00")) == ["Mon 08:00 EEST"]
        bot.move(chat, "America/New_York")  # where it is 05:00, and 08:00 comes again
        assert bot.walk(chat, when("2026-06-01 12:10"), when("2026-06-02 20:00")) == [
            "Mon 08:00 EDT",
            "Tue 08:00 EDT",
        ]
        bot.move(chat, "Asia/Tokyo")
        assert bot.walk(chat, when("2026-06-02 20:10"), when("2026-06-03 12:00")) == [
            "Wed 08:00 JST"
        ]


def test_a_clock_that_jumps_ahead_and_back_costs_no_briefing_and_brings_none_twice(
    api: StandIn, home: Path, chat: Chat
) -> None:
    start = when("2026-06-01 00:00")
    with run(api, home, start) as bot:
        bot.schedule(chat, "08:00", all_quiet=True)
        assert bot.walk(chat, start, when("2026-06-01 09:00")) == ["Mon 08:00 EEST"]
        bot.at(when("2026-08-20 21:00"))  # too late for what was due on Tuesday
        bot.at(when("2026-06-01 09:10"))
        assert bot.walk(chat, when("2026-06-01 09:20"), when("2026-06-02 09:00")) == [
            "Tue 08:00 EEST"
        ]
        bot.at(when("2026-06-02 07:00"))  # back before what was told at 8
        assert bot.walk(chat, when("2026-06-02 07:00"), when("2026-06-03 09:00")) == [
            "Wed 08:00 EEST"
        ]


@pytest.mark.parametrize(("hours", "is_sent"), [(0.5, True), (3, True), (3.1, False), (60, False)])
def test_what_was_due_while_the_bot_was_down_is_sent_up_to_three_hours_late_else_joins_the_next(
    api: StandIn, home: Path, chat: Chat, hours: float, is_sent: bool
) -> None:
    start = when("2026-06-01 00:00")
    due = when("2026-06-01 08:00")
    with run(api, home, start) as bot:
        bot.schedule(chat, "08:00", all_quiet=True)
    back = due + timedelta(hours=hours)
    with run(api, home, back) as bot:
        bot.tick()
        assert len(briefings(chat)) == is_sent
        if is_sent:
            assert "Late: it was due Mon 1 Jun at 08:00" in briefings(chat)[0].text
        bot.at(bot.plan(chat).due or 0)
        assert len(briefings(chat)) == 1 + is_sent
        joins = "With what was due Mon 1 Jun at 08:00" in briefings(chat)[-1].text
        assert joins is not is_sent
        bot.at(bot.plan(chat).due or 0)
        assert "was due" not in briefings(chat)[-1].text  # said once


def test_a_briefing_on_time_says_nothing_of_that(api: StandIn, home: Path, chat: Chat) -> None:
    with run(api, home, when("2026-06-01 07:59")) as bot:
        bot.schedule(chat, "08:00", all_quiet=True)
        bot.at(when("2026-06-01 08:01"))
        assert "was due" not in briefings(chat)[0].text


def test_where_nothing_is_new_there_is_no_message_unless_one_is_wanted(
    api: StandIn, home: Path, chat: Chat
) -> None:
    start = when("2026-06-01 00:00")  # months before the articles
    other = api.private(api.person("Bob"))
    with run(api, home, start) as bot:
        bot.schedule(chat, "08:00")
        bot.schedule(other, "08:00", all_quiet=True)
        bot.walk(chat, start, when("2026-06-03 09:00"))
        assert briefings(chat) == []
        assert len(briefings(other)) == 3
        assert all("All quiet" in one.text for one in briefings(other))
        assert not bot.store.briefings.unsent()


def labels() -> dict[str, str]:
    """The labelled story of each article of the week."""
    lines = [
        json.loads(line)
        for file in sorted(WEEK.glob("stories*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    return {article: one["id"] for one in lines for article in one["articles"]}


def page_through(bot: Ticking, person: Person, message: Message) -> None:
    """Turn all pages of a briefing: what is not shown does not count as told."""
    while "More ▸" in message.labels:
        bot.press(person, message, "More")


def sent(bot: Ticking, chat: Chat) -> list[KeptBrief]:
    """What is known to have been told in a chat, as it lies in the store."""
    keys = [button.data.split(":")[1] for one in briefings(chat) for button in one.buttons[0][:1]]
    every = [kept for key in keys if (kept := bot.store.briefings.brief(key))]
    return [kept for kept in every if kept.state is State.SENT]


# Days on which the fate of a briefing is unknown, and whether it stands in the chat all the same.
TROUBLES: list[dict[int, bool]] = [{}, {0: False}, {0: True, 3: True}, {2: False, 3: True}]


@pytest.mark.parametrize("troubles", TROUBLES)
def test_over_a_week_each_story_is_told_once_or_as_an_update_and_none_is_lost(
    api: StandIn, home: Path, ann: Person, chat: Chat, troubles: dict[int, bool]
) -> None:
    start = datetime.now(UTC) - timedelta(days=7)  # when the week begins
    of = labels()
    with run(api, home, start) as bot:
        bot.schedule(chat, "08:00")
        for day in range(9):
            if day in troubles:
                api.faults.add("sendMessage", 500, chat=chat, lost=troubles[day])
            before = len(chat.answers)
            bot.at(bot.plan(chat).due or 0)
            if day not in troubles and len(chat.answers) > before:
                page_through(bot, ann, chat.answers[-1])
        kept = sent(bot, chat)
        seen = bot.store.briefings.told(chat.id, 0)
    with Library(home) as library:
        groups = [set(ids) for _, ids in library.stories.groups()]
    copied = set[str]().union(*(ids for ids in groups if ids & seen))
    assert set(of) <= seen | copied  # none is lost; a copy of what was told is no news
    pages = [page for one in kept for page in one.pages]
    lines = Counter(
        line for page in pages for line in page.split("\n\n")[1:] if "… and" not in line
    )
    assert max(lines.values()) == 1  # and none is told in the same words again
    begun: Counter[str] = Counter()
    known: set[str] = set()
    for story in [story for one in kept for story in one.stories]:
        new = set(story.articles) - known
        assert new, story.headline
        known |= new
        if "Update: what is new" not in story.page:
            begun.update({of[one] for one in new if one in of})
    # How well articles are put into stories is measured elsewhere: "same story" is their label.
    count = len(set(of.values()))
    assert sum(times == 1 for times in begun.values()) >= 0.8 * count, begun
    assert max(begun.values()) == 2


def test_an_article_that_comes_into_the_library_a_day_late_is_told(
    api: StandIn, home: Path, tmp_path: Path, ann: Person, chat: Chat
) -> None:
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    with run(api, home, now.replace(tzinfo=UTC)) as bot:
        bot.schedule(chat, f"{now - timedelta(minutes=1):%H:%M}")
        bot.change(chat, due=bot.now)
        bot.tick()
        page_through(bot, ann, briefings(chat)[-1])
        article = {
            "id": "late",
            "title": "Lighthouse of Vardholm sold to a choir",
            "text": "The lighthouse of Vardholm was sold to a choir of bakers, who sing in it.",
            "published": (now - timedelta(hours=20)).isoformat(),
            "source": "Harbour Post",
        }
        folder = write(tmp_path / "late", {"late.jsonl": json.dumps(article)})
        update(Settings(home=home), [folder])
        bot.at(bot.now + 20 * HOUR)
        assert len(briefings(chat)) == 1
        bot.change(chat, due=bot.now)
        bot.tick()
        assert "choir of bakers" in briefings(chat)[-1].text
        bot.change(chat, due=bot.now)
        bot.tick()
        assert len(briefings(chat)) == 2


def test_a_schedule_that_is_changed_while_its_briefing_is_made_is_the_one_that_counts(
    api: StandIn, home: Path, chat: Chat
) -> None:
    start = when("2026-06-01 07:00")
    with run(api, home, start) as bot:
        plan = bot.schedule(chat, "08:00", all_quiet=True)
        bot.now = when("2026-06-01 08:00").timestamp()
        later = msgspec.structs.replace(plan, minute=9 * 60)
        bot.tick(meanwhile=lambda: bot.set(later))
        assert briefings(chat) == []
        assert bot.walk(chat, when("2026-06-01 08:10"), when("2026-06-01 23:00")) == [
            "Mon 09:00 EEST"
        ]
        bot.now = when("2026-06-02 09:00").timestamp()
        off = msgspec.structs.replace(bot.plan(chat), on=False, due=None)
        bot.tick(meanwhile=lambda: set_plan(bot.desk, off))
        assert bot.walk(chat, when("2026-06-02 09:10"), when("2026-06-04 09:10")) == []


@pytest.mark.parametrize("step", range(3))
def test_while_nothing_can_be_written_nothing_is_sent_twice_and_it_goes_on_afterwards(
    api: StandIn, home: Path, chat: Chat, step: int
) -> None:
    with run(api, home, when("2026-06-01 07:00")) as bot:
        bot.schedule(chat, "08:00", all_quiet=True)
        bot.now = when("2026-06-01 08:00").timestamp()
        with full(bot, step):
            for _ in range(3):
                bot.tick()
                bot.now += 61
        assert len(briefings(chat)) == (step == 2)  # sent, but that could not be noted
        bot.tick()
        assert len(briefings(chat)) == 1
        assert bot.walk(chat, when("2026-06-01 09:00"), when("2026-06-02 09:00")) == [
            "Tue 08:00 EEST"
        ]


def test_what_is_due_stays_due_when_its_hours_are_not_what_is_changed(
    api: StandIn, home: Path, chat: Chat
) -> None:
    with run(api, home, when("2026-03-03 07:00")) as bot:
        before = bot.schedule(chat, "08:00")
        assert before.due
        bot.now = before.due + 30  # it is due, and nobody has looked yet

        def change(plan: Plan) -> Plan:
            return asyncio.run(changed(bot.desk, before, plan))

        louder = change(msgspec.structs.replace(before, loud=True))
        assert louder.due == before.due
        back = msgspec.structs.replace(before, paused="closed")
        assert change(back).due is None
        later = change(msgspec.structs.replace(before, minute=9 * 60))
        assert later.due
        assert bot.now < later.due < bot.now + 2 * 3600
