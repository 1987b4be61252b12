"""The analyzer: what people mean by the same word is the same term, however it is typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsdesk.index.text import analyzer as module
from newsdesk.index.text.analyzer import TOKEN, Analyzer, count_words, end_of_words, fold
from newsdesk.index.text.context import STOP_WORDS
from tests.helpers.examples import examples
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
    "began": "begin | begun | begins | beginning",
    "lost": "lose | losing | lost",
    "won": "win | winning | WON",
    "Krem\u00adlin": "Kremlin | Krem\u2060lin",
    "می\u200cخواهم": "می\u200cخواهم | میخواهم",
    "Президент": "президент | ПРЕЗИДЕНТ",
    "中国总统": "中国 | 总统",
    "#MeToo": "metoo | #metoo | Me Too | me too",
    "Me Too": "metoo | #MeToo | me too",
    "O’Dorsey": "O'Dorsey | O´Dorsey | O`Dorsey | OʻDorsey | OʼDorsey | O′Dorsey | odorsey",
    "O´Dorsey": "O'Dorsey | O’Dorsey | O`Dorsey | dorsey",
    "Hawaiʻi": "Hawaii | Hawai'i | Hawai’i | Hawai`i | hawaiʿi",
    "ʻIolani": "Iolani | 'Iolani | ʻIolani",
    "Zelhorska": "Zel\u200bhorska | \ufeffZelhorska | Zel\u200d\u200chorska",
    "Zel\u200bhor\u2060ska": "Zelhorska | zelhorska",
    "Zoë": "Zoe\u0308 | zoe | ZOË",
    "11": "11 | eleven | Eleven | ELEVEN",
    "eleven": "11 | eleven",
    "twenty-one": "21 | twenty-one",
    "an 11-year-old": "eleven-year-old | 11 | eleven",
    "£3m": "3 million | £3m | 3m | £3 million | three million | 3,000,000 | 3000000 | 3 pounds",
    "3 million": "£3m | 3m | 3mn | three million | 3,000,000",
    "3,000,000": "3 million | $3m | 3mn | three million",
    "3.6bn": "3.6 billion | £3.6bn | 3,600 million | 3,600,000,000 | 3.6 bn",
    "$1.2bn": "1.2 billion dollars | $1.2 billion | 1,200 million | $1.2bn | 1.2bn",
    "$900m": "900 million dollars | 900 million | $900m | 0.9bn",
    "300,000": "300k | 300 thousand | 300,000 | 0.3 million",
    "two hundred": "200 | 2 hundred",
    "a dozen": "12 | twelve | A dozen | one dozen",
    "two dozen": "24 | 2 dozen | twenty-four",
    "half a dozen": "6 | six",
    "half a million": "500,000 | 0.5m | 500k | Half a million | a half million",
    "two and a half million": "2.5 million | 2,500,000 | 2.5m",
    "twenty-five thousand": "25,000 | 25k | 25 thousand",
    "5%": "5 percent | 5 per cent | five percent | 5 pct | 5 %",
    "$3.50": "3.5 dollars | $3.5 | 3.50",
    "9/11": "9/11 | 9/11’s | 9-11 | 9–11",
    "24/7": "24/7",
    "50/50": "50/50 | 50-50",
    "12/07/2022": "12/07/2022 | 2022",
    "2021/22": "2021/22 | 2021 | 2021/22’s",
    "+44 20 7946 0958": "+44 20 7946 0958 | +442079460958 | +44 (20) 7946-0958",
    "(555) 123-4567": "555-123-4567 | 555 123 4567 | 555.123.4567",
    "서울은": "서울 | 서울에서 | 서울의",
    "강에는": "강 | 강은",
    "수도이다": "수도 | 수도는",
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
        ("9/11", "911"),
        ("9/11", "9"),
        ("9/11", "11"),
        ("911", "9/11"),
        ("911", "9 11"),
        ("24/7", "7"),
        ("50/50", "50"),
        ("12/07/2022", "12"),
        ("555-123-4567", "555"),
        ("555 123 4567", "555123"),
        ("12\t345", "12345"),
        ("12 | 345", "12345"),
        ("£3m", "3,000"),
        ("3 million", "4bn"),
        ("told us", "the US"),
        ("found", "find"),  # it may be a company that somebody founded
        ("left", "leave"),
        ("서울은", "부산"),
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


def test_an_acronym_that_looks_like_a_stop_word_is_a_term() -> None:
    assert WORDS.terms("The WHO met") == ["WHO", "meet"]
    assert WORDS.terms("who met") == ["meet"]
    assert WORDS.terms("the I.T. crowd") == ["IT", "crowd"]


# A text, and names in it that look like stop words.
NAMED = """
Will Hart opened a shop. | Will
On Monday Will Hart opened a shop. | Will
“Will is late,” she said of Will. | Will
Will resigned on Friday. | Will
Theresa May resigned. | May
May resigned on Friday. | May
Can Yaman came. | Can
The Who played in Leeds. | Who
In Leeds The Who played. | Who
The Me Too movement grew. | Me metoo
Me Too grew. | Me metoo
Will Hart Opens Shop in Derby | Will
WILL HART OPENS SHOP | Will
WHO WARNS OF FLU | WHO
FLU RISES, SAYS WHO | WHO
ME TOO GROWS | metoo
They moved to Over in June. | Over
Singer Will Young Will Tour | Will
"""
PLAIN = """
Will it rain? | Will
Will Russia and Poland agree on it? | Will
It will rain. He may go. | Will May
May I go? | May
Can you see it? | Can
Who Will Win? | Will Who
What Will May Cost? | Will
Who won? | Who WHO
WHO WON? | Who WHO
A MAN WHO FELL | Who WHO
He went too. Too few did. | Too
It rained. It snowed. | It IT
He said: Me? | metoo
"""


def lines(table: str) -> list[tuple[str, list[str]]]:
    rows = (line.split(" | ") for line in table.strip().split("\n"))
    return [(text, names.split()) for text, names in rows]


@pytest.mark.parametrize(("text", "names"), lines(NAMED))
def test_a_name_that_looks_like_a_stop_word_has_a_term_of_its_own(
    text: str, names: list[str]
) -> None:
    assert set(names) <= set(WORDS.terms(text))


@pytest.mark.parametrize(("text", "names"), lines(PLAIN))
def test_a_stop_word_that_is_no_name_has_none(text: str, names: list[str]) -> None:
    assert set(names).isdisjoint(WORDS.terms(text))


@pytest.mark.parametrize(
    ("question", "names"),
    lines(
        """
what did Will Hart open? | Will
what did will hart open? | Will
WHAT DID WILL HART OPEN? | Will
What Did Will Hart Open? | Will
who is will? | Will
will | Will
when was may elected? | May
since May became prime minister | May
who are The Who? | Who
who are the who? | Who
when did the who form? | Who
WHO | WHO
who | WHO Who
what did the WHO say? | WHO
it | IT
when did the Me Too movement begin? | metoo
when did the me too movement begin? | metoo
me too | metoo
"""
    ),
)
def test_a_question_asks_for_a_name_that_looks_like_a_stop_word(
    question: str, names: list[str]
) -> None:
    asked = WORDS.query_terms(question)
    assert set(names) <= {*asked.words, *asked.joined}


@pytest.mark.parametrize(
    "question",
    """
will Russia attack?
when will it rain?
who will win?
Who Will Win?
WHO WILL WIN?
which of them may go?
who is it?
what is it?
can you tell me who won?
Who was hurt? Was it him?
what did he do to me?
what will it do?
why was it not so?
and then what will they do?
is it too late?
How many people will there be?
who hosted the summit in May 2021?
what happened on 3 May?
""".strip().split("\n"),
)
def test_a_question_with_plain_stop_words_asks_for_no_name(question: str) -> None:
    asked = WORDS.query_terms(question)
    assert all(term.islower() or term.isdecimal() for term in (*asked.words, *asked.joined))
    assert "metoo" not in asked.joined


def test_a_country_is_no_pronoun() -> None:
    assert WORDS.terms("They told us so.") == ["told"]
    assert WORDS.query_terms("what did the us say?").words == ("us",)
    assert WORDS.query_terms("tell us about floods").words == ("flood",)


def test_a_name_behind_the_word_that_tells_it_is_not_asked_for_twice() -> None:
    assert WORDS.query_terms("Which planet does Doctor Who visit?").joined == ()


def test_other_spellings_of_a_number_are_no_words_of_a_question_more() -> None:
    assert WORDS.query_terms("$3m").words == ("dollar", "3", "million")
    assert WORDS.query_terms("three million people").words == ("3", "million", "peopl")
    assert WORDS.query_terms("an 800m race").words == ("800", "race")


@given(st.integers(1, 99_999), st.sampled_from([("million", "m", 10**6), ("billion", "bn", 10**9)]))
def test_an_amount_is_found_by_all_that_say_it(number: int, scale: tuple[str, str, int]) -> None:
    name, short, times = scale
    written = [f"{number} {name}", f"${number}{short}", f"{number * times:,}", f"{number:,} {name}"]
    for text in written:
        for question in written:
            asked = WORDS.query_terms(question)
            assert str(number * times) in {*asked.words, *asked.joined} & {*WORDS.terms(text)}


@given(st.integers(1, 31), st.integers(1, 31))
def test_numbers_with_a_slash_are_one_term(day: int, month: int) -> None:
    assert WORDS.terms(f"on {day}/{month}, again") == [f"{day}/{month}", "again"]


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
@examples(500)
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


@examples(500)
@given(
    st.text() | st.text("abUS.'’-–, 01$%+(\n\u00ad\u0301中ก한é") | st.text("abU .,\u00ad\u0301é’")
)
@example("U.S. and U. S., e.g. the a.b c.d")
@example("it’s well-known, co\u00adoperate é e\u0301t")
def test_the_quick_way_to_a_texts_tokens_finds_the_same(text: str) -> None:
    assert module._TOKENS.findall(text) == [match.group() for match in TOKEN.finditer(text)]


@given(st.text())
@examples(300)
def test_every_letter_and_digit_of_any_text_is_in_a_token(text: str) -> None:
    covered = {at for token in WORDS.tokens(text) for at in range(token.start, token.end)}
    for at, character in enumerate(text):
        if character.isalnum():
            assert at in covered


@given(st.text())
@examples(300)
def test_any_question_asks_for_terms_that_the_same_words_in_a_text_have(text: str) -> None:
    asked = WORDS.query_terms(text)
    assert set(asked.words) - {"us"} <= set(WORDS.terms(text))
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


def test_a_long_list_of_numbers_is_not_read_as_one_number() -> None:
    assert WORDS.terms("1 000 000 000 000 km") == ["1000000000000", "km"]
    assert max(map(len, WORDS.terms("123 " * 5_000))) <= 21
