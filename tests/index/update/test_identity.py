"""Identity: ids that stay when other folders are indexed, lines deleted and texts corrected."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from newsdesk.index.library import Library
from tests.helpers.support import index, write

from .test_update import PEACE, ids, told

ROWS = [{"title": word, "text": f"{word} it was said."} for word in ("One", "Two", "Three")]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def lines(folder: Path, rows: Sequence[dict[str, str]]) -> Path:
    return write(folder, {"n.jsonl": "\n".join(map(json.dumps, rows))})


def titles(home: Path) -> dict[str, str]:
    with Library(home) as library:
        return {each.title: each.id for each in library.articles()}


@pytest.mark.parametrize("first", ["news/2021", "news"])
def test_a_folder_and_the_one_above_hold_each_file_once(
    tmp_path: Path, home: Path, first: str
) -> None:
    write(tmp_path / "news", {"a.txt": PEACE, "2021/a.txt": PEACE})
    index(home, tmp_path / first)
    before = set(ids(home))
    for folder in ("news", "news/2021", "news"):
        assert "refused" not in told(index(home, tmp_path / folder))
        assert len(ids(home)) == 2
        assert before <= set(ids(home))


def test_a_line_keeps_its_id_when_others_go_and_when_it_is_corrected(
    tmp_path: Path, home: Path
) -> None:
    folder = lines(tmp_path / "news", ROWS)
    index(home, folder)
    before = titles(home)
    lines(folder, [ROWS[2], {**ROWS[1], "text": "It was denied."}])
    report = index(home, folder)
    assert titles(home) == {title: before[title] for title in ("Two", "Three")}
    assert report.changed == [before["Two"]]
    assert len(index(home, folder).unchanged) == 2


def test_ids_that_an_old_library_made_from_lines_stay(tmp_path: Path, home: Path) -> None:
    folder = lines(tmp_path / "news", ROWS)
    index(home, folder)
    with Library(home, create=True) as library, library.transaction():
        for number, article in enumerate(list(library.articles()), start=1):
            library.remove(article.id)
            library.put(replace(article, id=f"n-{number}"), [], "old")
    old = titles(home)
    lines(folder, ROWS[1:])
    index(home, folder)
    assert titles(home) == {title: old[title] for title in ("Two", "Three")}


def test_a_link_and_a_hard_link_are_the_same_article(tmp_path: Path, home: Path) -> None:
    folder = write(tmp_path / "news", {"a.txt": PEACE})
    index(home, folder)
    (folder / "0.txt").symlink_to("a.txt")
    (folder / "b.txt").hardlink_to(folder / "a.txt")
    assert told(index(home, folder)) == {"unchanged": ["a"]}
