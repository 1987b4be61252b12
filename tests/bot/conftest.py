"""Fixtures: one running bot for each file that talks with one, and someone who talks with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.botapi import StandIn
from tests.helpers.running import Running, copied
from tests.helpers.talking import clean, talking

LIBRARIES = {"seeds": "seeds_home", "news": "news_home"}


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker that says which library the bot of a file answers from."""
    config.addinivalue_line(
        "markers",
        "running_bot(library, **settings): of a file: the library its bot answers from, "
        "'seeds' where it is not marked or 'news', and settings of the bot",
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the bot of a file."""
    return tmp_path_factory.mktemp("bot") / "home"


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest, home: Path) -> Iterator[tuple[StandIn, Running]]:
    """The one bot that all tests of a file talk with, and the Telegram it does it in."""
    marker = request.node.get_closest_marker("running_bot") or pytest.mark.running_bot("seeds").mark
    library = request.getfixturevalue(LIBRARIES[marker.args[0]])
    with talking(library, home, **marker.kwargs) as both:
        yield both


@pytest.fixture
def own_home(seeds_home: Path, tmp_path: Path) -> Path:
    """A home of one test, with a library of the seeds."""
    return copied(seeds_home, tmp_path / "home")


@pytest.fixture
def own_news_home(news_home: Path, tmp_path: Path) -> Path:
    """A home of one test, with a library of the labelled week, which ends now."""
    return copied(news_home, tmp_path / "home")


@pytest.fixture
def api(running: tuple[StandIn, Running]) -> Iterator[StandIn]:
    """Telegram, as the bot of this file knows it; it made no mistake in this test."""
    yield running[0]
    clean(*running)
