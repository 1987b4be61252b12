"""Telegram's HTML as the bot writes it: counted as Telegram counts, escaped, cut at words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.bot.transport.html import (
    Page,
    anchor,
    cut,
    escape,
    fit,
    isolated,
    pieces,
    room,
    shortened,
    units,
)
from newsdesk.index.types import Span
from tests.botapi import entities

# What texts are made of here: letters, what HTML and UTF-16 find special, and no spaces at all.
ODD = [
    *("<", ">", "&", '"', "'", "&lt;", "</b>", "😀", "👩‍👩‍👧", "🇷🇴", "é", "e\u0301", "\u0301"),
    *("שלום", "مرحبا", "\u202e", "\u2069", "中文。", "ภาษาไทย", "か\u3099", "葛\U000e0100"),
    *("\ud83d", "\udc00", "\x00", "\x07", "\x85", "\r", "\ufffe", "\u2028", "\xa0", "\u200d"),
]
odd_texts = st.lists(st.sampled_from([*ODD, "a", "Word", " ", ". ", "\n", "\n\n"])).map("".join)
UNSPACED = [  # Thai and Lao, Myanmar, Khmer, kana, ideographs
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF)),
    *((0x3400, 0x9FFF), (0x20000, 0x3FFFF)),
]
texts = st.one_of(odd_texts, st.text(max_size=80))


@given(st.text(st.characters()))
def test_lengths_are_what_utf_16_says(text: str) -> None:
    assert units(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(texts)
def test_a_text_comes_back_as_it_was_but_for_what_no_message_holds(text: str) -> None:
    shown, found = entities.parse(escape(text))
    assert (shown, found) == (fit(text), [])
    assert len(shown) == len(text)
    shown.encode("utf-8")
    for before, after in zip(text, shown, strict=True):
        assert before == after or (unicodedata.category(before)[0] == "C" and after in " \ufffd")


@given(texts, st.integers(-5, 100))
def test_what_fits_is_the_longest_beginning_that_does(text: str, most: int) -> None:
    end = room(text, most)
    assert units(text[:end]) <= max(0, most)
    assert end == len(text) or units(text[: end + 1]) > most


@given(texts, st.integers(-5, 100))
def test_a_text_is_never_cut_inside_a_word_or_a_cluster(text: str, most: int) -> None:
    end = cut(text, most)
    assert units(text[:end]) <= max(0, most)
    if 0 < end < len(text):
        assert not is_inside(text, end)


def is_inside(text: str, at: int) -> bool:
    """Whether a place is inside a word, or parts a character from what belongs to it."""
    before, after = text[at - 1], text[at]
    if before.isspace() or after.isspace():
        return False
    if unicodedata.category(after).startswith("M") or "\u200d" in (before, after):
        return True
    base = next((c for c in text[at - 1 :: -1] if unicodedata.category(c)[0] != "M"), "a")
    return not is_unspaced(base) and not is_unspaced(after)


def is_unspaced(character: str) -> bool:
    """Whether it is of a script that has no spaces between its words."""
    return character in "：；，、。！？" or any(
        first <= ord(character) <= last for first, last in UNSPACED
    )


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        ("One went. Two stayed. Three", 24, "One went. Two stayed."),
        ("He said “no.” Then he left", 15, "He said “no.”"),
        ("A. and then a long walk home", 20, "A. and then a long"),  # the sentence is too little
        ("alpha beta gamma", 10, "alpha beta"),
        ("alpha beta gamma", 9, "alpha"),
        ("alphabet", 4, ""),
        ("a b", -3, ""),
        ("😀 😀 😀", 5, "😀 😀"),
        ("😀 😀 😀", 4, "😀"),
        ("中文字幕", 2, "中文"),
        ("か\u3099き", 1, ""),
        ("น้ำใจ", 1, ""),  # the vowel above belongs to its consonant
        ("葛\U000e0100葛", 1, ""),
        ("ក្រុម", 2, ""),  # a consonant below is joined by the sign before it
        ("one two", 7, "one two"),
    ],
)
def test_cuts(text: str, most: int, kept: str) -> None:
    assert text[: cut(text, most)] == kept


@given(texts, st.integers(3, 60))
def test_what_is_shortened_fits_and_says_so(text: str, most: int) -> None:
    short = shortened(text, most)
    assert units(short) <= most
    if units(text) <= most:
        assert short == text
    else:
        assert short.endswith("…")
        assert text.startswith(short.removesuffix("…").removesuffix(" "))


@given(st.lists(st.tuples(texts, st.sampled_from([(), ("b",), ("i",), ("u", "b")]))))
def test_a_page_counts_what_telegram_counts(parts: list[tuple[str, tuple[str, ...]]]) -> None:
    page = Page()
    page.open("blockquote expandable")
    for text, tags in parts:
        page.add(text, *tags)
    page.close("blockquote")
    shown, found = entities.parse(page.html)
    assert shown == "".join(fit(text) for text, _ in parts)
    assert entities.units(shown) == page.units == page.most - page.left
    assert len(found) <= page.entities == 1 + sum(len(tags) for text, tags in parts if text)


@given(texts)
def test_a_link_holds_whatever_it_is_made_of(words: str) -> None:
    link = f"https://example.org/{words}"
    (tag,) = anchor(link)
    shown, (found,) = entities.parse(Page().add("title", tag).html)
    assert (shown, found.type, found.url) == ("title", "text_link", fit(link))


@pytest.mark.parametrize(
    "link",
    ["", "file:///etc/passwd", "javascript:alert(1)", "example.org", "https://" + "a" * 1500],
)
def test_what_telegram_takes_for_no_link_is_none(link: str) -> None:
    assert anchor(link) == ()


def test_a_name_from_right_to_left_does_not_turn_what_stands_beside_it() -> None:
    assert isolated("Reuters") == "Reuters"
    assert isolated("وكالة 5") == "\u2068وكالة 5\u2069"
    assert isolated("a\u202eb") == "\u2068a\u202eb\u2069"


@given(
    texts,
    st.lists(st.tuples(st.integers(0, 120), st.integers(1, 9))),
    st.integers(0, 20),
    st.integers(0, 12),
)
def test_pieces_are_the_text_with_what_is_lit(
    text: str, starts: list[tuple[int, int]], offset: int, most: int
) -> None:
    spans = [Span(start, start + length) for start, length in starts]
    found = list(pieces(text, offset, spans, most))
    assert "".join(piece for piece, _ in found) == text
    assert sum(lit for _, lit in found) <= most
    lit = [flag for piece, flag in found for _ in piece]
    wanted = [
        not c.isspace() and any(s.start <= offset + i < s.end for s in spans)
        for i, c in enumerate(text)
    ]
    shown = [flag and not c.isspace() for c, flag in zip(text, lit, strict=True)]
    if sum(flag for _, flag in found) < most:
        assert shown == wanted
    else:
        assert all(want or not got for got, want in zip(shown, wanted, strict=True))


def test_words_side_by_side_are_lit_as_one() -> None:
    spans = [Span(0, 3), Span(4, 7), Span(12, 15)]
    found = list(pieces("the Red and the Sea", 0, spans, 9))
    assert found == [("the Red", True), (" and ", False), ("the", True), (" Sea", False)]
    assert list(pieces("the Red and the Sea", 0, spans, 1)) == [
        ("the Red", True),
        (" and the Sea", False),
    ]
