"""The analyzer: what people mean by the same word is the same term, however it is typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsdesk.index.text.analyzer import STOP_WORDS, Analyzer, count_words, end_of_words, fold
from tests.helpers.support import HOSTILE

WORDS = Analyzer()

# A word as an article has it, and ways in which people type it.
TYPED = {
    "B9": "B9 | b9 | B 9 | b 9 | B-9 | b-9 | B–9 | (B9) | “B9” | B9? | B9’s | B9s | Ｂ９",
    "U.S.": "U.S. | u.s. | US | us | U.S | u.s | U. S. | U.S.’s | U.S.-led | (U.S.) | u.s.?",
    "COVID-19": "COVID-19 | covid-19 | covid 19 | Covid19 | covid19 | COVID–19 | covid‑19 | covid",
    "14,000": "14,000 | 14000 | 14 000 | 14\u00a0000 | 14\u202f000 | $14,000 | 14,000. | 14,000km",
    "3.5": "3.5 | 3.5% | 3.5. | $3.5bn | (3.5) | 3.5-litre | 3.5m",
    "$3.5bn": "3.5 | $3.5bn | 3.5bn | 3.5 bn",
    "Zelenskyy’s": "Zelenskyy’s | Zelenskyy's | Zelenskyys | zelenskyy | ZELENSKYY | Zelenskyy’",
    "O’Brien": "O’Brien | O'Brien | o’brien | OBrien | obrien | O Brien | O’Briens | Brien",
    "build-up": "build-up | build–up | build‐up | buildup | build up | BUILD-UP | build—up",
    "de-escalation": "de-escalation | deescalation | de–escalation | escalation",
    "F-16s": "F-16s | F-16 | F16 | f 16 | F–16 | F16s",
    "G7": "G7 | g-7 | G 7",
    "J. K. Hart": "JK | J.K. | j.k. | J. K.",
    "São Paulo": "sao paulo | SÃO PAULO | Sa\u0303o Paulo",
    "Łódź": "lodz | Łódź",
    "Istanbul": "İstanbul | ISTANBUL | istanbul",
    "Straße": "strasse | STRASSE",
    "ﬁnance": "finance",
    "sanctions": "sanction | SANCTIONS | sanctioned",
    "Krem\u00adlin": "Kremlin | Krem\u2060lin",
    "می\u200cخواهم": "می\u200cخواهم | میخواهم",
    "Президент": "президент | ПРЕЗИДЕНТ",
    "中国总统": "中国 | 总统",
    "#MeToo": "metoo | #metoo",
}


def found(text: str, question: str) -> bool:
    """Whether a text has a term that a question looks for."""
    asked = WORDS.query_terms(question)
    return not {*asked.words, *asked.joined}.isdisjoint(WORDS.terms(text))


@pytest.mark.parametrize(
    ("text", "question"),
    [(text, question) for text, ways in TYPED.items() for question in ways.split(" | ")],
)
def test_a_word_is_found_however_it_is_typed(text: str, question: str) -> None:
    assert found(text, question)
    assert found(f"He spoke of “{text}”, again.", f"who spoke of {question}?")


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("B9", "B8"),
        ("B9", "9"),
        ("14,000", "14"),
        ("14,000", "000"),
        ("3.5", "3"),
        ("3.5", "35"),
        ("2.0.1", "2.0"),
        ("1990", "1990s"),
        ("O’Brien", "o"),
        ("U.S.", "S"),
    ],
)
def test_what_is_another_word_is_not_found(text: str, question: str) -> None:
    assert not found(text, question)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“Russia’s build–up”", '"Russia\'s build-up"'),
        ("‘Kyiv’ — and ‘Minsk’", "'Kyiv' - and 'Minsk'"),
        ("Ukraine’s east", "Ukraine's east"),
        ("rock’n’roll", "rock'n'roll"),
    ],
)
def test_curly_and_straight_quotes_and_dashes_are_searched_alike(one: str, other: str) -> None:
    assert WORDS.terms(one) == WORDS.terms(other)
    assert WORDS.query_terms(one) == WORDS.query_terms(other)


def test_stop_words_are_no_terms_in_any_case() -> None:
    for word in STOP_WORDS:
        assert WORDS.terms(f"{word} then") == []
        assert WORDS.terms(f"{word.capitalize()} then") == []
    assert WORDS.terms("isn’t don't") == []
    assert WORDS.terms("he’d she’ll it’s we’re they’ve I’m who’s") == []


def test_an_ending_behind_an_apostrophe_is_no_term() -> None:
    assert WORDS.terms("Zelenskyy’s 14,000 U.S.’s U.S.'s Kyiv’ll") == [
        *("zelenskyy", "14000", "us", "us", "kyiv")
    ]


def test_a_name_that_looks_like_a_stop_word_is_a_term_unless_all_is_shouted() -> None:
    assert WORDS.terms("The WHO met") == ["WHO", "met"]
    assert WORDS.terms("who met") == ["met"]
    assert WORDS.terms("WHO MET") == ["met"]
    assert WORDS.terms("the I.T. crowd") == ["IT", "crowd"]


def test_who_is_in_the_b9_asks_for_the_b9_alone() -> None:
    asked = WORDS.query_terms("who is in the B9?")
    assert asked.words == ("b9",)
    assert asked.joined == ()


def test_a_question_of_stop_words_asks_for_nothing() -> None:
    assert WORDS.query_terms("who is it?").words == ()
    assert WORDS.query_terms("").words == ()
    assert WORDS.query_terms("😀 👩‍🚀 ??").words == ()


def test_words_that_only_put_the_question_are_left_out_unless_nothing_else_is_left() -> None:
    assert WORDS.query_terms("how many soldiers are there").words == ("soldier",)
    assert WORDS.query_terms("how many").words == ("mani",)


def test_each_term_of_a_question_is_asked_for_once() -> None:
    assert WORDS.query_terms("Kyiv, Kyiv, kyiv and KYIV").words == ("kyiv",)


@given(st.text() | st.text("aA.'’-–, 019\u00ad\u0301中ก_"))
@example("\ud800")
@example("ǅ ŉ ﷺ İ ß ẞ")
@settings(max_examples=500)
def test_tokens_of_any_text_stand_in_order_at_their_offsets(text: str) -> None:
    behind = 0
    terms: list[str] = []
    for token in WORDS.tokens(text):
        assert behind <= token.start < token.end <= len(text)
        piece = text[token.start : token.end]
        assert not piece[0].isspace()
        assert not piece[-1].isspace()
        behind = token.end
        terms += token.terms
    assert terms == WORDS.terms(text)
    assert all(terms), "an empty term"
    assert not any(c.isspace() for term in terms for c in term)


@given(st.text())
@settings(max_examples=300)
def test_every_letter_and_digit_of_any_text_is_in_a_token(text: str) -> None:
    covered = {at for token in WORDS.tokens(text) for at in range(token.start, token.end)}
    for at, character in enumerate(text):
        if character.isalnum():
            assert at in covered


@given(st.text())
@settings(max_examples=300)
def test_any_question_asks_for_terms_that_the_same_words_in_a_text_have(text: str) -> None:
    asked = WORDS.query_terms(text)
    assert set(asked.words) <= set(WORDS.terms(text)) or WORDS.terms(text).count("WHO")
    assert not set(asked.words) & set(asked.joined)


@given(st.text())
def test_an_analyzer_that_has_seen_words_gives_the_same_terms_as_a_new_one(text: str) -> None:
    assert WORDS.terms(text) == Analyzer().terms(text)


@given(
    st.text(
        st.characters(max_codepoint=0x6FF, exclude_characters=".") | st.sampled_from("がプ한국किยิ")
    )
)
def test_a_text_and_its_decomposed_form_have_the_same_terms(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert WORDS.terms(unicodedata.normalize("NFD", composed)) == WORDS.terms(composed)


@given(st.text())
@example("ᴬ Ǣ Ⅷ K ſ")
def test_folding_twice_is_folding_once(word: str) -> None:
    assert fold(fold(word)) == fold(word)


@given(st.text(), st.integers(1, 20))
def test_as_many_words_are_taken_as_fit(text: str, most: int) -> None:
    end = end_of_words(text, most)
    assert 0 < end <= len(text) or not text
    assert (end == len(text)) == (count_words(text) <= most)


@pytest.mark.parametrize(
    ("text", "most", "taken"),
    [
        ("one two three", 2, "one two "),
        ("U.S. 14,000 O’Brien", 2, "U.S. 14,000 "),
        ("one two", 2, "one two"),
        ("中国总统说不", 2, "中国总统"),
        ("ab 中国总统", 2, "ab 中国"),
    ],
)
def test_what_is_taken_ends_where_a_word_too_many_begins(text: str, most: int, taken: str) -> None:
    assert text[: end_of_words(text, most)] == taken


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("Mr. O’Brien’s 14,000 soldiers", 4),
        ("the U.S. build-up", 3),
        ("– … ! 😀", 0),
        ("中国总统", 2),
        ("中", 1),
    ],
)
def test_words_are_counted_as_a_reader_counts_them(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("last", ["", "bb", "1", "-"])
def test_a_long_text_of_one_kind_has_the_terms_of_its_kind(unit: str, last: str) -> None:
    text = (unit * 20_000)[:20_000] + last
    assert {*WORDS.query_terms(text).words} <= {*WORDS.terms(text)}
