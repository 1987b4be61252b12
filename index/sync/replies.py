"""From a reply to articles: what kind of thing it is, and what it holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from newsdesk.index import readers
from newsdesk.index.library import Kind
from newsdesk.index.net import FetchFailed, Reply
from newsdesk.index.readers import Refusal, kinds
from newsdesk.index.settings import Readers
from newsdesk.index.types import Article

_FEEDS = frozenset({".rss", ".atom", ".rdf", ".xml"})
_LINES = frozenset({"application/jsonl", "application/x-ndjson", "application/ndjson"})
_JSON_FEED = b"jsonfeed.org/version"


@dataclass(frozen=True, slots=True)
class Given:
    """An article as a source gave it."""

    article: Article
    digest: str  # of what was given, before the page behind a teaser was read


def kind_of(reply: Reply) -> Kind:
    """Whether a reply is a feed, whose entries come and go, or a page."""
    head = reply.body[:4096]
    if kinds.sniff(head) in _FEEDS or _JSON_FEED in head or reply.media_type in _LINES:
        return "feed"
    return "page"


def given(reply: Reply, settings: Readers) -> list[Given]:
    """The articles in a reply. Raises FetchFailed if there are none where there should be."""
    return [Given(article, article.digest) for article in _articles(reply, settings)]


def page(reply: Reply, settings: Readers) -> Article | None:
    """The article on a page; None where there is none, or several."""
    try:
        articles = list(_articles(reply, settings))
    except FetchFailed:
        return None
    return articles[0] if len(articles) == 1 else None


def body_digest(reply: Reply) -> str:
    """What tells whether a server that knows no validators sent the same again."""
    return hashlib.sha256(reply.body).hexdigest()


def _articles(reply: Reply, settings: Readers) -> Iterator[Article]:
    items = list(
        readers.read_data(
            reply.body,
            reply.url,
            media_type=reply.headers.get("content-type"),
            url=reply.url,
            settings=settings,
        )
    )
    refusals = [item for item in items if isinstance(item, Refusal)]
    articles = [item for item in items if isinstance(item, Article)]
    if refusals and not articles:
        raise FetchFailed(refusals[0].reason)
    yield from articles
