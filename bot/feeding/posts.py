"""A post of a channel as an article."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from datetime import UTC, datetime

from newsdesk.bot.store.models import CHANNEL, CHANNELS, Post
from newsdesk.index import readers
from newsdesk.index.settings import Readers
from newsdesk.index.sync import Channel
from newsdesk.index.types import Article

_FEED = "https://jsonfeed.org/version/1.1"


def article_of(post: Post, settings: Readers | None = None) -> Article:
    """The article of a post, by the reader of feeds: a post is what a feed calls an entry.

    Every line of it is a paragraph; its id stays the same whatever its channel is called. Raises
    Refused where nothing is to be read, and for a text that is too long by `settings`.
    """
    entry = {
        "id": post.link,
        "url": post.link,
        "content_text": html.escape("\n\n".join(_lines(post.text)), quote=False),
        "date_published": datetime.fromtimestamp(post.date, UTC).isoformat(),
        "authors": [{"name": post.author}],
    }
    feed = {"version": _FEED, "title": post.title, "items": [entry]}
    (article,) = readers.read_bytes(
        json.dumps(feed).encode(),
        post.link,
        media_type="application/feed+json",
        url=post.link,
        settings=settings,
    )
    own_id = f"{post.place}/{post.message}".removeprefix("https://")
    return replace(article, id=own_id, url=post.link, path=f"{post.place}/{post.message}")


def channel_of(post: Post) -> Channel:
    """The source that a post counts for."""
    return Channel(post.place, post.title)


def channel_at(place: str) -> int:
    """The id of the channel of a source's address; 0 where it is none.

    >>> channel_at("https://t.me/c/1234567890")
    -1001234567890
    """
    number = place.removeprefix(CHANNELS)
    return -(CHANNEL + int(number)) if number != place and number.isdecimal() else 0


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]
