"""Updating from several paths, and by other rules than before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from newsdesk.index.generation import open_current
from newsdesk.index.library import Stored
from newsdesk.index.settings import Passages, Readers
from newsdesk.index.types import Article
from newsdesk.index.update import decide, update
from tests.helpers.support import SmallEncoder, index, small, write

from .test_update import CANAL, NINE, PEACE, ids, told


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "articles", {"nine.txt": NINE, "canal.txt": CANAL})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_one_file_of_a_known_folder_keeps_its_id(home: Path, folder: Path) -> None:
    write(folder, {"2021/may/peace.txt": PEACE})
    index(home, folder)
    write(folder, {"2021/may/peace.txt": PEACE + " They ended."})
    assert told(index(home, folder / "2021/may/peace.txt")) == {"changed": ["2021/may/peace"]}
    assert told(index(home, folder / "2021")) == {"unchanged": ["2021/may/peace"]}
    assert set(ids(home)) == {"canal", "nine", "2021/may/peace"}


def test_a_lone_file_is_named_by_itself_and_kept_apart(home: Path, folder: Path) -> None:
    index(home, folder / "canal.txt")
    assert told(index(home, folder / "nine.txt")) == {"added": ["nine"]}
    (folder / "canal.txt").unlink()
    assert told(index(home, folder / "nine.txt")) == {"unchanged": ["nine"]}
    assert told(index(home, folder)) == {"removed": ["canal"], "unchanged": ["nine"]}


def test_a_folder_above_a_known_one_leaves_its_ids(home: Path, folder: Path) -> None:
    write(folder, {"2021/peace.txt": PEACE})
    index(home, folder / "2021")
    report = index(home, folder)
    assert told(report) == {"added": ["canal", "nine"], "unchanged": ["peace"]}


def test_a_name_that_another_folder_has_is_told_from_it_by_its_own(
    home: Path, folder: Path
) -> None:
    other = write(folder.with_name("other"), {"canal.txt": PEACE, "peace.txt": PEACE})
    index(home, folder)
    assert told(index(home, other)) == {"added": ["other/canal", "peace"]}
    assert told(index(home, folder, other)) == {
        "unchanged": ["canal", "nine", "other/canal", "peace"]
    }
    (folder / "canal.txt").unlink()
    index(home, folder)
    assert told(index(home, other)) == {"unchanged": ["other/canal", "peace"]}


def test_paths_that_overlap_are_read_once(home: Path, folder: Path) -> None:
    write(folder, {"2021/peace.txt": PEACE})
    report = index(home, folder, folder / "2021", folder / "canal.txt")
    assert told(report) == {"added": ["2021/peace", "canal", "nine"]}
    (folder / "2021/peace.txt").unlink()
    (folder / "2021").rmdir()
    (folder / "2021").mkdir()
    assert index(home, folder, folder / "2021").removed == ["2021/peace"]


@pytest.mark.parametrize("typed", ["articles", "./articles/", "home/../articles"])
def test_a_path_is_the_same_however_it_is_typed(
    typed: str, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(home, folder)
    monkeypatch.chdir(folder.parent)
    report = index(home, Path(typed))
    assert told(report) == {"unchanged": ["canal", "nine"]}
    assert not report.published


def test_a_link_to_a_known_folder_is_that_folder(home: Path, folder: Path) -> None:
    index(home, folder)
    link = folder.with_name("link")
    link.symlink_to(folder, target_is_directory=True)
    assert told(index(home, link)) == {"unchanged": ["canal", "nine"]}


# Rules that change


def test_other_rules_of_splitting_split_all_anew(home: Path, folder: Path) -> None:
    other = write(folder.with_name("other"), {"long.txt": "Long\n\n" + "It was so. " * 60})
    index(home, folder, other)
    before = open_current(home).manifest.passages
    shorter = structs.replace(small(home), passages=Passages(words=20, most=30))
    report = update(shorter, [folder], load=SmallEncoder)  # the other folder is not even named
    assert told(report) == {"changed": ["canal", "nine"]}
    assert open_current(home).manifest.passages > before
    again = update(shorter, [folder, other], load=SmallEncoder)
    assert told(again) == {"unchanged": ["canal", "long", "nine"]}
    assert not again.published
    assert update(small(home), [folder, other], load=SmallEncoder).encoded == 0


def test_another_language_splits_anew(home: Path, folder: Path) -> None:
    index(home, folder)
    german = structs.replace(small(home), readers=Readers(language="de"))
    assert told(update(german, [folder], load=SmallEncoder)) == {"changed": ["canal", "nine"]}


def test_another_model_encodes_anew_and_the_first_ones_vectors_are_kept(
    home: Path, folder: Path
) -> None:
    index(home, folder)
    other = structs.replace(small(home), model="another")
    report = update(other, [folder], load=SmallEncoder)
    assert (report.encoded, report.published) == (2, True)
    assert open_current(home).model.name == "another"
    back = index(home, folder)
    assert (back.encoded, back.published) == (0, True)


def test_other_weights_under_the_same_name_encode_anew(home: Path, folder: Path) -> None:
    index(home, folder)

    def retrained(name: str) -> SmallEncoder:
        encoder = SmallEncoder(name)
        encoder.model = replace(encoder.model, hash="f" * 64)
        return encoder

    report = update(small(home), [folder], load=retrained)
    assert (report.encoded, report.published) == (2, True)
    assert open_current(home).model.hash == "f" * 64


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (None, "added"),
        (("digest", "/a", "1"), "unchanged"),
        (("digest", "/b", "1"), "moved"),
        (("digest", "/a", "2"), "changed"),
        (("other", "/a", "1"), "changed"),
        (("other", "/b", "2"), "changed"),
    ],
)
def test_what_has_to_happen_follows_from_what_is_stored(
    stored: tuple[str, str, str] | None, expected: str
) -> None:
    article = Article("a", "", "Text.", "/a")
    known = None
    if stored:
        digest, path, split = stored
        known = Stored(article.digest if digest == "digest" else digest, path, split)
    assert decide(known, article, "1") == expected


# Progress


def test_progress_names_every_step_and_ends_it(home: Path, folder: Path) -> None:
    write(folder, {f"{n}.txt": f"Story {n}\n\nIt went {n} ways." for n in range(70)})
    seen: list[tuple[str, int, int]] = []
    update(small(home), [folder], lambda *step: seen.append(step), load=SmallEncoder)
    steps = list(dict.fromkeys(step for step, _, _ in seen))
    assert steps == ["loading the model", "reading", "comparing", "encoding", "building"]
    for step in steps[1:]:
        counts = [(done, total) for name, done, total in seen if name == step]
        assert counts == sorted(counts)
        assert counts[-1] == (72, 72)
