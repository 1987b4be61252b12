"""Folders that have gone: index goes on without them, and forget removes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsdesk.index.errors import LibraryMissing, NothingUsable, UsageError
from newsdesk.index.generation import current, open_current
from newsdesk.index.library import Library
from newsdesk.index.update import Forgotten, Gone, Report, forget, update
from tests.helpers.support import SmallEncoder, index, small, write


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def folders(tmp_path: Path, home: Path) -> tuple[Path, Path]:
    """Two folders that were indexed, with two articles and with one."""
    one = write(tmp_path / "arch1", {"a.txt": "Ferry\n\nIt sank.", "sub/b.txt": "Tower\n\nSold."})
    two = write(tmp_path / "other", {"c.txt": "Cheese\n\nIt won."})
    index(home, one, two)
    return one, two


def again(home: Path) -> Report:
    """Index what was indexed before."""
    return update(small(home), load=SmallEncoder)


def forgotten(home: Path, path: Path) -> Forgotten:
    return forget(small(home), path, load=SmallEncoder)


def known(home: Path) -> tuple[list[str], list[str]]:
    """The ids of the articles, and the places that are read again."""
    with Library(home) as library:
        return [article.id for article in library.articles()], library.places()


def published(home: Path) -> list[str]:
    generation = open_current(home)
    return [generation.article(n).id for n in range(generation.manifest.articles)]


def test_a_folder_that_has_gone_is_reported_and_the_rest_is_read(
    home: Path, folders: tuple[Path, Path]
) -> None:
    one, two = folders
    one.rename(one.with_name("arch2"))
    write(two, {"d.txt": "Snow\n\nIt fell."})
    report = again(home)
    assert report.gone == [Gone(str(one), 2)]
    assert (report.added, report.removed) == (["d"], [])
    assert published(home) == ["a", "c", "d", "sub/b"]
    assert again(home).gone == report.gone


def test_a_folder_that_was_moved_is_read_at_its_new_place(
    home: Path, folders: tuple[Path, Path]
) -> None:
    one, _ = folders
    moved = one.rename(one.with_name("arch2"))
    assert sorted(index(home, moved).unchanged) == ["a", "sub/b"]
    assert again(home).gone == [Gone(str(one), 0)]
    assert forgotten(home, one) == Forgotten(str(one), [], 3)
    assert again(home).gone == []
    assert published(home) == ["a", "c", "sub/b"]


def test_a_lone_file_that_has_gone_is_reported_too(home: Path, tmp_path: Path) -> None:
    folder = write(tmp_path, {"a.txt": "Ferry\n\nIt sank.", "b.txt": "Tower\n\nSold."})
    index(home, folder / "a.txt", folder / "b.txt")
    (folder / "a.txt").unlink()
    assert again(home).gone == [Gone(str(folder / "a.txt"), 1)]
    assert forgotten(home, folder / "a.txt").removed == ["a"]
    assert again(home).gone == []


def test_when_all_folders_have_gone_the_articles_stay_and_it_says_so(
    home: Path, folders: tuple[Path, Path]
) -> None:
    before = current(home)
    for folder in folders:
        folder.rename(folder.with_name(f"{folder.name}-moved"))
    with pytest.raises(NothingUsable, match=f"{folders[0]}, .*newsdesk forget"):
        again(home)
    assert current(home) == before
    assert len(published(home)) == 3


def test_forgetting_publishes_a_generation_without_the_articles(
    home: Path, folders: tuple[Path, Path]
) -> None:
    one, two = folders
    assert forgotten(home, one) == Forgotten(str(one), ["a", "sub/b"], 1)
    assert published(home) == ["c"]
    assert known(home) == (["c"], [str(two)])
    assert (one / "a.txt").exists()
    assert sorted(index(home, one).added) == ["a", "sub/b"]


def test_forgetting_the_last_folder_withdraws_the_generation(
    home: Path, folders: tuple[Path, Path]
) -> None:
    for folder in folders:
        forgotten(home, folder)
    assert known(home) == ([], [])
    with pytest.raises(LibraryMissing):
        open_current(home)


def test_articles_of_a_folder_inside_that_was_indexed_by_itself_stay(
    home: Path, tmp_path: Path
) -> None:
    outer = write(tmp_path / "outer", {"a.txt": "Ferry\n\nIt sank.", "in/b.txt": "Tower\n\nSold."})
    index(home, outer / "in")
    index(home, outer)
    assert forgotten(home, outer).removed == ["a"]
    assert known(home) == (["b"], [str(outer / "in")])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("arhc1", r"arhc1: not indexed; known are .*/arch1"),
        ("arch1/sub", r"indexed as a part of .*/arch1; forget that"),
    ],
)
def test_what_is_not_known_is_not_forgotten(
    home: Path, folders: tuple[Path, Path], name: str, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        forgotten(home, folders[0].parent / name)
    assert len(published(home)) == 3


def test_forgetting_without_a_library_makes_none(home: Path) -> None:
    with pytest.raises(LibraryMissing):
        forgotten(home, home)
    assert not home.exists()


def test_a_folder_with_nothing_usable_is_not_remembered(
    home: Path, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    empty = write(tmp_path / "empty", {"c.txt": b"\x00\x01" * 900})
    with pytest.raises(NothingUsable):
        index(home, empty)
    assert str(empty) not in known(home)[1]
    assert index(home, folders[1], empty).refused
    assert known(home)[1] == sorted(map(str, folders))
    write(empty, {"e.txt": "Rain\n\nIt rained."})
    assert index(home, empty).added == ["e"]
    assert str(empty) in known(home)[1]
