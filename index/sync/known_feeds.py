"""A small set of well-known public feeds that can be added by name; none is fetched unless asked.

To add one: its name, a title, the address that its publisher names for readers. Kept small on
purpose: what is here is offered to everybody, so it has to stay where it is for years.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownFeed:
    """A public feed: the name it is added by, its title, its address."""

    name: str
    title: str
    url: str


KNOWN_FEEDS: tuple[KnownFeed, ...] = (
    KnownFeed("bbc-world", "BBC World", "https://feeds.bbci.co.uk/news/world/rss.xml"),
    KnownFeed("guardian-world", "The Guardian, World", "https://www.theguardian.com/world/rss"),
    KnownFeed("al-jazeera", "Al Jazeera", "https://www.aljazeera.com/xml/rss/all.xml"),
    KnownFeed("deutsche-welle", "Deutsche Welle", "https://rss.dw.com/rdf/rss-en-all"),
    KnownFeed("france-24", "France 24", "https://www.france24.com/en/rss"),
    KnownFeed("npr-news", "NPR News", "https://feeds.npr.org/1001/rss.xml"),
    KnownFeed("un-news", "UN News", "https://news.un.org/feed/subscribe/en/news/all/rss.xml"),
    KnownFeed(
        "nyt-world",
        "The New York Times, World",
        "https://rss.nytimes.com/services/xml/rss/nyt/World.xml",
    ),
)


def known_feed(name: str) -> KnownFeed | None:
    """The feed of a name, whatever its case; None if there is none.

    >>> known_feed("BBC-World").title
    'BBC World'
    """
    wanted = name.strip().lower()
    return next((feed for feed in KNOWN_FEEDS if feed.name == wanted), None)
