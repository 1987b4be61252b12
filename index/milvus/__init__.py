"""A library in Milvus 2.5 or later: what is written there, and how it is read.

The library's file stays where it is written; `move` brings a copy of what is asked to Milvus, from
which any number of bots answer. `search/milvus_engine.py` asks it. pymilvus is an extra,
`newsdesk[milvus]`, and is imported when a library is opened there.
"""

from __future__ import annotations

from .checking import check_moved
from .client import Client, client_of
from .moving import Moved, move, withdraw
from .state import State, newest, newest_number
from .stories import Stories

__all__ = [
    "Client",
    "Moved",
    "State",
    "Stories",
    "check_moved",
    "client_of",
    "move",
    "newest",
    "newest_number",
    "withdraw",
]
