"""Export, import and check: the very same texts, and every flaw that is made is found."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from newsdesk.index.errors import UsageError
from newsdesk.index.generation import open_current
from newsdesk.index.library import FILE, Library
from newsdesk.index.sync import check, export, import_, remove
from tests.helpers.support import SmallEncoder, index, small, write

ODD = "Zürich 🗞\u200b\u2028line\n\nsecond — “quoted” \u0645\u0631\u062d\u0628\u0627 e\u0301."


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A library of three articles, of which one was changed and one removed."""
    folder = write(tmp_path / "news", {f"{n}.txt": f"Story {n}\n\nIt was {n}." for n in range(4)})
    write(folder, {"odd.jsonl": json.dumps({"id": "odd", "title": "Odd", "text": ODD})})
    index(tmp_path / "home", folder)
    (folder / "1.txt").write_text("Story 1\n\nIt was eleven.")
    index(tmp_path / "home", folder)
    remove(small(tmp_path / "home"), "2", load=SmallEncoder)
    return tmp_path / "home"


def dumped(home: Path) -> dict[str, list[tuple[object, ...]]]:
    wanted = {
        "articles": "SELECT id, digest, path, fields, text FROM articles ORDER BY id",
        "passages": "SELECT * FROM passages ORDER BY article_id, ordinal",
        "versions": "SELECT * FROM versions ORDER BY article_id, digest",
        "sources": "SELECT kind, place, added, success FROM sources ORDER BY place",
        "withdrawn": "SELECT * FROM withdrawn",
        "roots": "SELECT * FROM roots",
    }
    with closing(sqlite3.connect(home / FILE)) as own:
        return {name: own.execute(sql).fetchall() for name, sql in wanted.items()}


def test_a_library_goes_out_and_comes_back(home: Path, tmp_path: Path) -> None:
    written = export(small(home), tmp_path / "out")
    assert (written.articles, written.versions, written.sources) == (4, 2, 1)
    taken = import_(small(tmp_path / "new"), tmp_path / "out", load=SmallEncoder)
    assert taken == written
    assert dumped(tmp_path / "new") == dumped(home)
    assert check(small(tmp_path / "new")).flaws == ()
    export(small(tmp_path / "new"), tmp_path / "again")
    for file in ("articles.jsonl", "versions.jsonl"):
        assert (tmp_path / "out" / file).read_bytes() == (tmp_path / "again" / file).read_bytes()


def test_what_was_changed_on_the_way_is_refused(home: Path, tmp_path: Path) -> None:
    export(small(home), tmp_path / "out")
    file = tmp_path / "out" / "articles.jsonl"
    file.write_text(file.read_text().replace("eleven", "twelve"))
    with pytest.raises(UsageError, match="line 2: not as it was written"):
        import_(small(tmp_path / "new"), tmp_path / "out", load=SmallEncoder)


def test_nothing_is_written_over(home: Path, tmp_path: Path) -> None:
    write(tmp_path / "out", {"mine.txt": "mine"})
    with pytest.raises(UsageError, match="not empty"):
        export(small(home), tmp_path / "out")
    with pytest.raises(UsageError, match=r"no articles\.jsonl"):
        import_(small(tmp_path / "new"), tmp_path / "out", load=SmallEncoder)


def flaws(home: Path) -> list[str]:
    checked = check(small(home))
    assert all(flaw.mend for flaw in checked.flaws)
    return [flaw.what for flaw in checked.flaws]


def changed(sql: str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        with closing(sqlite3.connect(home / FILE)) as own, own:
            own.execute(sql)

    return change


def flipped(name: str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        file = open_current(home).folder / name
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)

    return change


def test_a_sound_library_has_no_flaw(home: Path) -> None:
    checked = check(small(home))
    assert checked.flaws == ()
    assert (checked.articles, checked.passages, checked.vectors, checked.versions) == (4, 4, 4, 2)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (changed("UPDATE articles SET text = replace(text, '3', '4')"), "not as it was stored"),
        (changed("UPDATE articles SET digest = '1:0' WHERE id = '3'"), "not as it was stored"),
        (changed("UPDATE passages SET start = start + 1 WHERE article_id = '3'"), "offsets"),
        (changed('UPDATE passages SET "end" = "end" - 1 WHERE article_id = \'3\''), "'3'"),
        (changed("UPDATE passages SET sentences = '[[0, 90]]'"), "offsets"),
        (changed("DELETE FROM passages WHERE article_id = '3'"), "no passage"),
        (changed("DELETE FROM vectors"), "is missing"),
        (changed("UPDATE vectors SET vector = zeroblob(8)"), "wrong size"),
        (changed("UPDATE vectors SET vector = vector || vector"), ""),
        (changed("UPDATE versions SET text = 'other'"), "former state"),
        (changed("UPDATE meta SET value = '99' WHERE key = 'revision'"), "older than the library"),
        (flipped("vectors"), "content was changed"),
        (flipped("articles"), "content was changed"),
    ],
)
def test_every_flaw_is_found(home: Path, damage: Callable[[Path], None], said: str) -> None:
    damage(home)
    found = flaws(home)
    assert found
    assert any(said in each for each in found)


def test_the_mend_of_a_damaged_generation_mends_it(home: Path) -> None:
    flipped("vectors")(home)
    assert flaws(home)
    index(home)
    assert flaws(home) == []
    with Library(home) as library:
        assert library.counts()[0] == 4
