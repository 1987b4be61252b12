"""From hits to an answer: duplicates, links, what is lit up, the sentence, the verdict."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.cli import json_output, terminal
from newsdesk.index.linear_model import LinearModel
from newsdesk.index.search import answer, sentences, verdicts
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Answering
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Answer, Article, Hit, Passage, Query, Question, Reading, Span
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


CHINESE = (
    "灯塔守护人安娜克莱因于周日晚在多恩角最后一次熄灭了灯光，"
    "她在那座石头灯塔里独自工作了整整四十年从未离开过海岸。"
)
ALIKE = [
    pytest.param(STORY, STORY.upper(), id="capitals"),
    pytest.param(STORY, STORY.replace(" ", "  ").replace(",", ";"), id="signs"),
    pytest.param(STORY, STORY.replace("on Sunday", "on Sunday evening"), id="a word more"),
    pytest.param(
        CHINESE, CHINESE.replace("周日", "周六").replace("四十", "三十"), id="without spaces"
    ),
]


@pytest.mark.parametrize(("text", "other"), ALIKE)
def test_words_as_written_part_no_passages_that_terms_hold_to_be_one(text: str, other: str) -> None:
    analyzer = Analyzer()
    first, second = (
        Hit(
            Passage(name, 0, 0, len(body), body, (Span(0, len(body)),)),
            Article(name, "", body, f"{name}.txt"),
            rank=1,
            score=1.0,
            signals={"bm25": 1.0, "dense": 0.5},
            sentence_cosines=(0.5,),
        )
        for name, body in (("a", text), ("b", other))
    )
    assert answer._same(analyzer.term_pairs(text), analyzer.term_pairs(other), 0.8)
    assert answer._resemble(first, second, 0.8, analyzer)


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


@pytest.mark.parametrize("model", [verdicts.READ, verdicts.PLAIN])
def test_every_signal_of_the_verdict_counts_and_probabilities_are_between_0_and_1(
    model: LinearModel,
) -> None:
    nothing = dict.fromkeys((*model.features, *verdicts.ABOUT.features), 0.0)
    base = verdicts.probabilities(nothing)
    for name, weight in model.weights.values.items():
        more = verdicts.probabilities({**nothing, name: 1.0})
        assert (more.answered > base.answered) == (weight > 0)
        assert 0 < more.answered < 1
        about = verdicts.ABOUT.weights.values.get(name, 0.0)
        assert (more.about > base.about) == (about > 0)


@pytest.mark.parametrize(("share", "is_cited"), [(0.55, False), (0.65, True)])
def test_a_headline_that_answers_better_than_its_passage_is_the_sentence(
    share: float, is_cited: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "The ship was stuck. The queue is long."
    article = Article("a", "Ship Freed After Six Days", text, "/news/a.txt")
    passage = Passage("a", 0, 0, len(text), text, (Span(0, 19), Span(20, 38)))
    reading = Reading(4.0, (-0.1, -3.0), math.log(share))
    signals = {"bm25": 1.0, "dense": 0.8, "sentence": 0.2}
    hit = Hit(passage, article, 1, 1.0, signals, (0.6, 0.1), reading=reading)
    settings = Answering(answered=0.0, weak=0.0)
    found = answer.compose(Query("how long was it stuck?"), [hit], {"stuck": 1.0}, WORDS, settings)
    assert found.sentence
    assert found.sentence.in_title == is_cited
    own, span = found.sentence, slice(found.sentence.start, found.sentence.end)
    assert own.text_of(article)[span] == own.text == (article.title if is_cited else text[:19])
    assert found.label == ("Answer, in a headline" if is_cited else "Answer")
    told = json_output.of_answer(found)["sentence"]
    assert (told["text"], told["in_title"]) == (own.text, is_cited)
    terminal.show_answer(found, undo="")
    printed = capsys.readouterr().out
    assert f"{found.label}: {own.text} [1]\n" in printed
    lit = text if is_cited else text.replace(text[:19], f">>{text[:19]}<<")
    assert f"\n{lit}\n" in printed


def test_the_more_a_collection_holds_the_more_is_asked_of_what_is_about_a_question() -> None:
    signals = dict.fromkeys((*verdicts.READ.features, *verdicts.ABOUT.features), 0.5)
    sizes = (0, 1_000, 10_000, 70_000, 1_000_000)
    found = [verdicts.probabilities(signals, size) for size in sizes]
    assert len({one.answered for one in found}) == 1
    about = [one.about for one in found]
    assert about[0] == about[1] > about[2] > about[3] == about[4]  # beyond, nothing was measured
    odds = [math.log(one / (1 - one)) for one in about]
    assert odds[1] - odds[2] == pytest.approx(1.5)


@given(st.lists(st.floats(-20, 0), min_size=1, max_size=4), st.floats(-9, 9))
def test_what_the_reader_says_reaches_the_sentence_that_it_says_it_of(
    evidence: list[float], answers: float
) -> None:
    texts = [f"Sentence number {n} of the story." for n in range(len(evidence))]
    text, spans = " ".join(texts), []
    for one in texts:
        start = text.index(one)
        spans.append(Span(start, start + len(one)))
    article = Article("a", "", text, "/news/a.txt")
    passage = Passage("a", 0, 0, len(text), text, tuple(spans))
    reading = Reading(answers, tuple(evidence))
    cosines = (0.5,) * len(spans)
    read = Hit(passage, article, 1, 1.0, {"bm25": 1.0, "dense": 0.5}, cosines, reading=reading)
    unread = replace(read, rank=2, reading=None)
    found = sentences.candidates([read, unread], {"story": 1.0}, WORDS)
    assert [(one.hit, one.span) for one in found] == [(0, span) for span in spans]
    assert [one.features["evidence"] for one in found] == evidence
    assert {one.features["answers"] for one in found} == {answers}
    best = max(found, key=lambda one: one.merit)
    assert best.features["evidence"] == pytest.approx(max(evidence), abs=1e-9)
    assert len(sentences.candidates([unread, unread], {}, WORDS)) == 2 * len(spans)
