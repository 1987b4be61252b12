"""Questions that ask how things are now."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.query.currency import is_current, without_now


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("what is the latest unemployment rate?", "what is the unemployment rate?"),
        ("what is the unemployment rate now?", "what is the unemployment rate?"),
        ("who is the current mayor of Elmby?", "who is the mayor of Elmby?"),
        ("who currently leads it?", "who leads it?"),
        ("what is today's rate", "what is rate"),
        ("who is the newest member of the B9", "who is the member of the B9"),
        ("what is the most recent figure?", "what is the figure?"),
        ("Latest price of gas", "price of gas"),
        ("what is the latest on the canal?", "what is the news on the canal?"),
        ("how many ferries sail these days?", "how many ferries sail?"),
        ("newest on the canal", "the news on the canal"),
        ("how many homes are still dark", "how many homes are dark"),
        ("how many have died so far?", "how many have died?"),
        ("has the road been cleared yet?", "has the road been cleared?"),
    ],
)
def test_words_that_ask_for_the_newest_are_not_searched_for(question: str, rest: str) -> None:
    assert is_current(question)
    assert without_now(question) == rest


@pytest.mark.parametrize(
    "question",
    [
        *("who is the mayor of Elmby?", "what is the price of bread?", "who owns the Elmby Post"),
        *("who's the coach of Leedham", "how much is a ticket to the island?", "who leads NATO?"),
    ],
)
def test_offices_and_figures_are_asked_of_today_without_a_word(question: str) -> None:
    assert is_current(question)
    assert without_now(question) == question


@pytest.mark.parametrize(
    "question",
    [
        *("who was the mayor of Elmby?", "who is in the B9?", "what is the Omicron variant?"),
        *("who directed Apocalypse Now?", "how strong is the current in the wire?", "until now"),
        *("how did a ship get so far from the sea", "is yet another strike called for Monday"),
        *("now that he has left, who won", "what did USA Today report", "who is Brittney Griner?"),
    ],
)
def test_other_questions_are_of_any_time(question: str) -> None:
    assert not is_current(question)


@given(
    st.lists(st.sampled_from(["latest", "now", "the", "current", "rate", "?", "Now"]) | st.text())
)
def test_something_is_always_left(words: list[str]) -> None:
    question = " ".join(words)
    assert bool(without_now(question).strip()) == bool(question.strip())
