"""Fixtures: one running bot for each file that talks with one, and someone who talks with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.botapi import Person, StandIn
from tests.helpers.inprocess import make_library
from tests.helpers.running import Running, copied
from tests.helpers.talking import clean, talking

LIBRARIES = {"seeds": "seeds_home", "news": "news_home", "small": "small_library"}


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers that say which bot a file talks with."""
    config.addinivalue_line(
        "markers",
        "running_bot(library, **settings): of a file: the library its bot answers from, "
        "'seeds' where it is not marked or 'news', and settings of the bot",
    )
    config.addinivalue_line(
        "markers",
        "own_bot(library): of a file: each test starts bots of its own, in a home with a library "
        "of the seeds, the news, or of the small encoder ('small')",
    )


def library(request: pytest.FixtureRequest, marker: pytest.Mark) -> Path:
    """The library that a marker names."""
    found: Path = request.getfixturevalue(LIBRARIES[marker.args[0]])
    return found


@pytest.fixture(scope="session")
def small_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a small library, encoded by `SmallEncoder`. Not to be changed."""
    return make_library(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def home_of_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the bot of a file."""
    return tmp_path_factory.mktemp("bot") / "home"


@pytest.fixture(scope="module")
def running(
    request: pytest.FixtureRequest, home_of_file: Path
) -> Iterator[tuple[StandIn, Running]]:
    """The one bot that all tests of a file talk with, and the Telegram it does it in."""
    marker = request.node.get_closest_marker("running_bot") or pytest.mark.running_bot("seeds").mark
    with talking(library(request, marker), home_of_file, **marker.kwargs) as both:
        yield both


@pytest.fixture
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The home of the bot of this file, or of this test."""
    own = request.node.get_closest_marker("own_bot")
    if own:
        return copied(library(request, own), tmp_path / "home")
    of_file: Path = request.getfixturevalue("home_of_file")
    return of_file


@pytest.fixture
def own_home(seeds_home: Path, tmp_path: Path) -> Path:
    """A home of one test, with a library of the seeds."""
    return copied(seeds_home, tmp_path / "home")


@pytest.fixture
def api(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    """Telegram: of this test, or as the bot of this file knows it, which then made no mistake."""
    if request.node.get_closest_marker("own_bot"):
        with StandIn() as found:
            yield found
        return
    both: tuple[StandIn, Running] = request.getfixturevalue("running")
    yield both[0]
    clean(*both)


@pytest.fixture
def boss(api: StandIn) -> Person:
    """Whoever is to be the administrator of the bot."""
    return api.person("Boss")
