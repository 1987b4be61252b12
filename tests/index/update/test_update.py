"""Updating: what is read, what is stored, what is encoded, and what is said of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from newsdesk.index.errors import LibraryMissing, NothingUsable, UsageError
from newsdesk.index.generation import open_current
from newsdesk.index.indexes.dense import Encoded
from newsdesk.index.library import Library
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.types import Query, Span
from newsdesk.index.update import Report, update
from tests.helpers.support import SmallAsking, SmallEncoder, index, small, write

NINE = "The Bucharest Nine\n\nNine countries met. They talked about Russia."
CANAL = "The Canal\n\nA ship blocked the canal for six days."
PEACE = "Peace\n\nTalks went on in Geneva."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "articles", {"nine.txt": NINE, "canal.txt": CANAL})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def ids(home: Path) -> dict[str, str]:
    """The articles of a library and the file each was read from."""
    with Library(home) as library:
        return {one.id: Path(one.path).name for one in library.articles()}


def told(report: Report) -> dict[str, list[str]]:
    """What a report says of articles, without what it has nothing to say of."""
    names = ("added", "changed", "removed", "unchanged", "kept")
    found = {name: sorted(getattr(report, name)) for name in names}
    found["refused"] = [Path(one.path).name for one in report.refused]
    return {name: given for name, given in found.items() if given}


def best(home: Path, question: str) -> str:
    with Searcher(small(home), load=SmallAsking) as searcher:
        return searcher.search(Query(question))[0].article.id


# What happened to each article


def test_a_first_run_adds_all(home: Path, folder: Path) -> None:
    report = index(home, folder)
    assert told(report) == {"added": ["canal", "nine"]}
    assert (report.encoded, report.published) == (2, True)
    assert best(home, "which ship blocked the canal?") == "canal"


def test_a_second_run_finds_nothing_to_do(home: Path, folder: Path) -> None:
    index(home, folder)
    before = open_current(home).name
    report = index(home, folder)
    assert told(report) == {"unchanged": ["canal", "nine"]}
    assert (report.encoded, report.published) == (0, False)
    assert open_current(home).name == before


def test_each_change_is_told_and_only_what_is_new_is_encoded(home: Path, folder: Path) -> None:
    write(folder, {"old.txt": "Old\n\nIt was."})
    index(home, folder)
    (folder / "old.txt").unlink()
    write(folder, {"peace.txt": PEACE, "canal.txt": CANAL + " It is free."})
    report = index(home, folder)
    expected = {"added": ["peace"], "changed": ["canal"], "removed": ["old"], "unchanged": ["nine"]}
    assert told(report) == expected
    assert report.encoded == 2
    assert ids(home) == {"canal": "canal.txt", "nine": "nine.txt", "peace": "peace.txt"}
    assert best(home, "talks in Geneva") == "peace"


class Counting(SmallEncoder):
    """Knows what it was given."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.given: list[tuple[str, str]] = []

    def encode(
        self, titles: Sequence[str], texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[Encoded]:
        self.given += zip(titles, texts, strict=True)
        return super().encode(titles, texts, sentences)


def encoded(home: Path, *paths: Path) -> list[tuple[str, str]]:
    """Index, and say what was given to the model."""
    encoder = Counting("small-encoder")
    update(small(home), paths, load=lambda _: encoder)
    return encoder.given


def test_vectors_are_kept_by_content(home: Path, folder: Path) -> None:
    assert len(encoded(home, folder)) == 2
    (folder / "canal.txt").unlink()
    assert encoded(home, folder) == []
    write(folder, {"canal.txt": CANAL})  # it comes back
    assert encoded(home, folder) == []
    write(folder, {"also.txt": CANAL})  # the same under another id
    assert encoded(home, folder) == []
    write(folder, {"canal.txt": CANAL.replace("The Canal", "Suez")})  # the title is encoded too
    assert encoded(home, folder) == [("Suez", "A ship blocked the canal for six days.")]


def test_what_is_only_said_about_a_text_needs_no_new_vector(home: Path, folder: Path) -> None:
    head = "---\ntitle: Talks\nauthor: {}\ndate: {}\n---\nThey talked."
    write(folder, {"talks.md": head.format("A. Smith", "2021-12-29")})
    index(home, folder)
    write(folder, {"talks.md": head.format("B. Jones", "2021-12-30")})
    report = index(home, folder)
    assert report.changed == ["talks"]
    assert (report.encoded, report.published) == (0, True)
    found = open_current(home).find("talks")
    assert found
    assert found.author == "B. Jones"


def test_a_text_that_grows_keeps_the_vectors_of_what_stays(home: Path, folder: Path) -> None:
    paragraphs = [f"{word} " * 90 + "end." for word in ("One", "Two", "Three")]
    write(folder, {"long.txt": "Long\n\n" + "\n\n".join(paragraphs[:2])})
    assert len(encoded(home, folder)) == 4
    write(folder, {"long.txt": "Long\n\n" + "\n\n".join(paragraphs)})
    assert [text[:5] for _, text in encoded(home, folder)] == ["Three"]


def test_a_file_that_moved_is_the_same_article_if_it_names_its_id(home: Path, folder: Path) -> None:
    write(folder, {"a.jsonl": '{"id": "talks", "text": "They talked."}'})
    index(home, folder)
    (folder / "a.jsonl").rename(folder / "b.jsonl")
    report = index(home, folder)
    assert told(report) == {"unchanged": ["canal", "nine", "talks"]}
    assert report.published
    assert ids(home)["talks"] == "b.jsonl#1"
    assert not index(home, folder).published


def test_a_moved_folder_keeps_its_articles(home: Path, folder: Path) -> None:
    index(home, folder)
    folder.rename(folder.with_name("elsewhere"))
    report = index(home, folder.with_name("elsewhere"))
    assert told(report) == {"unchanged": ["canal", "nine"]}
    assert report.encoded == 0


def test_articles_that_swap_their_files_are_both_found(home: Path, folder: Path) -> None:
    one, other = '{"id": "one", "text": "First."}', '{"id": "two", "text": "Second."}'
    write(folder, {"a.jsonl": one, "b.jsonl": other})
    index(home, folder)
    write(folder, {"a.jsonl": other, "b.jsonl": one})
    report = index(home, folder)
    assert "refused" not in told(report)
    assert (ids(home)["one"], ids(home)["two"]) == ("b.jsonl#1", "a.jsonl#1")


def test_who_has_an_id_keeps_it(home: Path, folder: Path) -> None:
    write(folder, {"m.jsonl": '{"id": "one", "text": "First."}'})
    index(home, folder)
    write(folder, {"a.jsonl": '{"id": "one", "text": "An impostor."}'})
    report = index(home, folder)
    assert told(report) == {"unchanged": ["canal", "nine", "one"], "refused": ["a.jsonl#1"]}
    assert "m.jsonl" in report.refused[0].reason
    (folder / "m.jsonl").unlink()
    assert index(home, folder).changed == ["one"]


def test_two_new_files_with_one_id_are_told(home: Path, folder: Path) -> None:
    write(folder, {"canal.md": "# Suez\n\nAnother text."})
    report = index(home, folder)
    assert told(report) == {"added": ["canal", "nine"], "refused": ["canal.txt"]}
    assert "has the same id, 'canal', as" in report.refused[0].reason
    assert str(folder / "canal.md") in report.refused[0].reason


# What cannot be read


def test_a_refused_file_keeps_what_was_read_from_it(home: Path, folder: Path) -> None:
    index(home, folder)
    write(folder, {"canal.txt": b"\x00\x01\x02" * 400})
    report = index(home, folder)
    assert told(report) == {"unchanged": ["nine"], "kept": ["canal"], "refused": ["canal.txt"]}
    assert best(home, "which ship blocked the canal?") == "canal"
    (folder / "canal.txt").unlink()
    assert index(home, folder).removed == ["canal"]


def test_a_broken_line_keeps_the_other_articles_of_its_file(home: Path, folder: Path) -> None:
    line = '{{"id": "{}", "text": "This is {}."}}\n'
    write(folder, {"many.jsonl": "".join(line.format(n, n) for n in "abc")})
    index(home, folder)
    write(folder, {"many.jsonl": line.format("a", "a") + "{oops\n" + line.format("c", "c")})
    report = index(home, folder)
    assert told(report)["kept"] == ["b"]
    assert set("abc") <= set(ids(home))
    write(folder, {"many.jsonl": line.format("a", "a") + line.format("c", "c")})
    assert index(home, folder).removed == ["b"]


def test_a_file_that_was_named_stays_when_its_folder_passes_it_over(
    home: Path, folder: Path
) -> None:
    write(folder, {"README.md": "# Read me\n\nWhat lies here."})
    index(home, folder / "README.md")
    report = index(home, folder)
    assert told(report) == {"added": ["canal", "nine"]}
    assert "README" in ids(home)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_that_is_no_text_is_refused(home: Path, folder: Path) -> None:
    strange = os.fsencode(folder) + b"/caf\xe9.txt"
    try:
        Path(os.fsdecode(strange)).write_text(PEACE)
    except OSError as error:
        pytest.skip(f"this file system takes no such names: {error}")
    report = index(home, folder)
    assert report.added == ["canal", "nine"]
    assert [one.reason for one in report.refused] == ["its name is not UTF-8; rename it"]
    with pytest.raises(UsageError, match="not UTF-8"):
        index(home, Path(os.fsdecode(strange)))


# What is left out, and what is nothing


def test_a_path_that_is_not_there_changes_nothing(home: Path, folder: Path) -> None:
    index(home, folder)
    shutil.rmtree(folder)
    with pytest.raises(UsageError, match="no such file or folder"):
        index(home, folder)
    assert set(ids(home)) == {"canal", "nine"}


def test_an_emptied_folder_loses_its_articles_only_by_prune(home: Path, folder: Path) -> None:
    other = write(folder.with_name("other"), {"peace.txt": PEACE})
    index(home, folder, other)
    for file in folder.iterdir():
        file.unlink()
    with pytest.raises(NothingUsable, match="The 2 articles read from there stay; --prune"):
        index(home, folder)
    assert best(home, "which ship blocked the canal?") == "canal"
    report = index(home, folder, prune=True)
    assert told(report) == {"removed": ["canal", "nine"]}
    assert set(ids(home)) == {"peace"}


def test_pruned_to_nothing_there_is_nothing_to_ask(home: Path, folder: Path) -> None:
    index(home, folder)
    for file in folder.iterdir():
        file.unlink()
    assert told(index(home, folder, prune=True)) == {"removed": ["canal", "nine"]}
    with pytest.raises(LibraryMissing):
        Searcher(small(home), load=SmallAsking)
    with pytest.raises(NothingUsable):
        index(home, folder, prune=True)
    write(folder, {"canal.txt": CANAL})
    assert index(home, folder).published
    assert best(home, "which ship blocked the canal?") == "canal"


@pytest.mark.parametrize("files", [{}, {"a.txt": ""}, {"b.pdf": b"%PDF"}, {"README.md": "# Hi"}])
def test_nothing_usable_is_told_with_the_reasons(
    files: dict[str, str], home: Path, tmp_path: Path
) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(NothingUsable) as found:
        index(home, write(tmp_path / "none", files))
    for name in files:
        assert name in str(found.value) or name.startswith("README")
    assert "\n" not in str(found.value)
    with pytest.raises(LibraryMissing):
        Searcher(small(home), load=SmallAsking)
