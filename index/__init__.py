"""Newsdesk's retrieval: from files of articles to cited answers, and how good those are.

    from newsdesk.index import Query, Searcher, load_settings

    with Searcher(load_settings()) as searcher:
        answer = searcher.ask(Query("who is in the B9?"))

Names are imported when they are first used, so that `newsdesk --help` loads nothing heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .brief import Briefer, BriefQuery, Topic
    from .search.searcher import Searcher
    from .settings import Settings
    from .settings import load as load_settings
    from .types import Answer, Article, Citation, Hit, Passage, Query

_HOMES = {
    "Answer": "types",
    "Article": "types",
    "BriefQuery": "brief",
    "Briefer": "brief",
    "Citation": "types",
    "Hit": "types",
    "Passage": "types",
    "Query": "types",
    "Searcher": "search.searcher",
    "Settings": "settings",
    "Topic": "brief",
    "load_settings": "settings",
}
_OTHERWISE = {"load_settings": "load"}

__all__ = [
    "Answer",
    "Article",
    "BriefQuery",
    "Briefer",
    "Citation",
    "Hit",
    "Passage",
    "Query",
    "Searcher",
    "Settings",
    "Topic",
    "load_settings",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), _OTHERWISE.get(name, name))
