"""Imports run downwards in both packages; nothing heavy is imported where it would cost time."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.support import ROOT

# Each floor may import from those before it, and a room from itself.
FLOORS = {
    "index": [
        {"types", "errors"},
        {"settings", "linear_model"},
        {"text"},
        {"query", "readers", "indexes", "net"},
        {"library", "reading"},
        {"generation"},
        {"milvus"},
        {"update", "search"},
        {"brief", "sync"},
        {"evaluate"},
        {"cli"},
    ],
    "bot": [
        {"in_hand", "logs", "metrics", "quota", "settings", "turns"},
        {"library", "librarian"},
        {"store"},
        {"transport"},
        {"views", "context"},
        {"answering"},
        {"briefings", "feeding"},
        {"handlers"},
        {"app", "health"},
        {"runner"},
        {"cli"},
    ],
}
HEAVY = {"numpy", "rank_bm25", "sentence_transformers", "torch", "onnxruntime", "tokenizers"}
MAY_BE_HEAVY = {
    *("indexes", "reading", "generation", "milvus", "search", "evaluate", "brief", "sync")
}


SEE_TELEGRAM = {"transport", "handlers", "app", "runner"}
HANDLERS = ROOT / "bot" / "handlers"
HELPERS = {"addressing", "permissions"}  # what any handler may import of the others
# What a view imports of its own package: HTML and buttons, and the types that it shows.
SHOWN = {("transport", "html"), ("transport", "buttons"), ("store", "models"), ("library", "Held")}
INPUT_OUTPUT = {"asyncio", "httpx", "io", "os", "pathlib", "shutil", "socket", "sqlite3"}


def modules(package: str) -> list[Path]:
    """All but the package's front, which names what is public in any of them."""
    front = ROOT / package / "__init__.py"
    return sorted(file for file in (ROOT / package).rglob("*.py") if file != front)


MODULES = [*modules("index"), *modules("bot")]


def dotted(file: Path) -> tuple[str, ...]:
    """A module's name without the namespace: ("index", "search", "ask")."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def imports(file: Path) -> Iterator[tuple[str, ...]]:
    """What a file imports, by absolute name; our own modules without the namespace."""
    own = dotted(file) if file.stem == "__init__" else dotted(file)[:-1]
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            names = [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = own[: len(own) - node.level + 1] if node.level else ()
            module = (*base, *(node.module.split(".") if node.module else ()))
            names = [(*module, alias.name) for alias in node.names]
        else:
            continue
        yield from (name[1:] if name[0] == "newsdesk" else name for name in names)


def floor(package: str, room: str) -> int:
    return next(i for i, rooms in enumerate(FLOORS[package]) if room in rooms)


def rooms_above(file: Path) -> list[tuple[str, ...]]:
    """What a file imports of its own package that is not below it."""
    package, room = dotted(file)[:2]
    return [
        name
        for name in imports(file)
        if name[0] == package
        and name[1] != room
        and floor(package, name[1]) >= floor(package, room)
    ]


def identity(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", MODULES, ids=identity)
def test_imports_run_downwards(file: Path) -> None:
    assert not rooms_above(file)


@pytest.mark.parametrize("file", modules("index"), ids=identity)
def test_index_knows_nothing_of_telegram(file: Path) -> None:
    assert not {name[0] for name in imports(file)} & {"telegram", "bot"}


@pytest.mark.parametrize("file", modules("index"), ids=identity)
def test_heavy_packages_are_imported_in_their_rooms_only(file: Path) -> None:
    if dotted(file)[1] not in MAY_BE_HEAVY:
        assert not {name[0] for name in imports(file)} & HEAVY


@pytest.mark.parametrize("file", modules("bot"), ids=identity)
def test_telegram_is_seen_by_few(file: Path) -> None:
    if dotted(file)[1] not in SEE_TELEGRAM:
        assert "telegram" not in {name[0] for name in imports(file)}


@pytest.mark.parametrize("file", sorted(HANDLERS.glob("*.py")), ids=identity)
def test_handlers_never_import_each_other(file: Path) -> None:
    imported = {name[2] for name in imports(file) if name[:2] == ("bot", "handlers")}
    assert imported <= HELPERS


@pytest.mark.parametrize("file", sorted((ROOT / "bot" / "views").glob("*.py")), ids=identity)
def test_views_do_no_input_or_output(file: Path) -> None:
    names = list(imports(file))
    own = {name[1:3] for name in names if name[0] == "bot" and name[1] != "views"}
    assert own <= SHOWN
    assert not {name[0] for name in names} & INPUT_OUTPUT
    called = [node.func for node in ast.walk(parsed(file)) if isinstance(node, ast.Call)]
    assert not [f for f in called if isinstance(f, ast.Name) and f.id in ("open", "print", "input")]
    assert not [node for node in ast.walk(parsed(file)) if isinstance(node, ast.AsyncFunctionDef)]


def test_the_ladder_test_sees_handlers() -> None:
    names = set(imports(HANDLERS / "ask.py"))
    assert ("bot", "handlers", "permissions") in names
    assert ("telegram", "Update") in set(imports(HANDLERS / "addressing.py"))


def test_the_ladder_test_sees_imports() -> None:
    names = set(imports(ROOT / "index" / "search" / "local_engine.py"))
    assert ("index", "generation", "Generation") in names
    assert ("numpy",) in names
    assert floor("index", "search") > floor("index", "generation")


def loaded_by(code: str) -> set[str]:
    """The packages that a fresh Python has loaded after running some code."""
    told = f"{code}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_by("import newsdesk.index") & (HEAVY | {"rich", "scipy", "sklearn"})


def test_importing_the_searcher_loads_no_torch() -> None:
    loaded = loaded_by("from newsdesk.index import Searcher")
    assert "numpy" in loaded
    heavy = {"torch", "transformers", "sentence_transformers", "scipy", "sklearn", "rank_bm25"}
    assert not loaded & (heavy | {"pymilvus", "grpc", "pandas"})


def test_reading_about_milvus_loads_no_client() -> None:
    told = "import newsdesk.index.milvus, newsdesk.index.search.milvus_engine"
    assert not loaded_by(told) & {"pymilvus", "grpc", "pandas", "torch"}
