"""Where the libraries of datasets lie."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def eval_home(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    """A home for the libraries of datasets, with the exported model."""
    home = tmp_path_factory.mktemp("eval") / "home"
    home.mkdir()
    (home / "models").symlink_to(models)
    return home


@pytest.fixture
def home(tmp_path: Path, models: Path) -> Path:
    """A home that has the exported model already."""
    made = tmp_path / "home"
    made.mkdir()
    (made / "models").symlink_to(models)
    return made
