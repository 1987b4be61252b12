"""Questions to show to someone new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsdesk.index.errors import LibraryMissing
from newsdesk.index.search.examples import examples
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Question
from tests.helpers.support import SmallAsking, index, small, write


def article(title: str, text: str, day: str = "", source: str = "") -> str:
    head = f"title: {title}\n"
    head += f"date: {day}\n" if day else ""
    head += f"source: {source}\n" if source else ""
    return f"---\n{head}---\n\n{text}\n"


def about(name: str, *more: str) -> str:
    return (
        f"On Sunday the keeper Ada Lund spoke of what happened with {name} in the winter. People "
        f"who know the coast say that {name} was closed after 140 years of service. "
        + " ".join(more)
    )


NEWS = {
    "old.md": article("Bakery", about("the Hull Bakery"), "2021-01-02", "Coast Post"),
    "new.md": article("Light", about("Cape Dorn Light"), "2021-03-04", "Coast Post"),
    "mid.md": article("Ferry", about("the Aran Ferry"), "2021-02-03", "Harbour Times"),
    "none.md": article("Rain", "It rained. It rained again. Nobody had an umbrella that day."),
    "undated.md": article("Mill", about("Dove Mill"), source="Harbour Times"),
}


@pytest.fixture
def searcher(tmp_path: Path) -> Iterator[Searcher]:
    index(tmp_path / "home", write(tmp_path / "news", NEWS))
    with Searcher(small(tmp_path / "home"), load=SmallAsking) as found:
        yield found


def test_examples_are_of_names_in_the_newest_articles_and_are_answered(searcher: Searcher) -> None:
    found = examples(searcher)
    assert len(found) <= 3
    assert found, "no example at all"
    verdicts = [searcher.ask(Question(question)).verdict for question in found]
    assert verdicts == sorted(verdicts)  # those that are answered come before the weak
    assert "none" not in verdicts
    names = ["Cape Dorn Light", "the Aran Ferry", "the Hull Bakery", "Dove Mill"]
    asked = [question.removeprefix("What happened with ").removesuffix("?") for question in found]
    for verdict in ("answered", "weak"):
        those = [name for name, own in zip(asked, verdicts, strict=True) if own == verdict]
        assert those == [name for name in names if name in those]


def test_a_library_that_speaks_of_no_name_twice_has_no_examples(tmp_path: Path) -> None:
    index(tmp_path / "home", write(tmp_path / "news", {"none.md": NEWS["none.md"]}))
    with Searcher(small(tmp_path / "home"), load=SmallAsking) as searcher:
        assert examples(searcher) == []


def test_of_the_seeds_there_are_three_and_each_is_of_another_article(seeds_home: Path) -> None:
    with Searcher(Settings(home=seeds_home)) as searcher:
        found = examples(searcher)
        answers = [searcher.ask(Question(question)) for question in found]
    assert len(set(found)) == 3
    assert "none" not in {one.verdict for one in answers}
    assert len({one.passages[0].hit.article.id for one in answers}) == 3
    assert max(map(len, found)) <= 60  # the words of a button


def test_without_a_library_there_is_nothing_to_ask(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing):
        Searcher(small(tmp_path / "home"), load=SmallAsking)
