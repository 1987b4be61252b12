"""Filters in words: what narrows, what does not, and that nothing is lost by it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.query.filters import Narrowing, narrow
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Answer, Question, Understanding
from tests.helpers.support import HOSTILE, SmallAsking, index, small, write

# A Wednesday, half past midnight in Bucharest; in London it is still Tuesday.
NOW = datetime(2021, 12, 29, 0, 30, tzinfo=ZoneInfo("Europe/Bucharest"))
SOURCES = ["", "Reuters", "Newsdesk World", "World"]


def narrowed(question: str, now: datetime = NOW) -> Narrowing:
    return narrow(question, now, SOURCES)


@pytest.mark.parametrize(
    ("question", "rest", "since", "until"),
    [
        ("what did Biden say since Monday?", "what did Biden say?", "2021-12-27", None),
        ("last week's news on Ukraine", "news on Ukraine", "2021-12-20", "2021-12-26"),
        ("talks in the last 3 days", "talks", "2021-12-26", "2021-12-29"),
        ("talks over the past two weeks", "talks", "2021-12-15", "2021-12-29"),
        ("Ukraine this month", "Ukraine", "2021-12-01", "2021-12-29"),
        ("Ukraine last month", "Ukraine", "2021-11-01", "2021-11-30"),
        ("last year's news on Ukraine", "news on Ukraine", "2020-01-01", "2020-12-31"),
        ("Ukraine in the past 24 hours", "Ukraine", "2021-12-28", "2021-12-29"),
        ("Ukraine last night", "Ukraine", "2021-12-28", "2021-12-29"),
        ("what is happening in Kyiv today?", "what is happening in Kyiv?", *["2021-12-29"] * 2),
        ("articles from last week about Crimea", "about Crimea", "2021-12-20", "2021-12-26"),
        ("stories from two weeks ago: Crimea", "Crimea", "2021-12-12", "2021-12-18"),
        ("Kyiv from Sunday to Monday", "Kyiv", "2021-12-26", "2021-12-27"),
        ("Kyiv between Friday and Monday", "Kyiv", "2021-12-24", "2021-12-27"),
        ("Kyiv from Monday to Wednesday", "Kyiv", "2021-12-27", "2021-12-29"),
        ("Kyiv from Tuesday to Sunday", "Kyiv", "2021-12-21", "2021-12-26"),
        ("Kyiv since today", "Kyiv", "2021-12-29", None),
        ("what did Putin say since yesterday?", "what did Putin say?", "2021-12-28", None),
        ("Kyiv since last week", "Kyiv", "2021-12-20", None),
        ("Kyiv since the past week", "Kyiv", "2021-12-22", None),
        ("Kyiv since this month", "Kyiv", "2021-12-01", None),
        ("Kyiv since this morning", "Kyiv", *["2021-12-29"] * 2),
        ("Kyiv since the last 3 days", "Kyiv", "2021-12-26", "2021-12-29"),
        ("the news on Kyiv after last week", "the news on Kyiv", "2021-12-27", None),
        ("what did Putin say yesterday", "what did Putin say", "2021-12-28", "2021-12-28"),
        ("Putin today", "Putin", "2021-12-29", "2021-12-29"),
        ("articles from March 2014 about Crimea", "about Crimea", "2014-03-01", "2014-03-31"),
        ("Crimea, published in 2014", "Crimea", "2014-01-01", "2014-12-31"),
    ],
)
def test_what_counts_from_today_or_speaks_of_publishing_narrows(
    question: str, rest: str, since: str, until: str | None
) -> None:
    found = narrowed(question)
    assert (found.question, found.tentative) == (rest, False)
    assert (found.since, found.until) == (
        date.fromisoformat(since),
        date.fromisoformat(until) if until else None,
    )
    assert len(found.said) == 1


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("What happened in December 2021", "2021-12-01", "2021-12-31"),
        ("what happened in december", "2021-12-01", "2021-12-31"),
        ("who spoke since 2014", "2014-01-01", None),
        ("troops before 1 December 2021", None, "2021-11-30"),
        ("troops after December 2021", "2022-01-01", None),
        ("what did nato do between 3 and 10 December 2021", "2021-12-03", "2021-12-10"),
        ("who won on 12 September 2021", "2021-09-12", "2021-09-12"),
        ("the crisis from 2014 to 2021-05", "2014-01-01", "2021-05-31"),
        ("troops until June", None, "2021-06-30"),
        ("What article was published in 1937?", "1937-01-01", "1937-12-31"),
        (
            "Does the report from Reuters published on 3 May 2021 agree with the World article?",
            "2021-05-03",
            "2021-05-03",
        ),
        ("who won last year", "2020-01-01", "2020-12-31"),
        ("how much did gas rise since last year", "2020-01-01", None),
        ("has NATO changed over the last two years?", "2019-12-30", "2021-12-29"),
        ("is Facebook called Meta today", "2021-12-29", "2021-12-29"),
        ("who sang Yesterday", "2021-12-28", "2021-12-28"),
        ("who won last Friday", "2021-12-24", "2021-12-24"),
        ("what happened two weeks ago", "2021-12-12", "2021-12-18"),
        ("troops after 9999-12-31", "9999-12-31", None),
        ("troops before 0001-01-01", None, "0001-01-01"),
    ],
)
def test_a_date_that_may_be_what_is_asked_about_narrows_tentatively(
    question: str, since: str | None, until: str | None
) -> None:
    found = narrowed(question)
    assert found.question == question
    assert found.tentative
    assert str(found.since) == str(since)
    assert str(found.until) == str(until)


@pytest.mark.parametrize(
    "question",
    [
        *("May said no", "march on Washington", "the second world war", "when did May resign"),
        *("who is from Reuters", "the man from Barbados", "what did Reuters say", "in the World"),
        *("the last year of the war", "who came in second", "18 countries", "from Romania"),
        *("who is in the B9?", "", "?", "since when", "on the 3", "since the war began"),
        *("not from Reuters", "a letter from the Reuters editor", "from World to World"),
        *("next week", "in the last days of the war", "a photo by World"),
        "who, according to Reuters, said what Newsdesk World denied?",
        "does the article from Reuters say what another article says?",
    ],
)
def test_words_that_are_meant_otherwise_narrow_nothing(question: str) -> None:
    assert narrowed(question) == Narrowing(question)


def test_an_outlet_behind_from_narrows_and_is_named_as_the_library_has_it() -> None:
    found = narrowed("ukraine news from reuters")
    assert (found.question, found.sources, found.said) == (
        "ukraine news",
        ("Reuters",),
        ("from Reuters",),
    )
    assert narrowed("What, according to the Newsdesk World, is the B9?").sources == (
        "Newsdesk World",
    )


def test_several_outlets_are_all_heard() -> None:
    found = narrowed("from Reuters and the Newsdesk World, or from nobody: gas")
    assert found.sources == ("Reuters", "Newsdesk World")
    assert found.said == ("from Reuters or Newsdesk World",)
    assert narrowed("gas from Reuters or Reuters").sources == ("Reuters",)


def test_what_is_left_has_no_stray_marks() -> None:
    assert narrowed("gas (from Reuters)?").question == "gas?"
    assert narrowed("from Reuters: gas").question == "gas"
    assert narrowed("reports by Reuters about gas").question == "about gas"
    assert narrowed("who is in the B9, from Newsdesk World?").question == "who is in the B9?"
    assert narrowed("gas, from Reuters, please").question == "gas, please"
    assert narrowed("gas; since Monday, from Reuters.").question == "gas."
    assert narrowed("std::vector, from Reuters").question == "std::vector"


@pytest.mark.parametrize(
    "question",
    [
        *("What happened in December 2021", "what was in the news in December 2021?"),
        *("any news since Monday?", "what's new today", "What’s new since yesterday?"),
        *("what's going on this week?", "what did I miss since Monday", "last week's headlines"),
        *("is there any news from Reuters today?", "news from Reuters", "in December 2021?"),
        *("Please tell me everything that happened between 3 and 10 December 2021",),
        *("show me the top stories of December 2021", "articles from last week"),
    ],
)
def test_who_asks_for_nothing_but_news_means_all_there_is_and_no_word_is_taken(
    question: str,
) -> None:
    found = narrowed(question)
    assert found.open
    assert found.question == question
    assert found.said


@pytest.mark.parametrize(
    "question",
    [
        *("What happened to him last week?", "and since Monday?", "what happened there in 2021"),
        *("what happened in Kyiv in December 2021", "who won last week", "any news on gas today"),
        *("how many articles in December 2021", "any news of WHO since Monday", "what's new?"),
        *("what about in December 2021?", "news from Reuters on gas", "New York since Monday"),
        *("when was it in 2015?", "", "?"),
    ],
)
def test_who_asks_for_something_or_goes_on_from_another_question_does_not(question: str) -> None:
    assert not narrowed(question).open


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Kyiv since Monday", "since Monday, 27 December 2021"),
        ("Kyiv today", "of Wednesday, 29 December 2021"),
        ("Kyiv in December 2021", "of December 2021"),
        ("Kyiv in February 2020", "of February 2020"),
        ("Kyiv in 2014", "of 2014"),
        ("Kyiv until 2014", "until Wednesday, 31 December 2014"),
        ("Kyiv last week", "from Monday, 20 December 2021 to Sunday, 26 December 2021"),
    ],
)
def test_a_narrowing_is_said_in_words(question: str, said: str) -> None:
    assert narrowed(question).said == (said,)


def test_date_and_outlet_go_together() -> None:
    found = narrowed("what did Putin say yesterday, from Reuters")
    assert found.question == "what did Putin say"
    assert found.said == ("of Tuesday, 28 December 2021", "from Reuters")


def test_the_day_is_the_one_where_it_is_asked() -> None:
    london = NOW.astimezone(ZoneInfo("Europe/London"))
    assert narrowed("Putin today").since == date(2021, 12, 29)
    assert narrowed("Putin today", london).since == date(2021, 12, 28)


PHRASES = [
    *("since", "in", "from", "the last", "between", "and", "December", "2021", "99", "Monday"),
    *(
        "Reuters",
        "ago",
        "9999-12-31",
        "after",
        "last",
        "31 February",
        "0000-00",
        "weeks",
        "published",
        "this",
        "9999",
        "1",
    ),
]


@given(st.lists(st.sampled_from([*PHRASES, *HOSTILE]) | st.text(max_size=5), max_size=12))
def test_no_words_break_it_and_something_is_always_left_to_search_for(words: list[str]) -> None:
    question = " ".join(words)
    found = narrowed(question)
    assert bool(found.question.strip()) == bool(question.strip())
    if found.since and found.until:
        assert found.since <= found.until
    if not found:
        assert found.question == question


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_question_takes_no_longer_than_its_length(piece: str) -> None:
    narrowed(piece * (10_000 // len(piece)))


@pytest.fixture(scope="module")
def searcher(seeds_home: Path) -> Searcher:
    return Searcher(Settings(home=seeds_home))


def found(searcher: Searcher, question: str, k: int = 3) -> tuple[Answer, Understanding]:
    answer = searcher.ask(Question(question, k, now=NOW))
    return answer, answer.understood


def asked(searcher: Searcher, question: str) -> tuple[str, Understanding]:
    answer, applied = found(searcher, question)
    return answer.passages[0].citation.article.id if answer.passages else "", applied


def seen(answer: Answer) -> list[str]:
    return [one.citation.article.id for one in answer.passages]


def test_a_date_that_was_content_is_given_up(searcher: Searcher) -> None:
    question = "when was the Bucharest Nine created in 2015"  # an article of 2021 says it
    first, applied = asked(searcher, question)
    assert first == "bucharest-nine-explained"
    assert (applied.kept, applied.given_up) == ((), ("of 2015",))
    assert (applied.query.text, applied.query.since) == (question, None)


def test_a_date_that_helps_is_kept(searcher: Searcher) -> None:
    first, applied = asked(searcher, "what did NATO do about Ukraine in April 2008")
    assert first == "bucharest-summit-2008"
    assert applied.query.since == date(2008, 4, 1)
    assert applied.given_up == ()


def test_what_counts_from_today_is_kept_even_if_nothing_is_found(searcher: Searcher) -> None:
    answer, applied = found(searcher, "who is in the B9 since 28 days ago")
    assert applied.query.since
    assert all(one.citation.article.published for one in answer.passages)
    assert "bucharest-nine-explained" in seen(answer)
    nothing, _ = found(searcher, "B9 today")
    assert nothing.verdict == "none"
    assert nothing.passages == ()


@pytest.mark.parametrize(
    ("question", "found_without_a_day"),
    [
        *(("Kyiv in December 2021", True), ("articles of March 2014 on Crimea", True)),
        *(("Kyiv since Monday", False), ("Kyiv in December", False), ("last year's news", False)),
        *(("Kyiv today", False), ("who won two weeks ago", False), ("gas from Reuters", True)),
    ],
)
def test_without_a_day_to_count_from_only_what_needs_none_narrows(
    question: str, found_without_a_day: bool
) -> None:
    without = narrow(question, None, SOURCES)
    assert without == (narrowed(question) if found_without_a_day else Narrowing(question))


@pytest.mark.parametrize(
    "question", ["What happened in December 2021", "what was in the news in December 2021?"]
)
def test_what_happened_in_a_month_shows_how_its_newest_articles_begin(
    searcher: Searcher, question: str
) -> None:
    answer, applied = found(searcher, question)
    assert applied.kept == ("of December 2021",)
    assert applied.newest
    assert answer.verdict == "weak"
    articles = [one.citation.article for one in answer.passages]
    assert articles[0].id == "biden-putin-phone-call"  # of the 30th
    assert [f"{one.published:%Y-%m}" for one in articles] == ["2021-12"] * 3
    assert len({one.id for one in articles}) == 3
    assert all(one.citation.start == 0 for one in answer.passages)
    assert answer.sentence
    assert articles[0].text.startswith(answer.sentence.text)
    more, _ = found(searcher, question, 10)
    days = [one.citation.article.published for one in more.passages]
    assert [str(one)[:10] for one in days] == sorted((str(one)[:10] for one in days), reverse=True)
    assert seen(more)[:3] == seen(answer)


def test_what_is_new_from_an_outlet_is_its_newest_articles(searcher: Searcher) -> None:
    answer, applied = found(searcher, "what's new from Newsdesk Sport?")
    assert applied.kept == ("from Newsdesk Sport",)
    assert seen(answer) == ["emma-raducanu-us-open", "tokyo-2020-close"]


def test_of_a_time_without_articles_news_is_none_but_what_others_tell_of_it_is_shown(
    searcher: Searcher,
) -> None:
    answer, applied = found(searcher, "what happened in the last 2 days?")
    assert (answer.verdict, seen(answer)) == ("none", [])
    assert applied.kept
    answer, applied = found(searcher, "What happened in December 2019")
    assert answer.sentence
    assert "December 2019" in answer.sentence.text
    assert not applied.kept
    assert applied.given_up


def test_the_same_news_of_two_outlets_is_shown_once_and_cites_both(tmp_path: Path) -> None:
    text = "The ferry to the island was late again on Monday, its captain said in the harbour.\n"
    files = {
        f"{name}.md": f"---\ntitle: {name}\nsource: {name}\ndate: 2021-12-{day}\n---\n\n{told}"
        for name, day, told in (
            *(("Post", 28, text), ("Times", 28, text)),
            *(("Old", 20, "A bakery opened.\n"), ("Older", 1, "A bakery closed down.\n")),
        )
    }
    index(tmp_path / "home", write(tmp_path / "texts", files))
    with Searcher(small(tmp_path / "home"), load=SmallAsking) as library:
        answer, _ = found(library, "any news this month?", 2)
    first, second = answer.passages
    assert {one.article.id for one in (first.citation, *first.also)} == {"Post", "Times"}
    assert (second.citation.article.id, second.also) == ("Old", ())


def test_an_outlet_stays_when_the_date_is_given_up(searcher: Searcher) -> None:
    question = "when was the Bucharest Nine created in 2015, from Newsdesk World"
    first, applied = asked(searcher, question)
    assert first == "bucharest-nine-explained"
    assert (applied.query.since, applied.query.sources) == (None, ("Newsdesk World",))
    assert applied.kept == ("from Newsdesk World",)
