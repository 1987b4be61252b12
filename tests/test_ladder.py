"""The ladder of imports, and that nothing heavy is imported where it would cost time."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .support import ROOT

# Each rung may import from those above it and from its own.
LADDER = [
    {"types", "errors"},
    {"settings", "analyzer", "dates"},
    {"followups", "narrowing", "outlets", "periods", "arguments", "wishes", "moments"},
    {"readers", "passages"},
    {"lexical", "dense", "fusion", "closer", "rerank"},
    {"articles"},
    {"library", "generation", "engines"},
    {"update", "answer", "sentences", "verdict"},
    {"ranking"},
    {"search"},
    {"examples", "understanding"},
    {"brief", "evaluate"},
    {"terminal", "contract"},
    {"report"},
    {"bench"},
    {"cli"},
]
HEAVY = {"numpy", "rank_bm25", "sentence_transformers", "torch", "onnxruntime", "tokenizers"}
MAY_BE_HEAVY = {
    "lexical",
    "articles",
    "dense",
    "rerank",
    "generation",
    "engines",
    "evaluate",
    "brief",
}


def modules() -> list[Path]:
    """All but the package's front, which names what is public in any of them."""
    front = ROOT / "index" / "__init__.py"
    return sorted(file for file in (ROOT / "index").rglob("*.py") if file != front)


def room(file: Path) -> str:
    """The rung's name of a file: a module, or the folder it lies in."""
    return file.relative_to(ROOT / "index").parts[0].removesuffix(".py")


def imports(file: Path) -> Iterator[tuple[str, bool]]:
    """What a file imports: names of rooms (True) and of other packages (False)."""
    depth = len(file.relative_to(ROOT / "index").parts)
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            named = [node.module] if node.module else [alias.name for alias in node.names]
            if node.level == depth:
                yield from ((name.split(".")[0], True) for name in named)
            elif not node.level:
                yield from ((name.split(".")[0], False) for name in named)


def rung(name: str) -> int:
    return next(i for i, names in enumerate(LADDER) if name in names)


@pytest.mark.parametrize("file", modules(), ids=lambda f: str(f.relative_to(ROOT)))
def test_imports_go_down_the_ladder_only(file: Path) -> None:
    above = [name for name, own in imports(file) if own and rung(name) > rung(room(file))]
    assert not above


@pytest.mark.parametrize("file", modules(), ids=lambda f: str(f.relative_to(ROOT)))
def test_index_knows_nothing_of_telegram(file: Path) -> None:
    assert not {name for name, _ in imports(file)} & {"telegram", "bot"}


@pytest.mark.parametrize("file", modules(), ids=lambda f: str(f.relative_to(ROOT)))
def test_heavy_packages_are_imported_in_their_rooms_only(file: Path) -> None:
    if room(file) not in MAY_BE_HEAVY:
        assert not {name for name, own in imports(file) if not own} & HEAVY


def test_the_ladder_test_sees_imports() -> None:
    found = dict(imports(ROOT / "index" / "engines" / "local.py"))
    assert found["generation"] is True
    assert found["numpy"] is False
    assert rung("search") > rung("answer")


def loaded_by(code: str) -> set[str]:
    """The packages that a fresh Python has loaded after running some code."""
    told = f"{code}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_by("import index") & (HEAVY | {"rich", "scipy", "sklearn"})


def test_importing_the_searcher_loads_no_torch() -> None:
    loaded = loaded_by("from index import Searcher")
    assert "numpy" in loaded
    assert not loaded & {"torch", "transformers", "sentence_transformers", "scipy", "sklearn"}
