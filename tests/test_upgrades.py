"""Files of earlier versions open, are migrated once, and can be asked; newer ones are refused.

`tests/upgrades/` holds files that earlier commits wrote, each named by the version of its schema:

    library-1.db.gz  by 4a15422      library-2.db.gz, bot-3.db.gz  by 866b48f
    bot-5.db.gz      by 9f05686      library-3.db.gz, bot-6.db.gz: 2 and 5, opened by 5c3c63e
    bot-7.db.gz: 6, opened by b1cf7ba

Where a commit changes a schema, add a file that the commit before it wrote.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from newsdesk.bot import runner
from newsdesk.bot.settings import BotSettings
from newsdesk.bot.store.checking import companion
from newsdesk.bot.store.database import BOT
from newsdesk.bot.store.store import Store
from newsdesk.index.cli.opening import open_searcher
from newsdesk.index.errors import LibraryDamaged, LibraryOutdated
from newsdesk.index.generation import open_current
from newsdesk.index.generation.generation import FORMAT
from newsdesk.index.library import Library
from newsdesk.index.library.database import Database, Schema
from newsdesk.index.library.schema import LIBRARY
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.sync import back_up, check, restore_backup
from newsdesk.index.sync.removing import changing

from .helpers.support import ROOT

WRITTEN = ROOT / "tests" / "upgrades"
SCHEMAS = {"library": LIBRARY, "bot": BOT}
FILES = sorted(file.name.removesuffix(".db.gz") for file in WRITTEN.glob("*.db.gz"))
LIBRARIES = [name for name in FILES if name.startswith("library-")]
BOTS = [name for name in FILES if name.startswith("bot-")]


def unpacked(name: str, home: Path) -> Schema:
    """Put a file of an earlier version into a home; returns the schema that it has now."""
    schema = SCHEMAS[name.partition("-")[0]]
    home.mkdir(parents=True, exist_ok=True)
    (home / schema.file).write_bytes(gzip.decompress((WRITTEN / f"{name}.db.gz").read_bytes()))
    return schema


def version(home: Path, schema: Schema) -> int:
    with closing(sqlite3.connect(home / schema.file)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def test_there_is_a_file_of_the_version_before_of_each_schema() -> None:
    for kind, schema in SCHEMAS.items():
        assert f"{kind}-{len(schema.migrations) - 1}" in FILES


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_an_earlier_version_is_migrated_once(name: str, tmp_path: Path) -> None:
    schema = unpacked(name, tmp_path)
    assert version(tmp_path, schema) == int(name.partition("-")[2])
    with Database(tmp_path, schema) as database:
        assert database.flaws() == []
    assert version(tmp_path, schema) == len(schema.migrations)
    before = (tmp_path / schema.file).read_bytes()
    with Database(tmp_path, schema):
        pass
    assert (tmp_path / schema.file).read_bytes() == before


@pytest.mark.parametrize("name", FILES)
def test_several_who_open_it_at_once_migrate_it_once(name: str, tmp_path: Path) -> None:
    schema = unpacked(name, tmp_path)

    def opened(_: int) -> list[str]:
        with Database(tmp_path, schema) as database:
            return database.flaws()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(opened, range(8))) == [[]] * 8
    assert version(tmp_path, schema) == len(schema.migrations)


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_of_an_earlier_version_can_be_asked(
    name: str, seeds_home: Path, tmp_path: Path
) -> None:
    """By the vectors that it has; only the export of the model is lent to it."""
    unpacked(name, tmp_path / "home")
    shutil.copytree(seeds_home / "models", tmp_path / "home" / "models", copy_function=shutil.copy2)
    settings = Settings(home=tmp_path / "home")
    with Library(settings.home) as library:
        vectors = list(library.rows("SELECT key, vector FROM vectors ORDER BY key"))
        assert library.unencoded() == []
    with changing(settings, lambda *_: None, lambda: None, None, None):
        pass
    with Searcher(settings) as searcher:
        answer = searcher.ask("when does the ferry between Holm and Vester run again?")
        assert answer.sentence
        assert "from Monday" in answer.sentence.text
    with Library(settings.home) as library:
        assert list(library.rows("SELECT key, vector FROM vectors ORDER BY key")) == vectors
    assert check(settings).flaws == ()


def written_by(home: Path, **facts: object) -> None:
    """Have the manifest say that it is of another version, under the name that fits that."""
    folder = open_current(home).folder
    given = json.loads((folder / "manifest.json").read_text("utf-8")) | facts
    packed = json.dumps(given).encode()
    (folder / "manifest.json").write_bytes(packed)
    name = f"{folder.name.partition('-')[0]}-{hashlib.sha256(packed).hexdigest()[:12]}"
    folder.rename(folder.with_name(name))
    (home / "CURRENT").write_text(name)


@pytest.fixture
def outdated(seeds_home: Path, tmp_path: Path) -> Path:
    """A home whose generation is of a format before this one."""
    home = tmp_path / "home"
    shutil.copytree(seeds_home, home)
    written_by(home, format=FORMAT - 1)
    return home


def test_what_an_earlier_version_wrote_to_be_asked_is_built_anew_once(
    outdated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(LibraryOutdated, match="written by another version"):
        Searcher(Settings(home=outdated))
    with open_searcher(Settings(home=outdated)) as searcher:
        assert "Bulgaria" in str(searcher.ask("who is in the B9?").sentence)
    assert "is of an earlier version: building it anew" in capsys.readouterr().err
    with open_searcher(Settings(home=outdated)):
        assert "anew" not in capsys.readouterr().err
    assert check(Settings(home=outdated)).flaws == ()


def test_terms_of_an_earlier_analyzer_are_made_anew(seeds_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(seeds_home, home)
    written_by(home, analyzer="0")
    with open_searcher(Settings(home=home)) as searcher:
        assert searcher.ask("who is in the B9?").verdict == "answered"


def test_the_bot_builds_anew_what_an_earlier_version_wrote(outdated: Path) -> None:
    asker = runner._opened(BotSettings(home=outdated))
    try:
        assert asker.held.articles == 30
    finally:
        asker.close()
    assert open_current(outdated).manifest.format == FORMAT


def test_what_a_newer_version_wrote_to_be_asked_is_refused(outdated: Path) -> None:
    shutil.rmtree(outdated / "generations")
    with changing(Settings(home=outdated), lambda *_: None, lambda: None, None, None):
        pass
    written_by(outdated, format=FORMAT + 1)
    with pytest.raises(LibraryDamaged, match="written by a newer version of Newsdesk; update"):
        open_searcher(Settings(home=outdated))


@pytest.mark.parametrize("name", BOTS)
def test_a_bot_of_an_earlier_version_remembers(name: str, tmp_path: Path) -> None:
    unpacked(name, tmp_path)
    with Store(tmp_path) as store:
        assert store.chat(-5).zone == "Europe/Oslo"
        answer = store.answer_in(-5, 12)
        assert answer
        assert (answer.typed, answer.places[0].article) == ("when does the ferry run?", "ferry")
        assert store.answer_to(-5, 11) == answer
        assert [vote for _, vote in store.votes()] == [1]
        assert [topic.name for topic in store.briefings.follows(-5, 0)] == ["the ferry"]
        assert [plan.chat for plan in store.briefings.due(1760600000.0)] == [-5]
        assert store.knows(3)
    assert list(companion().check(tmp_path)) == []


def test_files_of_an_earlier_version_are_backed_up_and_restored(
    seeds_home: Path, tmp_path: Path
) -> None:
    """The backup holds what they were migrated to."""
    home = tmp_path / "home"
    for name in (LIBRARIES[0], BOTS[0]):
        unpacked(name, home)
    shutil.copytree(seeds_home / "models", home / "models")
    back_up(Settings(home=home), tmp_path / "backup", [companion()])
    other = Settings(home=tmp_path / "other")
    restore_backup(other, tmp_path / "backup", [companion()])
    assert check(other, companions=[companion()]).flaws == ()


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_a_newer_file_is_refused_with_the_reason_and_is_left_as_it_is(
    schema: Schema, tmp_path: Path
) -> None:
    with Database(tmp_path, schema, create=True):
        pass
    newer = len(schema.migrations) + 1
    with closing(sqlite3.connect(tmp_path / schema.file)) as db:
        db.execute(f"PRAGMA user_version = {newer}")
    before = (tmp_path / schema.file).read_bytes()
    reason = (
        f"{schema.file}: written by a newer Newsdesk (its version {newer}, this one knows "
        f"{newer - 1}); update this one, or `newsdesk restore` a backup from before"
    )
    for create in (False, True):
        with pytest.raises(LibraryDamaged, match=re.escape(reason)):
            Database(tmp_path, schema, create)
    assert (tmp_path / schema.file).read_bytes() == before
