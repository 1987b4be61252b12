"""Vectors made elsewhere, part by part, and taken in."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from newsdesk.bot import cli
from newsdesk.index.errors import LibraryDamaged, NewsdeskError, UsageError
from newsdesk.index.generation import open_current
from newsdesk.index.indexes.dense import Encoded
from newsdesk.index.library import FILE
from newsdesk.index.settings import Dense
from newsdesk.index.types import Span
from newsdesk.index.update import Report, update
from newsdesk.index.update.shards import EncodingReport, Shard, encode
from tests.helpers.support import Command, SmallEncoder, index, small, write
from tests.index.cli.commands import in_this_process

_WORDS = "canal bridge river school market winter harbour vote council ship ferry tower".split()


class OutOfReach(SmallEncoder):
    """A model that knows its name, and is not there when something is to be encoded."""

    def encode(
        self, titles: Sequence[str], texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[Encoded]:
        raise AssertionError(f"encoded here: {texts}")


class Stopped(SmallEncoder):
    """Stops after some batches, as by Ctrl+C."""

    batches = 2

    def encode(
        self, titles: Sequence[str], texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[Encoded]:
        if not self.batches:
            raise KeyboardInterrupt
        self.batches -= 1
        return super().encode(titles, texts, sentences)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sixty articles, two of them with the same title and text."""
    lines = []
    for number in range(60):
        text = " ".join(_WORDS[(number * k + k) % len(_WORDS)] for k in range(1, 12))
        lines.append({"id": f"a{number}", "title": f"Story {number}", "text": f"{text} {number}."})
    lines[7] |= {"title": "Twice", "text": "It was said twice."}
    lines[8] |= {"title": "Twice", "text": "It was said twice."}
    return write(tmp_path / "news", {"a.jsonl": "\n".join(map(json.dumps, lines))})


def encoded(
    folder: Path, file: Path, shard: str = "1/1", load: type = SmallEncoder
) -> EncodingReport:
    """Encode a shard of a folder by the small encoder, four passages at once."""
    settings = structs.replace(small(file.parent / "elsewhere"), dense=Dense(batch=4))
    return encode(settings, [folder], file, Shard.parsed(shard), load=load)


def taken(folder: Path, home: Path, *files: Path, load: type = OutOfReach) -> Report:
    """Index a folder with vectors from files."""
    return update(small(home), [folder], load=load, vectors=files)


def test_shards_together_are_what_indexing_encodes(folder: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.vectors" for number in (1, 2, 3)]
    reports = [encoded(folder, file, f"{n}/3") for n, file in enumerate(files, 1)]
    assert sum(report.encoded for report in reports) == 59
    assert all(report.encoded + report.others == 59 for report in reports)
    assert min(report.encoded for report in reports) > 5
    report = taken(folder, tmp_path / "home", *files)
    assert (report.taken, report.encoded) == (59, 0)
    index(tmp_path / "alone", folder)
    here, alone = open_current(tmp_path / "home"), open_current(tmp_path / "alone")
    for name in ("vectors", "codes", "keys"):
        assert np.array_equal(here.column(name), alone.column(name)), name
    for passage in range(here.manifest.passages):
        assert (here.sentence_vectors(passage) == alone.sentence_vectors(passage)).all()


def test_what_no_file_has_is_encoded_here(folder: Path, tmp_path: Path) -> None:
    half = encoded(folder, tmp_path / "half", "2/2").encoded
    report = taken(folder, tmp_path / "home", tmp_path / "half", load=SmallEncoder)
    assert (report.taken, report.encoded) == (half, 59 - half)
    assert taken(folder, tmp_path / "home", tmp_path / "half").taken == 0


def test_a_run_that_was_stopped_goes_on(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt):
        encoded(folder, file, load=Stopped)
    again = encoded(folder, file)
    assert (again.there, again.encoded) == (8, 51)
    assert encoded(folder, file, load=OutOfReach).there == 59


def test_files_of_something_else_are_refused_before_anything_changes(
    folder: Path, tmp_path: Path
) -> None:
    file, home = tmp_path / "some", tmp_path / "home"
    encoded(folder, file, "1/2")
    with pytest.raises(UsageError, match="holds shard 1/2, not 2/2"):
        encoded(folder, file, "2/2")
    other = structs.replace(small(home), model="another")
    with pytest.raises(UsageError, match=r"vectors of model small-encoder .* not of another"):
        update(other, [folder], load=SmallEncoder, vectors=[file])
    with pytest.raises(UsageError, match="no such file"):
        taken(folder, home, tmp_path / "nowhere")
    index(home, folder)
    with pytest.raises(LibraryDamaged, match="not a file of vectors"):
        taken(folder, tmp_path / "fresh", home / FILE)
    assert not (tmp_path / "fresh" / "CURRENT").exists()


@pytest.mark.parametrize("column", ["key", "vector", "sentences", "digest"])
def test_a_flipped_bit_is_told(folder: Path, tmp_path: Path, column: str) -> None:
    file = tmp_path / "flipped"
    encoded(folder, file)
    with closing(sqlite3.connect(file)) as database, database:
        (given,) = database.execute(f"SELECT {column} FROM vectors WHERE rowid = 30").fetchone()
        flipped = bytes([given[0] ^ 1, *given[1:]])
        database.execute(f"UPDATE vectors SET {column} = ? WHERE rowid = 30", (flipped,))
    with pytest.raises(LibraryDamaged, match=r"flipped.*not as it was written.*`newsdesk encode`"):
        taken(folder, tmp_path / "home", file)
    assert not (tmp_path / "home" / "CURRENT").exists()


def test_a_file_that_was_cut_is_told(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "cut"
    encoded(folder, file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(NewsdeskError, match=r"cut.*`newsdesk encode`"):
        taken(folder, tmp_path / "home", file)


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "a/b", "1/0", "-1/2", "1/2/3"])
def test_shards_that_there_are_not(shard: str) -> None:
    with pytest.raises(UsageError, match=r"write 1/4, 2/4"):
        Shard.parsed(shard)


def test_the_command_says_what_it_wrote_and_refused(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of what was encoded before, so that no model is loaded."""
    newsdesk: Command = in_this_process(cli.run, tmp_path / "none", capsys, monkeypatch)
    write(folder, {"broken.json": "{"})
    out = str(tmp_path / "file")
    done = newsdesk("encode", str(folder), "--out", out, "--shard", "2/1")
    assert (done.code, done.out) == (2, "")
    assert "--shard 2/1" in done.err
    assert newsdesk("encode", str(folder)).code == 2
    from newsdesk.index.update import shards

    monkeypatch.setattr(shards, "_encoder", lambda *_: SmallEncoder())
    told = newsdesk("encode", str(folder), "--out", out, "--json").told
    assert (told["encoded"], told["there"], told["others"]) == (59, 0, 0)
    assert told["refused"][0]["path"].endswith("broken.json")
    again = newsdesk("encode", str(folder), "--out", out)
    assert f"{out}: 0 encoded, 59 there before" in again.out
    assert "refused" in again.out
