"""The web that is fetched from, and a home that is not there yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.web import Web


@pytest.fixture
def web() -> Iterator[Web]:
    """A server on this machine."""
    with Web() as opened:
        yield opened


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of one test."""
    return tmp_path / "home"
