"""What a question means, decided by what a small collection holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Answer, Question
from newsdesk.index.update import update
from tests.helpers.support import write

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)  # a Saturday
Articles = Sequence[Mapping[str, str]]
Open = Callable[[Articles], Searcher]


@pytest.fixture
def library(tmp_path: Path, models: Path) -> Iterator[Open]:
    """Opens a library of some articles."""
    opened: list[Searcher] = []

    def open_library(articles: Articles) -> Searcher:
        settings = Settings(home=tmp_path / f"home{len(opened)}")
        lines = "\n".join(json.dumps({"id": str(n), **each}) for n, each in enumerate(articles))
        folder = write(tmp_path / f"texts{len(opened)}", {"a.jsonl": lines})
        update(settings, [folder], models=models)
        opened.append(Searcher(settings, models=models))
        return opened[-1]

    yield open_library
    for searcher in opened:
        searcher.close()


def article(name: str, title: str, text: str, day: str = "", source: str = "") -> dict[str, str]:
    facts = {"id": name, "title": title, "text": text, "date": day, "source": source}
    return {key: value for key, value in facts.items() if value}


def lit(answer: Answer) -> list[str]:
    """The articles that the sentences stand in, each at its exact place."""
    found = []
    for sentence in answer.sentences:
        shown = answer.passages[sentence.passage - 1]
        text = sentence.text_of(shown.citation.article)
        assert shown.hit.rank == shown.citation.number == sentence.passage
        assert text[sentence.start : sentence.end] == sentence.text
        if not sentence.in_title:
            passage = shown.hit.passage
            assert passage.start <= sentence.start < sentence.end <= passage.end
        found.append(shown.citation.article.id)
    return found


STARS = [
    article(
        *("space", "Space", "The Earth is 150 million kilometres away from its star, the Sun."),
        *("2026-11-20", "Harbour News"),
    ),
    article("royal", "Royals", "The queen of Norland wore a green hat.", "2026-11-21", "The Sun"),
    article("gas", "Gas", "The price of gas in Norland rose to 40 crowns.", "2026-11-22", "People"),
    article("vote", "Vote", "The bridge got 900 votes from people in Elmby.", "2026-11-23", "Post"),
    article("tram", "Tram", "The tram has a new owner, Ann Hart.", "2026-11-24", "Reuters"),
]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("how far is the Earth from the Sun?", "space"),
        ("how many votes did the bridge get from people in Elmby?", "vote"),
        ("how far away from the Sun is the Earth?", "space"),
    ],
)
def test_a_word_that_is_a_source_too_is_given_up(library: Open, question: str, first: str) -> None:
    answer = library(STARS).ask(Question(question, now=NOW))
    assert lit(answer) == [first]
    assert answer.understood.query.sources == ()
    assert answer.understood.kept == ()
    assert len(answer.understood.given_up) == 1


def test_a_source_in_the_middle_is_kept_where_it_answers(library: Open) -> None:
    answer = library(STARS).ask(Question("what is the price of gas from People", now=NOW))
    assert answer.understood.kept == ("from People",)
    answer = library(STARS).ask(Question("who wore a green hat, from The Sun?", now=NOW))
    assert (answer.understood.kept, lit(answer)) == (("from The Sun",), ["royal"])


def test_a_misspelt_source_is_said_with_the_mend_and_all_are_searched(library: Open) -> None:
    searcher = library(STARS)
    answer = searcher.ask(Question("who is the new owner of the tram, from Reuter?", now=NOW))
    (note,) = answer.understood.notes
    assert note.startswith("There is no source of that name (from Reuter); the nearest is Reuters.")
    assert lit(answer) == ["tram"]
    assert searcher.ask(Question("who owns the tram, from Rome?", now=NOW)).understood.notes == ()


@pytest.mark.parametrize(
    ("question", "said", "mend", "first"),
    [
        ("who owns the tram from Reuterz?", "Reuterz", "Reuters", "tram"),
        ("according to Reutres who owns the tram?", "Reutres", "Reuters", "tram"),
        ("articles by Reutres about the tram", "Reutres", "Reuters", "tram"),
        ("what did the queen wear from the Harbor News", "Harbor News", "Harbour News", "royal"),
        ("who has the tram since Monday from Reuter", "Reuter", "Reuters", "tram"),
    ],
)
def test_a_misspelt_source_is_said_wherever_it_stands(
    library: Open, question: str, said: str, mend: str, first: str
) -> None:
    answer = library(STARS).ask(Question(question, now=NOW))
    assert f"(from {said}); the nearest is {mend}." in answer.understood.notes[0]
    assert lit(answer) == [first]


@pytest.mark.parametrize("name", ["Elmby Port", "Elmby"])
def test_words_like_a_source_that_articles_have_are_asked_about(library: Open, name: str) -> None:
    votes = article("votes", "Vote", "The bridge got 900 votes from people in Elmby Port.")
    searcher = library([votes, article("post", "Mail", "It came.", source="Elmby Post")])
    answer = searcher.ask(Question(f"how many votes did the bridge get from {name}?", now=NOW))
    assert (answer.understood.notes, lit(answer)) == ((), ["votes"])


def test_a_month_that_is_a_name_is_given_up(library: Open) -> None:
    may = "Since May became prime minister, rail fares in Norland have risen by a fifth."
    searcher = library(
        [
            article("may", "Since then", may, "2017-03-04"),
            article("canal", "Canal", "Talks on the canal began in Elmby.", "2026-11-26"),
        ]
    )
    answer = searcher.ask(Question("what has risen since May became prime minister?", now=NOW))
    assert answer.passages[0].citation.article.id == "may"
    assert answer.understood.query.since is None
    assert answer.understood.since == date(2026, 5, 1)


def test_in_an_undated_library_a_time_is_said_to_be_no_help(library: Open) -> None:
    searcher = library([article("tram", "Tram", "The tram has a new owner, Ann Hart.")])
    answer = searcher.ask(Question("who is the new owner of the tram in 2021?", now=NOW))
    assert lit(answer) == ["tram"]
    assert answer.understood.given_up == ("of 2021",)
    assert (
        "none has a date, so leave the time out. All were searched." in (answer.understood.notes[0])
    )
    hard = searcher.ask(Question("who owns the tram?", now=NOW, since=date(2021, 1, 1)))
    assert hard.no_match
    assert "none has a date" in hard.no_match.words


JOBS = [
    article(
        *("old", "The latest on jobs", "The latest unemployment rate in Norland is 6.1 percent."),
        "2023-02-03",
    ),
    article("mid", "Jobs", "Unemployment in Norland stood at 5.2 percent.", "2025-05-02"),
    article("new", "At work", "Unemployment in Norland fell to 3.9 percent.", "2026-09-04"),
    article("far", "Forecast", "Unemployment in Norland is 2.0 percent.", "2027-09-04"),
    article("cake", "Baking", "A bakery in Elmby sold 900 cakes.", "2026-11-20"),
]


@pytest.mark.parametrize(
    "question",
    [
        "what is the latest unemployment rate in Norland?",
        "what is the unemployment rate in Norland now?",
        "what is the current unemployment rate in Norland?",
        "what is Norland's unemployment rate these days?",
    ],
)
def test_how_things_are_is_told_by_the_newest_that_answers(library: Open, question: str) -> None:
    assert lit(library(JOBS).ask(Question(question, now=NOW))) == ["new"]


MAYORS = [
    article(
        *("y2015", "A new mayor", "Bob Marsh, 44, a baker, is the mayor of Elmby for four years."),
        "2015-05-04",
    ),
    article("y2019", "Elmby votes", "Carla Stone became mayor of Elmby on Monday.", "2019-05-06"),
    article("y2026", "A vote", "Dan Reed became mayor of Elmby on Monday.", "2026-05-04"),
    article("other", "Leedham", "Eve Hill became mayor of Leedham on Monday.", "2026-06-04"),
]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("who is the mayor of Elmby?", "y2026"),
        ("who is the current mayor of Elmby?", "y2026"),
        ("who is now mayor of Elmby?", "y2026"),
        ("who is the mayor of Leedham?", "other"),
    ],
)
def test_an_office_is_held_by_whom_the_newest_article_names(
    library: Open, question: str, name: str
) -> None:
    assert lit(library(MAYORS).ask(Question(question, now=NOW))) == [name]


def test_what_is_asked_of_a_year_is_not_told_by_the_newest(library: Open) -> None:
    asked = Question("who became mayor of Elmby in 2019?", now=NOW)
    assert lit(library(MAYORS).ask(asked)) == ["y2019"]


def test_of_two_that_differ_by_a_word_the_new_one_answers(library: Open) -> None:
    sails = "The ferry to the island sails at"
    for old, new in (("ten", "nine"), ("nine", "ten")):
        searcher = library(
            [
                article("old", "Ferry", f"{sails} {old}.", "2019-11-27"),
                article("new", "Ferry", f"{sails} {new}.", "2026-11-27"),
            ]
        )
        assert lit(searcher.ask(Question("when does the ferry sail?", now=NOW))) == ["new"]


STRIKE = [
    article(
        *("first", "Tram drivers walk out in Marlow"),
        "Tram drivers in Marlow began a strike on Monday over their night shifts. Some 400 drivers "
        "stayed at home. The strike is the first there for twenty years.",
        "2026-11-23",
    ),
    article(
        *("last", "Marlow's trams to run again"),
        "Marlow's tram drivers will be back at work on Saturday, after they agreed with the city "
        "on a new rota. It was the ninth day of the strike. Some 9,000 passengers a day had "
        "walked, the city said.",
        "2026-11-27",
    ),
    article("cake", "Baking", "A bakery in Elmby sold 900 cakes.", "2026-11-28"),
]


@pytest.mark.parametrize(
    "question",
    [
        *("latest on the tram strike in Marlow", "newest on the Marlow tram strike"),
        *("what's going on with the tram strike in Marlow now?", "latest about the Marlow trams"),
    ],
)
def test_news_is_told_by_what_the_newest_article_begins_with(library: Open, question: str) -> None:
    answer = library(STRIKE).ask(Question(question, now=NOW))
    assert answer.sentence
    assert answer.sentence.in_title or answer.sentence.start == 0
    (place,) = lit(answer)
    assert place == "last"


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("how many days has the tram strike in Marlow lasted so far?", "last"),
        ("how many drivers stayed at home on the first day of the Marlow strike?", "first"),
    ],
)
def test_a_question_of_news_is_answered_by_what_fits_it(
    library: Open, question: str, place: str
) -> None:
    assert lit(library(STRIKE).ask(Question(question, now=NOW))) == [place]


def test_what_is_dated_in_the_future_is_not_the_newest_news(library: Open) -> None:
    answer = library(JOBS).ask(Question("what's new?", now=NOW, sources=()))
    first = library(JOBS).ask(Question("any news since 1 January 2020?", now=NOW))
    shown = [each.citation.article.id for each in first.passages]
    assert shown[0] == "cake"
    assert shown[-1] == "far"
    assert answer.passages


TWO_VOTES = [
    article("chile", "Chile votes", "Ana Rojas won the vote in Chile on Sunday."),
    article("peru", "Peru votes", "Luis Vega lost the vote in Peru on Sunday."),
    article("rome", "Rome", "The museum in Rome opens at nine. It was built by Ugo Riva in 1931."),
    article("oslo", "Oslo", "A tram in Oslo ran late."),
]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("who won the vote in Chile and who lost the vote in Peru?", {"chile", "peru"}),
        ("Who lost the vote in Peru? When does the museum in Rome open?", {"peru", "rome"}),
        ("who won in Chile, and why did the tram in Oslo run late?", {"chile", "oslo"}),
    ],
)
def test_two_questions_in_one_are_both_answered(
    library: Open, question: str, names: set[str]
) -> None:
    answer = library(TWO_VOTES).ask(Question(question, now=NOW))
    assert set(lit(answer)) == names
    assert answer.understood.notes == ()


def test_the_second_question_may_go_on_from_the_first(library: Open) -> None:
    asked = Question("when does the museum in Rome open and who built it?", now=NOW)
    answer = library(TWO_VOTES).ask(asked)
    assert set(lit(answer)) == {"rome"}
    assert len(answer.sentences) == 2


def test_what_of_two_questions_was_not_found_is_said(library: Open) -> None:
    asked = Question("who won the vote in Chile and how do penguins sleep at night?", now=NOW)
    answer = library(TWO_VOTES).ask(asked)
    assert lit(answer) == ["chile"]
    assert answer.understood.notes == ("Not found: how do penguins sleep at night?",)


TREATY = [
    article(
        *("yes", "Who signed", "Norland and Westland signed the treaty on fishing in Elmby."),
    ),
    article("no", "One stays out", "Ostland refused to sign the treaty on fishing."),
    article("for", "Council", "Hill, Marsh and Stone voted for the new bridge on Monday night."),
    article("against", "One against the bridge", "Reed voted against the new bridge."),
]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("who signed the treaty on fishing in Elmby?", "yes"),
        ("who signed the treaty on fishing?", "yes"),
        ("which country refused to sign the treaty on fishing?", "no"),
        ("who voted for the new bridge?", "for"),
        ("who voted against the new bridge?", "against"),
    ],
)
def test_who_did_is_not_answered_by_who_did_not(library: Open, question: str, name: str) -> None:
    assert lit(library(TREATY).ask(Question(question, now=NOW))) == [name]


CRASH = [
    article(
        *("crash", "Plane crash", "A plane crashed near Elmby on Monday. A man was arrested."),
        "2026-11-27",
    ),
    article("rain", "Weather", "It is raining in Leedham, and the river is rising.", "2026-11-27"),
    article("pool", "Pool", "The pool in Leedham is open until nine.", "2026-11-27"),
    article("mayor", "Mayor", "Dan Reed is the mayor of Elmby.", "2026-05-04"),
]


@pytest.mark.parametrize(
    ("before", "question", "carried"),
    [
        ("where did the plane crash?", "was anyone hurt?", True),
        ("where did the plane crash?", "was a man arrested?", True),
        ("who is the mayor of Elmby?", "is it raining in Leedham?", False),
        ("who is the mayor of Elmby?", "is the pool open?", False),
        ("who is the mayor of Elmby?", "how old is he?", True),
    ],
)
def test_a_question_goes_on_where_the_library_holds_it_so(
    library: Open, before: str, question: str, carried: bool
) -> None:
    searcher = library(CRASH)
    first = searcher.ask(Question(before, now=NOW))
    answer = searcher.ask(Question(question, now=NOW, previous=first.turn))
    assert bool(answer.understood.carried) == carried
