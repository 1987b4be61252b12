"""Bringing a library to Milvus: whole or not at all, whatever happens on the way."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import structs

from newsdesk.index.errors import EngineRefused, LibraryDamaged, LibraryError, UsageError
from newsdesk.index.generation import open_current
from newsdesk.index.library import Library
from newsdesk.index.milvus import Client, Moved, check_moved, client_of, move, newest
from newsdesk.index.milvus import state as states
from newsdesk.index.milvus.schema import PLAN, collections, state_collection
from newsdesk.index.search.opening import open_engine
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Lexical, Settings
from newsdesk.index.sync import remove
from newsdesk.index.types import Query
from newsdesk.index.update import update
from tests.helpers.milvus import Served, articles, in_milvus, missing, serving
from tests.helpers.support import SmallAsking, SmallEncoder, index

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "there is a Milvus")

FIRST = {
    "ferry": ("2021-01-02", "Coast Post", "The ferry to Aran does not run in a storm. It waits."),
    "light": ("2021-03-04", "Coast Post", "The keeper of Cape Dorn turned off its light."),
    "bread": ("", "", "The bakery of Hull sold its last loaf on a wet Saturday in the rain."),
}
THEN = {
    "light": ("2021-03-05", "Moor Mail", "The keeper of Cape Dorn turned its light on again."),
    "goat": ("2021-04-01", "Moor Mail", "A goat walked over the moor and into the museum."),
}
WRITES = {"upsert", "delete", "create_collection", "create_index", "drop_collection"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("milvus")) as running:
        yield running


@pytest.fixture
def settings(served: Served, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """Settings of a library of its own in the served Milvus; nothing is there yet."""
    name = f"n{abs(hash(request.node.name)) % 10**9}"
    articles(tmp_path / "news", FIRST)
    index(tmp_path / "home", tmp_path / "news")
    return in_milvus(tmp_path / "home", served.uri, name=name)


class Killed(BaseException):
    """Stands for the end of the process: nothing that follows is done."""


def moved(settings: Settings) -> Moved:
    with Library(settings.home) as library:
        identity = library.identity()
    return move(settings.milvus, open_current(settings.home), identity, settings.lexical)


def change(settings: Settings) -> None:
    """Change the library here, but not there."""
    news = settings.home.parent / "news"
    articles(news, THEN)
    (news / "bread.md").unlink()
    index(settings.home, news)


def flaws(settings: Settings) -> list[str]:
    return list(check_moved(settings.milvus, open_current(settings.home)))


def first(settings: Settings, text: str) -> str:
    with Searcher(settings, load=SmallAsking) as searcher:
        (hit,) = searcher.search(Query(text, k=1))
        return hit.passage.text


def dies_before(monkeypatch: pytest.MonkeyPatch, at: int) -> Callable[[], int]:
    """Have the n-th call that writes kill what runs; gives how many there were."""
    whole, done = Client.call, [0]

    def call(self: Client, name: str, *args: Any, **given: Any) -> Any:
        if name in WRITES:
            if done[0] == at:
                raise Killed
            done[0] += 1
        return whole(self, name, *args, **given)

    monkeypatch.setattr(Client, "call", call)
    return lambda: done[0]


def test_a_library_is_moved_and_compared(settings: Settings) -> None:
    done = moved(settings)
    assert (done.articles, done.added, done.dropped, done.written) == (3, 3, 0, 3)
    assert flaws(settings) == []
    again = moved(settings)
    assert (again.state, again.added, again.written) == (done.state, 0, 0)


def test_only_what_changed_is_written(settings: Settings) -> None:
    before = moved(settings)
    change(settings)
    done = moved(settings)
    assert (done.state, done.articles) == (before.state + 1, 3)
    assert flaws(settings) == []
    assert first(settings, "goat museum").startswith("A goat")
    assert open_engine(settings).article("bread") is None
    with pytest.raises(LibraryError):
        Searcher(structs.replace(settings, model="another"), load=SmallAsking)


@pytest.mark.slow
@pytest.mark.parametrize("changes", ["", "some", "all"], ids=["at first", "some", "all anew"])
def test_killed_before_any_write_it_leaves_the_state_before(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, changes: str
) -> None:
    if changes:
        moved(settings)
        change(settings)
    if changes == "all":
        settings = structs.replace(settings, lexical=Lexical(b=0.5))
    before = _number(settings)
    for at in range(200):
        with monkeypatch.context() as patch:
            dies_before(patch, at)
            try:
                moved(settings)
                break
            except Killed:
                pass
        if _number(settings) == before:  # not published: what answers is as it was
            if changes:
                before_it = structs.replace(settings, lexical=Lexical())
                assert first(before_it, "bakery loaf rain").startswith("The bakery")
                assert open_engine(before_it).article("goat") is None
            continue
        assert flaws(settings) == []
        assert _number(settings) == before + 1
        if changes:
            assert open_engine(settings).article("bread") is None
    else:
        pytest.fail("it never came to its end")
    assert at > 8
    client = client_of(settings.milvus)
    assert changes != "all" or not client.call("has_collection", collections(_name(settings), 1)[0])
    assert flaws(settings) == []
    assert _left(settings) == (3, 3)


def test_what_a_killed_run_wrote_is_kept_where_it_is_right(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(states, "publish", _dies)
        with pytest.raises(Killed):
            moved(settings)
    assert moved(settings).written == 0
    assert flaws(settings) == []
    change(settings)
    with monkeypatch.context() as patch:
        patch.setattr(states, "publish", _dies)
        with pytest.raises(Killed):
            moved(settings)
    articles(settings.home.parent / "news", {"goat": ("2021-04-02", "", "The goat went home.")})
    index(settings.home, settings.home.parent / "news")
    assert moved(settings).written >= 1
    assert flaws(settings) == []
    assert _left(settings) == (3, 3)


def test_removing_an_article_removes_it_there(settings: Settings) -> None:
    update(settings, load=SmallEncoder)
    assert open_engine(settings).article("ferry") is not None
    remove(settings, "ferry", load=SmallEncoder)
    assert open_engine(settings).article("ferry") is None
    assert _left(settings) == (2, 2)
    assert flaws(settings) == []


def test_a_drifted_mean_has_all_written_anew(settings: Settings) -> None:
    moved(settings)
    assert newest(client_of(settings.milvus)).epoch == 1
    long = " ".join(f"The council of Hull met on day {n} about the bridge." for n in range(80))
    articles(settings.home.parent / "news", {"long": ("2021-05-01", "Coast Post", long)})
    index(settings.home, settings.home.parent / "news")
    assert moved(settings).written == 4
    assert newest(client_of(settings.milvus)).epoch == 2
    assert flaws(settings) == []
    client = client_of(settings.milvus)
    assert not client.call("has_collection", collections(settings.milvus.name, 1)[0])


def test_other_weights_are_another_library(settings: Settings) -> None:
    moved(settings)
    other = structs.replace(settings, lexical=Lexical(k1=1.2))
    with pytest.raises(UsageError, match=r"lexical\.k1 = 1\.5"):
        open_engine(other)
    moved(other)
    assert open_engine(other).count() == 3


def test_another_library_is_not_written_over(settings: Settings, tmp_path: Path) -> None:
    moved(settings)
    articles(tmp_path / "more", THEN)
    index(tmp_path / "second", tmp_path / "more")
    with pytest.raises(UsageError, match="another library; set NEWSDESK_MILVUS_NAME"):
        moved(structs.replace(settings, home=tmp_path / "second"))
    assert flaws(settings) == []


def wait_for(client: Client, number: int) -> None:
    """Until a state that was put there is seen: a served milvus-lite takes its time under load."""
    deadline = time.monotonic() + 20
    while states.newest_number(client) != number and time.monotonic() < deadline:
        time.sleep(0.05)


@pytest.mark.parametrize(("number", "told"), [(99, "update this Newsdesk"), (0, "newsdesk index")])
def test_another_format_is_told(settings: Settings, number: int, told: str) -> None:
    moved(settings)
    client = client_of(settings.milvus)
    state = msgspec.to_builtins(newest(client))
    state["basis"]["format"], state["number"] = number, 2
    row = {"number": 2, "body": [json.dumps(state)], "made": 0, "nothing": [0.0, 0.0]}
    client.call("insert", state_collection(settings.milvus.name), [row])
    wait_for(client, 2)
    with pytest.raises(LibraryDamaged, match=told):
        Searcher(settings, load=SmallAsking)
    if number == 0:  # of a former version: written anew
        assert moved(settings).written == 3
        assert flaws(settings) == []


def test_collections_of_others_are_told(settings: Settings) -> None:
    moved(settings)
    client = client_of(settings.milvus)
    row = {"number": 9, "body": ["[1, 2]"], "made": 0, "nothing": [0.0, 0.0]}
    client.call("insert", state_collection(settings.milvus.name), [row])
    wait_for(client, 9)
    with pytest.raises(LibraryDamaged, match="NEWSDESK_MILVUS_NAME"):
        open_engine(settings)


def test_what_was_lost_or_changed_there_is_found(settings: Settings) -> None:
    moved(settings)
    client = client_of(settings.milvus)
    of_articles, passages, terms = collections(settings.milvus.name, 1)
    (row,) = client.rows(of_articles, 'id == "light"', ["*"])
    changed = {**row, "body": [row["body"][0].replace("keeper", "master")]}
    client.call("upsert", of_articles, [changed])
    client.call("delete", passages, filter='id == "ferry"')
    client.call("delete", terms, filter="number == 1")
    told = " / ".join(flaws(settings))
    for part in ("has 2 rows, not 3", "'light' is otherwise", "'ferry'", "counts 1 terms"):
        assert part in told


def test_copies_of_a_former_version_are_joined_without_writing_an_article(
    settings: Settings,
) -> None:
    news = settings.home.parent / "news"
    text = " ".join(f"The keeper of lamp {n} turned it off at dawn, he told us." for n in range(9))
    articles(news, {"one": ("2021-05-01", "Coast Post", text), "two": ("", "Moor Mail", text)})
    index(settings.home, news)
    done = moved(settings)
    assert done.written == 5
    client = client_of(settings.milvus)
    state = msgspec.structs.replace(newest(client), copies=())
    client.call("delete", state_collection(settings.milvus.name), filter="number > 0")
    states.publish(client, state)
    (flaw,) = flaws(settings)
    assert "1 stories have other copies" in flaw
    assert moved(settings).written == 0
    assert flaws(settings) == []
    assert len(open_engine(settings).story("two")) == 2
    assert moved(settings).state == done.state + 1  # and then there is nothing to do


def test_rows_that_are_lost_on_the_way_are_not_published(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Client.call

    def call(self: Client, name: str, *args: Any, **given: Any) -> Any:
        if name == "upsert" and args[0].endswith("_passages"):
            args = (args[0], args[1][1:])
        return whole(self, name, *args, **given)

    with monkeypatch.context() as patch:
        patch.setattr(Client, "call", call)
        with pytest.raises(EngineRefused, match="2 passages of 3 and 3"):
            moved(settings)
    assert _number(settings) == 0
    assert moved(settings).written == 3
    assert flaws(settings) == []


def test_what_was_lost_there_is_written_anew(settings: Settings) -> None:
    moved(settings)
    passages = collections(_name(settings), 1)[1]
    client_of(settings.milvus).call("delete", passages, filter='id == "ferry"')
    assert moved(settings).written == 3
    assert flaws(settings) == []


def test_without_an_address_it_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="NEWSDESK_MILVUS_URI"):
        open_engine(in_milvus(tmp_path, ""))
    with pytest.raises(UsageError, match=r"end in \.db"):
        open_engine(in_milvus(tmp_path, str(tmp_path / "milvus")))
    with pytest.raises(LibraryDamaged, match="no such folder"):
        open_engine(in_milvus(tmp_path, str(tmp_path / "no" / "milvus.db")))


def _dies(*_: object) -> None:
    raise Killed


def _name(settings: Settings) -> str:
    return settings.milvus.name


def _number(settings: Settings) -> int:
    return states.newest_number(client_of(settings.milvus))


def _left(settings: Settings) -> tuple[int, int]:
    """How many articles and passages have rows, shown or not."""
    client = client_of(settings.milvus)
    places = collections(settings.milvus.name, newest(client).epoch)
    assert client.count(state_collection(settings.milvus.name), f"number >= {PLAN}") == 1
    return client.count(places[0], "article > 0"), client.count(places[1], "article > 0")
