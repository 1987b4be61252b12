"""A generation of what changed since another reads as one that was made anew."""

from __future__ import annotations

import contextlib
import gc
import random
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from newsdesk.index.errors import LibraryDamaged
from newsdesk.index.generation import Generation, build, open_current
from newsdesk.index.generation.columns import LEXICAL
from newsdesk.index.generation.merging import Pieces
from newsdesk.index.indexes.dense import LISTED, encode_bits
from newsdesk.index.library import Library
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.sync import check
from newsdesk.index.types import Article, Query
from newsdesk.index.update import PassageEncoderLoader, Report, Storing, publish
from tests.helpers.support import SmallAsking, SmallEncoder, small

WORDS = "canal ship summit treaty troops border vaccine comet volcano election".split()
SOURCES = ("Gazette", "Herald", "Post", "")
NEVER = 1 << 60


def story(number: int, version: int = 0) -> Article:
    chance = random.Random(number * 31 + version)
    named = f"word{number} term{number}v{version}"
    text = " ".join(
        " ".join([*chance.choices(WORDS, k=9), named]).capitalize() + "."
        for _ in range(chance.randint(3, 40))
    )
    day = date(2026, 3, number % 28 + 1) if number % 5 else None
    source = "Only Here" if number == 31 else chance.choice(SOURCES)
    return Article(f"{number:02}", f"Story {number}", text, f"/{number}", day, source)


def apply(home: Path, put: Sequence[Article], remove: Sequence[int] = ()) -> None:
    """Change the library and publish it."""
    encoder = SmallEncoder()
    with Library(home, create=True) as library:
        storing = Storing(small(home), library, encoder.model.hash)
        with library.transaction():
            for article in put:
                storing.put(article)
            for number in remove:
                library.remove(f"{number:02}")
        loader = PassageEncoderLoader(encoder.model.name, SmallEncoder, lambda *_: None)
        publish(small(home), library, loader, Report(), lambda *_: None, home / "models")


def rebuild(home: Path, least: int, listed_from: int = LISTED) -> Generation:
    with Library(home) as library:
        build(home, library, SmallEncoder().model, least=least, listed_from=listed_from)
    return open_current(home, verify=True)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("base") / "home"
    apply(home, [story(n) for n in range(0, 60, 2)])
    return home


@pytest.fixture(params=range(6), ids=["nothing", "added", "changed", "removed", "all", "ends"])
def both(request: pytest.FixtureRequest, base: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The library after some changes, as a generation of these, and made anew."""
    put, change, remove = [
        ([], [], []),
        ([31, 7], [], []),
        ([], [8, 30], []),
        ([], [], [0, 16]),
        ([31, 33, 59], [8], [0, 2, 58]),
        ([99], [58], [0]),
    ][request.param]
    home = shutil.copytree(base, tmp_path / "home")
    old = open_current(base)
    apply(home, [*map(story, put), *(story(n, 1) for n in change)], remove)
    anew = shutil.copytree(home, tmp_path / "anew")
    shutil.rmtree(home / "generations")
    shutil.copytree(old.folder, home / "generations" / old.name)
    (home / "CURRENT").write_text(old.name)
    rebuild(home, least=0)
    return home, anew


def test_it_reads_as_one_made_anew(both: tuple[Path, Path]) -> None:
    merged, anew = (open_current(home) for home in both)
    assert merged.base is not None
    assert anew.base is None
    assert merged.manifest.sources == anew.manifest.sources
    assert (merged.manifest.articles, merged.manifest.passages) == (
        anew.manifest.articles,
        anew.manifest.passages,
    )
    for name in anew.own:
        if name not in (*LEXICAL, "articles", "article_ends", "article_counts", "hash_ends"):
            assert np.array_equal(np.asarray(merged.column(name)), anew.column(name)), name
    for number in range(anew.manifest.articles):
        article = anew.article(number)
        assert merged.article(number) == article
        assert merged.find(article.id) == article
    for row, number in enumerate(anew.column("passage_article").tolist()):
        article = anew.article(number)
        assert merged.passage(row, article) == anew.passage(row, article)
        assert (merged.sentence_vectors(row) == anew.sentence_vectors(row)).all()
        both_terms = zip(merged.sentence_terms(row), anew.sentence_terms(row), strict=True)
        assert all(np.array_equal(*pair) for pair in both_terms)
    assert merged.sources() == anew.sources()
    assert merged.newest() == anew.newest()
    assert merged.find("nobody") is None


@pytest.mark.parametrize("fails", [False, True])
def test_garbage_is_looked_for_as_before_once_a_generation_is_built(
    base: Path, tmp_path: Path, fails: bool
) -> None:
    home = shutil.copytree(base, tmp_path / "home")
    before, meanwhile = gc.get_threshold(), list[int]()

    def progress(done: int, count: int) -> None:
        meanwhile.append(gc.get_threshold()[0])
        if fails:
            raise KeyboardInterrupt

    with Library(home) as library, contextlib.suppress(KeyboardInterrupt):
        build(home, library, SmallEncoder().model, progress)
    assert meanwhile[0] > before[0]
    assert gc.get_threshold() == before


def test_words_weigh_and_score_as_in_one_made_anew(both: tuple[Path, Path]) -> None:
    merged, anew = (open_current(home).lexical(1.5, 0.75) for home in both)
    articles = [open_current(home) for home in both]
    assert list(merged.vocabulary) == list(anew.vocabulary)
    assert len(merged.vocabulary) == len(anew.vocabulary)
    numbers = np.arange(articles[0].manifest.articles)
    for term in anew.vocabulary:
        assert merged.idf[term] == anew.idf[term], term
        assert np.array_equal(merged.get_scores([term]), anew.get_scores([term])), term
        left, right = (
            opened.of_articles(lexical).scores([term], numbers)
            for opened, lexical in zip(articles, (merged, anew), strict=True)
        )
        assert np.array_equal(left, right), term
    for typed in ("volcanoo", "vacine", "electoin", "term8v0", "summmit"):
        assert merged.vocabulary.closest(typed) == anew.vocabulary.closest(typed)


def test_answers_are_those_of_one_made_anew(both: tuple[Path, Path]) -> None:
    asked = ["word8 canal", "word31", "volcano election border", "treaty troops", "term30v1"]
    answers = []
    for home in both:
        with Searcher(small(home), load=SmallAsking) as searcher:
            hits = [hit for text in asked for hit in searcher.search(Query(text, k=20))]
            answers.append(
                [(hit.passage, hit.article, round(hit.score, 6), hit.matched) for hit in hits]
            )
    assert answers[0] == answers[1]
    assert answers[0]


def test_lists_of_a_base_go_on_with_what_changed(base: Path, tmp_path: Path) -> None:
    home = shutil.copytree(base, tmp_path / "home")
    assert open_current(home).lists() is None
    whole = rebuild(home, least=NEVER, listed_from=20)
    of_whole = whole.lists()
    assert of_whole is not None
    assert of_whole.hold(whole.column("codes"))
    # So many vectors are packed, and the rest of them is as it was.
    assert "vectors" not in whole.manifest.columns
    assert not (whole.folder / "vectors").exists()
    unpacked = open_current(base).column("vectors")
    assert np.allclose(whole.column("vectors")[:], unpacked, atol=2e-5)
    assert np.array_equal(encode_bits(whole.column("vectors")[:]), whole.column("codes"))
    go_back = shutil.copytree(whole.folder, tmp_path / whole.name)
    apply(home, [story(31), story(33), story(8, 1)], [2])
    shutil.rmtree(home / "generations")
    shutil.copytree(go_back, home / "generations" / whole.name)
    (home / "CURRENT").write_text(whole.name)
    changed = rebuild(home, least=0)
    lists = changed.lists()
    assert changed.base is not None
    assert lists is not None
    assert len(lists.rest) == len(changed.own["spans"]) > 0
    assert (lists.rows < 0).any()
    assert lists.hold(changed.column("codes"))
    with Searcher(small(home), load=SmallAsking) as searcher:
        assert "word31" in searcher.search(Query("word31", k=1))[0].passage.text
    assert check(small(home)).flaws == ()


def test_changes_are_counted_from_the_base_and_made_whole_when_they_are_many(
    base: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(base, tmp_path / "home")
    for number in (31, 33):
        with Library(home) as library, library.transaction():
            Storing(small(home), library, SmallEncoder().model.hash).put(story(number))
        apply(home, [])  # encodes; publishes whole, as the library is small
    first = open_current(home)
    assert first.base is None
    with Library(home) as library, library.transaction():
        Storing(small(home), library, SmallEncoder().model.hash).put(story(31, 1))
        library.remove("31")
        library.move("33", "/moved")
    second = rebuild(home, least=0)
    assert second.base is not None
    assert second.base.name.endswith(first.name.rpartition("-")[2])
    third = rebuild(home, least=0)
    assert third.base is not None
    assert third.base.name == second.base.name
    assert (third.own["places"].tolist(), third.own["gone"].tolist()) == ([17], [16, 18])
    with Library(home) as library, library.transaction():
        for number in range(0, 50, 2):
            library.remove(f"{number:02}")
    assert rebuild(home, least=0).base is None


def test_a_damaged_base_is_noticed(both: tuple[Path, Path]) -> None:
    home, _ = both
    opened = open_current(home)
    assert opened.base is not None
    file = opened.base.folder / "docs"
    content = bytearray(file.read_bytes())
    content[0] ^= 1
    file.unlink()
    file.write_bytes(content)
    with pytest.raises(LibraryDamaged, match="content was changed"):
        open_current(home)


def test_rows_of_two_columns_read_as_those_of_one() -> None:
    first, second = np.arange(8.0).reshape(4, 2), np.arange(100.0, 104.0).reshape(2, 2)
    pieces = Pieces(first, second, np.array([0, -1, 3, -2, 2]))
    whole = np.array([first[0], second[0], first[3], second[1], first[2]])
    assert (len(pieces), pieces.shape, pieces.dtype) == (5, (5, 2), whole.dtype)
    vector = np.array([1.0, 2.0])
    assert np.array_equal(pieces.dots(vector), whole @ vector)
    for key in (0, 3, slice(1, 4), slice(None, None, 2), np.array([4, 0]), whole[:, 0] > 3):
        assert np.array_equal(pieces[key], whole[key])
    assert np.array_equal(np.asarray(pieces), whole)
