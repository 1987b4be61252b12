"""Fixtures: the real model and a library of the seeds, each made once for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from index.settings import Settings
from index.update import update

from .support import SEEDS

# A shared machine stalls now and then; a deadline would test the machine. Where CI is set, the
# examples are always the same.
settings.register_profile(
    "newsdesk",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("newsdesk")


@pytest.fixture(scope="session")
def seeds_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a library of `seeds/`, indexed with the real model. Not to be changed."""
    home = tmp_path_factory.mktemp("seeds") / "home"
    update(Settings(home=home), [SEEDS])
    return home


@pytest.fixture(scope="session")
def models(seeds_home: Path) -> Path:
    """Where the exported real model lies, so that no test has to export it again."""
    return seeds_home / "models"
