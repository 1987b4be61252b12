"""Polite words cost nothing: what is asked is found under them, and names are never cut."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.index.query import courtesy
from newsdesk.index.query.courtesy import is_bare_courtesy, without_courtesy
from tests.helpers.support import ROOT

DRESSES = (
    "hi, {}",
    "Hello! {} Thanks in advance!",
    "do you know {}",
    "{} thanks",
    "hey @news_bot, {}",
    "can you tell me {}",
    "good morning everyone, could you please tell me {} 🙏",
    "quick question: {} please",
    "sorry to bother you again, but {}",
    "🙂 {} thank you so much :)",
)
QUESTION_WORDS = ("who", "what", "when", "where", "why", "how", "which", "whose")
NAMED = (
    "Hello Kitty sales in Japan",
    "Hey Jude writer",
    "who sang hey jude",
    "Good Morning America host",
    "Dear Evan Hansen director",
    "please please me release date",
    "Thank You for Smoking actor",
    "who gave thanks to the mayor",
    "who gave thanks",
    "Yo-Yo Ma concert",
    "who is Ty",
    "what is Ty Cobb's record",
    "May resigned when",
    "Will Smith slap",
    "WHO chief name",
    "who wrote the song thank you",
    "IT, who pays?",
    "Can Yaman new series",
    "Do Kwon arrest",
    "how is Bot Colony played",
)


def questions() -> list[str]:
    files = (ROOT / "seeds", ROOT / "tests" / "week")
    lines = [
        line
        for folder in files
        for file in sorted(folder.glob("questions*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    return [json.loads(line)["question"] for line in lines]


def test_our_own_questions_stay_as_they_are() -> None:
    asked = questions()
    changed = [text for text in asked if without_courtesy(text) != text.strip()]
    assert len(asked) > 500
    assert not [text for text in changed if not text.lower().startswith(("tell me", "can you"))]


@pytest.mark.parametrize("dress", DRESSES)
def test_a_question_in_a_polite_dress_is_the_question(dress: str) -> None:
    asked = [text for text in questions() if text.lower().startswith(QUESTION_WORDS)]
    wrong = [
        (dress.format(text), without_courtesy(dress.format(text)))
        for text in asked
        if without_courtesy(dress.format(text)).rstrip("?.! ") != text.rstrip("?.! ")
    ]
    assert len(wrong) <= 0.02 * len(asked), wrong[:5]


@pytest.mark.parametrize("text", NAMED)
def test_what_can_be_a_name_is_not_cut(text: str) -> None:
    assert without_courtesy(text) == text


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("who is in the B9???", "who is in the B9?"),
        ("who is in the B9?!?!", "who is in the B9?"),
        ("who is in the B9.... ??", "who is in the B9?"),
        ("@desk_bot who leads it", "who leads it"),
        ("tell me who leads it", "who leads it"),
        ("can you tell me about the B9", "tell me about the B9"),
        ("I was wondering, what is Omicron :)", "what is Omicron"),
        ("ok thanks, and who leads it?", "and who leads it?"),
        ("is it true that it is mild? anyone?", "is it true that it is mild?"),
        ("newsdesk, who is in the B9", "who is in the B9"),
        ("thanks", "thanks"),
        ("🙂", "🙂"),
    ],
)
def test_each_piece_is_taken_off(text: str, bare: str) -> None:
    assert without_courtesy(text) == bare


@pytest.mark.parametrize("text", "thanks! ok lol 🙂 ? . 👍 k hi bye :) haha".split())
def test_small_talk_is_told_from_questions(text: str) -> None:
    assert is_bare_courtesy(text)


@pytest.mark.parametrize("text", ["B9", "omicron?", "thanks to whom", "ok corral", "why", "who"])
def test_short_questions_are_no_small_talk(text: str) -> None:
    assert not is_bare_courtesy(text)


WORDS = "hi hello, please thanks who is the B9 ? ! … 🙂 @a_bot can you tell me Hello Kitty :) - ok"
PIECES = st.sampled_from(WORDS.split())


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map(" ".join)))
def test_what_is_left_is_no_longer_and_stays(text: str) -> None:
    bare = without_courtesy(text)
    assert len(bare) <= len(text)
    assert without_courtesy(bare) == bare
    assert bare or not text.strip()


@settings(max_examples=60)
@given(
    st.sampled_from(courtesy._FIRST).flatmap(
        lambda kind: st.from_regex(re.compile(kind, re.IGNORECASE | re.ASCII))
    )
)
def test_all_that_may_stand_before_a_question_is_looked_at_closer(polite: str) -> None:
    assert not courtesy._BEGIN.match(polite) or courtesy._MAY_BEGIN.match(polite)
