"""The connection to Milvus: calls that wait for it a while, and errors that say what to do."""

from __future__ import annotations

import logging
import threading
import time
import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from newsdesk.index.errors import EngineAway, EngineRefused, LibraryDamaged, StateGone, UsageError
from newsdesk.index.settings import Milvus

_PAUSE = 0.3  # seconds between two tries
_SHORTEST = 0.5  # seconds that a try is given at least
_WRITING = 60.0  # seconds that a call may take which writes some hundred rows, or makes an index
# Each may be done twice: of one that was not answered in time nobody knows whether it was done.
_WRITES = {"upsert", "delete", "create_collection", "create_index", "load_collection"}
MOST = 16_384  # rows of one reply, as Milvus limits it
# Milvus' own codes of errors, pkg/util/merr: what passes by itself, and what is no more.
_NOT_LOADED = {101, 102, 103}  # a collection, a part of it
_PASSING = {1, 2, 3, 5, 8, 9, 500, 501, 502, 503, 504, 901, 902, 1602} | _NOT_LOADED
_MISSING = {100}  # a collection
_LITE = ".db"  # how the name of a file of milvus-lite ends


@lru_cache(maxsize=8)
def client_of(given: Milvus) -> Client:
    """The client for some settings: one for all that ask in this process."""
    return Client(given)


class Client:
    """Calls `MilvusClient`, and waits where Milvus is away, slow or just starting.

    Safe to use from several threads. A call raises EngineAway when Milvus did not answer in time,
    StateGone for a collection that is no more, and EngineRefused for all else.
    """

    def __init__(self, given: Milvus) -> None:
        """Connects at the first call. Raises UsageError without an address, or without pymilvus."""
        if not given.uri:
            raise UsageError(
                "milvus.uri is not set; set NEWSDESK_MILVUS_URI to an address such as "
                f"http://127.0.0.1:19530, or to a file that ends in {_LITE}"
            )
        self.given, self.is_file = given, "://" not in given.uri
        if self.is_file and not given.uri.endswith(_LITE):
            raise UsageError(f"{given.uri}: a file of milvus-lite has to end in {_LITE}")
        self._inner: Any = None
        self._connecting = threading.Lock()

    def call(self, name: str, *args: Any, wait: float | None = None, **given: Any) -> Any:
        """What a method of `MilvusClient` gives; tried for `wait` seconds, by default as set."""
        until = time.monotonic() + (self.given.wait if wait is None else wait)
        while True:
            left = max(until - time.monotonic(), _SHORTEST)
            try:
                timeout = _WRITING if name in _WRITES else min(self.given.timeout, left)
                return getattr(self._connected(timeout), name)(*args, timeout=timeout, **given)
            except self._failures as error:
                failure = error
            code = self._code(failure)
            if code in _MISSING:
                raise StateGone(f"{self.given.uri}: what was asked is there no more; ask again")
            if code is not None and code not in _PASSING:
                raise EngineRefused(
                    f"{self.given.uri}: Milvus refused {name} ({_line(failure)}); see that "
                    "NEWSDESK_MILVUS_TOKEN may do this, and that it is Milvus 2.5 or later"
                ) from failure
            if time.monotonic() + _PAUSE > until:
                raise EngineAway(self._away(failure)) from failure
            if code in _NOT_LOADED and args:
                self._load(str(args[0]))
            time.sleep(_PAUSE)

    def rows(
        self, collection: str, condition: str, fields: Sequence[str], **given: Any
    ) -> list[Mapping[str, Any]]:
        """The rows of a collection that meet a condition, at most `MOST`, in no order."""
        given.setdefault("limit", MOST)
        rows: list[Mapping[str, Any]] = list(
            self.call("query", collection, filter=condition, output_fields=list(fields), **given)
        )
        return rows

    def count(self, collection: str, condition: str, **given: Any) -> int:
        """How many rows of a collection meet a condition."""
        (row,) = self.call(
            "query", collection, filter=condition, output_fields=["count(*)"], **given
        )
        return int(row["count(*)"])

    def nearest(
        self, collection: str, field: str, vector: Any, limit: int, condition: str,
        fields: Sequence[str] = (), **given: Any,
    ) -> list[tuple[int, float, Mapping[str, Any]]]:  # fmt: skip
        """Keys, inner products and fields of the rows that are nearest, best first."""
        if limit < 1:
            return []
        (found,) = self.call(
            "search", collection, data=[vector], anns_field=field, limit=min(limit, MOST),
            filter=condition, output_fields=list(fields), **given,
        )  # fmt: skip
        return [(next(iter(_key(hit))), float(hit["distance"]), hit["entity"]) for hit in found]

    def _away(self, failure: Exception) -> str:
        if self.is_file:
            mend = "one process has it at a time: end the other, or serve it, see index/README.md"
            return f"{self.given.uri}: milvus-lite does not answer ({_line(failure)}); {mend}"
        mend = "start it, or set NEWSDESK_MILVUS_URI; what is asked then is answered again"
        return f"{self.given.uri}: Milvus does not answer ({_line(failure)}); {mend}"

    @property
    def _failures(self) -> tuple[type[Exception], ...]:
        from grpc import FutureTimeoutError, RpcError
        from pymilvus.exceptions import MilvusException

        return MilvusException, RpcError, FutureTimeoutError, ConnectionError

    def _code(self, failure: Exception) -> int | None:
        """What Milvus itself says is the matter; None where it was not reached."""
        from pymilvus.exceptions import ConnectError, MilvusException, MilvusUnavailableException

        away = (ConnectError, MilvusUnavailableException)
        if not isinstance(failure, MilvusException) or isinstance(failure, away):
            return None
        return failure.code if isinstance(failure.code, int) else None  # or gRPC's own status

    def _connected(self, timeout: float) -> Any:
        with self._connecting:
            if self._inner is None:
                self._inner = self._connect(timeout)
            return self._inner

    def _connect(self, timeout: float) -> Any:
        try:
            from pymilvus import MilvusClient
        except ImportError as error:
            raise UsageError(
                "engine milvus: pymilvus is not installed; `pip install newsdesk[milvus]`"
            ) from error
        if self.is_file and not Path(self.given.uri).parent.is_dir():
            raise LibraryDamaged(f"{self.given.uri}: no such folder; make it")
        # It logs each failed try with its traceback; what failed for good is raised by `call`.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # milvus-lite imports what setuptools will not keep
            return MilvusClient(self.given.uri, token=self.given.token, timeout=timeout)

    def _load(self, collection: str) -> None:
        """Have a collection loaded that a restart left unloaded; whether it was, the call tells."""
        try:
            self._connected(self.given.timeout).load_collection(
                collection, timeout=self.given.timeout
            )
        except self._failures:
            return


def _key(hit: Mapping[str, Any]) -> list[int]:
    """The primary key of a hit, be it named "id" or by its field."""
    return [int(value) for name, value in hit.items() if name not in ("distance", "entity")]


def _line(error: Exception) -> str:
    return " ".join(str(getattr(error, "message", "") or error).split())[:200] or repr(error)
