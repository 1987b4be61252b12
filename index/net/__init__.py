"""Fetching over HTTP: which addresses, how much, how long, how often, and what went wrong.

httpcore, on which httpx runs, and not httpx itself: the address that was checked must be the one
that is connected to, the time of a whole request must be bounded, and what is decompressed must be
counted while it grows. httpcore lets each of them be said.
"""

from __future__ import annotations

from .addresses import Guard
from .fetching import Fetcher, FetchFailed, Reply, is_url
from .robots import Robots

__all__ = ["FetchFailed", "Fetcher", "Guard", "Reply", "Robots", "is_url"]
