"""From hits to an answer: duplicates, links, what is lit up, the verdict, the kinds of question."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from newsdesk.index.search import answer, answerability
from newsdesk.index.search.question_kinds import kind_of
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.search.sentence_selection import MODEL, candidates
from newsdesk.index.settings import Answering
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Answer, Article, Hit, Passage, Question, Span
from tests.helpers.support import SmallAsking, index, small, write

WORDS = Analyzer()
STORY = (
    "The lighthouse at Cape Dorn was switched off on Sunday after 140 years. Its keeper, Ada "
    "Lund, turned the key herself at sunset. Some 300 people had come to watch, and a brass band "
    "played. The tower will be a museum from next spring, the town said."
)
OTHER = "A bakery in Hull sold its last loaf. The owner is moving to Spain with her two dogs."


def ask(tmp_path: Path, question: str, k: int = 5, **files: str) -> Answer:
    folder = write(tmp_path / "news", {f"{name}.txt": text for name, text in files.items()})
    index(tmp_path / "home", folder)
    with Searcher(small(tmp_path / "home"), load=SmallAsking) as searcher:
        return searcher.ask(Question(question, k))


def test_nearly_the_same_passage_of_two_articles_is_one_with_two_citations(tmp_path: Path) -> None:
    twin = STORY.replace("on Sunday", "on Sunday evening")
    found = ask(
        tmp_path,
        "who was the keeper of the lighthouse at Cape Dorn",
        first=f"Lighthouse Goes Dark\n\n{STORY}",
        second=f"Cape Dorn Light Off\n\n{twin}",
        third=f"Last Loaf\n\n{OTHER}",
    )
    lead = found.passages[0]
    cited = {lead.citation.article.id, *(one.article.id for one in lead.also)}
    assert cited == {"first", "second"}
    assert [one.number for one in lead.also] == [1]
    assert sum("lighthouse" in shown.hit.passage.text for shown in found.passages) == 1


def test_no_more_passages_than_asked_and_none_that_overlap(tmp_path: Path) -> None:
    long = "\n\n".join(f"{STORY} It was the year {year}." for year in range(1900, 1930))
    found = ask(tmp_path, "lighthouse keeper", k=3, a=f"Title\n\n{long}", b=f"Loaf\n\n{OTHER}")
    assert len(found.passages) <= 3
    spans = sorted(
        (s.citation.article.id, s.citation.start, s.citation.end) for s in found.passages
    )
    for (one, _, end), (other, start, _) in pairwise(spans):
        assert one != other or end <= start
    assert [shown.hit.rank for shown in found.passages] == [*range(1, len(spans) + 1)]


def test_the_sentence_stands_in_one_of_the_passages_shown(tmp_path: Path) -> None:
    found = ask(tmp_path, "Who turned the key of the lighthouse at sunset?", a=f"Dorn\n\n{STORY}")
    assert found.sentence
    assert found.sentence.text == "Its keeper, Ada Lund, turned the key herself at sunset."
    shown = found.passages[found.sentence.passage - 1]
    assert shown.citation.article.text[found.sentence.start : found.sentence.end] == (
        found.sentence.text
    )


def test_highlights_are_the_matched_words_however_they_are_written() -> None:
    text = "The U.S. and Zelenskyy’s envoys met the B9 leaders’ aides."
    terms = {*WORDS.terms("US Zelenskyy b9 leader")}
    lit = [span.of(text) for span in answer.highlights(text, 0, terms, WORDS)]
    assert lit == ["U.S.", "Zelenskyy’s", "B9", "leaders"]


def test_the_thresholds_part_answered_weak_and_none(tmp_path: Path) -> None:
    write(tmp_path / "news", {"a.txt": f"Dorn\n\n{STORY}"})
    index(tmp_path / "home", tmp_path / "news")
    told = {}
    for name, limits in {
        "answered": Answering(answered=0.0, weak=0.0),
        "weak": Answering(answered=1.0, weak=0.0),
        "none": Answering(answered=1.0, weak=1.0),
    }.items():
        settings = small(tmp_path / "home")
        settings = type(settings)(home=settings.home, model=settings.model, answer=limits)
        with Searcher(settings, load=SmallAsking) as searcher:
            told[name] = searcher.ask(Question("who was the keeper"))
    assert {name: found.verdict for name, found in told.items()} == {n: n for n in told}
    assert told["none"].sentence is None
    with pytest.raises(ValueError, match="verdict"):
        replace(told["none"], verdict="weak")


def test_every_signal_of_the_verdict_counts_and_the_probability_is_one() -> None:
    nothing = dict.fromkeys(answerability.MODEL.features, 0.0)
    for name, weight in answerability.MODEL.weights.values.items():
        more = answerability.probability({**nothing, name: 1.0})
        assert (more > answerability.probability(nothing)) == (weight > 0)
        assert 0 < more < 1


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("who is in the B9?", "who"),
        ("which countries joined", "who"),
        ("when did it start", "date"),
        ("in what year was it built", "date"),
        ("how many ships were stuck", "count"),
        ("how much did it cost", "money"),
        ("how long did the call last", "duration"),
        ("how many days did it take", "duration"),
        ("how long is the bridge", "measure"),
        ("how heavy is the ship", "measure"),
        ("how old is she", "age"),
        ("where was he born", "where"),
        ("why did they resign", "why"),
        ("what did the minister say about it", "said"),
        ("tell me about coal", "other"),
    ],
)
def test_what_a_question_asks_for(question: str, kind: str) -> None:
    assert kind_of(question) == kind


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("how many days did the flood last", "The flood lasted 85 days, longer than any before."),
        ("how long is the Dorn bridge", "The Dorn bridge runs for about 1,230 meters."),
        ("how many ships waited", "On 26 May the port said that 360 ships were waiting."),
        ("when did the port open again", "The port opened again on 3 June."),
    ],
)
def test_a_sentence_with_the_kind_asked_for_is_preferred(
    tmp_path: Path, question: str, sentence: str
) -> None:
    story = (
        f"The flood and the ships at Dorn bridge and its port were on people's minds. {sentence}"
    )
    found = ask(tmp_path, question, a=f"Port\n\n{story} Some said it would come back.")
    assert found.sentence
    assert found.sentence.text == sentence


@pytest.mark.parametrize(
    ("question", "sentence", "fits"),
    [
        ("how many days did the flood last", "The flood lasted 85 days.", 1.0),
        ("how many ships waited", "There were 360 ships in the queue.", 1.0),
        ("how many ships waited", "The queue was seen on 26 May 2021.", 0.0),
        ("how many ships waited", "There were 360 of them in the queue.", 0.5),
        ("when did it open", "It opened on 3 June.", 1.0),
        ("when did it open", "It opened again at last.", 0.0),
        ("who was the keeper", "The keeper was Ada Lund.", 1.0),
        ("who was the keeper", "The keeper was gone.", 0.0),
    ],
)
def test_whether_a_sentence_holds_the_kind_asked_for(
    question: str, sentence: str, fits: float
) -> None:
    span = Span(0, len(sentence))
    article = Article("a", "", sentence, "/news/a.txt")
    passage = Passage("a", 0, 0, len(sentence), sentence, (span,))
    hit = Hit(passage, article, 1, 1.0, {"bm25": 1.0, "dense": 0.5}, (0.5,), (0.5,))
    weights = dict.fromkeys(WORDS.query_terms(question).words, 1.0)
    (found,) = candidates(question, [hit], weights, WORDS)
    assert found.features["fits"] == fits


def test_every_weight_belongs_to_a_feature_that_is_made() -> None:
    kinds = {f"fits_{kind_of(q)}" for q in ("who", "when", "why", "where", "how many", "how old")}
    assert kinds <= MODEL.features
