"""Wishes for a briefing: what is one, what is a question, and what is read in both."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.query.brief_intent import (
    BriefRequest,
    detect_brief_request,
    parse_brief_request,
)
from tests.helpers.support import HOSTILE, SEEDS

BUCHAREST = ZoneInfo("Europe/Bucharest")
NOW = datetime(2026, 11, 24, 15, 30, tzinfo=BUCHAREST)  # a Tuesday
SOURCES = ["Reuters", "Newsdesk World", "World", "Le Monde"]
LANGUAGES = ["en", "de", "pl", "pt"]


def read(text: str, now: datetime = NOW) -> BriefRequest:
    return parse_brief_request(text, now, SOURCES, LANGUAGES)


def wished(text: str, now: datetime = NOW) -> BriefRequest | None:
    return detect_brief_request(text, now, SOURCES, LANGUAGES)


def shown(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d %H:%M}".removesuffix(" 00:00") if moment else None


@pytest.mark.parametrize(
    ("text", "topic", "since", "until"),
    [
        ("24h", "", "2026-11-23 15:30", None),
        ("Ukraine talks 24h", "Ukraine talks", "2026-11-23 15:30", None),
        ("36h Ukraine", "Ukraine", "2026-11-23 03:30", None),
        ("floods 12hrs", "floods", "2026-11-24 03:30", None),
        ("24 hours", "", "2026-11-23 15:30", None),
        ("floods in the last two hours", "floods", "2026-11-24 13:30", None),
        ("last hour", "", "2026-11-24 14:30", None),
        ("7d floods", "floods", "2026-11-17", None),
        ("2w", "", "2026-11-10", None),
        ("last 7d floods", "floods", "2026-11-17", None),
        ("3 days", "", "2026-11-21", None),
        ("last 3 days floods", "floods", "2026-11-21", None),
        ("floods over the last 3 days", "floods", "2026-11-21", None),
        ("since Monday", "", "2026-11-23", None),
        ("since Monday: strikes", "strikes", "2026-11-23", None),
        ("from Monday, strikes", "strikes", "2026-11-23", None),
        ("strikes since 20 November", "strikes", "2026-11-20", None),
        ("strikes since 2026-11-20", "strikes", "2026-11-20", None),
        ("since yesterday", "", "2026-11-23", None),
        ("yesterday", "", "2026-11-23", "2026-11-24"),
        ("this week", "", "2026-11-23", None),
        ("this week strikes", "strikes", "2026-11-23", None),
        ("last week's news on Ukraine", "Ukraine", "2026-11-16", "2026-11-23"),
        ("today", "", "2026-11-24", None),
        ("Ukraine today", "Ukraine", "2026-11-24", None),
        ("today’s floods", "floods", "2026-11-24", None),
        ("floods since this morning", "floods", "2026-11-24 06:00", None),
        ("overnight", "", "2026-11-23", None),
        ("over the weekend", "", "2026-11-21", "2026-11-23"),
        ("since the weekend, floods", "floods", "2026-11-21", None),
        ("Monday", "", "2026-11-23", "2026-11-24"),
        ("20 November", "", "2026-11-20", "2026-11-21"),
        ("floods 2026-11-20", "floods", "2026-11-20", "2026-11-21"),
        ("from 3 to 10 November", "", "2026-11-03", "2026-11-11"),
        ("since 3 November until 10 November floods", "floods", "2026-11-03", "2026-11-11"),
        ("floods in October", "floods", "2026-10-01", "2026-11-01"),
        ("floods until yesterday", "floods", None, "2026-11-24"),
        ("who is on strike since Monday?", "who is on strike", "2026-11-23", None),
        ("“Ukraine talks” 24h", "Ukraine talks", "2026-11-23 15:30", None),
        ("Ukraine talks - 24h", "Ukraine talks", "2026-11-23 15:30", None),
        ("since 1 January 1800", "", "1900-01-01", None),
    ],
)
def test_times_are_read_at_both_ends(
    text: str, topic: str, since: str | None, until: str | None
) -> None:
    found = read(text)
    assert (found.topic, shown(found.since), shown(found.until)) == (topic, since, until)
    assert found.said


@pytest.mark.parametrize(
    "topic",
    [
        *("Ukraine talks", "who is on strike?", "strikes in Germany", "floods in French"),
        *(
            "Black Friday",
            "Theresa May",
            "May",
            "3D printing",
            "U.S. elections",
            "the first days of May",
        ),
        *("elections in 2027", "talks until 2030", "Trump’s first 100 days", "the 2008 summit"),
        *("the treaty of 2014", "floods in Polish mines", "24 hours of Daytona", "news anchors"),
        *("people from Reuters", "the last day of Pompeii", "30 days without rain", "bird flu"),
    ],
)
def test_what_is_none_of_these_is_the_topic(topic: str) -> None:
    assert read(topic) == BriefRequest(topic=topic)


@pytest.mark.parametrize("text", ["", "  ", "everything", "all", "the latest news", "News", "?!"])
def test_no_topic_is_everything(text: str) -> None:
    assert read(text) == BriefRequest()


def test_on_before_a_topic_is_no_part_of_it() -> None:
    for text in ("on Ukraine", "about Ukraine", "the latest news on Ukraine", "updates on Ukraine"):
        assert read(text).topic == "Ukraine"


@pytest.mark.parametrize(
    ("text", "topic", "sources", "languages"),
    [
        ("7d floods from Reuters", "floods", ("Reuters",), ()),
        ("from Reuters", "", ("Reuters",), ()),
        ("from Reuters: floods", "floods", ("Reuters",), ()),
        ("floods in Newsdesk World", "floods", ("Newsdesk World",), ()),
        ("floods from Reuters and Le Monde 24h", "floods", ("Reuters", "Le Monde"), ()),
        ("floods in German", "floods", (), ("de",)),
        ("in english", "", (), ("en",)),
        ("floods in English or German", "floods", (), ("en", "de")),
        ("floods auf Deutsch", "floods", (), ("de",)),
        ("floods in portuguese?", "floods", (), ("pt",)),
        ("since Monday in German", "", (), ("de",)),
        ("floods in German since Monday from Reuters", "floods", ("Reuters",), ("de",)),
    ],
)
def test_outlets_and_languages_of_the_library_are_read(
    text: str, topic: str, sources: tuple[str, ...], languages: tuple[str, ...]
) -> None:
    found = read(text)
    assert (found.topic, found.sources, found.languages) == (topic, sources, languages)


def test_a_language_that_the_library_has_not_is_a_place() -> None:
    assert parse_brief_request("floods in German", NOW, SOURCES) == BriefRequest(
        topic="floods in German"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("24h", "of the last 24 hours"),
        ("1h", "of the last hour"),
        ("7d", "since Tuesday, 17 November 2026"),
        ("since Monday", "since Monday, 23 November 2026"),
        ("this month", "since Sunday, 1 November 2026"),
        ("today", "of Tuesday, 24 November 2026"),
        ("October 2026", "of October 2026"),
        ("over the weekend", "from Saturday, 21 November 2026 to Sunday, 22 November 2026"),
        ("Ukraine", ""),
    ],
)
def test_the_time_is_said(text: str, said: str) -> None:
    assert read(text).said == said


def test_hours_count_from_now_and_days_from_midnight_whatever_the_clocks_do() -> None:
    now = datetime(2026, 10, 25, 12, tzinfo=BUCHAREST)  # a day of 25 hours
    since = read("24h", now).since
    assert since
    assert since.timestamp() == now.timestamp() - 24 * 3600
    assert (since.tzinfo, shown(since)) == (BUCHAREST, "2026-10-24 13:00")
    assert read("1d", now).since == datetime(2026, 10, 24, tzinfo=BUCHAREST)


def test_a_time_is_of_the_asker_s_own_day() -> None:
    now = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert shown(read("today", now).since) == "2026-11-24"
    assert shown(read("today", now.astimezone(ZoneInfo("Asia/Tokyo"))).since) == "2026-11-25"


def split(text: str) -> list[str]:
    """What stands between bars and line ends."""
    return [one.strip() for one in re.split(r"[|\n]", text.strip())]


WISHES = split(
    """
what did I miss? | What did I miss | WHAT DID I MISS??? | what did we miss? | what have I missed
what’ve we missed? | tell me what I missed | what ive missed | did I miss anything?
have we missed anything | anything I missed? | hey, what's new? | what else did I miss
what's new | whats new | What’s new? | what is new? | what else is new? | anything new?
is there anything new | something new? | news | News? | any news? | the news please
give me the news | Please give me the latest news | show us the headlines | headlines
top stories | the latest? | any updates? | have you got any news? | do you have any news
got any news? | I want the news | are there any updates | catch me up | catch us up please
brief me | update me | fill me in | bring me up to speed | get me up to date
Could you brief me, please? | summarise the news | what's new in the world? | what’s the news
more news | Good morning! Any news? | what's the news | get me up to speed | recap the news
can you tell me what I missed | what's new so far? | ok, what's new?
what are the latest headlines | what is the latest news? | what's the latest | my briefing
today's news | what did I miss while I was asleep? | what's new since my last visit?
so, what's new?
"""
)


@pytest.mark.parametrize("text", WISHES)
def test_a_wish_for_everything(text: str) -> None:
    assert wished(text) == BriefRequest()


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("what's new on Ukraine?", "Ukraine"),
        ("What's new about the Ukraine talks?", "the Ukraine talks"),
        ("anything new about the strikes?", "the strikes"),
        ("is there anything new on bird flu", "bird flu"),
        ("any news on bird flu", "bird flu"),
        ("any news about who won?", "who won"),
        ("is there any news from Romania?", "Romania"),
        ("news about floods?", "floods"),
        ("news from Kyiv", "Kyiv"),
        ("update on the strikes", "the strikes"),
        ("latest on Ukraine", "Ukraine"),
        ("what is the latest on X?", "X"),
        ("what’s the latest news about the strikes", "the strikes"),
        ("what are the latest stories on the strikes?", "the strikes"),
        ("catch me up on the talks", "the talks"),
        ("can you catch me up on the talks, please?", "the talks"),
        ("brief me on floods", "floods"),
        ("brief us about the floods in Banat!", "the floods in Banat"),
        ("fill me in on the strikes", "the strikes"),
        ("bring me up to speed on COP26", "COP26"),
        ("what did I miss on Ukraine?", "Ukraine"),
        ("what did I miss in Romania?", "Romania"),
        ("what did I miss about the talks while I was away?", "the talks"),
        ("what is new with Raducanu", "Raducanu"),
        ("what's new in tech?", "tech"),
        ("what's new in the UK?", "the UK"),
        ("anything new in the Middle East?", "the Middle East"),
        ("what's new on the elections in May", "the elections in May"),
        ("what's new about iOS 15's camera", "iOS 15's camera"),
        ("any bird flu news?", "bird flu"),
        ("what's the latest Ukraine news", "Ukraine"),
        ("tell me what's new on Ukraine", "Ukraine"),
        ("I would like to know what's new on Ukraine", "Ukraine"),
    ],
)
def test_a_wish_for_a_topic(text: str, topic: str) -> None:
    assert wished(text) == BriefRequest(topic=topic)


@pytest.mark.parametrize(
    ("text", "topic", "since", "until"),
    [
        ("What did I miss since Monday?", "", "2026-11-23", None),
        ("what did I miss on Monday?", "", "2026-11-23", "2026-11-24"),
        ("what did I miss since Monday on Ukraine?", "Ukraine", "2026-11-23", None),
        ("what did I miss on Ukraine in the last 36 hours", "Ukraine", "2026-11-23 03:30", None),
        ("what did we miss over the weekend?", "", "2026-11-21", "2026-11-23"),
        ("what did I miss this morning", "", "2026-11-24", None),
        ("what did I miss 24h", "", "2026-11-23 15:30", None),
        ("what's new today?", "", "2026-11-24", None),
        ("what did I miss in May?", "", "2026-05-01", "2026-06-01"),
        ("what happened on 3 November?", "", "2026-11-03", "2026-11-04"),
        ("the news today", "", "2026-11-24", None),
        ("news of yesterday", "", "2026-11-23", "2026-11-24"),
        ("brief me on the strikes since Friday", "the strikes", "2026-11-20", None),
        ("what's new this year in Romania", "Romania", "2026-01-01", None),
        ("what happened today?", "", "2026-11-24", None),
        ("What happened this week in Romania?", "Romania", "2026-11-23", None),
        ("what happened in Romania this week?", "Romania", "2026-11-23", None),
        ("what happened on Monday?", "", "2026-11-23", "2026-11-24"),
        ("what happened last week with the strikes", "the strikes", "2026-11-16", "2026-11-23"),
        ("what happened overnight", "", "2026-11-23", None),
        ("what has happened since yesterday", "", "2026-11-23", None),
        ("what’s happening in Kyiv today", "Kyiv", "2026-11-24", None),
        ("what is going on today?", "", "2026-11-24", None),
    ],
)
def test_a_wish_with_a_time(text: str, topic: str, since: str | None, until: str | None) -> None:
    found = wished(text)
    assert found
    assert (found.topic, shown(found.since), shown(found.until)) == (topic, since, until)


def test_a_wish_with_outlets_and_languages() -> None:
    found = wished("what's new on floods from Reuters in German?")
    assert found == BriefRequest(topic="floods", sources=("Reuters",), languages=("de",))


QUESTIONS = split(
    """
what is new in the treaty of 2014? | is there anything new in the draft treaty
what is new in the Treaty of Paris? | what's new in version 3? | what was new in iOS 15?
what did Biden miss? | what did I miss in the exam? | what did I miss by not going
did Biden miss anything? | why did I miss the news | what did they miss on Monday?
who won the latest race? | when did the latest talks start? | latest race winner
what is the latest version of Python? | what is the latest estimate of the dead
what is the latest in fashion of 2014 | what's the latest possible date for the vote?
what is the news agency of Russia called? | what news agency reported the story
any news agency in Russia? | news conference of Biden | latest news anchor | News of the World
who reads the news today? | what did the news say about Biden?
what updates did Microsoft release today? | update Ukraine | updates Windows got
what happened in Bucharest in 2008? | what happened to Ever Given? | what happened?
what happened on 27 May 1997? | what happened in May | what happened last year in Kyiv
what happened in Kyiv | what happened to Navalny this week | what happened next?
what happened today at the summit in Brussels | what happened since Monday to the ship
what happened this week in Kyiv when Blinken came? | what's happening in Kyiv? | what's going on?
what happens if Russia attacks today? | what is happening to prices?
what's new since the election? | what's new in 2014 | what was new on Monday
what's new on Ukraine? who won the race? | what did I miss in 2014? | news from 2014 about Crimea
news from March 2014 | what's new? who won? | What did I miss? Tell me who won.
what's new on it? | anything new about that? | any news from them? | news about her?
any good news? | what is good news for Kyiv? | is it news? | no news is good news
what is new for drivers? | new german foreign minister | what new names did meta get
who is new in the cabinet | what is the new name of Facebook | New York | new
brief history of NATO | which leaders did Biden brief | brief Biden on Ukraine
who briefed me on Ukraine | how do I catch up with Python | catch me if you can
articles about Crimea | reports on chemical weapons | articles of March 2014
what stories did Reuters run | news from March 2014 about Crimea | Ukraine
"""
)


ODD = [
    *("", "?", "what's new\nwho won?", "what's new on Ukraine\nwho won the race"),
    *("what did I miss on " + "word " * 13, "what's new on " + "x" * 300),
]


@pytest.mark.parametrize("text", QUESTIONS + ODD)
def test_a_question_is_no_wish(text: str) -> None:
    assert wished(text) is None


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_there_are_enough_examples_of_both() -> None:
    assert min(len(WISHES), len(QUESTIONS)) >= 60


def test_no_question_about_the_seeds_is_taken_for_a_wish() -> None:
    seeds = SEEDS.glob("questions*.jsonl")
    asked = [row["question"] for file in seeds for row in rows(file)]
    assert len(asked) > 400
    assert not [question for question in asked if wished(question)]


def test_no_follow_up_is_taken_for_a_wish() -> None:
    files = SEEDS.parent.joinpath("tests").glob("conversations*.jsonl")
    turns = [row for file in files for row in rows(file)]
    assert turns
    assert not [text for turn in turns for text in asked(turn) if wished(text)]


def asked(turn: dict[str, Any]) -> list[str]:
    return turn.get("turns") or [turn["first"], turn["second"]]


_PIECES = (
    *("what did I miss", "what's new", "what happened", "any news", "on", "about", "in", "from"),
    *("since", "until", "24h", "7d", "last", "3", "days", "Monday", "31 February", "2026-13-40"),
    *("Reuters", "World", "and", "German", "the", "weekend", "Ukraine", "?", "!", "May", "1", "to"),
)
texts = st.text() | st.lists(st.sampled_from(_PIECES) | st.text(max_size=4)).map(" ".join)
moments = st.datetimes(
    datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.timezones(), allow_imaginary=False
)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@given(texts, moments)
def test_any_text_is_read_and_a_topic_is_made_of_its_words(text: str, now: datetime) -> None:
    for found in (read(text, now), wished(text, now)):
        if found:
            rest = iter(words(text))
            assert all(word in rest for word in words(found.topic))
            assert set(found.sources) <= set(SOURCES)
            assert set(found.languages) <= set(LANGUAGES)
            assert bool(found.said) == bool(found.since or found.until)


@given(texts, moments)
def test_no_time_is_to_come(text: str, now: datetime) -> None:
    found = read(text, now)
    assert found.since is None or found.since.timestamp() <= now.timestamp()
    assert found.until is None or found.until.timestamp() <= now.timestamp()
    if found.since and found.until:
        assert (
            found.until.timestamp() - found.since.timestamp() >= timedelta(hours=20).total_seconds()
        )


@pytest.mark.parametrize("piece", [*HOSTILE, "in and ", "since Monday ", "what's new ", "24h "])
def test_long_texts_are_read(piece: str) -> None:
    text = piece * (4096 // len(piece))
    assert wished(text) is None
    assert len(read(text).topic) <= len(text)
