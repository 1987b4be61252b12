"""The examples in docstrings of `newsdesk.index`, run as they stand."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import newsdesk.index
from tests.helpers.running import copied
from tests.helpers.support import ROOT

_RUN_AT_IMPORT = "__main__"  # a command: importing it runs it

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(newsdesk.index.__path__, "newsdesk.index.")
    if not module.name.endswith(_RUN_AT_IMPORT)
)


PUBLIC = sorted(set(newsdesk.index.__all__) - {"__version__"})


@pytest.fixture(scope="module")
def home(seeds_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of the seeds that an example may write to."""
    return copied(seeds_home, tmp_path_factory.mktemp("doctests") / "home")


@pytest.mark.parametrize("name", ["newsdesk.index", *MODULES])
def test_examples_give_what_their_docstrings_say(
    name: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("NEWSDESK_HOME", str(home))
    names = {public: getattr(newsdesk.index, public) for public in PUBLIC}
    results = doctest.testmod(importlib.import_module(name), extraglobs=names | {"Path": Path})
    assert results.failed == 0


def test_there_are_examples_in_every_room_of_reading_and_understanding() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    rooms = ("text", "readers", "query", "brief", "evaluate")
    for room in rooms:
        names = [name for name in MODULES if name.startswith(f"newsdesk.index.{room}.")]
        found = [
            case
            for name in names
            for case in finder.find(importlib.import_module(name))
            if case.examples
        ]
        assert found, f"no example in {room}"
