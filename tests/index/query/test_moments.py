"""Moments as people name them, and `newsdesk brief`, which is told them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.cli import app
from newsdesk.index.query.moments import end_of, start_of
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from tests.helpers.support import Command, Done

BUCHAREST = ZoneInfo("Europe/Bucharest")
NOW = datetime(2026, 11, 24, 16, 20, tzinfo=BUCHAREST)  # a Tuesday


@pytest.mark.parametrize(
    ("words", "start"),
    [
        ("24h", "2026-11-23 16:20"),
        ("an hour ago", "2026-11-24 15:20"),
        ("2 hours ago", "2026-11-24 14:20"),
        ("last 3 hours", "2026-11-24 13:20"),
        ("now", "2026-11-24 16:20"),
        ("7d", "2026-11-17"),
        ("1w", "2026-11-17"),
        ("Monday", "2026-11-23"),
        ("since Monday", "2026-11-23"),
        ("yesterday", "2026-11-23"),
        ("last week", "2026-11-16"),
        ("the weekend", "2026-11-21"),
        ("2026-11-20", "2026-11-20"),
        ("2026-11", "2026-11-01"),
        ("2026", "2026-01-01"),
        ("08:00", "2026-11-24 08:00"),
        ("8:05", "2026-11-24 08:05"),
        ("today 08:00", "2026-11-24 08:00"),
        ("2026-11-20 08:00", "2026-11-20 08:00"),
        (" 2026-11-20T08:00 ", "2026-11-20 08:00"),
        ("2026-11-20T08:00Z", "2026-11-20 08:00+00:00"),
        ("2026-11-20T08:00-05:00", "2026-11-20 08:00-05:00"),
        ("2026-07-01 08:00", "2026-07-01 08:00"),
    ],
)
def test_a_time_begins_at(words: str, start: str) -> None:
    wanted = datetime.fromisoformat(start)
    assert start_of(words, NOW) == (wanted if wanted.tzinfo else wanted.replace(tzinfo=BUCHAREST))


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ("2026-11-20", "2026-11-21"),
        ("2026-11", "2026-12-01"),
        ("2025", "2026-01-01"),
        ("Monday", "2026-11-24"),
        ("yesterday", "2026-11-24"),
        ("today", "2026-11-25"),
        ("last week", "2026-11-23"),
        ("the weekend", "2026-11-23"),
        ("2h", "2026-11-24 14:20"),
        ("2 hours ago", "2026-11-24 14:20"),
        ("now", "2026-11-24 16:20"),
        ("08:00", "2026-11-24 08:00"),
        ("2026-11-20 08:00", "2026-11-20 08:00"),
    ],
)
def test_a_time_ends_behind_what_it_names(words: str, end: str) -> None:
    assert end_of(words, NOW) == datetime.fromisoformat(end).replace(tzinfo=BUCHAREST)


NONE = ["", "  ", "xyz", "Ukraine", "24h Ukraine", "2026-02-30", "2026-11-20 24:00",
        "2026-11-20 8 o'clock sharp", "25:00", "9999999999h", "2026-11-20T08:00+25:00"]  # fmt: skip


@pytest.mark.parametrize("words", NONE)
def test_what_names_no_time_is_none(words: str) -> None:
    assert start_of(words, NOW) is None
    assert end_of(words, NOW) is None


@pytest.mark.parametrize(
    "words", ["0001-01-01", "0001", "9999", "9999-12-31", "0001-01-01 00:00", "9999-12-31 23:59"]
)
def test_times_that_calendars_end_at_can_be_counted_from(words: str) -> None:
    for found in (start_of(words, NOW), end_of(words, NOW)):
        assert found is None or 1900 <= found.year <= 9000


@given(st.text(max_size=20))
def test_no_text_breaks_it_and_what_is_found_has_a_time_zone(words: str) -> None:
    for found in (start_of(words, NOW), end_of(words, NOW)):
        assert found is None or found.tzinfo is not None


# `newsdesk brief`


@pytest.fixture
def brief(
    news_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Runs `newsdesk brief` in this process, on the labelled week, which ends now."""

    def command(*arguments: str, since: str = "8d") -> Done:
        monkeypatch.setenv("NEWSDESK_HOME", str(news_home))
        capsys.readouterr()
        code = app.run(["brief", "--since", since, *arguments])
        return Done(code, *capsys.readouterr())

    return command


BRIEF = {"topic", "since", "until", "stories"}
STORY = {"headline", "sentences", "articles", "outlets", "first", "last", "update_of"}
SENTENCE = {"text", "article", "start", "end"}


def test_the_json_has_all_that_was_asked_for(brief: Command, news_home: Path) -> None:
    done = brief("--topic", "who is on strike?", "--json")
    assert done.code == 0
    assert set(done.told) == BRIEF | {"articles", "left_out"}
    assert done.told["topic"] == "who is on strike?"
    since, until = (datetime.fromisoformat(done.told[name]) for name in ("since", "until"))
    assert since < until
    assert since.tzinfo
    assert until.tzinfo
    assert 1 <= len(done.told["stories"]) <= 7
    with Searcher(Settings(home=news_home)) as searcher:
        for story in done.told["stories"]:
            assert set(story) == STORY
            assert story["headline"]
            assert story["first"] <= story["last"]
            assert story["outlets"]
            assert story["update_of"] is None
            for one in story["sentences"]:
                assert set(one) == SENTENCE | {"paragraph", "url"}
                assert one["article"] in story["articles"]
                found = searcher.article(one["article"])
                assert found
                assert found.text[one["start"] : one["end"]] == one["text"]


def test_the_topic_is_in_the_headlines_and_each_story_names_its_outlets(brief: Command) -> None:
    done = brief("--topic", "bird flu")
    assert done.code == 0
    lines = done.out.splitlines()
    assert "about 'bird flu'" in lines[0]
    assert "1. " in done.out
    assert "https://" in done.out
    assert " · paragraph 1" in done.out
    assert "score" not in done.out


def test_explain_shows_what_each_place_is_made_of(brief: Command) -> None:
    done = brief("--topic", "floods", "--explain")
    assert "score " in done.out
    assert all(f"{name} " in done.out for name in ("fit", "outlets", "recency"))
    for story in brief("--topic", "floods", "--explain", "--json").told["stories"]:
        assert set(story) == STORY | {"score", "parts"}
        assert story["score"] == pytest.approx(sum(story["parts"].values()))


def test_max_limits_the_stories_and_the_others_are_counted(brief: Command) -> None:
    done = brief("--max", "2", "--json")
    assert len(done.told["stories"]) == 2
    assert done.told["left_out"] > 20
    assert "more; --max shows them" in brief("--max", "2").out
    assert len(brief("--max", "1000", "--json").told["stories"]) == done.told["left_out"] + 2


def test_the_period_and_outlets_and_languages_narrow_it(brief: Command) -> None:
    whole = brief("--max", "1000", "--json").told
    assert whole["articles"] == 138
    day = brief("--max", "1000", "--json", since="24h").told
    assert 0 < day["articles"] < 50
    assert any(story["update_of"] for story in day["stories"])
    before = brief("--until", "24h", "--max", "1000", "--json", since="7d").told
    assert before["until"] == day["since"] or before["articles"] < whole["articles"]
    (outlet, *_) = whole["stories"][0]["outlets"]
    post = brief("--source", outlet.upper(), "--max", "1000", "--json").told
    assert {tuple(story["outlets"]) for story in post["stories"]} == {(outlet,)}
    assert brief("--language", "en", "--json").code == 0
    assert brief("--language", "ro", "--json").told["stories"] == []


def test_nothing_new_is_said_and_is_exit_code_1(brief: Command) -> None:
    done = brief("--topic", "curling in Antarctica")
    assert done.code == 1
    assert done.out.startswith("Nothing new about 'curling in Antarctica' from ")
    assert "in 138 articles." in done.out
    done = brief("--until", "2020-01-02", "--json", since="2020-01-01")
    assert done.code == 1
    assert done.told["stories"] == []
    assert done.told["articles"] == 0


@pytest.mark.parametrize(
    ("since", "until", "told"),
    [
        (
            "whenever",
            None,
            "--since 'whenever': no time; write it as 24h, 7d, Monday or 2021-12-29",
        ),
        ("24h", "soonish", "--until 'soonish': no time; write it as 2021-12-29"),
        ("2026-03-05", "2026-03-01", "--since 2026-03-05 is not before --until 2026-03-01; swap"),
        ("now", "now", "--since now is not before --until now; swap them"),
        ("tomorrow", None, "--since tomorrow is not before --until now; swap them"),
        ("", None, "--since '': no time"),
    ],
)
def test_a_wrong_time_is_told_in_one_line_and_exit_code_2(
    brief: Command, since: str, until: str | None, told: str
) -> None:
    done = brief(*(["--until", until] if until else []), since=since)
    assert done.code == 2
    assert done.out == ""
    (line,) = done.err.splitlines()
    assert told in line


@pytest.mark.parametrize("since", ["0001-01-01", "1900", "9999-01-01"])
def test_the_ends_of_the_calendar_are_no_trap(brief: Command, since: str) -> None:
    done = brief("--until", "9999-12-31", "--json", since=since)
    assert done.code in (0, 2) or (done.code == 1 and not done.told["stories"])
    assert len(done.err.splitlines()) <= 1


@pytest.mark.parametrize("wrong", ["0", "-1", "many", "1001"])
def test_a_wrong_number_of_stories_is_refused(brief: Command, wrong: str) -> None:
    assert brief("--max", wrong).code == 2
