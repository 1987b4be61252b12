"""A damaged or foreign file is an error with the mend in it, and `index` mends it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsdesk.index.errors import LibraryDamaged, ModelError
from newsdesk.index.generation import model_files, open_current
from newsdesk.index.generation.columns import NAMES
from newsdesk.index.indexes.dense import Model
from newsdesk.index.library import FILE
from tests.helpers.support import SmallEncoder, index, write

from .test_generation import ARTICLES, ENCODER, ask, made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A library of three articles, indexed."""
    return made(tmp_path)


def heals(home: Path) -> None:
    """What `newsdesk index` says it mends, it mends."""
    index(home, home.parent / "articles")
    opened = open_current(home, verify=True)
    assert opened.manifest.passages == 3
    (best, *_) = ask(home)
    assert best[0].startswith("canal:")


def flip(file: Path, place: int = -1) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)


def shorter(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 1)


def empty(file: Path) -> None:
    os.truncate(file, 0)


def longer(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b"\0")


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@contextlib.contextmanager
def kept(file: Path) -> Iterator[None]:
    """Put a file back as it was, with its time."""
    aside = file.with_name("aside")
    shutil.copy2(file, aside)
    yield
    if file.is_dir():
        file.rmdir()
    aside.replace(file)


@pytest.mark.parametrize("damage", [shorter, empty, longer, flip, folder, Path.unlink])
def test_a_damaged_file_is_an_error_and_index_heals_it(
    damage: Callable[[Path], None], home: Path
) -> None:
    place = open_current(home).folder
    for name in (*sorted(NAMES), "manifest.json"):
        with kept(place / name):
            damage(place / name)
            with pytest.raises(LibraryDamaged, match=r"newsdesk index|change its mode") as told:
                ask(home)
        assert name in str(told.value)
        assert "\n" not in str(told.value)
    assert ask(home)
    damage(place / "manifest.json")
    heals(home)
    damage(open_current(home).folder / "docs")
    heals(home)


def flip_and_keep_the_time(file: Path) -> None:
    before = file.stat()
    flip(file)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_byte_that_changed_under_an_unchanged_time_is_found_by_index(home: Path) -> None:
    place = open_current(home).folder
    for name in sorted(NAMES):
        with kept(place / name):
            flip_and_keep_the_time(place / name)
            open_current(home)  # by design: opening does not read everything
            with pytest.raises(LibraryDamaged, match=name):
                open_current(home, verify=True)
    flip_and_keep_the_time(place / "vectors")
    heals(home)


def test_a_manifest_that_tells_otherwise_is_damage(home: Path) -> None:
    opened = open_current(home)
    manifest = opened.folder / "manifest.json"
    told = json.loads(manifest.read_text("utf-8"))
    told["columns"]["vectors"]["sha256"] = "0" * 64
    manifest.write_text(json.dumps(told), "utf-8")
    with pytest.raises(LibraryDamaged, match="its content was changed"):
        ask(home)
    heals(home)


@pytest.mark.parametrize(
    "change", [{"format": 0}, {"analyzer": "another"}, {"columns": {}}, {"revision_": 1}]
)
def test_a_generation_of_another_version_is_an_error_and_index_builds_anew(
    change: dict[str, object], home: Path
) -> None:
    folder = open_current(home).folder
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    packed = json.dumps({**told, **change}).encode()
    name = f"000007-{hashlib.sha256(packed).hexdigest()[:12]}"  # as whole as that version made it
    folder.rename(folder.with_name(name))
    (folder.with_name(name) / "manifest.json").write_bytes(packed)
    (home / "CURRENT").write_text(name)
    with pytest.raises(LibraryDamaged, match="newsdesk index"):
        ask(home)
    heals(home)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"000099-0123456789ab", b"..", b".", b"/etc", b"../generations", b"\xff\xfe\x00",
     b"x" * 100_000, b"000001-\x00", "000001-été".encode()],
    ids=["empty", "a line", "one that is not there", "above", "here", "elsewhere", "around",
         "no text", "endless", "a null", "accents"],
)  # fmt: skip
def test_a_current_that_names_nothing_is_an_error_and_index_heals_it(
    content: bytes, home: Path
) -> None:
    (home / "CURRENT").write_bytes(content)
    with pytest.raises(LibraryDamaged, match="newsdesk index") as told:
        ask(home)
    assert "CURRENT" in str(told.value)
    assert len(str(told.value)) < 500
    heals(home)


def test_a_generation_that_is_gone_is_an_error_and_index_heals_it(home: Path) -> None:
    shutil.rmtree(home / "generations")
    with pytest.raises(LibraryDamaged, match="newsdesk index"):
        ask(home)
    heals(home)


def test_a_home_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("no folder")
    with pytest.raises(LibraryDamaged, match="NEWSDESK_HOME"):
        ask(tmp_path / "home")
    with pytest.raises(LibraryDamaged, match="NEWSDESK_HOME"):
        index(tmp_path / "home", write(tmp_path / "articles", ARTICLES))


@pytest.mark.parametrize(
    "change",
    [
        'UPDATE passages SET start = 1, "end" = "end" + 1 WHERE article_id = \'canal\'',
        "UPDATE passages SET sentences = '[[0, 5]]' WHERE article_id = 'canal'",
        "UPDATE vectors SET vector = zeroblob(length(vector) + 4)",
        "UPDATE vectors SET vector = CAST(x'00000040' || substr(vector, 5) AS BLOB)",
        "UPDATE vectors SET vector = CAST(x'0000c07f' || substr(vector, 5) AS BLOB)",  # no number
        "UPDATE vectors SET sentences = substr(sentences, 2)",
    ],
)
def test_no_generation_is_built_of_a_damaged_library(change: str, home: Path) -> None:
    before = ask(home)
    with contextlib.closing(sqlite3.connect(home / FILE)) as beside, beside:
        beside.execute(change)
    write(home.parent / "articles", {"more.txt": "More\n\nMore of it."})
    with pytest.raises(LibraryDamaged, match="move it away"):
        index(home, home.parent / "articles")
    assert ask(home) == before
    (home / FILE).rename(home / "damaged.db")
    assert index(home, home.parent / "articles").published
    assert ask(home)[0][0].startswith("canal:")


# Exported models


def exported(home: Path) -> Path:
    return home / "models" / ENCODER.model.id / "export.json"


@pytest.mark.parametrize("damage", [shorter, empty, longer, flip, folder, Path.unlink])
@pytest.mark.parametrize("name", ["export.json", "seal.json"])
def test_a_damaged_export_is_an_error_and_index_heals_it(
    name: str, damage: Callable[[Path], None], home: Path
) -> None:
    damage(exported(home).with_name(name))
    with pytest.raises(ModelError, match="newsdesk index") as told:
        ask(home)
    assert str(exported(home).parent) in str(told.value)
    heals(home)


def test_an_export_changed_under_an_unchanged_time_is_found_by_index(home: Path) -> None:
    flip_and_keep_the_time(exported(home))
    heals(home)


def test_exports_that_are_gone_are_made_again(home: Path) -> None:
    shutil.rmtree(home / "models")
    with pytest.raises(ModelError, match="newsdesk index"):
        ask(home)
    heals(home)


def test_half_an_export_that_a_killed_run_left_is_swept(home: Path) -> None:
    write(home / "models" / ".new", {"model.onnx": "half"})
    shutil.rmtree(exported(home).parent)
    heals(home)
    assert not (home / "models" / ".new").exists()


class Unfit(SmallEncoder):
    """A model that does not export."""

    def export(self, folder: Path) -> None:
        write(folder, {"model.onnx": "half"})
        raise ModelError("it does not export")


def test_an_export_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not export"):
        model_files.export(tmp_path / "models", Unfit())
    assert [path.name for path in (tmp_path / "models").iterdir() if path.is_dir()] == []
    with pytest.raises(ModelError):
        model_files.find(tmp_path / "models", Model("x", "0" * 64, 3))
