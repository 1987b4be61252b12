"""Two questions in one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.query.parts import split_questions


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "who won the vote in Chile and who lost the vote in Peru?",
            ("who won the vote in Chile?", "who lost the vote in Peru?"),
        ),
        ("When does it open? Who built it?", ("When does it open?", "Who built it?")),
        ("where is the fair, and what does it cost?", ("where is the fair?", "what does it cost?")),
        ("what burned, why did it burn", None),
        (
            "tell me who won in Rome and how many voted",
            ("tell me who won in Rome?", "how many voted?"),
        ),
        (
            "who is the mayor, how old is she and where was she born?",
            ("who is the mayor?", "how old is she?", "where was she born?"),
        ),
    ],
)
def test_each_question_stands_by_itself(text: str, parts: tuple[str, ...] | None) -> None:
    assert split_questions(text) == (parts or (text,))


@pytest.mark.parametrize(
    "text",
    [
        *("who met in Riga, and when?", "who won?", "", "?", "who and what is NATO?"),
        *("what did the man who won and the man who lost say?", "bread and butter prices"),
        *("the mayor said who won and who lost the race", "why? how? who?"),
    ],
)
def test_one_question_stays_whole(text: str) -> None:
    assert split_questions(text) == (text,)


@given(
    st.text()
    | st.lists(st.sampled_from(["who won", " and ", "? ", ", ", "what is it"])).map("".join)
)
def test_no_part_is_made_up(text: str) -> None:
    for part in split_questions(text):
        assert part == text or part.removesuffix("?").strip() in text
