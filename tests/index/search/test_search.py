"""The Searcher: one state of the library at a time, from any thread, without torch."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec import structs

from newsdesk.index.search.engine import EngineQuery, Mode
from newsdesk.index.search.fusion import Candidate
from newsdesk.index.search.local_engine import open_local
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Dense, Fusion, Lexical, Settings
from newsdesk.index.types import Hit, Query, Question
from tests.helpers.support import ROOT, SEEDS, SmallAsking, index, small, write

QUESTIONS = [
    "who is in the B9?", "whne did putin call biden", "capital of mongolia", "Ever Given",
    "zelenskyy", "webb telescope launch", "how many troops", "nato russia council", "???", "x",
    "glasgow pact coal", "tokio olympics", "crimea 2014", "la palma", "",
]  # fmt: skip


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the seeds, by the small encoder. Not to be changed."""
    home = tmp_path_factory.mktemp("small") / "home"
    index(home, SEEDS)
    return home


def three(place: Path) -> Path:
    """A folder of three articles."""
    return write(
        place / "articles",
        {
            "nine.md": "---\ntitle: Nine\ndate: 2021-05-10\nsource: Gazette\n---\nThe B9 met.",
            "again.md": "---\ntitle: Again\ndate: 2022-02-25\nsource: Herald\n---\nThe B9 met.",
            "canal.txt": "The Canal\n\nA ship blocked the canal.",
        },
    )


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    return three(tmp_path)


@pytest.fixture
def home(tmp_path: Path, articles: Path) -> Path:
    index(tmp_path / "home", articles)
    return tmp_path / "home"


def opened(home: Path, mode: Mode = "hybrid", **options: Any) -> Searcher:
    return Searcher(structs.replace(small(home), **options), mode=mode, load=SmallAsking)


def brief(hits: Sequence[Hit]) -> list[tuple[str, float, float]]:
    return [(hit.passage.id, hit.score, hit.signals["dense"]) for hit in hits]


# What comes back


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_hits_are_at_most_k_each_once_and_in_order(seeds: Path, mode: Mode) -> None:
    with opened(seeds, mode=mode) as searcher:
        for question in QUESTIONS:
            hits = searcher.search(Query(question, k=7))
            scores = [hit.score for hit in hits]
            assert len(hits) <= 7
            assert scores == sorted(scores, reverse=True)
            assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
            assert len({hit.passage.id for hit in hits}) == len(hits)
            for hit in hits:
                place = slice(hit.passage.start, hit.passage.end)
                assert hit.article.text[place] == hit.passage.text
                assert sum(hit.matched.values()) == pytest.approx(hit.signals["bm25"])
                assert len(hit.sentence_cosines) == len(hit.passage.sentences)


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_the_same_question_gets_the_same_hits(seeds: Path, mode: Mode) -> None:
    with opened(seeds, mode=mode) as searcher, opened(seeds, mode=mode) as another:
        for question in QUESTIONS:
            first = searcher.search(Query(question))
            assert brief(searcher.search(Query(question))) == brief(first)
            assert brief(another.search(Query(question))) == brief(first)


def test_by_words_alone_a_passage_that_shares_none_is_no_result(seeds: Path) -> None:
    with opened(seeds, mode="lexical") as searcher:
        assert searcher.search(Query("xylophone quagga zymurgy", k=50)) == []
        hits = searcher.search(Query("Bucharest", k=100))
        assert hits
        assert all("bucharest" in f"{h.article.title} {h.passage.text}".casefold() for h in hits)


def test_a_weight_of_0_or_1_ranks_like_that_index_alone(seeds: Path) -> None:
    for weight, signal in ((0.0, "bm25"), (1.0, "dense")):
        with opened(seeds, fusion=Fusion(weight=weight, article=0.0, read=0)) as searcher:
            for question in QUESTIONS:
                signals = [hit.signals[signal] for hit in searcher.search(Query(question, k=20))]
                assert signals == sorted(signals, reverse=True)


def test_ranks_can_be_fused_instead_of_scores(seeds: Path) -> None:
    with opened(seeds, fusion=Fusion(method="rrf")) as searcher:
        hits = searcher.search(Query("who is in the B9?"))
    assert 0 < hits[0].score <= 2 / 61
    assert hits[0].article.id.startswith("bucharest-nine")


def test_k1_and_b_are_settings(seeds: Path) -> None:
    found = set()
    for lexical in (Lexical(), Lexical(k1=0.1), Lexical(b=0.0)):
        with opened(seeds, lexical=lexical, mode="lexical") as searcher:
            found.add(searcher.search(Query("Bucharest Nine"))[0].signals["bm25"])
    assert len(found) == 3


def test_codes_first_find_what_comparing_all_finds(seeds: Path) -> None:
    with (
        opened(seeds) as exact,
        opened(seeds, dense=Dense(exact_up_to=10, rescore=60)) as approximate,
    ):
        for question in ("who is in the B9?", "Ever Given", "crimea 2014"):
            (best, *_) = exact.search(Query(question))
            assert approximate.search(Query(question))[0].passage.id == best.passage.id


def test_a_narrowed_question_gets_only_what_it_asks_for(home: Path) -> None:
    with opened(home) as searcher:

        def ids(**narrowing: Any) -> set[str]:
            query = Query("B9 met", k=10, **narrowing)
            return {hit.article.id for hit in searcher.search(query)}

        assert ids() == {"nine", "again", "canal"}
        assert ids(since=date(2022, 1, 1)) == {"again"}
        assert ids(until=date(2021, 5, 10)) == {"nine"}
        assert ids(sources=("herald",)) == {"again"}
        assert ids(sources=("nobody",)) == set()
        assert searcher.ask(Question("B9 met", sources=("nobody",))).verdict == "none"


def test_articles_are_ranked_each_once_as_search_ranks_them(seeds: Path) -> None:
    with opened(seeds) as searcher:
        for question in QUESTIONS:
            ranking = searcher.articles(Query(question), 15)
            ids = [article_id for article_id, _ in ranking]
            scores = [score for _, score in ranking]
            assert len(ids) == len(set(ids)) == 15
            assert scores == sorted(scores, reverse=True)
            hits = searcher.search(Query(question, k=15))
            by_hits = list(dict.fromkeys(hit.article.id for hit in hits))
            assert ids[: len(by_hits)] == by_hits


def test_an_article_is_found_by_its_id(home: Path) -> None:
    with opened(home) as searcher:
        found = searcher.article("canal")
        assert found
        assert found.title == "The Canal"
        assert searcher.article("no such") is None


@pytest.mark.parametrize(
    "question",
    ["", " ", "the of and", "😀😀", "\x00", "caf\udce9", "a" * 10_000, "why? " * 2_000,
     "'; DROP TABLE articles; --", "(a+)+$", "%", "../../etc/passwd", "مرحبا", "谁在B9里？"],
    ids=["empty", "blank", "stop words", "emoji", "null", "undecodable", "a long word",
         "ten thousand letters", "SQL", "a pattern", "a sign", "a path", "Arabic", "Chinese"],
)  # fmt: skip
def test_any_question_gets_an_answer_or_a_refusal(question: str, seeds_home: Path) -> None:
    with Searcher(Settings(home=seeds_home)) as searcher:
        answer = searcher.ask(Question(question))
    assert answer.question == question
    assert answer.verdict in {"answered", "weak", "none"}


@pytest.mark.parametrize("k", [0, -1])
def test_nothing_wanted_is_nothing_given(k: int, home: Path) -> None:
    with opened(home) as searcher:
        assert searcher.ask(Question("B9", k=k)).passages == ()


# Torch is for indexing


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert not done.returncode, done.stderr
    return done.stdout


def test_to_ask_never_imports_torch(seeds_home: Path) -> None:
    told = run(
        "import sys\n"
        "from pathlib import Path\n"
        "from newsdesk.index import Query, Question, Searcher, Settings\n"
        f"with Searcher(Settings(home=Path({str(seeds_home)!r}))) as searcher:\n"
        "    answer = searcher.ask(Question('who is in the B9?'))\n"
        "    searcher.articles(Query('Bucharest'), 20)\n"
        "    searcher.refresh()\n"
        "print(answer.sentence.text)\n"
        "print({'torch', 'transformers', 'sentence_transformers', 'scipy'} & set(sys.modules))"
    )
    sentence, loaded = told.splitlines()
    assert "Slovakia" in sentence
    assert loaded == "set()"


def test_where_there_is_nothing_to_encode_indexing_needs_no_torch(
    seeds_home: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(seeds_home, tmp_path / "home")
    shutil.rmtree(home / "generations")
    told = run(
        "import sys; sys.modules['torch'] = None\n"
        "from pathlib import Path\n"
        "from newsdesk.index import Settings\n"
        "from newsdesk.index.update import update\n"
        f"report = update(Settings(home=Path({str(home)!r})), [Path({str(SEEDS)!r})])\n"
        "print(report.published, report.encoded)"
    )
    assert told.split() == ["True", "0"]


# Threads


def test_many_threads_get_what_one_gets(seeds: Path) -> None:
    with opened(seeds) as alone:
        expected = {question: brief(alone.search(Query(question))) for question in QUESTIONS}
    with opened(seeds) as searcher, ThreadPoolExecutor(8) as threads:  # its caches are empty yet
        asked = QUESTIONS * 10
        found = list(threads.map(lambda q: brief(searcher.search(Query(q))), asked))
    assert found == [expected[question] for question in asked]


class Counting:
    """An engine that notes how many questions are in it at once."""

    def __init__(self, settings: Settings) -> None:
        self._engine, self._noting = open_local(settings), threading.Lock()
        self.now = self.most = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def candidates(self, query: EngineQuery) -> list[Candidate]:
        """As the engine's, a little later, so that others come meanwhile."""
        with self._noting:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.05)
        with self._noting:
            self.now -= 1
        return self._engine.candidates(query)


@pytest.mark.parametrize(("engine", "at_once"), [("local", 2), ("milvus", 6)])
def test_two_questions_are_searched_for_at_once_and_elsewhere_all(
    engine: Any, at_once: int, seeds: Path
) -> None:
    settings = structs.replace(small(seeds), engine=engine)
    searcher = Searcher(settings, load=SmallAsking, open_engine=cast(Any, Counting))
    with searcher, ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(searcher.ask, [f"who met in May {n}?" for n in range(6)]))
        assert len({answer.question for answer in answers}) == 6
        assert cast(Counting, searcher.engine).most == at_once


def first(searcher: Searcher, text: str, asked: date | None) -> str:
    return searcher.search(Query(text, 2, asked=asked))[0].article.id


def test_of_two_articles_that_say_it_the_one_from_just_before_the_question_is_first(
    home: Path,
) -> None:
    with opened(home) as searcher:
        assert first(searcher, "who met, the B9?", date(2021, 5, 11)) == "nine"
        assert first(searcher, "who met, the B9?", date(2022, 2, 26)) == "again"


def test_a_question_about_another_year_is_not_drawn_to_today(home: Path) -> None:
    with opened(home) as searcher:
        plain = first(searcher, "did the B9 meet in 2019?", None)
        assert first(searcher, "did the B9 meet in 2019?", date(2022, 2, 26)) == plain
        assert first(searcher, "did the B9 meet in 2019?", date(2021, 5, 11)) == plain
