"""One request at a time to each host, with a pause between two."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import defaultdict
from collections.abc import Iterator


class Hosts:
    """Whose turn it is at each host."""

    def __init__(self, delay: float) -> None:
        """`delay` is the pause between two requests to a host, in seconds."""
        self._delay = delay
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()
        self._ended: dict[str, float] = {}
        self._longer: dict[str, float] = {}

    def slow_down(self, host: str, delay: float) -> None:
        """Have longer pauses between the requests to a host, as its robots.txt asks."""
        self._longer[host] = max(delay, self._delay)

    @contextlib.contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Wait for the turn at a host, and hold it."""
        with self._guard:
            lock = self._locks[host]
        with lock:
            pause = self._longer.get(host, self._delay)
            ended = self._ended.get(host)
            if ended is not None:
                time.sleep(max(0.0, ended + pause - time.monotonic()))
            try:
                yield
            finally:
                self._ended[host] = time.monotonic()
