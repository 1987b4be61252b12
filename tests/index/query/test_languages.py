"""Languages in words: which are named, and which words only look like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.query import languages
from newsdesk.index.query.filters import narrow
from tests.helpers.support import HOSTILE

SOURCES = ["", "Reuters", "The German Mail"]


@pytest.mark.parametrize(
    ("question", "rest", "codes"),
    [
        ("who won the election, in German?", "who won the election?", ["de"]),
        ("Who won the election? (in German)", "Who won the election?", ["de"]),
        ("who won – only in German or French", "who won", ["de", "fr"]),
        ("what is said of it in German-language newspapers?", "what is said of it?", ["de"]),
        ("German-language news on the dam", "news on the dam", ["de"]),
        ("what does the dam cost according to the Romanian language press?", "what does the dam "
         "cost?", ["ro"]),
        ("any news about the dam in German", "any news about the dam", ["de"]),
        ("articles in Ukrainian and Russian", "articles", ["uk", "ru"]),
        ("show me the latest stories on the dam published in Spanish",
         "show me the latest stories on the dam", ["es"]),
    ],
)  # fmt: skip
def test_a_language_narrows_where_it_can_be_no_part_of_the_question(
    question: str, rest: str, codes: list[str]
) -> None:
    found = narrow(question, None, SOURCES)
    wanted = tuple(codes)
    assert (found.languages, found.question) == (wanted, rest)
    assert found.said[-1] == languages.named(wanted)
    assert not found.is_doubtful


@pytest.mark.parametrize(
    "question",
    [
        "how do you say dam in German?",
        "which book did she write in German?",
        "what is the word for dam in German",
        "is there a tax on newspapers in German cities?",
        "which stations broadcast in Ukrainian?",
        "who is in German custody?",
        "was the treaty signed in French and English?",
        "what do the Germans say, in Germany?",
        "what did the German press secretary say?",
        "what was said in the German parliament, in polished words?",
        "what is the oldest German-language newspaper in Romania?",
        "how many people work in German-language media?",
        "was it bought by the Russian-language press?",
    ],
)
def test_what_is_asked_about_a_language_narrows_nothing(question: str) -> None:
    found = narrow(question, None, SOURCES)
    assert (found.question, found.languages, found.said) == (question, (), ())


def test_a_language_stands_beside_a_time_and_a_source() -> None:
    found = narrow("gas since 2021-12-27, from Reuters, in German", None, SOURCES)
    assert (found.sources, found.languages) == (("Reuters",), ("de",))
    assert found.said[-2:] == ("from Reuters", "in German")
    assert found.without(sources=True).said[-1] == "in German"
    assert found.without(time=True, sources=True).said == ("in German",)


@pytest.mark.parametrize("question", ["articles in German", "any news in German?", ", in German"])
def test_where_nothing_else_is_asked_the_newest_are_meant(question: str) -> None:
    assert narrow(question, None, SOURCES).open


@pytest.mark.parametrize(
    ("said", "code"),
    [("German", "de"), ("DEUTSCH", "de"), ("de", "de"), ("de-AT", "de"), ("pt_BR", "pt")],
)
def test_a_language_is_given_by_a_name_or_a_tag(said: str, code: str) -> None:
    assert languages.code_of(said) == code


@given(st.text() | st.sampled_from(HOSTILE), st.sampled_from(["", ", in German", " in German"]))
def test_what_is_taken_out_stands_in_the_question(before: str, behind: str) -> None:
    question = before + behind
    found = languages.find_languages(question)
    if found:
        start, end, codes = found
        assert 0 <= start < end <= len(question)
        assert codes and all(codes)
        assert set(narrow(question, None, SOURCES).question) <= set(question) | {" "}
