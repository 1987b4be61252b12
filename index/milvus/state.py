"""States of a library in Milvus, each published by one row that is inserted: all of it or nothing.

A row's number says which state is the newest. Rows of articles and passages are numbered as they
come, and a state holds those up to its `last` but for those it has `dropped`: what a later state
adds is not seen before its own row is there, and what a killed run left is never seen. Rows are
deleted only after the state that did without them was published.

Weights of terms depend on the mean length of passages, so they are made with a mean that is noted
in the state; where the present mean is another (see `moving`), all is written anew into other
collections, of the next `epoch`, and published as any other state.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import msgspec

from newsdesk.index.errors import LibraryDamaged, LibraryMissing, StateGone
from newsdesk.index.indexes.dense import Model

from .client import Client
from .packing import pieces
from .reading import STRONG
from .schema import FORMAT, PLAN, state_collection


class Basis(msgspec.Struct, frozen=True):
    """What the rows of an epoch were made with; with another basis all are written anew."""

    format: int
    library: str  # which library, see `Library.identity`
    analyzer: str
    model: str
    model_hash: str
    dimensions: int
    k1: float
    b: float
    index: str  # of vectors
    mean: float  # tokens of a passage, on average, that weights were made with
    article_mean: float


class SourceRow(msgspec.Struct, frozen=True, array_like=True):
    """A source's articles in one language.

    Its place in the list is its number, and stays so; 0 articles if it has gone.
    """

    name: str
    language: str  # see `Article.said_language`
    articles: int
    first: int  # day, see `schema.UNDATED`
    last: int


class CopyRow(msgspec.Struct, frozen=True, array_like=True):
    """An article that has copies: by the number of its row, with what filters it."""

    article: int
    day: int  # see `schema.UNDATED`
    source: int  # its place in `State.sources`


class State(msgspec.Struct, frozen=True):
    """What a state of the library is made of."""

    number: int
    epoch: int  # in which collections it lies
    basis: Basis
    generation: str  # whose copy it is
    last: int  # the highest number of an article in it
    dropped: tuple[int, ...]  # numbers of articles up to `last` that are not in it
    terms: int  # the highest number of a term
    articles: int
    passages: int
    sources: tuple[SourceRow, ...]
    # The articles of each story that several have nearly alike, that which speaks for it first.
    copies: tuple[tuple[CopyRow, ...], ...] = ()

    @property
    def model(self) -> Model:
        """The embedding model that its vectors were made by."""
        return Model(self.basis.model, self.basis.model_hash, self.basis.dimensions)

    @property
    def articles_shown(self) -> str:
        """The condition that a row of an article or a passage meets to be in this state."""
        shown = f"article <= {self.last}"
        return f"{shown} and article not in {list(self.dropped)}" if self.dropped else shown


class Outdated(LibraryDamaged):
    """What is published was written by a former version of Newsdesk."""

    def __init__(self, told: str, number: int, epoch: int) -> None:
        super().__init__(told)
        self.number, self.epoch = number, epoch


@dataclass(frozen=True, slots=True)
class Plan:
    """An epoch that is being written: of what basis, and where."""

    epoch: int
    basis: Basis


def newest_number(client: Client, wait: float | None = None) -> int:
    """The number of the newest state; 0 where nothing was published. Raises EngineAway."""
    collection = state_collection(client.given.name)
    try:
        rows = client.rows(
            collection, "number > 0", ["number"], wait=wait, consistency_level=STRONG
        )
    except StateGone:
        return 0
    return max((int(row["number"]) for row in rows), default=0)


def newest(client: Client) -> State:
    """The newest state. Raises LibraryMissing where there is none, and what `Client.call` does."""
    number = newest_number(client)
    body = _body(client, number) if number else None
    if body is None:
        raise LibraryMissing(
            f"{client.given.uri}: no library {client.given.name!r} there; run `newsdesk index "
            "--engine milvus` where the library is written"
        )
    try:
        given = msgspec.json.decode(body)
        found = int(given["basis"]["format"])
        if found == FORMAT:
            return msgspec.convert(given, State)
    except (ValueError, KeyError, TypeError, msgspec.MsgspecError) as error:
        raise LibraryDamaged(
            f"{client.given.uri}: {collection_name(client)} is not Newsdesk's ({error}); set "
            "NEWSDESK_MILVUS_NAME to another name"
        ) from error
    told = f"{client.given.uri}: {collection_name(client)} is of format {found}, not {FORMAT}"
    if found > FORMAT:
        raise LibraryDamaged(f"{told}; update this Newsdesk")
    mend = "run `newsdesk index --engine milvus` where it is written"
    raise Outdated(f"{told}; {mend}", number, int(given["epoch"]))


def collection_name(client: Client) -> str:
    """The name of the collection of states."""
    return state_collection(client.given.name)


def publish(client: Client, state: State) -> None:
    """Publish a state: it is the newest as soon as its row is there."""
    _put(client, state.number, msgspec.json.encode(state).decode())


def plan(client: Client) -> Plan | None:
    """The epoch that a run began to write and did not publish."""
    body = _body(client, PLAN)
    try:
        return msgspec.json.decode(body, type=Plan) if body else None
    except msgspec.MsgspecError:  # of another version, or none of ours: begun anew
        return None


def put_plan(client: Client, wanted: Plan) -> None:
    """Note which epoch is being written."""
    drop_plan(client)
    _put(client, PLAN, msgspec.json.encode(wanted).decode())


def drop_plan(client: Client) -> None:
    """Forget what was being written."""
    client.call("delete", collection_name(client), filter=f"number == {PLAN}")


def drop_before(client: Client, number: int) -> None:
    """Delete the rows of former states."""
    condition = f"number > 0 and number < {number}"
    client.call("delete", collection_name(client), filter=condition)


def _body(client: Client, number: int) -> str | None:
    rows = client.rows(
        collection_name(client), f"number == {number}", ["body"], consistency_level=STRONG
    )
    return "".join(rows[0]["body"]) if rows else None


def _put(client: Client, number: int, body: str) -> None:
    row = {"number": number, "body": pieces(body), "made": int(time.time()), "nothing": [0.0, 0.0]}
    client.call("upsert", collection_name(client), [row])
