"""Newsdesk's retrieval: from files of articles to cited answers, and how good those are.

    >>> from newsdesk.index import Searcher, load_settings
    >>> with Searcher(load_settings()) as searcher:
    ...     answer = searcher.ask("who is in the B9, from Newsdesk World?")
    >>> answer.verdict, answer.understood.kept
    ('answered', ('from Newsdesk World',))

`update_library` indexes, `Searcher` answers a `Question`, `Briefer` tells what is new, and
`evaluate_dataset` measures. `__version__` is that of the distribution. Names are imported when they
are first used, so that `newsdesk --help` loads nothing heavy.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .brief import Brief, Briefer, BriefQuery, Topic
    from .errors import NewsdeskError
    from .evaluate import Dataset, Run
    from .evaluate import evaluate as evaluate_dataset
    from .evaluate import load as load_dataset
    from .search.searcher import Searcher
    from .settings import Settings
    from .settings import load as load_settings
    from .types import (
        Answer,
        Article,
        Citation,
        Collection,
        Hit,
        NoMatch,
        Passage,
        Query,
        Question,
        Sentence,
        Shown,
        Span,
        Turn,
        Understanding,
    )
    from .update import Report
    from .update import update as update_library

    __version__: str

# ONNX Runtime tells its maker about the machine from 1.29 on, unless this is set before it is
# imported: nothing that is asked here concerns anybody else.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

_HOMES = {
    **dict.fromkeys(("Brief", "BriefQuery", "Briefer", "Topic"), "brief"),
    **dict.fromkeys(("Dataset", "Run", "evaluate_dataset", "load_dataset"), "evaluate"),
    "NewsdeskError": "errors",
    **dict.fromkeys(("Report", "update_library"), "update"),
    "Searcher": "search.searcher",
    **dict.fromkeys(("Settings", "load_settings"), "settings"),
}
# Not `update` or `evaluate`, as the rooms call them: those names are the rooms themselves.
_OTHERWISE = {
    "evaluate_dataset": "evaluate",
    "load_dataset": "load",
    "load_settings": "load",
    "update_library": "update",
}

__all__ = [
    "Answer",
    "Article",
    "Brief",
    "BriefQuery",
    "Briefer",
    "Citation",
    "Collection",
    "Dataset",
    "Hit",
    "NewsdeskError",
    "NoMatch",
    "Passage",
    "Query",
    "Question",
    "Report",
    "Run",
    "Searcher",
    "Sentence",
    "Settings",
    "Shown",
    "Span",
    "Topic",
    "Turn",
    "Understanding",
    "__version__",
    "evaluate_dataset",
    "load_dataset",
    "load_settings",
    "update_library",
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("newsdesk")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f".{_HOMES.get(name, 'types')}", __name__)
    return getattr(home, _OTHERWISE.get(name, name))


def __dir__() -> list[str]:
    return [*globals(), *__all__]
