"""The library: what is stored comes back, all or nothing, and damage is told."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsdesk.index.errors import LibraryDamaged, LibraryMissing
from newsdesk.index.library import FILE, Library, unstamp, vector_key, within
from newsdesk.index.text import passages
from newsdesk.index.types import Article, Passage, stamp
from tests.helpers.examples import examples

MODEL = "0" * 64
TEXT = "Nine countries met. They talked about Russia.\n\nA ship blocked the canal."


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with Library(home, create=True) as opened:
        yield opened


def put(library: Library, *articles: Article, split: str = "1") -> None:
    with library.transaction():
        for article in articles:
            cut = passages.split(article.id, article.text, words=8, most=12)
            library.put(article, [(one, vector_key(MODEL, article, one)) for one in cut], split)


def article(name: str = "a", path: str = "/x/a.txt", text: str = TEXT, title: str = "") -> Article:
    return Article(name, title, text, path)


def encode(library: Library) -> None:
    with library.transaction():
        library.put_vectors((key, b"\0" * 16, b"\0" * 8) for key, _, _ in library.unencoded())


texts = st.text(min_size=1, max_size=80).filter(str.strip)
dates = (
    st.none() | st.dates() | st.datetimes().map(lambda when: when.replace(second=0, microsecond=0))
)
articles = st.builds(
    Article, id=texts, title=st.text(), text=texts, path=texts, published=dates,
    source=st.text(), author=st.text(), url=st.text(), caption=st.text(), language=st.just(""),
)  # fmt: skip


@settings(examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_article=articles)
def test_an_article_comes_back_as_it_was_put(library: Library, given_article: Article) -> None:
    put(library, given_article)
    assert library.article(given_article.id) == given_article
    stored = library.stored(given_article.id)
    assert stored
    assert (stored.digest, stored.path) == (given_article.digest, given_article.path)
    for passage, key in library.passages(given_article):
        assert passage.text == given_article.text[passage.start : passage.end]
        assert key == vector_key(MODEL, given_article, passage)


@given(dates)
def test_a_date_comes_back_as_it_was_stamped(when: date | datetime | None) -> None:
    assert unstamp(stamp(when)) == when


def test_articles_come_in_the_order_of_their_ids(library: Library) -> None:
    ids = ["b", "a", "Z", "é", "10", "9", "\U0001f600", "\uffee"]
    put(library, *(article(name) for name in ids))
    assert [one.id for one in library.articles()] == sorted(ids)
    assert library.counts() == (8, 16)


def test_putting_again_replaces(library: Library) -> None:
    put(library, article())
    put(library, article(text="Something else."), split="2")
    found = library.article("a")
    assert found
    assert found.text == "Something else."
    assert [one.text for one, _ in library.passages(found)] == ["Something else."]
    assert library.ids_split_otherwise("2") == []
    assert library.ids_split_otherwise("3") == ["a"]


def test_removing_takes_the_passages_and_leaves_the_vectors(library: Library) -> None:
    put(library, article())
    encode(library)
    with library.transaction():
        library.remove("a")
    assert library.counts() == (0, 0)
    assert library.article("a") is None
    assert library.dimensions() == 0
    put(library, article())
    assert library.unencoded() == []
    assert library.dimensions() == 4


def test_the_revision_grows_with_every_change_of_an_article(library: Library) -> None:
    seen = [library.revision]
    put(library, article())
    seen.append(library.revision)
    with library.transaction():
        library.move("a", "/y/a.txt")
    seen.append(library.revision)
    encode(library)
    assert library.revision == seen[-1]
    with library.transaction():
        library.remove("a")
    seen.append(library.revision)
    assert sorted(set(seen)) == seen
    assert library.updated.startswith("20")


def test_the_same_content_is_to_be_encoded_once_and_the_longest_first(library: Library) -> None:
    put(library, article("a"), article("b"), article("c", title="Another title"))
    missing = library.unencoded()
    assert len(missing) == 4
    found = [library.passage(name, ordinal)[1] for _, name, ordinal in missing]
    lengths = [one.end - one.start for one in found]
    assert lengths == sorted(lengths, reverse=True)
    encode(library)
    assert library.unencoded() == []


def test_a_transaction_is_all_or_nothing(library: Library, home: Path) -> None:
    put(library, article("a"))

    def fail_halfway() -> None:
        with library.transaction():
            library.remove("a")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_halfway()
    assert library.article("a")
    with Library(home) as other:
        assert other.article("a")


PLACES = ["/x/a.txt", "/x/ab/c.txt", "/x/a/c.txt", "/x/a.jsonl#1", "/x/a.jsonl#12",
          "/x/a.jsonl.gz#1", "/x/[a]/b*?.txt", "/x/%_/d.txt", "/x",
          "/y/é/e.txt", "/y/é0", "/"]  # fmt: skip


@pytest.mark.parametrize(
    "path", [*PLACES, "/y", "/x/a", "/x/a.jsonl", "/x/[a]", "/x/%_", "/nowhere"]
)
def test_ids_below_a_path_are_of_that_file_and_what_lies_in_that_folder(
    path: str, library: Library
) -> None:
    put(library, *(article(place, place) for place in PLACES))
    inside = path.rstrip("/") + "/"
    expected = {
        place for place in PLACES
        if place == path or place.startswith(inside) or place.startswith(f"{path.rstrip('/')}#")
    }  # fmt: skip
    assert {name for name, _ in library.ids_below(path)} == expected


def test_a_vector_is_kept_by_its_key(library: Library) -> None:
    with library.transaction():
        library.put_vectors([(b"k", b"vector", b"sentences")])
    assert library.vector(b"k") == (b"vector", b"sentences")
    with pytest.raises(LibraryDamaged, match="newsdesk index"):
        library.vector(b"other")


def test_the_key_of_a_vector_holds_all_it_depends_on() -> None:
    (one,) = passages.split("a", "Nine met. They talked.")
    (whole,) = passages.split("a", "Nine met, they talked.")
    joined = Passage("a", 0, 0, one.end, one.text, (one.sentences[0],))
    keys = {
        vector_key(MODEL, article(), one),
        vector_key("1" * 64, article(), one),
        vector_key(MODEL, article(title="T"), one),
        vector_key(MODEL, article(), whole),
        vector_key(MODEL, article(), joined),
    }
    assert len(keys) == 5
    (moved,) = passages.split("b", "\n\nNine met. They talked.")
    assert vector_key(MODEL, article("b"), moved) == vector_key(MODEL, article(), one)
    assert [span.of(moved.text) for span in within(moved)] == ["Nine met.", "They talked."]


def test_the_places_to_read_are_the_roots_and_the_files_outside(library: Library) -> None:
    put(
        library,
        article("a", "/x/a.txt"),
        article("b", "/y/b.jsonl#1"),
        article("c", "/y/b.jsonl#2"),
    )
    with library.transaction():
        library.add_root("/x")
    assert library.places() == ["/x", "/y/b.jsonl"]


# What is no library, or one no longer


def test_where_nothing_was_indexed_there_is_no_library(home: Path) -> None:
    with pytest.raises(LibraryMissing, match="newsdesk index FOLDER"):
        Library(home)
    assert not home.exists()


def test_an_empty_file_becomes_a_library(home: Path) -> None:
    home.mkdir()
    (home / FILE).touch()
    with Library(home, create=True) as opened:
        put(opened, article())
    with Library(home) as opened:
        assert opened.article("a")


def truncated(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def cut_off_in_its_head(file: Path) -> None:
    os.truncate(file, 50)


def noise(file: Path) -> None:
    file.write_bytes(bytes(range(256)) * 64)


def text(file: Path) -> None:
    file.write_text("These are my notes.\n" * 400)


def of_another_program(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE articles (id TEXT PRIMARY KEY, path TEXT)")
    other.close()


def empty_of_another_program(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as other:
        other.execute("PRAGMA application_id = 7")
    other.close()


def newer(file: Path) -> None:
    with sqlite3.connect(file) as own:
        own.execute("PRAGMA user_version = 99")
    own.close()


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES = [truncated, cut_off_in_its_head, noise, text, of_another_program,
           empty_of_another_program, newer, folder]  # fmt: skip
Damage = Callable[[Path], None]


def read_all(home: Path) -> None:
    with Library(home) as opened:
        assert opened.revision
        for one in opened.articles():
            opened.passages(one)


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_no_library_is_an_error_with_the_mend_and_stays_as_it_is(
    damage: Damage, home: Path
) -> None:
    with Library(home, create=True) as opened:
        put(opened, *(article(str(number), text=f"{number} {TEXT}") for number in range(200)))
    damage(home / FILE)
    before = (home / FILE).read_bytes() if (home / FILE).is_file() else None
    with pytest.raises(
        (LibraryDamaged, LibraryMissing),
        match=r"move it away|update|set NEWSDESK_HOME|newsdesk index",
    ) as told:
        read_all(home)
    assert str(home) in str(told.value)
    assert "\n" not in str(told.value)
    if before is not None:
        assert (home / FILE).read_bytes() == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE articles SET text = replace(text, 'Nine', 'Five')",
        "UPDATE articles SET text = ''",
        "UPDATE meta SET value = 'many'",
        "DROP TABLE passages",
        "UPDATE articles SET digest = '1:0'",
        "UPDATE articles SET fields = replace(fields, '\"author\": \"\"', '\"author\": \"X\"')",
        "UPDATE articles SET fields = '{'",
        "UPDATE articles SET fields = '[]'",
        "UPDATE articles SET fields = '{\"title\": 1}'",
        "UPDATE articles SET text = CAST(x'ff' AS TEXT)",
        "UPDATE passages SET sentences = '[[0,'",
        "UPDATE passages SET sentences = '[[5, 2]]'",
        "UPDATE passages SET sentences = '7'",
        'UPDATE passages SET "end" = start',
        'UPDATE passages SET "end" = 100000',
        'UPDATE passages SET "end" = \'x\'',
    ],
)  # fmt: skip
def test_a_changed_row_is_an_error_and_never_another_text(change: str, home: Path) -> None:
    with Library(home, create=True) as opened:
        put(opened, article())
    with sqlite3.connect(home / FILE) as beside:
        beside.execute(change)
    beside.close()
    with pytest.raises(LibraryDamaged, match="move it away"):
        read_all(home)
