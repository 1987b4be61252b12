"""The buttons below an answer: which there are, and that Telegram takes them."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.bot.store.models import KeptAnswer, Narrowed, StoredCitation
from newsdesk.bot.transport.buttons import Keyboard
from newsdesk.bot.transport.keyboard_markup import inline_keyboard
from newsdesk.bot.views import keyboards
from newsdesk.bot.views.keyboards import Action
from tests.botapi.entities import units
from tests.botapi.methods import _markup as read


def kept(places: int = 3, **more: Any) -> KeptAnswer:
    found = [StoredCitation(f"id{i}", "d", 0, 9, f"Title {i}") for i in range(1, places + 1)]
    given_: dict[str, Any] = {
        "verdict": "answered" if places else "none",
        "pages": ["first"],
        "places": found,
    }
    return KeptAnswer(key="AbCd1234", chat=1, user=2, asked=0.0, typed="who?", **{**given_, **more})


def labels(keyboard: Keyboard) -> list[list[str]]:
    return [[button.label for button in row] for row in keyboard]


def carried(keyboard: Keyboard) -> dict[str, str]:
    return {button.label: button.data for button in chain(*keyboard)}


def sent(keyboard: Keyboard) -> str:
    """A keyboard as it is sent."""
    markup = inline_keyboard(keyboard)
    return str(markup.to_json()) if markup else ""


def test_below_an_answer_stand_more_context_article_and_thumbs() -> None:
    found = keyboards.of_answer(kept(more=True, sentence_passage=2))
    assert labels(found) == [["More ▸"], ["Context", "Article"], ["👍", "👎"]]
    assert carried(found) == {
        "More ▸": "p:AbCd1234:1",
        "Context": "c:AbCd1234:2",  # of the passage that answers
        "Article": "l:AbCd1234",
        "👍": "y:AbCd1234",
        "👎": "n:AbCd1234",
    }


def test_without_further_passages_there_is_no_more() -> None:
    assert labels(keyboards.of_answer(kept())) == [["Context", "Article"], ["👍", "👎"]]


def test_on_a_further_page_there_is_a_way_back_and_its_own_passages() -> None:
    second = kept(5, pages=["first", "second"], page=1, sentence_passage=1)
    found = keyboards.of_answer(second)
    assert labels(found) == [["◂ Back"], ["Context", "Article"], ["👍", "👎"]]
    assert carried(found)["◂ Back"] == "p:AbCd1234:0"
    assert carried(found)["Context"] == "c:AbCd1234:4"
    first = kept(5, pages=["first", "second"])
    assert carried(keyboards.of_answer(first))["More ▸"] == "p:AbCd1234:1"
    assert keyboards.on_page(second, 0) == [1, 2, 3]
    assert keyboards.on_page(second, 1) == [4, 5]


def test_under_none_there_is_nothing_to_open() -> None:
    assert labels(keyboards.of_answer(kept(0))) == [["👍", "👎"]]
    assert labels(keyboards.of_answer(kept(3, verdict="none"))) == [["👍", "👎"]]


def test_what_was_understood_can_be_undone_once() -> None:
    narrowed = Narrowed(said=("since Monday",))
    both = kept(narrowed=narrowed, carried="B9")
    assert labels(keyboards.of_answer(both))[:2] == [
        ["Search everything instead"],
        ["Ask it by itself instead"],
    ]
    undone = kept(narrowed=narrowed, carried="B9", whole=True, alone=True)
    assert labels(keyboards.of_answer(undone)) == [["Context", "Article"], ["👍", "👎"]]


def test_in_a_context_the_other_passages_of_the_page_are_a_press_away() -> None:
    found = keyboards.of_answer(kept(6, pages=["first", "second"], page=1), context=5)
    assert labels(found) == [["4", "[5]", "6"], ["◂ Back", "Article"], ["👍", "👎"]]
    assert carried(found)["6"] == "c:AbCd1234:6"
    assert carried(found)["◂ Back"] == "p:AbCd1234:1"
    assert carried(found)["Article"] == "a:AbCd1234:5"
    assert labels(keyboards.of_answer(kept(1), context=1))[0] == ["◂ Back", "Article"]


def test_of_articles_each_is_offered_once_by_its_title() -> None:
    three = kept()
    three.places = [
        StoredCitation("a", "d", 0, 9, ""),
        StoredCitation("b", "d", 0, 9, "B"),
        StoredCitation("a", "d", 9, 12, ""),
    ]
    found = keyboards.of_answer(three, choosing=True)
    assert labels(found) == [["a"], ["B"], ["◂ Back"]]
    assert carried(found)["B"] == "a:AbCd1234:2"


def test_of_a_title_that_is_one_long_word_the_number_is_shown() -> None:
    long = kept(2)
    long.places = [
        StoredCitation("2021-12-01-" * 9, "d", 0, 9, ""),
        StoredCitation("b", "d", 0, 9, "W" * 61),
    ]
    assert labels(keyboards.of_answer(long, choosing=True)) == [["[1]"], ["[2]"], ["◂ Back"]]


@given(st.text(st.characters()))
def test_any_label_is_one_that_telegram_takes(label: str) -> None:
    found = keyboards.of_examples([("k" * 16, label)])
    assert found
    read({"reply_markup": sent(found)})
    assert units(found[0][0].label) <= 60


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("A B " * 30, ("A B " * 30)[:57] + " …"),
        ("  \x00 ", "…"),
        ("a\ud83db", "a\ufffdb"),
    ],
)
def test_labels(label: str, shown: str) -> None:
    assert keyboards.button(label, Action.EXAMPLE, "k").label == shown


def test_no_question_no_keyboard() -> None:
    assert keyboards.of_examples([]) is None


def test_settings_stand_as_they_are_given() -> None:
    zone = "America/Argentina/ComodRivadavia"  # the longest there is
    found = keyboards.of_settings([[("✓ 1 passage", "passages", "1"), ("Rivadavia", "zone", zone)]])
    assert carried(found) == {"✓ 1 passage": "s:passages:1", "Rivadavia": f"s:zone:{zone}"}
    assert read({"reply_markup": sent(found)})


def test_the_longest_data_has_64_bytes_at_most() -> None:
    for action in Action:
        assert len(keyboards.data(action, "k" * 16, 999_999).encode()) <= 64
    assert len({action.value for action in Action}) == len(Action)
