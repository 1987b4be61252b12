"""Passages: exact offsets, nothing dropped, whole sentences, about a hundred words."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsdesk.index import readers
from newsdesk.index.settings import Readers
from newsdesk.index.text.analyzer import count_words
from newsdesk.index.text.passages import paragraph_at, paragraphs, sentences, split
from newsdesk.index.types import Article, Passage
from tests.helpers.examples import examples
from tests.helpers.support import HOSTILE, SEEDS, SHARED

DATASETS = SHARED / "datasets"
MOST = 150
AT_MOST = 400  # articles of one corpus: all of the small ones, and enough of the biggest

# Pieces that have broken splitters: line ends of every kind, marks, joiners, other scripts.
PIECES = st.sampled_from(
    """Mr. | U.S. | a.m. | p.m. | No. | 10 | 3.5 | 14,000 | … | ... | . | ? | ! | “ | ” | ’ | " | '
    | ( | ) | [ | ] | – | — | - | ; | , | : | he | said | Kyiv | Moscow | не | Да. | 中文。 | 他说 |
    مرحبا. | שלום | ไทย | हिन्दी। | 😀 | 👩‍🚀 | é | ﷽ | 1. | 2) | word""".split(" | ")
)
GAPS = st.sampled_from(["", " ", "  ", "\n", "\n\n", "\r\n", "\u2028", "\x85", "\x0b", "\u00a0"])
BROKEN = st.lists(st.tuples(PIECES, GAPS), max_size=60).map(
    lambda pairs: "".join(piece.strip() + gap for piece, gap in pairs)
)
WORDS = "the crew Left Ida, ships. harbour? Again! of seventeen; a Breakwater".split() * 36
LINES = st.lists(st.integers(0, 400).map(lambda count: " ".join(WORDS[:count])), max_size=4).map(
    "\n\n".join
)
ANY_TEXT = st.text(max_size=400) | BROKEN | LINES


def check(text: str, found: Sequence[Passage], most: int = MOST) -> None:
    """All that must hold of the passages of any text."""
    behind = 0
    for number, passage in enumerate(found):
        assert text[passage.start : passage.end] == passage.text
        assert passage.ordinal == number
        assert passage.text == passage.text.strip()
        assert not text[behind : passage.start].strip(), "dropped before a passage"
        assert passage.start >= behind, "overlaps the one before"
        behind = passage.end
        check_sentences(text, passage)
        assert count_words(passage.text) <= most or len(passage.text.split()) == 1
    assert not text[behind:].strip(), "dropped behind the last"


def check_sentences(text: str, passage: Passage) -> None:
    """The sentences stand in order within the passage, and cover it."""
    behind = passage.start
    for span in passage.sentences:
        assert behind <= span.start < span.end <= passage.end
        assert not text[behind : span.start].strip()
        assert span.of(text) == span.of(text).strip()
        behind = span.end
    assert behind == passage.end


@given(ANY_TEXT)
@example("\ud800 a lone surrogate. It stays.")
@example("\x00\x01 control \x7f characters.\x00 They stay.")
@example("a\u0301" * 2000)
@example("👩\u200d🚀" * 1500)
@examples(300)
def test_passages_hold_every_character_of_any_text_once_at_its_offset(text: str) -> None:
    check(text, split("x", text))


@given(ANY_TEXT, st.integers(1, 40), st.integers(0, 40), st.sampled_from(["en", "de", "ru", "zh"]))
@examples(150)
def test_passages_of_any_length_in_any_language_hold_the_same(
    text: str, words: int, more: int, language: str
) -> None:
    check(text, split("x", text, language, words, words + more), words + more)


@given(ANY_TEXT)
@examples(150)
def test_a_paragraph_is_found_by_any_offset_in_it(text: str) -> None:
    for number, span in enumerate(paragraphs(text), start=1):
        assert paragraph_at(text, span.start) == number
        assert paragraph_at(text, span.end - 1) == number


@given(ANY_TEXT)
@examples(150)
def test_sentences_hold_every_character_of_any_text_once(text: str) -> None:
    behind = 0
    for span in sentences(text):
        assert span.start >= behind
        assert not text[behind : span.start].strip()
        behind = span.end
    assert not text[behind:].strip()


def seeds() -> Iterator[str]:
    for file in readers.find(SEEDS):
        for article in readers.read(file, SEEDS, Readers()):
            assert isinstance(article, Article)
            yield article.text


def corpora() -> list[Path]:
    return sorted(DATASETS.glob("**/corpus.jsonl.gz"))


def corpus(file: Path) -> Iterator[str]:
    """Texts of a corpus, evenly over it."""
    with gzip.open(file) as packed:
        texts = [json.loads(line)["text"] for line in packed]
    yield from texts[:: -(-len(texts) // AT_MOST)]


def test_passages_hold_every_character_of_every_seed_article() -> None:
    texts = list(seeds())
    assert len(texts) >= 24
    for text in texts:
        check(text, split("x", text))


@pytest.mark.slow
@pytest.mark.skipif(not DATASETS.is_dir(), reason="needs shared/datasets beside the clone")
def test_passages_hold_every_character_of_thousands_of_dataset_articles() -> None:
    seen = 0
    for file in corpora():
        language = file.parent.name if len(file.parent.name) == 2 else "en"
        for text in corpus(file):
            check(text, split("x", text, language))
            seen += 1
    assert seen > 2_500


def typical(texts: Iterator[str]) -> float:
    """The share of passages of 80 to 120 words among those of texts that are long enough."""
    lengths = [
        count_words(passage.text)
        for text in texts
        if count_words(text) >= 300
        for passage in split("x", text)
    ]
    return sum(80 <= length <= 120 for length in lengths) / len(lengths)


def test_passages_of_the_seeds_have_80_to_120_words() -> None:
    assert typical(seeds()) >= 0.95


@pytest.mark.slow
@pytest.mark.skipif(not DATASETS.is_dir(), reason="needs shared/datasets beside the clone")
@pytest.mark.parametrize(
    ("name", "share"), [("realtimeqa_2022", 0.93), ("time_magazine", 0.88), ("squad2_sample", 0.8)]
)
def test_passages_of_long_articles_have_80_to_120_words(name: str, share: float) -> None:
    assert typical(corpus(DATASETS / name / "corpus.jsonl.gz")) >= share


def test_a_cut_falls_between_paragraphs_rather_than_within_one() -> None:
    first = " ".join(["One of these words follows another here."] * 13)  # 91 words
    second = " ".join(["Two of these words follow another here."] * 15)  # 105 words
    assert [p.text for p in split("x", f"{first}\n\n{second}")] == [first, second]


def test_a_short_last_paragraph_is_not_left_alone() -> None:
    text = "\n\n".join(["This line has got exactly seven words."] * 15)  # 105 words
    assert len(split("x", text)) == 1


# Each mark | is where a sentence ends; the words are ours.
SHORTENED = """
The U.S. said no and left. | It came back.
The U.S. President spoke. | He was brief.
He flew to the U.S. | He came back on Friday.
The U.S. Senate met. | It was late.
Former U.S. Ambassador Hill spoke. | He is 69.
U.S.-led talks failed. | The U.S.’s allies left.
The U.K. and the E.U. agreed on it. | Nobody cheered.
The U.N. Security Council met. | The U.N. General Assembly did not.
She lives in Washington, D.C. | Her brother lives in Rome.
She lives in Washington, D.C., and works there.
She lives in Washington, DC. | Hart lives in LA. | Both are tired.
Mr. Smith met Mrs. Jones and Ms. Brown. | They ate.
I met Dr. Who and Mr. The. | He left.
Prof. Hart, Gen. Lloyd, Lt. Col. Burns and Sgt. Pepper came. | They ate.
Sen. Gray and Rep. Stone voted yes. | Gov. Marsh did not.
Gen. Sir Nick Ward left. | Lt. Gen. Smith came.
Sens. Gray and Stone agreed. | Reps. Hill and Marsh did not.
Rev. Dr. King Jr. spoke. | Ten thousand came.
John Smith Jr. spoke here. | So did his son.
George H. W. Marsh was there. | He smiled.
J.K. Hart wrote it. | J. K. Hart did.
Gen. Mark A. Hill, chairman of the chiefs, agreed. | So did Adm. Gray.
They live at No. 10 Downing Street. | The cat lives there too.
It ranks No. 1 in Europe. | No. 2 is Norway.
It was No. 2. | Nobody saw it.
Op. 3 No. 5 was played. | See Vol. 2, p. 7 and Fig. 3 of it.
The answer was no. | Ten ministers left.
It may not fly when gusts top 70 km/h. | A first attempt was scrubbed.
The river ran at 3 m/s. | Nobody swam.
The wall is 5 m. | Another has 12 m. of wire.
The U.S. said no. | Moscow said yes.
Was it a good idea? | No. | It was not.
Nobody answered him or me. | Hart left.
Prices rose in May. | Wages fell.
This is art. | Hart says so.
The talks ran from 9 a.m. to 5 p.m. on Friday. | They had failed.
The talks ended at 5 p.m. | Nobody had signed.
The doors open at 10 a.m. ET on Friday. | They close at 5 p.m. GMT.
He woke at 1 a.m. Monday to the sound of rain. | He slept again.
The flight left at 6 p.m. Oct. 3 as planned. | It came late.
At 10 a.m. Moscow time the doors opened. | A crowd came in.
Acme Inc. and Widget Motor Co. said so. | Shares fell.
He bought shares of Acme Corp. in Jan. 2020. | He sold them on Feb. 3.
On Dec. 29, 2021 he called. | On Jan. 10 they met.
It happened on Dec. 3. | Nobody saw it.
Some fruit, e.g. apples, i.e. the red ones, were left. | Pears, plums etc. were gone.
Smith v. Jones was heard. | It was Norway vs. Spain.
They stayed on St. Helena. | Ft. Marsh is far. | Mt. Hart is high.
The firm, based in St. Louis, Mo., closed. | It owed much.
Sen. Hill (D-Del.) spoke. | He left.
He has a Ph.D. from Oxford. | She has an M.A. in physics.
E. coli was found. | It spread.
"""
NUMBERS = """
Prices rose 3.5 percent in May. | Wages rose 2.1.
It cost $1.5 million. | It cost $3.5bn. | It was worth it.
It grew by 2.5. | 3 of them failed.
The toll was 14,000. | Most were young.
Version 2.0.1 came out. | It failed.
It happened in 2014. | In 2015 it ended.
He won 6-4, 7-5. | She lost.
1. Poland agreed. | 2. Romania agreed. | 3. Hungary did not.
It is at www.example.org for now. | See it.
Write to a.b@example.com. | He will answer.
"""
QUOTED = """
“We will not go,” he said. | “We will stay.”
“We will not go.” | He sat down.
"We will not go." | He sat down.
"We will not go". | He sat down.
‘We will not go.’ | He sat down.
'We will not go.' | He sat down.
«We will not go.» | He sat down.
He said “we will not go”. | Then he sat down.
He said: “We will not go. We will stay.” | Then he sat down.
“Will you go?” she asked. | He shook his head.
“Go!” she cried. | He went.
"Will you go?" she asked. | He shook his head.
She called it “a U.S. problem.” | He did not.
“It is over,” he said, “and we know it.” | She wept.
He asked, “Why?” | Nobody knew.
He asked for more. | “No.” | She shook her head.
“I can go,” he said. | “We have a group. | What a day.
"I can go," he said. | "We have a group. | What a day.
It’s Ann’s. | It’s Bob’s. | So it is.
He said he had seen it “all before.” | “Really?” | “Yes.”
“He told me, ‘Go.’” | She left.
"He told me, 'Will you go?'" | She left.
“He told me, ‘Go,’ and I went.” | She left.
It must end.” | She left.
It must end.) | She left.
It must end.”’ | She left.
It is over (or so they say). | She wept.
It is over. | (So they say.) | She wept.
She left. | [They came later.] | He stayed.
"""
PAUSES = """
He paused … and went on. | Then he left.
He paused... and went on. | Then he left.
He paused. . . and went on. | Then he left.
He paused… | Then he left.
He paused... | Then he left.
“I do not know…” | He fell silent.
He is out. | … I think so.
Is it over?! | Yes! | At last...
Nine met – Poland, Romania, Hungary and six more. | They signed.
Nine met — Poland, Romania, Hungary and six more. | They signed.
Three came - a baker, a cook and a clerk. | They ate.
It had three aims: peace, trade and time. | It had none of them.
Ukraine wants in; NATO waits. | Russia objects.
One sentence without an end
"""
SCRIPTS = """
Он сказал нет. | Она сказала да.
قال لا. | قالت نعم.
هل انتهى؟ | نعم.
यह सच है। | वह झूठ है।
😀 He left. | 👩‍🚀 She stayed. | All is well.
"""


def cases() -> list[str]:
    return [
        line for table in (SHORTENED, NUMBERS, QUOTED, PAUSES, SCRIPTS) for line in lines(table)
    ]


def lines(table: str) -> list[str]:
    return table.strip().split("\n")


@pytest.mark.parametrize("marked", cases())
def test_sentences_end_where_a_reader_ends_them(marked: str) -> None:
    wanted = marked.split(" | ")
    text = " ".join(wanted)
    assert [span.of(text) for span in sentences(text)] == wanted


def test_sentences_of_scripts_without_spaces_end_at_their_own_full_stop() -> None:
    assert [s.of("他说不行。她说可以。") for s in sentences("他说不行。她说可以。", "zh")] == [
        "他说不行。",
        "她说可以。",
    ]


def test_sentences_end_the_same_however_long_their_paragraph_is() -> None:
    wanted = [part for marked in cases()[:60] for part in marked.split(" | ")] * 20
    wanted = [part for part in wanted if part[0] not in "“\"'‘«" and part[-1] in ".?!"]
    text = " ".join(wanted)
    assert len(text) > 20_000
    assert [span.of(text) for span in sentences(text)] == wanted


@pytest.mark.parametrize("words", [100, 500, 560, 700, 2000])
def test_sentences_end_the_same_beside_one_that_is_very_long(words: int) -> None:
    wanted = ["It was so" + " long" * words + ".", *["It was short."] * 500]
    text = " ".join(wanted * 2)
    assert [span.of(text) for span in sentences(text)] == wanted * 2


def test_a_sentence_longer_than_a_passage_is_cut_at_a_clause() -> None:
    clause = "a clause of exactly eight words stands here; "
    text = (clause * 40).strip("; ") + "."
    found = split("x", text)
    check(text, found)
    assert len(found) > 1
    assert all(passage.text.endswith((";", ".")) for passage in found)


def test_a_sentence_without_clauses_is_cut_at_a_space() -> None:
    text = " ".join(f"word{number}" for number in range(500))
    found = split("x", text)
    check(text, found)
    assert [word for passage in found for word in passage.text.split()] == text.split()


def test_a_long_quotation_is_cut_where_its_sentences_end() -> None:
    inner = ["We have eight words in this sentence, Mr. Marsh."] * 40
    text = f"He said: “{' '.join(inner)}”"
    found = split("x", text)
    check(text, found)
    assert len(found) > 1
    assert all(passage.text.endswith(("Marsh.", "Marsh.”")) for passage in found)


def test_long_words_are_cut_at_a_space_too() -> None:
    text = " ".join(f"Donaudampfschifffahrt{number}" for number in range(200))
    found = split("x", text)
    check(text, found)
    assert [word for passage in found for word in passage.text.split()] == text.split()


@pytest.mark.parametrize(
    "word", ["x" * 5000, "x" + "e\u0301" * 3000, "x" + "👩\u200d🚀" * 2000, "7" * 5000, "中" * 5000]
)
def test_a_word_longer_than_a_passage_is_cut_but_not_within_a_character(word: str) -> None:
    found = split("x", word)
    check(word, found)
    assert "".join(passage.text for passage in found) == word
    assert not any(p.text[0] in "\u0301\u200d" or p.text[-1] == "\u200d" for p in found)


def test_words_of_scripts_without_spaces_are_counted_by_twos() -> None:
    found = split("x", "总统说谈判将于明天在日内瓦举行。" * 60, "zh")
    assert all(passage.end - passage.start <= 2 * MOST + 2 for passage in found)
    assert len(found) > 3


@pytest.mark.parametrize("text", ["", " ", "\n\n \t\r\n", "\u2028\x85\u00a0"])
def test_a_text_of_blanks_has_no_passage(text: str) -> None:
    assert split("x", text) == []
    assert sentences(text) == []
    assert paragraphs(text) == []
    assert paragraph_at(text, 0) == 1


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_long_text_of_one_kind_is_split_whole(unit: str) -> None:
    text = (unit * 50_000)[:50_000]
    check(text, split("x", text))


def test_a_heading_is_not_parted_from_what_it_is_about() -> None:
    story = " ".join(f"The council of Millford met for the {n}th time on Monday." for n in range(9))
    text = f"{story}\n\nWhat comes next\n\n{story}"
    first, second = split("a", text)
    assert first.text == story
    assert second.text.startswith("What comes next\n\n")
