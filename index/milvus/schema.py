"""The collections of a library in Milvus, and how they are made.

`NAME_state` holds a row for each state, see `state.py`. The others belong to an epoch:
`NAME_EPOCH_articles`, `NAME_EPOCH_passages` and `NAME_EPOCH_terms`. Fields of text are read from
disk where the server can map files, so that only vectors and numbers take memory.
"""

from __future__ import annotations

from typing import Any

from .client import Client

Field = tuple[Any, dict[str, Any]]  # its type, and what the type is made with

FORMAT = 2
PLAN = -1  # number of the row that tells of an epoch which is being written
UNDATED = 0  # a day, as `date.toordinal` counts them from 1
BIT_LENGTH = 20  # a passage's key is its article's number, shifted by this, and its ordinal
_LONGEST = 65_535  # bytes of a string
_PIECES = 4_096  # of a list of strings
_EF_CONSTRUCTION, _LINKS = 360, 30  # of HNSW, as Milvus' documentation has them


def state_collection(name: str) -> str:
    """The collection of states."""
    return f"{name}_state"


def collections(name: str, epoch: int) -> tuple[str, str, str]:
    """The collections of articles, passages and terms of an epoch."""
    return f"{name}_{epoch}_articles", f"{name}_{epoch}_passages", f"{name}_{epoch}_terms"


def passage_key(article: int, ordinal: int) -> int:
    """The key of a passage's row.

    >>> passage_key(2, 3) - passage_key(2, 0)
    3
    """
    return (article << BIT_LENGTH) + ordinal


def article_of(key: int) -> int:
    """The number of the article that a passage with this key belongs to.

    >>> article_of(passage_key(2, 3))
    2
    """
    return key >> BIT_LENGTH


def make_states(client: Client) -> None:
    """Make the collection of states, unless it is there."""
    from pymilvus import DataType

    fields: dict[str, Field] = {
        "number": (DataType.INT64, {"is_primary": True}),
        "body": _strings(DataType),
        "made": (DataType.INT64, {}),  # seconds since 1970
        "nothing": (DataType.FLOAT_VECTOR, {"dim": 2}),  # Milvus wants a vector in each collection
    }
    _make(client, state_collection(client.given.name), fields, {"nothing": "FLAT"})


def make_epoch(client: Client, epoch: int, dimensions: int, index: str) -> None:
    """Make the collections of an epoch, those that are not there."""
    from pymilvus import DataType

    articles, passages, terms = collections(client.given.name, epoch)
    key: Field = (DataType.INT64, {"is_primary": True})
    number: Field = (DataType.INT64, {})
    weights: Field = (DataType.SPARSE_FLOAT_VECTOR, {})
    text: Field = (DataType.VARCHAR, {"max_length": _LONGEST})
    of_articles: dict[str, Field] = {
        "article": key,
        "code": text,  # see `packing.coded_id`
        "id": text,
        "state": text,  # names the article's text, fields and passages, see `Library.keys`
        "body": _strings(DataType),
        "passages": number,
        "day": number,
        "source": number,
        "weights": weights,
        # Milvus does not sort: the newest are those nearest to (1, 0) by inner product.
        "recent": (DataType.FLOAT_VECTOR, {"dim": 2}),
    }
    of_passages: dict[str, Field] = {
        "key": key,
        "article": number,
        "id": text,  # the article's
        "ordinal": number,
        "start": number,
        "end": number,
        "day": number,
        "source": number,
        "sentences": _strings(DataType),
        "weights": weights,
        "vector": (DataType.FLOAT_VECTOR, {"dim": dimensions}),
    }
    of_terms: dict[str, Field] = {
        "key": (DataType.VARCHAR, {"is_primary": True, "max_length": _LONGEST}),
        "term": text,
        "born": number,  # the first state that it holds for; of several the last holds
        "letters": number,
        "number": number,
        "passages": number,  # that have it
        "articles": number,
        "nothing": (DataType.FLOAT_VECTOR, {"dim": 2}),
    }
    _make(client, articles, of_articles, {"weights": "SPARSE_INVERTED_INDEX", "recent": "FLAT"})
    _make(client, passages, of_passages, {"weights": "SPARSE_INVERTED_INDEX", "vector": index})
    _make(client, terms, of_terms, {"nothing": "FLAT"})


def drop_epoch(client: Client, epoch: int) -> None:
    """Drop the collections of an epoch, those that are there."""
    for name in collections(client.given.name, epoch):
        if client.call("has_collection", name):
            client.call("drop_collection", name)


def _strings(types: Any) -> Field:
    """A text of any length, in pieces."""
    options = {"element_type": types.VARCHAR, "max_capacity": _PIECES, "max_length": _LONGEST}
    return types.ARRAY, options


def _make(
    client: Client,
    name: str,
    fields: dict[str, Field],
    indexes: dict[str, str],
) -> None:
    from pymilvus import MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    for field, (kind, options) in fields.items():
        mapped = {} if client.is_file or "element_type" not in options else {"mmap_enabled": True}
        schema.add_field(field, kind, **options, **mapped)
    params = MilvusClient.prepare_index_params()
    for field, index in indexes.items():
        params.add_index(field, index_type=index, metric_type="IP", params=_PARAMS.get(index, {}))
    if not client.call("has_collection", name):
        client.call("create_collection", name, schema=schema)
    # What is there is left as it is; a run may have been killed in between. Not waited for: it is
    # built as rows come, and pymilvus would look every half second.
    client.call("create_index", name, index_params=params, sync=False)
    client.call("load_collection", name)


_PARAMS = {"HNSW": {"M": _LINKS, "efConstruction": _EF_CONSTRUCTION}}
