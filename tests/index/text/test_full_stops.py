"""Where sentences end, on a list of breaks and non-breaks in twenty languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.text.full_stops import masked
from newsdesk.index.text.passages import sentences

LIST = Path(__file__).with_name("sentence_breaks.txt")
WITHOUT_SPACES = ("ja", "zh")
UNSOLVED = {"The Oh! What Fun show sold out. | It runs to May."}  # a mark within a name
FLOOR = 0.98  # of the lines of a language that are split right; 1 where there are few


def listed() -> Iterator[tuple[str, str]]:
    language = ""
    for line in LIST.read_text("utf-8").splitlines():
        if line.startswith("["):
            language = line.strip("[]")
        elif line and not line.startswith("#"):
            yield language, line


LINES = list(listed())
LANGUAGES = sorted({language for language, _ in LINES})


def is_right(language: str, line: str) -> bool:
    wanted = line.split(" | ")
    text = ("" if language in WITHOUT_SPACES else " ").join(wanted)
    return [span.of(text) for span in sentences(text, language)] == wanted


def test_the_list_has_breaks_and_full_stops_that_are_none_in_twenty_languages() -> None:
    breaks = sum(line.count(" | ") for _, line in LINES)
    marks = sum(line.count(mark) for _, line in LINES for mark in ".!?")
    assert len(LANGUAGES) >= 20
    assert breaks > 300
    assert marks - breaks - len(LINES) > 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_of_a_language_end_where_the_list_says(language: str) -> None:
    lines = [line for name, line in LINES if name == language]
    wrong = [line for line in lines if not is_right(language, line)]
    assert len(wrong) <= (1 - FLOOR) * len(lines), wrong
    assert set(wrong) <= UNSOLVED


@pytest.mark.parametrize("tag", ["de-AT", "DE", "de_CH"])
def test_a_language_with_a_region_has_the_abbreviations_of_the_language(tag: str) -> None:
    assert is_right(tag, "Am 3. Oktober schneite es. | Der Zug stand still.")


def test_a_text_without_capitals_still_has_sentences() -> None:
    assert is_right("en", "he left. | she stayed. | nobody asked.")


@given(
    st.text() | st.text("aAB. !?d0I(-º\u00a0"),
    st.sampled_from([*LANGUAGES, "", "xx", "no", "pt-BR"]),
)
def test_the_copy_has_the_length_of_the_text(text: str, language: str) -> None:
    assert len(masked(text, language)) == len(text)


@given(
    st.lists(
        st.sampled_from(
            "Dr. | am | 3. | Oktober | U.S. | I | left. | A | plan | B. | No | al. | [4] | 5 | "
            "ft. | Inc. | J.-C. | n.º | М. | г. | p.m. | ET | ! | “ | ” | 中。 | …".split(" | ")
        ),
        max_size=30,
    ),
    st.sampled_from(LANGUAGES),
)
def test_sentences_of_abbreviations_in_any_order_hold_every_character(
    words: list[str], language: str
) -> None:
    text = " ".join(words)
    behind = 0
    for span in sentences(text, language):
        assert not text[behind : span.start].strip()
        assert span.of(text) == span.of(text).strip()
        behind = span.end
    assert not text[behind:].strip()
