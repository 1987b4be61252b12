"""The `Engine` protocol: what it gives, and that a question needs nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from newsdesk.index.brief.window import local_generation
from newsdesk.index.errors import LibraryError
from newsdesk.index.generation import SourceSummary
from newsdesk.index.search.engine import ALL, Engine
from newsdesk.index.search.examples import examples
from newsdesk.index.search.local_engine import open_local
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Filters, Query
from tests.helpers.support import ROOT, SmallAsking, index, small, write

NEWS = {
    "old.md": ("2021-01-02", "Coast Post", "The bakery of Hull sold its last loaf on Saturday."),
    "new.md": ("2021-03-04", "Coast Post", "The keeper of Cape Dorn turned off its light."),
    "mid.md": ("2021-02-03", "Harbour Times", "The ferry to Aran does not run in a storm."),
    "none.md": ("", "", "It rained. It rained again. Nobody had an umbrella that day."),
    "undated.md": ("", "Harbour Times", "The mill at Dove is for sale, with its wheel."),
}
QUESTIONS = ["who turned off the light?", "Harbour Times about the ferry", "bakry", "the mill", ""]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a library of five articles. Not to be changed."""
    place = tmp_path_factory.mktemp("engine")
    files = {}
    for name, (day, source, text) in NEWS.items():
        head = (
            f"title: {name}\n" + f"date: {day}\n" * bool(day) + f"source: {source}\n" * bool(source)
        )
        files[name] = f"---\n{head}---\n\n{text}\n"
    index(place / "home", write(place / "news", files))
    return small(place / "home")


@pytest.fixture
def engine(settings: Settings) -> Engine:
    return open_local(settings)


def newest(engine: Engine, n: int = 9, filters: Filters = ALL) -> list[str]:
    return [article.id for article, _ in engine.newest(n, filters)]


def test_the_newest_come_first_and_the_undated_last(engine: Engine) -> None:
    assert newest(engine)[:3] == ["new", "mid", "old"]
    assert sorted(newest(engine)[3:]) == ["none", "undated"]
    assert newest(engine, 2) == ["new", "mid"]
    assert newest(engine, 0) == newest(engine, -1) == []


def test_the_newest_and_their_number_keep_to_the_filters(engine: Engine) -> None:
    for filters, expected in (
        (Filters(since=date(2021, 2, 3)), ["new", "mid"]),
        (Filters(until=date(2021, 2, 3)), ["mid", "old"]),
        (Filters(sources=("HARBOUR times",)), ["mid", "undated"]),
        (Filters(since=date(2021, 1, 1), sources=("Coast Post",)), ["new", "old"]),
        (Filters(sources=("nobody",)), []),
    ):
        assert newest(engine, filters=filters) == expected
        assert engine.count(filters) == len(expected)
    assert engine.count() == len(NEWS)


def test_each_of_the_newest_comes_with_its_first_passage(engine: Engine) -> None:
    for article, passage in engine.newest(9):
        assert (passage.article_id, passage.ordinal, passage.start) == (article.id, 0, 0)
        assert engine.article(article.id) == article
    assert engine.article("no such") is None


def test_sources_are_counted_with_their_days_the_largest_first(engine: Engine) -> None:
    assert engine.sources() == [
        SourceSummary("Coast Post", 2, date(2021, 1, 2), date(2021, 3, 4)),
        SourceSummary("Harbour Times", 2, date(2021, 2, 3), date(2021, 2, 3)),
        SourceSummary("", 1, None, None),
    ]
    assert sorted(engine.source_names()) == ["", "Coast Post", "Harbour Times"]
    assert engine.period() == (date(2021, 1, 2), date(2021, 3, 4))
    assert engine.passages >= len(NEWS)


class Elsewhere:
    """An engine of which nothing can be reached but what the protocol names."""

    def __init__(self, settings: Settings) -> None:
        self._inner = open_local(settings)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in vars(Engine):
            raise AttributeError(f"the protocol has no {name}")
        return getattr(self._inner, name)


def open_elsewhere(settings: Settings) -> Engine:
    return cast(Engine, Elsewhere(settings))


@pytest.fixture
def elsewhere(settings: Settings) -> Iterator[Searcher]:
    with Searcher(settings, load=SmallAsking, open_engine=open_elsewhere) as searcher:
        yield searcher


def test_what_a_question_needs_the_protocol_gives(settings: Settings, elsewhere: Searcher) -> None:
    with Searcher(settings, load=SmallAsking) as here:
        for text in QUESTIONS:
            for query in (
                Query(text),
                Query(text, k=1, asked=date(2021, 3, 5), context="and the keeper?"),
                Query(text, since=date(2021, 2, 1), sources=("harbour times",)),
            ):
                assert elsewhere.answer_query(query) == here.answer_query(query)
                assert elsewhere.search(query) == here.search(query)
                assert elsewhere.articles(query, 4) == here.articles(query, 4)
        assert elsewhere.article("old") == here.article("old")
        assert examples(elsewhere) == examples(here)
        assert not elsewhere.refresh()


def test_briefings_say_that_they_need_a_generation_here(elsewhere: Searcher) -> None:
    with pytest.raises(LibraryError, match="where the library lies"):
        local_generation(elsewhere.engine)


def imported_from_generation(file: Path) -> set[str]:
    return {
        alias.name
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("newsdesk.index.generation")
        for alias in node.names
    }


def test_only_the_local_engine_opens_generations() -> None:
    modules = {file.stem: imported_from_generation(file) for file in ROOT.glob("index/search/*.py")}
    assert "Generation" in modules.pop("local_engine")
    assert set().union(*modules.values()) <= {"SourceSummary", "model_files"}
