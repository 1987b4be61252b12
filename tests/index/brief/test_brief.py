"""Briefings: what is told, what is left out, what is known, and in what order.

The encoder is the small one: near is what shares words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from newsdesk.index.brief import (
    Brief,
    Briefer,
    BriefQuery,
    Story,
    StorySentence,
    Topic,
    falls_within,
)
from newsdesk.index.brief.clusters import clusters, probability
from newsdesk.index.brief.window import WindowReader, local_generation
from newsdesk.index.library import Library
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Article
from tests.helpers.examples import examples
from tests.helpers.support import SmallAsking, index, small, write

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = (MONDAY, MONDAY + 7 * DAY)

FLOOD = "Floods on the Medjerda drowned the town of Bousalem and 40 people had to leave."
FLOOD_AGAIN = "The town of Bousalem was drowned by floods on the Medjerda; 40 people had to leave."
FLOOD_LATER = (
    "Engineers closed the broken dyke near Bousalem after three weeks, and trains run again."
)
STRIKE = "Nurses in Lisbon walked out on Monday in a strike over pay and long shifts."
PROBE = "The probe Calliope landed on the asteroid Tethra and found frozen water."
BEES = "Beekeepers in Carniola harvested more chestnut honey than in any year since 1990."

Given = dict[str, Any]


def article(name: str, published: str | None, text: str, **fields: str) -> Given:
    """A line of JSONL; its title is the beginning of its text."""
    title = " ".join(text.split()[:5])
    return {"id": name, "title": title, "text": text, "published": published, **fields}


def held(folder: Path, articles: Sequence[Given]) -> Briefer:
    lines = "".join(json.dumps(one) + "\n" for one in articles)
    write(folder, {"articles.jsonl": lines})
    index(folder / "home", folder / "articles.jsonl")
    return Briefer(Searcher(small(folder / "home"), load=SmallAsking))


@contextmanager
def library(*articles: Given) -> Iterator[Briefer]:
    with TemporaryDirectory() as folder:
        yield held(Path(folder), articles)


def week(briefer: Briefer, topic: str = "", **more: Any) -> Brief:
    return briefer.brief(BriefQuery(Topic(topic), *WEEK, **{"k": 100, **more}))


def told_of(brief: Brief) -> list[str]:
    """The ids of the articles of its stories, in order."""
    return [one.id for story in brief.stories for one in story.articles]


# invented libraries

SUBJECTS = [FLOOD, FLOOD_AGAIN, FLOOD_LATER, STRIKE, PROBE, BEES]
TAILS = ["", " It rained 😀.", "\r\n\r\nMore follows…", "\n\nÜber Zeit: “Ja”, sagte e\u0301r."]
ZONES = ["", "Z", "+05:30", "-11:00", "+14:00"]


def moments() -> st.SearchStrategy[str | None]:
    days = st.integers(1, 10).map(lambda day: f"2026-03-{day:02}")
    times = st.tuples(days, st.integers(0, 23), st.integers(0, 59), st.sampled_from(ZONES))
    timed = times.map(lambda one: f"{one[0]}T{one[1]:02}:{one[2]:02}:00{one[3]}")
    return st.one_of(st.none(), days, timed, timed)


def articles() -> st.SearchStrategy[list[Given]]:
    one = st.tuples(
        st.sampled_from(SUBJECTS),
        st.sampled_from(TAILS),
        moments(),
        st.sampled_from(["", "Post", "Globe"]),
    )
    return st.lists(one, min_size=1, max_size=14).map(
        lambda found: [
            article(f"a{n:02}", when, f"{text}{tail}", source=source, author=f"Ann {n % 3}")
            for n, (text, tail, when, source) in enumerate(found)
        ]
    )


def starts() -> st.SearchStrategy[datetime]:
    return st.integers(0, 8 * 24).map(lambda hours: MONDAY - DAY + hours * HOUR)


@given(articles(), starts(), st.integers(1, 9 * 24), st.sampled_from(["", "floods in Bousalem"]))
@examples(25)
def test_stories_are_made_of_the_periods_articles_and_told_by_what_stands_in_them(
    given_: list[Given], since: datetime, hours: int, topic: str
) -> None:
    until = since + hours * HOUR
    with library(*given_) as briefer:
        brief = briefer.brief(BriefQuery(Topic(topic), since, until, 100))
        for story in brief.stories:
            assert story.articles
            assert 1 <= len(story.sentences) <= 2
            for told in story.sentences:
                assert told.text
                assert told.article in story.articles
                assert told.article.text[told.start : told.end] == told.text
            assert all(falls_within(one.published, since, until) for one in story.articles)
            assert story.score == pytest.approx(sum(story.parts.values()))
        ids = told_of(brief)
        assert len(ids) == len(set(ids))
        assert sorted(brief.seen) == sorted(ids)
        assert [one.score for one in brief.stories] == sorted(
            (one.score for one in brief.stories), reverse=True
        )
        if not topic:
            assert sorted(ids) == sorted(brief.period)


@given(articles(), st.lists(st.integers(1, 70), min_size=1, max_size=6))
@examples(25)
def test_consecutive_briefings_tell_every_article_once_whatever_the_periods(
    given_: list[Given], hours: list[int]
) -> None:
    with TemporaryDirectory() as folder:
        briefer = held(Path(folder), given_)
        with Library(Path(folder) / "home") as held_:
            numbers = held_.stories.numbers()

        def known() -> set[str]:
            """What was told, and its copies: they are no news, though they never came."""
            told = {numbers[one] for one in seen}
            return {one for one, number in numbers.items() if number in told}

        since, seen = MONDAY - DAY, list[str]()
        for one in [*hours, 24 * 14]:
            query = BriefQuery(
                Topic(), since, since + one * HOUR, 100, frozenset(seen), repeat=False
            )
            brief = briefer.brief(query)
            assert not set(told_of(brief)) & set(seen)
            assert set(told_of(brief)) <= set(brief.seen) <= set(brief.period)
            for story in brief.stories:
                assert set(story.before) <= known()
            seen += brief.seen
            since += one * HOUR
        of_time = [one["id"] for one in given_ if one["published"]]
        from_sunday = week(briefer, known=frozenset(), repeat=False)
        assert len(seen) == len(set(seen))
        assert set(from_sunday.period) <= known()
        assert set(seen) <= set(of_time)


@given(articles(), st.integers(-14, 14))
@examples(10)
def test_the_same_moments_of_another_time_zone_make_the_same_briefing(
    given_: list[Given], hours: int
) -> None:
    zone = timezone(hours * HOUR)
    since, until = MONDAY + 8 * HOUR, MONDAY + 2 * DAY
    with library(*given_) as briefer:
        here = briefer.brief(BriefQuery(Topic(), since, until))
        there = briefer.brief(BriefQuery(Topic(), since.astimezone(zone), until.astimezone(zone)))
        assert here.stories == there.stories
        assert here.period == there.period


def test_how_far_back_a_story_is_known_does_not_depend_on_the_time_zone(tmp_path: Path) -> None:
    early = article("early", "2026-02-22T12:00:00Z", FLOOD)
    later = article("later", "2026-03-02T09:00:00Z", f"{FLOOD} {FLOOD_LATER}")
    briefer = held(tmp_path, [early, later])
    for hours in range(-12, 15):
        since = (MONDAY + 8 * HOUR).astimezone(timezone(hours * HOUR))
        assert only(briefer.brief(BriefQuery(Topic(), since, since + DAY))).update_of is None


# which articles are of a period


@pytest.mark.parametrize(
    ("published", "belongs"),
    [
        ("2026-03-02T08:00:00+00:00", True),
        ("2026-03-02T07:59:59+00:00", False),
        ("2026-03-03T07:59:59+00:00", True),
        ("2026-03-03T08:00:00+00:00", False),
        ("2026-03-02T09:30:00+02:00", False),
        ("2026-03-02T10:00:00+02:00", True),
        ("2026-03-03T08:00:00", False),
        ("2026-03-02T08:00:00", True),
        ("2026-03-01", False),
        ("2026-03-02", True),
        ("2026-03-03", True),
        ("2026-03-04", False),
        (None, False),
    ],
)
def test_since_counts_until_does_not_and_a_day_without_a_time_counts_whole(
    tmp_path: Path, published: str | None, belongs: bool
) -> None:
    briefer = held(tmp_path, [article("a", published, FLOOD)])
    since = MONDAY + 8 * HOUR
    brief = briefer.brief(BriefQuery(Topic(), since, since + DAY))
    assert told_of(brief) == list(brief.period) == ["a"] * belongs
    assert brief.articles == belongs


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (MONDAY, MONDAY),
        (MONDAY + DAY, MONDAY),
        (MONDAY.replace(tzinfo=None), MONDAY + DAY),
        (MONDAY, (MONDAY + DAY).replace(tzinfo=None)),
    ],
)
def test_a_period_begins_before_it_ends_and_says_where_on_earth(
    since: datetime, until: datetime
) -> None:
    with pytest.raises(ValueError, match="no period"):
        BriefQuery(Topic(), since, until)


def test_what_does_not_stand_in_an_article_cannot_be_told() -> None:
    of = Article(id="a", title="A", text=FLOOD, path="a.txt")
    assert StorySentence(FLOOD[:6], of, 0, 6, 1, "").text == "Floods"
    for text, start, end in (("Floods", 1, 7), ("", 0, 0), ("floods", 0, 6)):
        with pytest.raises(ValueError, match="not in a"):
            StorySentence(text, of, start, end, 1, "")


def test_a_library_without_news_has_nothing_to_tell(tmp_path: Path) -> None:
    briefer = held(tmp_path, [article("a", None, FLOOD), article("b", "2020-01-01", STRIKE)])
    assert week(briefer) == Brief(week(briefer).query, ())
    assert week(briefer, "floods").stories == ()
    assert briefer.period() == (date(2020, 1, 1), date(2020, 1, 1))


# topics


NEWS = [
    article("flood", "2026-03-02T08:00:00", FLOOD, source="Post", language="en"),
    article("again", "2026-03-02T09:00:00", FLOOD_AGAIN, source="Globe", language="en-GB"),
    article("strike", "2026-03-03T08:00:00", STRIKE, source="Post", language="en"),
    article("probe", "2026-03-04T08:00:00", PROBE, source="Globe", language="de"),
    article("bees", "2026-03-05T08:00:00", BEES, author="Ann Lee"),
]


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Briefer:
    return held(tmp_path_factory.mktemp("news"), NEWS)


def test_what_does_not_fit_a_topic_is_left_out_and_not_put_last(news: Briefer) -> None:
    brief = week(news, "floods on the Medjerda")
    assert told_of(brief) == ["again", "flood"]
    assert brief.seen == ("flood", "again")
    assert brief.left_out == 0
    assert len(brief.period) == len(NEWS)
    assert week(news, "opera").stories == ()
    assert len(week(news).stories) == 4


@pytest.mark.parametrize("topic", ["the", "???", "  ", "\u0301", "who is it?", "x" * 5000])
def test_a_topic_that_says_nothing_does_not_break_a_briefing(news: Briefer, topic: str) -> None:
    brief = week(news, topic)
    assert len(brief.stories) == (4 if not topic.strip() else 0)


@pytest.mark.parametrize(
    ("topic", "ids"),
    [
        (Topic(sources=("post",)), {"flood", "strike"}),
        (Topic(sources=("Post", "GLOBE")), {"flood", "again", "strike", "probe"}),
        (Topic(languages=("EN",)), {"flood", "again", "strike"}),
        (Topic(languages=("de", "fr")), {"probe"}),
        (Topic(languages=("de-AT",)), {"probe"}),
        (Topic(languages=("German",)), {"probe"}),
        (Topic(sources=("Globe",), languages=("en",)), {"again"}),
        (Topic("floods on the Medjerda", sources=("Globe",)), {"again"}),
        (Topic(sources=("Nobody",)), set()),
    ],
)
def test_only_the_outlets_and_languages_of_a_topic_are_told(
    news: Briefer, topic: Topic, ids: set[str]
) -> None:
    brief = news.brief(BriefQuery(topic, *WEEK))
    assert set(told_of(brief)) == set(brief.seen) == ids


def test_what_other_outlets_told_before_is_not_known_to_who_follows_one(tmp_path: Path) -> None:
    later = article("later", "2026-03-04T09:00:00", f"{FLOOD} {FLOOD_LATER}", source="Globe")
    briefer = held(tmp_path, [*UPDATED[:1], later])
    since = MONDAY + 2 * DAY
    assert only(briefer.brief(BriefQuery(Topic(), since, WEEK[1]))).update_of == "flood"
    globe = only(briefer.brief(BriefQuery(Topic(sources=("Globe",)), since, WEEK[1])))
    assert globe.update_of is None
    assert FLOOD in [told.text for told in globe.sentences]


# order


def test_more_outlets_and_newer_ones_come_first(tmp_path: Path) -> None:
    briefer = held(
        tmp_path,
        [
            article("old", "2026-03-02T08:00:00", STRIKE, source="Post"),
            article("one", "2026-03-07T08:00:00", FLOOD, source="Post"),
            article("two", "2026-03-07T08:00:00", FLOOD_AGAIN, source="Globe"),
            article("new", "2026-03-07T08:00:00", PROBE, source="Post"),
        ],
    )
    stories = week(briefer).stories
    assert [story.id for story in stories] == ["one", "new", "old"]
    assert set(stories[0].sources) == {"Post", "Globe"}
    assert stories[0].parts["outlets"] > stories[1].parts["outlets"] == 0
    assert stories[0].parts["recency"] == stories[1].parts["recency"] > stories[2].parts["recency"]
    assert {story.fit for story in stories} == {1.0}


def test_copies_of_one_outlet_are_one_outlet(tmp_path: Path) -> None:
    given_ = [article(f"a{n}", "2026-03-07", FLOOD, source="Post") for n in range(3)]
    (story,) = week(held(tmp_path, given_)).stories
    assert story.sources == ("Post",)
    assert story.parts["outlets"] == 0


def test_of_two_topics_at_once_the_nearer_fits_better(news: Briefer) -> None:
    brief = week(news, "nurses in Lisbon: strike over pay")
    assert brief.stories[0].id == "strike"
    assert brief.stories[0].fit == brief.stories[0].parts["fit"] > 0.47


def test_no_more_stories_than_wanted_and_the_others_are_counted(news: Briefer) -> None:
    whole = week(news)
    for k in range(1, 6):
        brief = week(news, k=k)
        assert brief.stories == whole.stories[:k]
        assert brief.left_out == max(0, 4 - k)
        assert brief.seen == whole.seen


# what is known


UPDATED = [
    article("flood", "2026-03-02T08:00:00", FLOOD, source="Post"),
    article("copy", "2026-03-03T09:00:00", FLOOD, source="Globe"),
    article("later", "2026-03-04T09:00:00", f"{FLOOD} {FLOOD_LATER}", source="Post"),
]


@pytest.fixture(scope="module")
def updated(tmp_path_factory: pytest.TempPathFactory) -> Briefer:
    return held(tmp_path_factory.mktemp("updated"), UPDATED)


def of_day(briefer: Briefer, day: int, known: Sequence[str] | None, **more: Any) -> Brief:
    start = MONDAY + day * DAY
    ids = None if known is None else frozenset(known)
    return briefer.brief(BriefQuery(Topic(), start, start + DAY, 7, ids, **more))


def only(brief: Brief) -> Story:
    (story,) = brief.stories
    return story


def test_a_story_that_moved_on_is_an_update_told_by_what_is_new(updated: Briefer) -> None:
    for known in (["flood", "copy"], None):
        story = only(of_day(updated, 2, known, repeat=False))
        assert story.update_of == story.id == "flood"
        assert story.before == ("flood", "copy")
        assert [told.text for told in story.sentences] == [FLOOD_LATER]


def test_a_story_keeps_its_name_from_update_to_update(updated: Briefer) -> None:
    first = only(of_day(updated, 0, []))
    assert (first.id, first.update_of) == ("flood", None)
    assert only(of_day(updated, 2, ["flood"])).id == "flood"
    assert only(of_day(updated, 2, ["flood", "copy"])).id == "flood"


def test_a_retelling_is_left_out_unless_repeats_are_wished_for(updated: Briefer) -> None:
    silent = of_day(updated, 1, ["flood"], repeat=False)
    assert silent.stories == ()
    assert silent.left_out == 0
    assert silent.seen == ("copy",)
    again = only(of_day(updated, 1, ["flood"], repeat=True))
    assert [told.text for told in again.sentences] == [FLOOD]
    assert again.update_of is None


def test_what_was_seen_is_told_again_only_where_repeats_are_wished_for(updated: Briefer) -> None:
    assert of_day(updated, 0, ["flood"], repeat=False).stories == ()
    again = of_day(updated, 0, ["flood"], repeat=True)
    assert only(again).id == "flood"
    assert only(again).update_of is None


def test_what_was_told_more_than_a_week_before_is_not_known_any_more(tmp_path: Path) -> None:
    briefer = held(
        tmp_path,
        [
            article("flood", "2026-02-10T08:00:00", FLOOD),
            article("later", "2026-03-04T09:00:00", f"{FLOOD} {FLOOD_LATER}"),
        ],
    )
    assert only(of_day(briefer, 2, None)).update_of is None


def test_stories_with_nothing_new_are_not_counted_among_those_left_out(tmp_path: Path) -> None:
    more = [article(f"strike{n}", "2026-03-03T10:00:00", STRIKE, source=f"S{n}") for n in (1, 2)]
    briefer = held(tmp_path, [*UPDATED, *more])
    start = MONDAY + DAY
    query = BriefQuery(Topic(), start, start + DAY, 1, frozenset(["flood"]), repeat=False)
    brief = briefer.brief(query)
    assert only(brief).id == "strike1"
    assert brief.left_out == 0
    assert set(brief.seen) == {"strike1", "strike2", "copy"}


def test_less_of_a_story_leaves_it_out_and_puts_those_like_it_later(tmp_path: Path) -> None:
    briefer = held(
        tmp_path,
        [
            *NEWS,
            article(
                "other", "2026-03-06T08:00:00", "Floods drowned a cellar in Utrecht.", source="X"
            ),
        ],
    )
    whole = {story.id: story for story in week(briefer).stories}
    less = {story.id: story for story in week(briefer, less=("flood",)).stories}
    assert set(whole) - set(less) == {"flood"}
    assert less["other"].parts["less"] < min(
        story.parts["less"] for name, story in less.items() if name != "other"
    )
    assert all(less[name].score <= whole[name].score for name in less)
    assert week(briefer, less=("gone",)).stories[0].id == week(briefer).stories[0].id


# stories against plain average linkage


@given(articles(), st.sampled_from([0.0, 0.05, 0.38, 0.7, 0.97, 1.0]))
@examples(25)
def test_stories_are_those_of_plain_average_linkage(given_: list[Given], same: float) -> None:
    with TemporaryDirectory() as folder:
        briefer = held(Path(folder), given_)
        opened = briefer._searcher.opened
        reader = WindowReader(local_generation(opened.engine), opened.engine.weights, Analyzer())
        window = reader.window(MONDAY - DAY, MONDAY + 10 * DAY)
        found = {frozenset(rows.tolist()) for rows in clusters(window, same)}
        everything = np.arange(len(window))
        assert sorted(row for rows in found for row in rows) == everything.tolist()
        if len(window) > 1:
            apart = 1 - probability(window, everything, everything).astype(np.float64)
            np.fill_diagonal(apart, 0)
            tree = linkage(squareform(apart, checks=False), "average")
            labels = fcluster(tree, 1 - same, "distance")
            assert found == {
                frozenset(np.flatnonzero(labels == one).tolist()) for one in set(labels)
            }


# shared, and on a library that moves on


def test_threads_that_share_a_briefer_get_what_one_alone_gets(tmp_path: Path) -> None:
    queries = [
        BriefQuery(Topic(topic), MONDAY + day * DAY, MONDAY + (day + span) * DAY)
        for topic in ("", "floods", "strike")
        for day in range(6)
        for span in (1, 3)
    ]
    briefer = held(tmp_path, NEWS)
    alone = [Briefer(briefer._searcher).brief(query).stories for query in queries]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda one: briefer.brief(one).stories, queries * 3))
    assert together == alone * 3


def test_a_briefing_is_of_the_generation_that_is_open_when_it_begins(tmp_path: Path) -> None:
    briefer = held(tmp_path, NEWS[:1])
    assert told_of(week(briefer)) == ["flood"]
    held(tmp_path, NEWS)
    assert told_of(week(briefer)) == ["flood"]
    assert briefer._searcher.refresh()
    assert set(told_of(week(briefer))) == {one["id"] for one in NEWS}
