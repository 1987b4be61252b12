"""Nothing that happened goes untold: what finds no room, comes late, or has no date."""

from __future__ import annotations

import json
import random
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsdesk.bot.store.models import Follow, KeptBrief
from newsdesk.index.library import FILE
from newsdesk.index.library.arrivals import arrivals
from tests.botapi import Chat, Message, Person, StandIn
from tests.helpers.delivering import briefings
from tests.helpers.support import SMALL, index, write
from tests.helpers.ticking import Ticking

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_STORY = re.compile(r"^(\d+)\. (?:Update: )?(.+) — (.+)$", re.MULTILINE)
_SYLLABLES = "ba ko mi rup tel vos nar gim lud sep fon zat hev dry".split()


def story(number: int, came: datetime | str | None, text: str = "") -> dict[str, Any]:
    """An article that shares no word with that of another number."""
    of = random.Random(number)
    words = ["".join(of.choices(_SYLLABLES, k=4)) for _ in range(12)]
    title = " ".join(text.split()[:4]) or words[0]
    text = text or f"{words[0].capitalize()} {' '.join(words[1:])}."
    when = came.isoformat() if isinstance(came, datetime) else came
    return {"id": f"a{number:03}", "title": title, "text": text, "published": when}


def feed(home: Path, name: str, articles: Sequence[dict[str, Any]], got: datetime | None) -> None:
    """Index some articles, as if the library had got them at a moment."""
    folder = write(home / "fed", {f"{name}.jsonl": "\n".join(map(json.dumps, articles))})
    index(home, folder)
    with closing(sqlite3.connect(home / FILE)) as db:
        ids = [(got.timestamp() if got else 0.0, one["id"]) for one in articles]
        db.executemany("UPDATE articles SET added = ? WHERE id = ?", ids)
        db.commit()


@pytest.fixture
def api() -> Iterator[StandIn]:
    """Telegram; nothing was refused."""
    with StandIn() as found:
        yield found
        assert found.refused == []


def run(api: StandIn, home: Path, now: datetime) -> Ticking:
    return Ticking(api, home, now.timestamp(), model=SMALL)


def kept(bot: Ticking, message: Message) -> KeptBrief:
    found = bot.store.briefings.brief(message.buttons[0][0].data.split(":")[1])
    assert found
    return found


def told(message: Message) -> set[str]:
    """The sentences of the stories that a message shows."""
    return {said for _, said, _ in _STORY.findall(message.text)}


def test_forty_stories_are_all_told_by_turning_pages_and_what_was_not_shown_is_told_next(
    api: StandIn, tmp_path: Path, ann: Person, chat: Chat
) -> None:
    feed(tmp_path, "day", [story(n, NOON - n * 10 * HOUR / 10) for n in range(1, 24)], None)
    more = [story(n, NOON - 12 * HOUR) for n in range(24, 41)]
    feed(tmp_path, "more", more, NOON - HOUR)
    with run(api, tmp_path, NOON - 2 * HOUR) as bot:
        bot.schedule(chat, "12:00")
        bot.at(NOON)
        (first,) = briefings(chat)
        assert first.text.endswith("… and 33 more")
        shown = told(first)
        bot.press(ann, first, "More")
        assert first.text.endswith("… and 26 more")
        shown |= told(first)
        assert len(shown) == 14
        bot.at(NOON + DAY)
        again = briefings(chat)[-1]
        assert again.text.endswith("… and 19 more")
        for page in range(4):
            if page:
                bot.press(ann, again, "More")
            assert not shown & told(again)
            shown |= told(again)
        assert "More ▸" not in again.labels
        assert len(shown) == 40
        bot.at(NOON + 2 * DAY)
        assert len(briefings(chat)) == 2


def test_every_followed_topic_has_room_whatever_else_is_followed(
    api: StandIn, tmp_path: Path, chat: Chat
) -> None:
    farm = "The Malmo wind farm was given a permit for twelve turbines."
    feed(tmp_path, "day", [story(n, NOON - HOUR) for n in range(30)], NOON)
    feed(tmp_path, "farm", [story(99, NOON - 20 * HOUR, farm)], NOON)
    with run(api, tmp_path, NOON - HOUR) as bot:
        for words in ("", "Malmo wind farm"):
            bot.store.briefings.follow(chat.id, 0, Follow(words=words))
        bot.schedule(chat, "12:00")
        bot.at(NOON)
        (message,) = briefings(chat)
    assert farm in message.text
    assert message.of("underline") == ["everything", "Malmo wind farm"]
    assert len(told(message)) == 7


def test_twenty_topics_with_long_names_have_a_story_each_on_the_first_page(
    api: StandIn, tmp_path: Path, chat: Chat
) -> None:
    names = [f"{story(n, None)['text'][:-1]}" for n in range(20)]
    further = [" ".join(story(n + 100 * m, None)["text"] for m in range(1, 4)) for n in range(20)]
    long = [story(n, NOON - HOUR, f"{names[n]} {further[n].lower()}") for n in range(20)]
    feed(tmp_path, "day", [{**one, "source": f"{one['title']} Gazette " * 3} for one in long], NOON)
    with run(api, tmp_path, NOON - HOUR) as bot:
        for name in names:
            bot.store.briefings.follow(chat.id, 0, Follow(words=name))
        bot.schedule(chat, "12:00")
        bot.at(NOON)
        (message,) = briefings(chat)
        assert len({one.name for one in kept(bot, message).on_page}) == 20
    assert len(told(message)) == 20
    assert len(message.labels) == 21


@pytest.mark.parametrize("published", [NOON - 3 * DAY, None, "2026-03-01"])
def test_what_comes_late_or_without_a_date_is_told_with_its_own_date(
    api: StandIn, tmp_path: Path, chat: Chat, published: datetime | str | None
) -> None:
    feed(tmp_path, "day", [story(1, NOON - HOUR)], NOON - HOUR)
    with run(api, tmp_path, NOON - HOUR) as bot:
        bot.schedule(chat, "12:00")
        bot.at(NOON)
        feed(tmp_path, "late", [story(2, published)], NOON + HOUR)
        bot.at(NOON + DAY)
        bot.at(NOON + 2 * DAY)
        first, late = briefings(chat)
    assert len(told(first)) == len(told(late)) == 1
    assert late.text.endswith("undated" if published is None else "Sun 1 Mar")


def test_what_the_library_held_before_and_what_is_too_old_is_not_told(
    api: StandIn, tmp_path: Path, chat: Chat
) -> None:
    feed(tmp_path, "held", [story(1, NOON - 3 * DAY)], NOON - 3 * DAY)
    feed(tmp_path, "undated", [story(2, None)], NOON - 3 * DAY)
    feed(tmp_path, "old", [story(3, NOON - 8 * DAY)], NOON)
    feed(tmp_path, "unknown", [story(4, NOON - 3 * DAY), story(5, None)], None)
    with run(api, tmp_path, NOON - HOUR) as bot:
        bot.schedule(chat, "12:00", all_quiet=True)
        bot.at(NOON)
        assert "All quiet" in briefings(chat)[0].text


def test_a_weekly_briefing_holds_its_whole_week(api: StandIn, tmp_path: Path, chat: Chat) -> None:
    monday = datetime(2026, 3, 2, 12, tzinfo=UTC)
    with run(api, feed_first(tmp_path, monday), monday - HOUR) as bot:
        bot.schedule(chat, "12:00", "0")
        bot.at(monday)
        came = [story(10 + n, monday + n * DAY + HOUR) for n in range(7)]
        feed(tmp_path, "week", came, monday + 6 * DAY)
        bot.at(monday + 7 * DAY)
        assert len(told(briefings(chat)[-1])) == 7


def feed_first(home: Path, when: datetime) -> Path:
    """A library with one article."""
    feed(home, "first", [story(1, when - HOUR)], when)
    return home


def test_the_library_says_when_it_got_an_article_and_not_when_it_was_changed(
    tmp_path: Path,
) -> None:
    feed(tmp_path, "a", [story(1, NOON), story(2, NOON)], NOON)
    assert arrivals(tmp_path, 0.0) == dict.fromkeys(("a001", "a002"), NOON.timestamp())
    changed = {**story(1, NOON), "title": "Another"}
    write(tmp_path / "fed", {"a.jsonl": "\n".join(map(json.dumps, [changed, story(2, NOON)]))})
    index(tmp_path, tmp_path / "fed")
    assert set(arrivals(tmp_path, 0.0).values()) == {NOON.timestamp()}
    assert arrivals(tmp_path, NOON.timestamp()) == {}
    assert arrivals(tmp_path / "nowhere", 0.0) == {}
