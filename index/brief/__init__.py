"""Briefings: what is new since some time, as stories told by sentences out of their articles.

    from newsdesk.index import Searcher, load_settings
    from newsdesk.index.brief import Briefer, BriefQuery, Topic

    with Searcher(load_settings()) as searcher:
        brief = Briefer(searcher).brief(BriefQuery(Topic("floods"), since, until))

The articles of the period and of the week before it (`window.py`) are put into stories
(`clusters.py`); those that fit the topic (`topics.py`) are told (`telling.py`).
"""

from __future__ import annotations

from .briefer import LOOK_BACK, Briefer
from .types import Brief, BriefQuery, Story, StorySentence, Topic, falls_within, moment

__all__ = [
    "LOOK_BACK",
    "Brief",
    "BriefQuery",
    "Briefer",
    "Story",
    "StorySentence",
    "Topic",
    "falls_within",
    "moment",
]
