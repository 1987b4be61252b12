"""What tests of sync share: articles, a home, and short ways to sync it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import structs

from newsdesk.index.library import Library, Source
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Net, Settings
from newsdesk.index.sync import Added, SyncReport, add, sync
from tests.helpers.support import SmallAsking, SmallEncoder, small

QUICK = Net(allow_private=True, delay=0.0, timeout=2.0, deadline=3.0, max_megabytes=0.5, at_once=16)
_WORDS = "canal ship summit treaty troops border vaccine comet volcano election harvest bridge"


def settings(home: Path, **net: Any) -> Settings:
    """Settings of a library that may fetch from this machine, quickly."""
    return structs.replace(small(home), net=structs.replace(QUICK, **net))


def story(number: int, text: str = "") -> dict[str, str]:
    """An article that no other resembles."""
    words = _WORDS.split()
    body = text or f"The {words[number % 12]} of place{number} was {words[number // 12 % 12]}ed."
    return {
        "id": f"story-{number}",
        "title": f"Story {number}",
        "text": f"{body} It was reported by number{number} in the evening. " * 2,
        "date": f"2026-03-{number % 28 + 1:02}",
    }


def added(home: Path, *names: str, **net: Any) -> Added:
    """Add sources."""
    return add(settings(home, **net), names, load=SmallEncoder)


def synced(home: Path, *names: str, **given: Any) -> SyncReport:
    """Sync once."""
    net = {name: given.pop(name) for name in list(given) if name in Net.__struct_fields__}
    return sync(settings(home, **net), names, load=SmallEncoder, **given)


def source(home: Path, place: str) -> Source:
    """One source as it is noted."""
    with Library(home) as library:
        known = library.sources.find(place)
        assert known
        return known


def ids(home: Path) -> list[str]:
    """Ids of the articles that can be asked for, in order."""
    with Searcher(small(home), load=SmallAsking) as searcher:
        return sorted(article.id for article, _ in searcher.engine.newest(10_000))


def text_of(home: Path, article_id: str) -> str:
    """The text of an article, as it is asked."""
    with Searcher(small(home), load=SmallAsking) as searcher:
        article = searcher.article(article_id)
        return article.text if article else ""
