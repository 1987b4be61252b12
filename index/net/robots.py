"""robots.txt: which addresses of a host may be fetched, and how fast."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from urllib.parse import urlsplit

from .failures import FetchFailed
from .fetching import Fetcher

AGENT = "Newsdesk"  # the name that a robots.txt addresses us by
_MOST_DELAY = 30.0  # seconds between two requests that a robots.txt may ask for
_LARGEST = 500_000  # characters; RFC 9309 asks for at least that many


class Robots:
    """What the robots.txt of each host says; fetched when first needed.

    `known` are texts by origin, read not long ago. What was fetched is in `fetched`.
    """

    def __init__(self, fetcher: Fetcher, known: Mapping[str, str]) -> None:
        self._fetcher = fetcher
        self._known = dict(known)
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()
        self.fetched: dict[str, str] = {}

    def check(self, url: str) -> None:
        """Raise FetchFailed for an address that may not be fetched."""
        from protego import Protego

        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}".lower()
        rules = Protego.parse(self._text(origin)[:_LARGEST])
        if not rules.can_fetch(url, AGENT):
            raise FetchFailed("its robots.txt does not want this address to be fetched by programs")
        delay = rules.crawl_delay(AGENT)
        if delay and parts.hostname:
            self._fetcher.hosts.slow_down(parts.hostname, min(float(delay), _MOST_DELAY))

    def _text(self, origin: str) -> str:
        with self._guard:
            lock = self._locks[origin]
        with lock:
            if origin not in self._known:
                self._known[origin] = self._fetch(origin)
            return self._known[origin]

    def _fetch(self, origin: str) -> str:
        """What RFC 9309 has it mean: none means all is allowed, a server that fails that none is.

        Raises FetchFailed if the host cannot be reached, or fails itself.
        """
        try:
            reply = self._fetcher.get(f"{origin}/robots.txt")
        except FetchFailed as error:
            if error.status is None or error.status == 429 or error.status >= 500:
                raise
            text = ""
        else:
            text = reply.body.decode("utf-8", "replace")
        self.fetched[origin] = text
        return text
