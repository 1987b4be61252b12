"""Briefings: what is new in a period, as stories with sentences quoted from their articles.

    from newsdesk.index import Searcher, load_settings
    from newsdesk.index.brief import Briefer, BriefQuery, Topic

    with Searcher(load_settings()) as searcher:
        brief = Briefer(searcher).brief(BriefQuery(Topic("floods"), since, until))

The articles of the period and of the week before it (`window.py`) are clustered into stories
(`clusters.py`); for stories that fit the topic (`topics.py`), sentences are chosen
(`telling.py`).
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
