"""Fixtures: the real model and libraries of the seeds and of news, each made once for all tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from newsdesk.index.evaluate import FOLDER, weeks
from newsdesk.index.settings import Settings
from newsdesk.index.update import update

from .botapi import Chat, Person, StandIn
from .helpers.examples import QUICK, THOROUGH, WHOLE
from .helpers.support import SEEDS, WEEK, lend_vectors, news

# Several workers encode at once: more threads than there are cores wait for each other.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")


MEMORY = Path("/dev/shm")  # a file system in memory, where there is one
_ROOM = 6_000_000_000  # bytes: twice what a run with several workers writes
_PREFIX = "newsdesk-tests-"
_OURS = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that has every question asked."""
    parser.addoption(
        "--every-question",
        action="store_true",
        help="ask every question of the sets that floors stand under, not one of so many, "
        "and try every property on as many examples as it asks for",
    )


@pytest.fixture(scope="session")
def every_question(request: pytest.FixtureRequest) -> bool:
    """Whether every question of a set is to be asked."""
    return bool(request.config.getoption("--every-question"))


def pytest_configure(config: pytest.Config) -> None:
    """Choose how many examples are tried, and where tests write."""
    if config.option.every_question:
        settings.load_profile(THOROUGH)
    else:
        settings.load_profile(QUICK if "not slow" in config.option.markexpr else WHOLE)
    _write_into_memory(config)


def _write_into_memory(config: pytest.Config) -> None:
    """Where it has room: a disk is waited for at every commit."""
    is_left_to_us = not config.option.basetemp and "PYTEST_DEBUG_TEMPROOT" not in os.environ
    if is_left_to_us and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > _ROOM:
        for left in MEMORY.glob(f"{_PREFIX}*-*"):  # by a run that was killed
            if not Path(f"/proc/{left.name.split('-')[2]}").exists():
                shutil.rmtree(left, ignore_errors=True)
        ours = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=MEMORY)
        os.environ["PYTEST_DEBUG_TEMPROOT"] = config.stash[_OURS] = ours


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the tests wrote into memory."""
    if _OURS in config.stash:
        shutil.rmtree(config.stash[_OURS], ignore_errors=True)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """How many `-n auto` is: many tests wait for a bot, so more than there are cores."""
    return max(4, os.cpu_count() or 1)


# The files that take longest, so that none is left running alone at the end. First one that makes
# the library that most others need, then some that do not wait for it.
_LONGEST = (
    *("test_gate", "test_kill", "test_bad_input", "test_quality", "test_burst"),
    *("test_report_in_browser", "test_deliveries", "test_quality_long", "test_passages"),
    *("test_briefings", "test_failures", "test_restarts", "test_runner", "test_project"),
    *("test_buttons", "test_scheduler", "test_answer_view", "test_webhook", "test_faults"),
    *("test_cli", "test_secrets", "test_ask", "test_packaging"),
)

# Files of many tests that each start a bot, a command or the model: together two thirds of the
# time. They are slow too, so that `-m "not slow"` takes two minutes.
_SLOW = frozenset(
    "test_faults test_runner test_failures test_scheduler test_outbox test_follow test_leaving "
    "test_buttons test_under_load test_eval_tables test_told_apart test_rounds test_briefings "
    "test_away test_channels test_project test_webhook test_forgetting test_answers "
    "test_answer_view test_held_file test_secrets test_backup test_restarts test_deliveries "
    "test_week test_report test_fed_week test_health test_talks test_transcript test_ask test_cli "
    "test_output test_followups test_standin test_models test_gate test_lost test_week_transcript "
    "test_kill test_cross_encoder".split()
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest come first, and some are slow."""
    places = {stem: place for place, stem in enumerate(_LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))
    for item in items:
        if item.path.stem in _SLOW:
            item.add_marker("slow")


@pytest.fixture(scope="session")
def seeds_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a library of `seeds/`, indexed with the real model. Not to be changed."""
    return _once(
        tmp_path_factory, "seeds", lambda folder: update(Settings(home=folder / "home"), [SEEDS])
    )


@pytest.fixture(scope="session")
def weeks_home(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    """A home where `eval --brief` has indexed the labelled week with the real model. Not to be
    changed."""

    def make(folder: Path) -> None:
        home = folder / "home"
        home.mkdir()
        (home / "models").symlink_to(models)
        weeks.index_week(weeks.load_week(WEEK), Settings(home=home), lambda *_: None)

    return _once(tmp_path_factory, "week", make)


@pytest.fixture(scope="session")
def week_library(weeks_home: Path) -> Path:
    """The folder of the week's library, without a model beside it. Not to be changed."""
    (library,) = (weeks_home / FOLDER).iterdir()
    return library


@pytest.fixture(scope="session")
def news_home(tmp_path_factory: pytest.TempPathFactory, week_library: Path, models: Path) -> Path:
    """The home of a library of the labelled week, moved so that it ends now, with the vectors of
    `week_library`, since its texts are the same. Not to be changed."""

    def make(folder: Path) -> None:
        news(folder / "articles", datetime.now(UTC))
        lend_vectors(week_library, folder / "home")
        (folder / "home" / "models").symlink_to(models)
        report = update(Settings(home=folder / "home"), [folder / "articles"])
        assert not report.encoded

    return _once(tmp_path_factory, "news", make)


def _once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A home that is made once, whichever of several workers comes first."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            folder.mkdir()
            make(folder)
    return folder / "home"


@pytest.fixture(scope="session")
def models(seeds_home: Path) -> Path:
    """Where the exported real model lies, so that no test has to export it again."""
    return seeds_home / "models"


# Who talks with a bot, or with its stand-in; a folder or a file says which Telegram that is in, as
# `api`.


@pytest.fixture
def ann(api: StandIn) -> Person:
    """Someone who never spoke with the bot."""
    return api.person("Ann")


@pytest.fixture
def chat(api: StandIn, ann: Person) -> Chat:
    """Her chat with it."""
    return api.private(ann)
