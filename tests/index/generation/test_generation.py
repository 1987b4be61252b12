"""Generations: what the library holds, in files that are whole or not used."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from newsdesk.index import generation
from newsdesk.index.errors import LibraryMissing
from newsdesk.index.generation import Generation, open_current
from newsdesk.index.generation.columns import NAMES
from newsdesk.index.indexes.dense import encode_bits
from newsdesk.index.library import Library, vector_key, within
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.text.passages import split
from newsdesk.index.types import Article, Filters, Query
from newsdesk.index.update import update
from tests.helpers.support import SmallAsking, SmallEncoder, index, small, write

ARTICLES = {
    "nato/bucharest.md": (
        "---\ntitle: The Bucharest Nine\ndate: 2021-05-10\nsource: Gazette\n---\n"
        "Nine countries of the B9 met. They talked about Russia.\n\nPoland was there."
    ),
    "nato/bucharest-2.md": (
        "---\ntitle: Again the Nine\ndate: 2022-02-25\nsource: Herald\n---\nThey met again."
    ),
    "canal.txt": "The Canal\n\nA ship blocked the canal for six days.",
}
ENCODER = SmallEncoder()


def made(place: Path) -> Path:
    """A library of three articles, indexed."""
    index(place / "home", write(place / "articles", ARTICLES))
    return place / "home"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return made(tmp_path)


def ask(home: Path, question: str = "which ship blocked the canal?") -> list[tuple[str, float]]:
    with Searcher(small(home), load=SmallAsking) as searcher:
        return [(hit.passage.id, hit.score) for hit in searcher.search(Query(question))]


# What is in it


def test_a_generation_holds_what_the_library_holds(home: Path) -> None:
    opened = open_current(home)
    with Library(home) as library:
        stored = list(library.articles())
        passages = [one for article in stored for one, _ in library.passages(article)]
        vectors = [library.vector(key) for one in stored for _, key in library.passages(one)]
        assert opened.manifest.revision == library.revision
    assert [opened.article(number) for number in range(len(stored))] == stored
    assert (opened.manifest.articles, opened.manifest.passages) == (3, len(passages))
    for number, passage in enumerate(passages):
        owner = opened.article(int(opened.column("passage_article")[number]))
        assert opened.passage(number, owner) == passage
        vector, sentences = vectors[number]
        assert opened.column("vectors")[number].tobytes() == vector
        assert opened.sentence_vectors(number).tobytes() == sentences
    assert (opened.column("codes") == encode_bits(opened.column("vectors"))).all()
    assert opened.bytes == sum(file.stat().st_size for file in columns(opened))


def test_an_article_is_found_by_its_id(home: Path) -> None:
    opened = open_current(home)
    for number in range(3):
        article = opened.article(number)
        assert opened.find(article.id) == article
    for missing in ("", "a", "nato", "nato/bucharest-1", "zzz", "\U0010ffff"):
        assert opened.find(missing) is None


def test_a_filter_keeps_the_passages_of_the_articles_it_names(home: Path) -> None:
    opened = open_current(home)

    def kept(since: date | None, until: date | None, *sources: str) -> set[str]:
        mask = opened.among(Filters(since, until, sources))
        assert mask is not None
        owners = opened.column("passage_article")[mask]
        return {opened.article(int(number)).id for number in owners}

    first, second = "nato/bucharest", "nato/bucharest-2"
    assert opened.among(Filters()) is None
    assert kept(date(2021, 5, 10), None) == {first, second}  # what has no date is in no period
    assert kept(date(2021, 5, 11), None) == {second}
    assert kept(None, date(2021, 5, 10)) == {first}
    assert kept(date(2021, 5, 11), date(2022, 2, 24)) == set()
    assert kept(None, None, "gazette", "HERALD") == {first, second}
    assert kept(date(2022, 1, 1), None, "Gazette") == set()
    assert kept(None, None, "Times") == set()
    assert opened.period() == (date(2021, 5, 10), date(2022, 2, 25))


def test_where_no_article_has_a_date_there_is_no_period(tmp_path: Path) -> None:
    articles = {"canal.txt": ARTICLES["canal.txt"]}
    index(tmp_path / "home", write(tmp_path / "articles", articles))
    assert open_current(tmp_path / "home").period() is None


def fill(home: Path, *articles: Article) -> Library:
    """A library without files behind it, encoded."""
    library = Library(home, create=True)
    with library.transaction():
        for article in articles:
            cut = split(article.id, article.text)
            keyed = [(one, vector_key(ENCODER.model.hash, article, one)) for one in cut]
            library.put(article, keyed, "1")
            (*encoded,) = ENCODER.encode(
                [article.title] * len(cut), [one.text for one in cut], [within(one) for one in cut]
            )
            library.put_vectors(
                (key, one.vector.tobytes(), one.sentences.tobytes())
                for (_, key), one in zip(keyed, encoded, strict=True)
            )
    return library


def test_a_library_without_articles_makes_a_generation_without_passages(home: Path) -> None:
    with fill(home / "empty") as library:
        generation.build(home / "empty", library, ENCODER.model)
    opened = open_current(home / "empty", verify=True)
    assert (opened.manifest.articles, opened.manifest.passages) == (0, 0)
    assert opened.find("a") is None
    assert opened.lexical(1.5, 0.75).get_scores(["war"]).tolist() == []


def test_a_term_that_more_than_16_bits_count_keeps_its_score(home: Path) -> None:
    shouted = Article("a", "war " * 70_000, "Peace came.", "/a")
    with fill(home / "loud", shouted, Article("b", "War", "Peace went.", "/b")) as library:
        generation.build(home / "loud", library, ENCODER.model)
    loud, quiet = open_current(home / "loud").lexical(1.5, 0.75).get_scores(["war"])
    assert loud > quiet > 0


# How it is published


def columns(opened: Generation) -> list[Path]:
    return [opened.folder / name for name in opened.manifest.columns]


def test_a_generation_is_readable_by_all_who_may_read_its_home(home: Path) -> None:
    opened = open_current(home)
    assert opened.folder.stat().st_mode & 0o777 == home.stat().st_mode & 0o777


def test_the_current_generation_and_the_one_before_are_kept(home: Path) -> None:
    names = [generation.current(home)]
    for number in range(4):
        write(home.parent / "articles", {f"more-{number}.txt": f"More {number}\n\nMore of it."})
        index(home, home.parent / "articles")
        names.append(generation.current(home))
        assert {path.name for path in (home / "generations").iterdir()} == set(names[-2:])
    assert names == sorted(set(names))


def test_what_is_not_a_generation_is_left_alone(home: Path) -> None:
    for name in ("000000-backup", "zzz", "zzzz", "000001-0123456789aX"):
        (home / "generations" / name).mkdir()
    write(home.parent / "articles", {"more.txt": "More\n\nMore of it."})
    index(home, home.parent / "articles")
    assert ask(home)
    assert (home / "generations" / "000000-backup").is_dir()
    assert (home / "generations" / "zzzz").is_dir()


def test_what_killed_runs_left_is_swept_before_room_is_needed(home: Path) -> None:
    folder, last = home / "generations", generation.current(home)
    write(folder / ".new", {"a folder": "half"})
    write(folder / "000009-0123456789ab", {"vectors": "whole, but never named"})
    write(folder / "000000-0123456789ab", {"vectors": "long replaced"})
    write(home.parent / "articles", {"more.txt": "More\n\nMore of it."})
    seen: list[set[str]] = []

    def look(step: str, done: int, total: int, /) -> None:
        if step == "building":
            seen.append({path.name for path in folder.iterdir()})

    update(small(home), [home.parent / "articles"], look, load=SmallEncoder)
    assert seen == [{last, ".new"}]
    assert {path.name for path in folder.iterdir()} == {last, generation.current(home)}
    assert not (open_current(home).folder / "a folder").exists()


def test_withdrawn_there_is_nothing_to_ask(home: Path) -> None:
    generation.withdraw(home)
    generation.withdraw(home)
    with pytest.raises(LibraryMissing, match="newsdesk index FOLDER"):
        ask(home)


# Copies


def state(place: Path) -> dict[Path, tuple[int, ...]]:
    """What can be seen of every file and folder from outside, but when it was last read."""
    return {
        path: (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_mode, found.st_ino)
        for path in [place, *place.rglob("*")]
        for found in [path.stat()]
    }


@pytest.mark.parametrize("copy", [shutil.copy, shutil.copy2], ids=["new times", "same times"])
def test_opening_and_asking_change_no_file_and_no_folder(
    copy: Callable[[str, str], str], home: Path, tmp_path: Path
) -> None:
    shutil.copytree(home, tmp_path / "copy", copy_function=copy)
    before = state(tmp_path / "copy")
    assert ask(tmp_path / "copy") == ask(home)
    with Searcher(small(tmp_path / "copy"), load=SmallAsking) as searcher:
        assert searcher.ask("canal").passages
        assert searcher.articles(Query("canal"), 3)
        assert not searcher.refresh()
    assert state(tmp_path / "copy") == before
    assert len(before) > len(NAMES)


def test_index_takes_a_copied_home_for_what_it_is(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "copy", copy_function=shutil.copy)  # with times of its own
    assert not index(tmp_path / "copy", tmp_path / "articles").published
    copied, original = open_current(tmp_path / "copy"), open_current(home)
    times = [file.stat().st_mtime_ns for file in columns(original)]
    assert [file.stat().st_mtime_ns for file in columns(copied)] == times


def test_a_generation_stays_open_when_its_files_are_gone(home: Path) -> None:
    opened = open_current(home)
    before = np.array(opened.column("vectors"))
    shutil.rmtree(home / "generations")
    assert (opened.column("vectors") == before).all()
    found = opened.find("canal")
    assert found
    assert found.text == "A ship blocked the canal for six days."
