"""OPML, the list of feeds that feed readers export and take over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import quoteattr

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article, counted

from .addresses import absolute
from .cleaning import clean_line
from .source import Refusal, Remark, SourceFile
from .web_page import FeedLink

SUFFIXES: tuple[str, ...] = (".opml",)
MEDIA_TYPES: tuple[str, ...] = ("text/x-opml", "application/x-opml", "text/opml+xml")

_MOST = 10_000  # feeds that are taken from one list
_BARE = re.compile(rb"&(?!#?\w{1,10};)")
_DOCTYPE = re.compile(rb"<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)


def read(source: SourceFile) -> Iterator[Article | Refusal | Remark]:
    """A refusal: a list of feeds holds no article."""
    feeds = read_opml(source.read_whole())
    count = counted(len(feeds), "feed")
    reason = f"a list of {count}, not an article; `newsdesk add` takes the feeds over"
    yield Refusal(source.shown, reason)


def read_opml(data: bytes) -> list[FeedLink]:
    """The feeds of a list, in its order, each address once.

    Raises Refused for what is no OPML. What other readers write wrongly, such as a bare "&", is
    read as it was meant.

    >>> [feed.url for feed in read_opml(b'<opml><outline xmlUrl="http://a.org/rss"/></opml>')]
    ['http://a.org/rss']
    """
    from lxml import etree

    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    try:
        tree = etree.fromstring(_BARE.sub(b"&amp;", _DOCTYPE.sub(b"", data.strip())), parser)
    except (etree.XMLSyntaxError, ValueError):
        tree = None
    if tree is None or str(tree.tag).lower() != "opml":
        raise Refused("no OPML; export the list of feeds anew from the feed reader")
    feeds: dict[str, FeedLink] = {}
    for outline in tree.iter("{*}outline", "outline"):
        feed = _feed({str(name).lower(): str(value) for name, value in outline.attrib.items()})
        if feed and len(feeds) < _MOST:
            feeds.setdefault(feed.url, feed)
    return list(feeds.values())


def _feed(attributes: dict[str, str]) -> FeedLink | None:
    url = absolute(attributes.get("xmlurl", "").replace("feed://", "http://", 1))
    if not url:
        return None
    title = attributes.get("title") or attributes.get("text") or ""
    kind = attributes.get("type", "rss").lower()
    return FeedLink(url, clean_line(title), kind if kind in ("atom", "json") else "rss")


def write_opml(feeds: Iterable[FeedLink], title: str = "Newsdesk") -> bytes:
    """A list of feeds, version 2.0, as other feed readers take it.

    >>> write_opml([FeedLink("http://a.org/rss", "A")]).count(b"<outline")
    1
    """
    outlines = "".join(
        f"    <outline type={_quoted(feed.kind)} text={_quoted(feed.title or feed.url)} "
        f"title={_quoted(feed.title or feed.url)} xmlUrl={_quoted(feed.url)}/>\n"
        for feed in feeds
    )
    head = f"  <head><title>{_quoted(title)[1:-1]}</title></head>\n"
    body = f"  <body>\n{outlines}  </body>\n"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n{head}{body}</opml>\n'
    return text.encode()


def _quoted(text: str) -> str:
    return quoteattr(clean_line(text), {'"': "&quot;"})
