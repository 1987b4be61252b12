"""The first passages are read: their place in the ranking, and how many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from newsdesk.index.generation import Generation, open_current
from newsdesk.index.reading import Text
from newsdesk.index.search.engine import EngineQuery, LoadedPassage
from newsdesk.index.search.fusion import Key
from newsdesk.index.search.local_engine import LocalEngine
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Reading as Settings
from newsdesk.index.settings import Settings as AllSettings
from newsdesk.index.types import Query, Reading
from tests.helpers.support import SmallAsking, index, small, write

ASKED = Query("which ferry crews went back to work", 3)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("read")
    files = {
        f"a{n}.txt": f"Ferry {n}\n\nThe ferry crews of port number {n} went back to work.\n"
        for n in range(8)
    }
    index(place / "home", write(place / "articles", files))
    return place / "home"


class ByNumber:
    """Likes the highest port number best, and remembers what it was given to read."""

    def __init__(self) -> None:
        self.given: list[Text] = []

    def read(self, question: str, passage: Text) -> Reading:
        assert question == ASKED.text
        self.given.append(passage)
        number = float(passage.text.split("port number ")[1].split()[0])
        return Reading(number, (0.0,) * len(passage.sentences))


def searcher(home: Path, passages: int, reader: ByNumber | None) -> Searcher:
    reading = Settings("none", passages=passages, margin=10.0, weight=10.0)
    settings = structs.replace(small(home), reader=reading)
    return Searcher(settings, load=SmallAsking, reader=reader)


def test_the_first_passages_are_read_and_the_rest_stay_as_they_are(home: Path) -> None:
    with searcher(home, 4, None) as plain, searcher(home, 4, reader := ByNumber()) as reading:
        before = [one.article.id for one in plain.search(replace(ASKED, k=8))]
        hits = reading.search(replace(ASKED, k=8))
        after = [one.article.id for one in hits]
        assert len(reader.given) == 4
        articles = [one for one, _ in reading.articles(ASKED, 8)]
    assert after[:4] == sorted(before[:4], reverse=True)
    assert after[4:] == before[4:]
    assert articles == after
    assert [one.reading is not None for one in hits] == [True] * 4 + [False] * 4
    scores = [one.score for one in hits]
    assert scores == sorted(scores, reverse=True)
    assert [one.rank for one in hits] == list(range(1, 9))
    first = reader.given[0]
    assert first.title.startswith("Ferry ")
    assert [span.of(first.text) for span in first.sentences] == [first.text]


def test_what_is_far_below_the_first_is_not_read(home: Path) -> None:
    with searcher(home, 8, None) as plain:
        scores = [one.score for one in plain.search(replace(ASKED, k=8))]
    margin = (scores[0] - scores[-1]) / 2
    near = max(2, sum(score >= scores[0] - margin for score in scores))
    assert near < 8
    settings = structs.replace(small(home), reader=Settings("none", passages=8, margin=margin))
    with Searcher(settings, load=SmallAsking, reader=(reader := ByNumber())) as reading:
        reading.search(replace(ASKED, k=8))
    assert len(reader.given) == near


def test_what_is_asked_of_now_has_more_of_them_read(home: Path) -> None:
    with searcher(home, 3, reader := ByNumber()) as reading:
        reading.search(replace(ASKED, current=True))
    assert len(reader.given) == 6


class Noting(LocalEngine):
    """Notes what is loaded."""

    def __init__(self, generation: Generation, settings: AllSettings) -> None:
        super().__init__(generation, settings)
        self.loaded: Counter[Key] = Counter()

    def load(self, query: EngineQuery, keys: Sequence[Key]) -> list[LoadedPassage]:
        self.loaded.update(keys)
        return super().load(query, keys)


@pytest.mark.parametrize("k", [1, 2, 6])
def test_what_is_read_and_shown_is_loaded_once(home: Path, k: int) -> None:
    settings = structs.replace(small(home), reader=Settings("none", passages=4, margin=10.0))
    engine = Noting(open_current(home), settings)
    with Searcher(
        settings, load=SmallAsking, reader=ByNumber(), open_engine=lambda _: engine
    ) as reading:
        assert len(reading.search(replace(ASKED, k=k))) == k
    assert set(engine.loaded.values()) == {1}
    assert len(engine.loaded) == max(4, k)


def test_without_a_reader_nothing_is_read(home: Path) -> None:
    with searcher(home, 4, None) as plain:
        assert [hit.reading for hit in plain.search(ASKED)] == [None] * 3
        assert plain.ask(ASKED.text).sentence
