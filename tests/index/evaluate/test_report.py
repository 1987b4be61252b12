"""The page of `eval --report`: its data are the runs' numbers, and no text can break it."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsdesk.index import evaluate
from newsdesk.index.cli import app
from newsdesk.index.evaluate import Dataset, JudgedQuestion, Outcome, Run, report
from newsdesk.index.evaluate.report import figures
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Reading, Settings
from newsdesk.index.types import (
    Answer,
    Article,
    Citation,
    Hit,
    Passage,
    Sentence,
    Shown,
    Span,
)
from tests.helpers.support import SEEDS, WEEK

Object = dict[str, Any]


class Reader(HTMLParser):
    """What an HTML parser makes of a page: its tags, and what stands in its data script."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.data = ""
        self._in_data = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        told = dict(attrs)
        self.addresses += [told[name] or "" for name in ("src", "href") if name in told]
        self._in_data = told.get("id") == "data"

    def handle_endtag(self, tag: str) -> None:
        self._in_data = False

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.data += data


def read(html: str) -> tuple[Object, Reader]:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return json.loads(reader.data), reader


def shown(article: Article, number: int = 1) -> Shown:
    """The whole article as a passage, with its first character lit up."""
    span = Span(0, len(article.text))
    passage = Passage(article.id, 0, 0, len(article.text), article.text, (span,))
    hit = Hit(passage, article, number, 1.0, {"bm25": 2.5, "dense": 0.25}, matched={"ferry": 2.5})
    citation = Citation(number, article, 0, len(article.text), 1, "")
    return Shown(hit, citation, (), (Span(0, 1),))


def outcome(
    question: JudgedQuestion, ranking: str = "", probability: float = 0.9, verdict: Any = "answered"
) -> Outcome:
    """What a question got: the ranking is of articles named by one letter."""
    passages = tuple(
        shown(Article(i, i, f"Text of {i}.", "f"), n) for n, i in enumerate(ranking, 1)
    )
    text = passages[0].hit.passage.text if passages else ""
    sentence = Sentence(text, 1, 0, len(text), 1) if verdict != "none" else None
    answer = Answer(question.text, verdict, probability, sentence, passages)
    return Outcome(question, tuple((i, 1.0) for i in ranking), answer, 0.01)


def run(*outcomes: Outcome, **told: Any) -> Run:
    settings = {"answer.answered": 0.7, "answer.weak": 0.4}
    return Run("hybrid", settings, evaluate.measure(outcomes), outcomes, **told)


def page_of(*runs: Run) -> str:
    questions = tuple(one.question for one in runs[0].outcomes)
    dataset = Dataset("tiny", Path("tiny"), questions)
    return report.page([report.gather(dataset, runs, lambda *_: None)])


# --- the data


class Seeds:
    """The seeds under two configurations: the runs, the searcher's answer, and the page."""

    def __init__(self, dataset: Dataset, runs: list[Run], file: Path) -> None:
        self.dataset, self.runs, self.file = dataset, runs, file
        self.told, self.reader = read(file.read_text("utf-8"))
        (self.data,) = self.told["datasets"]


def unread(home: Path) -> Settings:
    """Settings by which no passage is read: that takes long, and it is the page that counts."""
    return Settings(home=home, reader=Reading(model="none"))


@pytest.fixture(scope="module")
def seeds(seeds_home: Path) -> Seeds:
    whole = evaluate.load(SEEDS)
    settings = unread(seeds_home)
    dataset = replace(whole, questions=whole.questions[::3])
    foreign = evaluate.off_topic_questions(settings, evaluate.load(WEEK), 12)
    runs = [
        evaluate.evaluate(dataset, settings, mode, off_topic=foreign)
        for mode in ("hybrid", "lexical")
    ]
    file = seeds_home.parent / "page.html"
    report.write(file, [(dataset, runs)])
    return Seeds(dataset, runs, file)


def test_the_page_tells_the_measures_of_the_runs_with_intervals_around_them(seeds: Seeds) -> None:
    for run_, told in zip(seeds.runs, seeds.data["runs"], strict=True):
        assert told["measures"] == pytest.approx(
            {name: value for name, value in run_.measures.items() if value is not None}
        )
        for name, (low, high) in told["intervals"].items():
            assert low <= told["measures"][name] <= high
        assert told["intervals"].keys() == told["measures"].keys()
        assert fmean(told["values"]["hit@1"].values()) == pytest.approx(told["measures"]["hit@1"])
    assert {one["name"] for one in seeds.data["measures"]} >= seeds.runs[0].measures.keys()


def test_off_topic_questions_follow_the_datasets_own(seeds: Seeds) -> None:
    own = len(seeds.dataset.questions)
    foreign = seeds.data["questions"][own:]
    assert [one["offTopic"] for one in seeds.data["questions"]] == [False] * own + [True] * 12
    shown = fmean(one["outcomes"][0]["verdict"] != "none" for one in foreign)
    assert shown == seeds.data["runs"][0]["measures"]["off_topic_shown"]
    assert all(one["id"].startswith("week/") and not one["gold"] for one in foreign)


def test_each_question_tells_what_ask_explain_tells(seeds: Seeds, seeds_home: Path) -> None:
    with Searcher(unread(seeds_home)) as searcher:
        for told in seeds.data["questions"][:20]:
            answer = searcher.ask(told["text"])
            page = told["outcomes"][0]
            assert page["verdict"] == answer.verdict
            assert page["probability"] == pytest.approx(answer.probability, abs=1e-6)
            assert page["signals"] == pytest.approx(dict(answer.signals), abs=1e-6)
            for hit, one in zip(page["hits"], answer.passages, strict=True):
                assert hit["score"] == pytest.approx(one.hit.score, abs=1e-6)
                assert hit["signals"] == pytest.approx(dict(one.hit.signals), abs=1e-6)
                assert hit["matched"] == pytest.approx(dict(one.hit.matched), abs=1e-6)
                passage = seeds.data["passages"][hit["passage"]]
                assert passage["text"] == one.hit.passage.text
                assert hit["highlights"] == [[s.start, s.end] for s in one.highlights]


def test_the_comparison_is_the_benchs_own(seeds: Seeds) -> None:
    (told,) = seeds.data["comparisons"]
    found = {one.measure: one for one in evaluate.compare(*seeds.runs)}
    assert {one["measure"] for one in told} == set(found)
    for one in told:
        own = found[one["measure"]]
        assert (one["difference"], one["low"], one["high"], one["p"]) == pytest.approx(
            (own.difference, own.low, own.high, own.p)
        )


def test_the_ranks_of_the_page_add_up_to_the_measures(seeds: Seeds) -> None:
    for told in seeds.data["runs"]:
        answerable = sum(told["ranks"])
        assert answerable == sum(bool(one.relevant) for one in seeds.dataset.questions)
        assert told["ranks"][0] / answerable == pytest.approx(told["measures"]["hit@1"])
        assert sum(told["ranks"][:5]) / answerable == pytest.approx(told["measures"]["hit@5"])


def test_the_marked_thresholds_are_what_the_verdicts_were_made_with(seeds: Seeds) -> None:
    for run_, told in zip(seeds.runs, seeds.data["runs"], strict=True):
        marks = {one["name"]: one for one in told["coverage"]["thresholds"]}
        judged = [
            one for one in run_.outcomes if one.question.relevant or one.question.unanswerable
        ]
        assert marks.keys() == {"answered"}
        share = fmean(one.answer.verdict == "answered" for one in judged)
        assert marks["answered"]["coverage"] == pytest.approx(share)
        assert marks["answered"]["at"] == run_.settings["answer.answered"]
        at = [p for p in told["coverage"]["article"] if p[0] >= marks["answered"]["at"]]
        assert at[-1][2] == pytest.approx(marks["answered"]["accuracy"], abs=1e-4)


def test_the_page_asks_for_nothing_from_elsewhere(seeds: Seeds) -> None:
    assert set(seeds.reader.addresses) == {"data:,", "#questions"}
    assert "default-src 'none'" in seeds.file.read_text("utf-8")


# --- figures


GOLD = JudgedQuestion("q", "who?", {"a": 1}, answers=("Text of a",))
WITHOUT = JudgedQuestion("n", "who?", unanswerable=True)


@pytest.mark.parametrize(("place", "column"), [(1, 0), (10, 9), (11, 10), (100, 10), (101, 11)])
def test_a_rank_counts_in_its_column(place: int, column: int) -> None:
    ranking = (*((str(n), 1.0) for n in range(1, place)), ("a", 1.0))
    one = Outcome(GOLD, ranking, Answer("who?", "none", 0.1, None, ()))
    assert [i for i, n in enumerate(figures.ranks([one])) if n] == [column]
    assert figures.ranks([outcome(GOLD, "bc")])[11] == 1
    assert not any(figures.ranks([outcome(WITHOUT, "a")]))


def test_coverage_counts_a_tie_as_one_threshold_and_a_question_without_answer_as_wrong() -> None:
    told = figures.coverage(
        run(outcome(GOLD, "a", 0.8), outcome(WITHOUT, "a", 0.8), outcome(GOLD, "b", 0.2, "none"))
    )
    assert told
    assert told["article"] == [[0.8, 0.66667, 0.5], [0.2, 1.0, 0.33333]]
    assert told["sentence"] == [[0.8, 0.66667, 0.5]]  # none was chosen below
    assert [one["coverage"] for one in told["thresholds"]] == pytest.approx([2 / 3])


def test_kinds_are_the_datasets_own() -> None:
    asked = [replace(GOLD, id="1", kind="define"), replace(GOLD, id="2"), WITHOUT]
    values = {"hit@1": {"1": 1.0, "2": 0.0}}
    first, second = figures.kinds(asked, [values])
    assert (first["kind"], first["count"], first["runs"]) == ("", 2, [{"hit@1": [0.0, 1]}])
    assert (second["kind"], second["runs"]) == ("define", [{"hit@1": [1.0, 1]}])
    assert not figures.kinds([GOLD, replace(WITHOUT, kind="off_topic")], [values])


def test_calibration_sorts_questions_into_ten_bins() -> None:
    told = figures.calibration(
        run(outcome(GOLD, "a", 1.0), outcome(WITHOUT, "a", 0.95), outcome(GOLD, "b", 0.05))
    )
    assert [one["count"] for one in told] == [1, 2]
    assert told[1]["probability"] == pytest.approx(0.975)
    assert [one["answerable"] for one in told] == [1.0, 0.5]
    assert [one["right"] for one in told] == [0.0, 0.5]


def test_the_interval_of_an_area_is_that_of_hanley_and_mcneil() -> None:
    # Their paper's example: an area of .893 from 51 abnormal and 58 normal cases, error .032.
    low, high = figures._area_interval(0.893, 51, 58)
    assert (high - low) / 2 / 1.96 == pytest.approx(0.032, abs=0.001)


def test_someone_elses_run_has_no_verdict_to_draw(tmp_path: Path) -> None:
    theirs = tmp_path / "their.run"
    theirs.write_text("q Q0 a 1 9.0 them\n", "utf-8")
    dataset = Dataset("tiny", tmp_path, (GOLD, WITHOUT))
    runs = [run(outcome(GOLD, "a"), outcome(WITHOUT, "b")), evaluate.read_run(theirs, dataset)]
    data = report.gather(dataset, runs, lambda *_: None)
    assert [one["asked"] for one in data["runs"]] == [True, False]
    assert data["runs"][1]["coverage"] is None
    assert not data["runs"][1]["calibration"]
    assert data["questions"][0]["outcomes"][1]["ranked"] == ["a"]


def test_a_gold_article_that_did_not_come_back_is_looked_up() -> None:
    dataset = Dataset("tiny", Path("tiny"), (GOLD,))
    found = Article("a", "The Title", "It opens so.", "f")
    data = report.gather(dataset, [run(outcome(GOLD, "b"))], lambda _, i: found)
    assert data["articles"]["a"]["title"] == "The Title"
    assert data["articles"]["a"]["opening"] == "It opens so."
    assert "opening" not in data["articles"]["b"]


# --- any text

TEXT = st.text(min_size=1).filter(str.strip)


@given(TEXT, TEXT, TEXT)
@example("</script><script>alert(1)</script>", "<!--<script>", "<b>&amp;\u2028\"'\\{{data}}")
@example("\ud83d", "\0\r\n]]>", "🦊 {{script}}")
def test_no_text_can_break_the_page(asked: str, title: str, body: str) -> None:
    question = JudgedQuestion("q", asked, {"a": 1}, answers=(body,), kind=title)
    article = Article("a", title, body, title, source=asked)
    answer = Answer(asked, "weak", 0.5, Sentence(body, 1, 0, len(body), 1), (shown(article),))
    html = page_of(run(Outcome(question, (("a", 1.0),), answer, 0.1), name=title))
    data, reader = read(html.encode("utf-8").decode("utf-8"))
    (told,) = data["datasets"]
    assert told["questions"][0]["text"] == asked
    assert told["articles"]["a"]["title"] == title
    assert next(iter(told["passages"].values()))["text"] == body
    assert reader.tags == read(page_of(run(outcome(GOLD, "a"))))[1].tags


def test_a_link_to_anything_but_a_web_page_is_left_out() -> None:
    article = Article("a", "t", "Text.", "f", url="javascript:alert(1)")
    answer = Answer("who?", "weak", 0.5, Sentence("Text.", 1, 0, 5, 1), (shown(article),))
    html = page_of(run(Outcome(GOLD, (("a", 1.0),), answer, 0.1)))
    assert read(html)[0]["datasets"][0]["articles"]["a"]["url"] == ""


# --- the command


def test_eval_writes_one_page_for_all_datasets(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(models)
    monkeypatch.setenv("NEWSDESK_HOME", str(tmp_path / "home"))
    for name, gold in {"one": "fire", "two": "fire"}.items():
        folder = tmp_path / name
        folder.mkdir()
        (folder / "fire.txt").write_text("Fire in Oldport\n\nThe old mill burned down.\n", "utf-8")
        asked = {"id": "q", "question": "what burned?", "article": gold}
        (folder / "questions.jsonl").write_text(json.dumps(asked) + "\n", "utf-8")
    page = tmp_path / "page.html"
    folders = [str(tmp_path / "one"), str(tmp_path / "two")]
    assert app.run(["eval", *folders, "--report", str(page), "--json"]) == 0
    data, _ = read(page.read_text("utf-8"))
    assert [one["name"] for one in data["datasets"]] == ["one", "two"]
    assert data["datasets"][1]["articles"]["fire"]["title"] == "Fire in Oldport"
