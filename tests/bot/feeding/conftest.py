"""Fixtures: a Telegram, a small library and a web server of each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.botapi import Chat, Person, StandIn
from tests.helpers.feeding import Patient
from tests.helpers.running import copied
from tests.helpers.talking import NOT_MODIFIED
from tests.helpers.web import Web


@pytest.fixture
def home(small_library: Path, tmp_path: Path) -> Path:
    """A home of one test, with a small library."""
    return copied(small_library, tmp_path / "home")


@pytest.fixture
def api() -> Iterator[StandIn]:
    """A Telegram of one test, that refused nothing but an edit that changes nothing."""
    with Patient() as found:
        yield found
        assert not [why for _, why in found.refused if NOT_MODIFIED not in why]


@pytest.fixture
def web() -> Iterator[Web]:
    """A web server on this machine."""
    with Web() as server:
        yield server


@pytest.fixture
def desk(api: StandIn, boss: Person) -> Chat:
    """The administrator's chat with it."""
    return api.private(boss)
