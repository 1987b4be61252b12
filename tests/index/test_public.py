"""The public Python API: what it names, that it is typed, and that every example in it holds."""

from __future__ import annotations

import ast
import doctest
import importlib
from importlib.metadata import version
from pathlib import Path

import pytest

from newsdesk import index
from tests.helpers.running import copied
from tests.helpers.support import ROOT

OBJECTS = sorted(set(index.__all__) - {"__version__"})


@pytest.fixture(scope="module")
def home(seeds_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of the seeds that an example may write to."""
    return copied(seeds_home, tmp_path_factory.mktemp("public") / "home")


def test_what_is_public_is_sorted_and_there() -> None:
    assert index.__all__ == sorted(index.__all__)
    for name in index.__all__:
        assert getattr(index, name) is not None
        assert name in dir(index)
    assert index.__version__ == version("newsdesk")
    with pytest.raises(AttributeError, match="nothing_of_ours"):
        _ = index.nothing_of_ours


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse((ROOT / "index" / "__init__.py").read_text("utf-8"))
    seen = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names
    }
    assert seen == set(OBJECTS)
    assert (ROOT / "index" / "py.typed").is_file()
    assert (ROOT / "bot" / "py.typed").is_file()


@pytest.mark.parametrize("name", ["", *OBJECTS])
def test_the_example_of_each_public_name_holds(
    name: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("NEWSDESK_HOME", str(home))
    thing = getattr(index, name) if name else index
    module = importlib.import_module(getattr(thing, "__module__", thing.__name__))
    names = {**vars(module), **{public: getattr(index, public) for public in OBJECTS}}
    names["Path"] = Path
    tests = doctest.DocTestFinder(recurse=False).find(thing, name or "index", globs=names)
    assert sum(len(test.examples) for test in tests), f"{name} has no example"
    for test in tests:
        told: list[str] = []
        assert not doctest.DocTestRunner().run(test, out=told.append).failed, "".join(told)
