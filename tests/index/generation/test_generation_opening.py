"""What the Searcher does not open, and what it keeps open while the library changes."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec import structs

from newsdesk.index.errors import LibraryDamaged, LibraryMissing, ModelError, ModelMismatch
from newsdesk.index.generation import open_current
from newsdesk.index.indexes.dense import Encoded, Matrix
from newsdesk.index.library import FILE, Library
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Query, Question, Span
from newsdesk.index.update import update
from tests.helpers.support import SmallAsking, SmallEncoder, index, small, write
from tests.index.search.test_search import QUESTIONS, brief, opened, three


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    return three(tmp_path)


@pytest.fixture
def home(tmp_path: Path, articles: Path) -> Path:
    index(tmp_path / "home", articles)
    return tmp_path / "home"


def test_where_nothing_was_indexed_there_is_nothing_to_ask(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="newsdesk index FOLDER"):
        Searcher(small(tmp_path / "home"), load=SmallAsking)
    assert list(tmp_path.iterdir()) == []


def test_a_library_of_another_model_says_how_to_rebuild(home: Path) -> None:
    with pytest.raises(ModelMismatch, match="newsdesk index") as told:
        Searcher(structs.replace(small(home), model="another"), load=SmallAsking)
    assert "small-encoder" in str(told.value)
    assert "another" in str(told.value)


def test_a_model_exported_from_other_weights_is_not_asked(home: Path, articles: Path) -> None:
    right = home / "models" / SmallEncoder().model.id
    other = structs.replace(small(home / "other"), model="another")
    update(other, [articles], load=SmallEncoder)
    shutil.rmtree(right)
    shutil.copytree(home / "other" / "models" / SmallEncoder("another").model.id, right)
    with pytest.raises(ModelMismatch, match="remove that folder and run `newsdesk index`"):
        Searcher(small(home), load=SmallAsking)
    shutil.rmtree(right)
    index(home, articles)
    with opened(home) as searcher:
        assert searcher.search(Query("canal"))


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def flip(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.seek(-1_000, os.SEEK_END)
        (byte,) = stream.read(1)
        stream.seek(-1_000, os.SEEK_END)
        stream.write(bytes([byte ^ 64]))


def foreign(file: Path) -> None:
    file.write_text("{}")


@pytest.mark.parametrize("damage", [cut, flip, foreign, Path.unlink])
@pytest.mark.parametrize("name", ["model.onnx", "weights.bin", "tokenizer.json"])
def test_a_damaged_real_model_is_an_error_with_the_mend(
    name: str, damage: Callable[[Path], None], seeds_home: Path, tmp_path: Path
) -> None:
    shutil.copytree(seeds_home / "models", tmp_path / "models")
    (file,) = (tmp_path / "models").glob(f"*/{name}")
    damage(file)
    with pytest.raises(ModelError, match="newsdesk index") as told:
        Searcher(Settings(home=seeds_home), models=tmp_path / "models")
    assert str(file.parent) in str(told.value)


def test_closed_it_says_so(home: Path) -> None:
    with opened(home) as searcher:
        pass
    with pytest.raises(LibraryMissing, match="closed"):
        searcher.ask(Question("B9"))


@contextlib.contextmanager
def unprivileged() -> Iterator[None]:
    """As somebody who owns nothing, where this process is root, whom no mode keeps out."""
    if os.geteuid():
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other modes")
def test_a_home_one_may_only_read_can_be_asked_but_not_changed(home: Path, articles: Path) -> None:
    with tempfile.TemporaryDirectory() as place:  # pytest's own folders are closed to others
        own = shutil.copytree(home, Path(place) / "home")
        shutil.copytree(articles, Path(place) / "articles")
        Path(place).chmod(0o755)
        for path in own.rglob("*"):
            path.chmod(0o555 if path.is_dir() else 0o444)
        own.chmod(0o555)
        with unprivileged():
            with opened(own) as searcher:
                assert searcher.search(Query("canal"))[0].article.id == "canal"
            with pytest.raises(LibraryDamaged, match="change its mode or owner, or set NEWSDESK_"):
                index(own, Path(place) / "articles")
        (own / "CURRENT").chmod(0o000)
        with unprivileged(), pytest.raises(LibraryDamaged, match="change its mode or owner"):
            opened(own)
        for path in [own, *own.rglob("*")]:
            path.chmod(0o755)


# While the library changes


def grow(home: Path, articles: Path, number: int) -> None:
    write(articles, {f"more-{number}.txt": f"More {number}\n\nThe canal grew {number} times."})
    index(home, articles)


def test_a_reader_keeps_its_generation_until_it_asks_for_the_newest(
    home: Path, articles: Path
) -> None:
    with opened(home) as searcher:
        folder = open_current(home).folder
        before = [brief(searcher.search(Query(question, k=9))) for question in QUESTIONS]
        for number in range(3):
            grow(home, articles, number)
        assert not folder.exists()
        assert searcher.article("more-1") is None
        assert [brief(searcher.search(Query(q, k=9))) for q in QUESTIONS] == before
        assert searcher.refresh()
        assert searcher.article("more-1")
        assert not searcher.refresh()


def test_what_does_not_open_leaves_what_was_open(home: Path, articles: Path) -> None:
    with opened(home) as searcher:
        update(structs.replace(small(home), model="another"), [articles], load=SmallEncoder)
        with pytest.raises(ModelMismatch):
            searcher.refresh()
        assert searcher.search(Query("canal"))[0].article.id == "canal"
        (home / "CURRENT").write_text("nonsense")
        with pytest.raises(LibraryDamaged):
            searcher.refresh()
        shutil.rmtree(home)
        with pytest.raises(LibraryMissing):
            searcher.refresh()
        assert searcher.search(Query("canal"))[0].article.id == "canal"


class Turned(SmallEncoder):
    """The same model trained again, into the opposite direction."""

    turned = True

    def __init__(self, name: str) -> None:
        super().__init__(name)
        if self.turned:
            self.model = type(self.model)(name, self.model.hash[::-1], self.model.dimensions)

    def encode(
        self, titles: Sequence[str], texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[Encoded]:
        found = super().encode(titles, texts, sentences)
        return [Encoded(-one.vector, -one.sentences) for one in found]


class TurnedAsking(SmallAsking):
    """Asks either, as the export tells."""

    def encode(self, text: str) -> Matrix:
        found = super().encode(text)
        return found if self.hash == SmallEncoder().model.hash else -found


def test_no_question_mixes_two_states_of_the_library(home: Path, articles: Path) -> None:
    """One encoder's question among another's passages would have every cosine's sign turned."""
    query = Query("The canal", k=3)
    names, allowed = [], set()
    for number, made in enumerate((Turned, SmallEncoder)):
        write(articles, {"canal.txt": f"The Canal\n\nA ship{' and a ship' * number}."})
        update(small(home), [articles], load=made)
        with Searcher(small(home), load=TurnedAsking) as fresh:
            names.append(fresh.engine.state)
            allowed.add(tuple(brief(fresh.search(query))))
    searcher = Searcher(small(home), load=TurnedAsking)
    done = threading.Event()

    def ask() -> set[tuple[tuple[str, float, float], ...]]:
        seen = set()
        while not done.is_set():
            seen.add(tuple(brief(searcher.search(query))))
        return seen

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # threads take turns in the middle of everything
    try:
        with ThreadPoolExecutor(3) as threads:
            asking = [threads.submit(ask) for _ in range(3)]
            for number in range(150):
                (home / "next").write_text(names[number % 2])
                (home / "next").replace(home / "CURRENT")
                searcher.refresh()
            done.set()
            seen = set.union(*(one.result() for one in asking))
    finally:
        done.set()
        sys.setswitchinterval(interval)
    assert seen == allowed
    assert len(allowed) == 2


def test_a_library_on_its_way_keeps_the_last_generation_to_ask(home: Path, articles: Path) -> None:
    """Articles that are stored but not yet published are not asked of."""
    before = open_current(home).name
    with Library(home) as library, library.transaction():
        library.remove("canal")
    with opened(home) as searcher:
        assert searcher.engine.state == before
        assert searcher.article("canal")
    assert (home / FILE).is_file()
    assert index(home, articles).added == ["canal"]
