"""Reads feeds: RSS and Atom of every version, and JSON Feed. Each entry is an article.

The text is what the entry holds. Where that only points to a page (`is_teaser`), whoever fetches
the page puts its text in place (`with_page`).
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from email.utils import parsedate_tz
from typing import Any

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article

from .addresses import absolute, url_id, without_tracking
from .cleaning import clean, clean_line
from .dates import plausible, read_date
from .source import Refusal, Remark, SourceFile

SUFFIXES: tuple[str, ...] = (".rss", ".atom", ".rdf", ".xml")
MEDIA_TYPES: tuple[str, ...] = (
    *("application/rss+xml", "application/atom+xml", "application/rdf+xml"),
    "application/feed+json",
)

_DOCTYPE = re.compile(rb"<!DOCTYPE\b[^>\[]*", re.IGNORECASE)
_ENTITIES = re.compile(rb"<!ENTITY\b[^>]*>", re.IGNORECASE)
_NO_CHARACTER = re.compile(rb"&#(?:x0*(?:[2-9a-f]\w|1[1-9a-f])\w{4,}|\d{8,});", re.IGNORECASE)
_FAREWELL = re.compile(  # what software appends to each entry
    r"(?:the post .{1,300} (?:appeared first on|first appeared on) .{1,100}|"
    r"\[?(?:continue reading|read (?:more|on|the full (?:story|article))|more|weiterlesen|"
    r"lire la suite|leer más|keep reading)(?:\s.{0,100})?\s*[»›→>.…\]]*)",
    re.IGNORECASE,
)
_CUT = re.compile(r"(?:\[(?:…|\.\.\.|&#8230;)\]|…|\.\.\.)\s*\Z")
_TEASER_WORDS = 80  # a text of fewer words only points to the page behind it
_TITLE_LENGTH = 90  # characters at most of a title that is made from the text
_RAISED = (  # by feedparser on broken documents, as tests/benchmarks/fuzz_readers.py found
    *(ValueError, LookupError, AssertionError),
    *(AttributeError, TypeError, RecursionError),
)
_JSON_FEED = "jsonfeed.org/version/"


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry as any of the formats has it; texts may hold markup."""

    id: str = ""
    title: str = ""
    url: str = ""
    text: str = ""
    published: str = ""
    updated: str = ""
    author: str = ""
    source: str = ""
    language: str = ""


def read(source: SourceFile) -> Iterator[Article | Refusal | Remark]:
    """The article of each entry; none for a feed without entries. Raises Refused for no feed."""
    data = source.read_whole()
    if not data.strip():
        raise Refused("the file is empty; remove it, or fetch the feed again")
    yield from articles(source, _entries(data, source))


def is_json_feed(value: object) -> bool:
    """Whether a value that was read from JSON is a JSON Feed."""
    return isinstance(value, dict) and _JSON_FEED in str(value.get("version", ""))


def read_json_feed(
    source: SourceFile, feed: Mapping[str, Any]
) -> Iterator[Article | Refusal | Remark]:
    """The article of each entry of a JSON Feed."""
    yield from articles(source, _json_entries(feed, source.url))


def is_teaser(article: Article) -> bool:
    """Whether an entry's text only points to the page behind it.

    >>> is_teaser(Article("a", "Canal reopens", "It did, at noon …", "", url="http://a.org/1"))
    True
    """
    if not article.url:
        return False
    return len(article.text.split()) < _TEASER_WORDS or bool(_CUT.search(article.text))


def with_page(entry: Article, page: Article) -> Article:
    """An entry with the text of the page behind it; as it was, if the page has less.

    Id, title and date stay the entry's, since a feed tells them best; what it does not tell is the
    page's.
    """
    if len(page.text) <= len(entry.text):
        return entry
    return replace(
        entry,
        text=page.text,
        published=entry.published or page.published,
        author=entry.author or page.author,
        source=entry.source or page.source,
        url=page.url or entry.url,
        caption=page.caption or entry.caption,
        language=page.language or entry.language,
    )


def articles(source: SourceFile, given: Iterable[_Entry]) -> Iterator[Article | Refusal | Remark]:
    """The articles of entries; of those that say the same under one id, the first."""
    entries = list(given)
    urls = Counter(entry.url for entry in entries)
    seen: dict[str, str] = {}
    for number, entry in enumerate(entries, start=1):
        path = f"{source.shown}#{number}"
        try:
            article, remarks = _article(source, entry, path, urls[entry.url] == 1)
        except Refused as error:
            yield Refusal(path, f"entry {number}: {error}")
            continue
        earlier = seen.setdefault(article.id, article.text)
        if earlier is not article.text:
            if earlier != article.text:
                yield Refusal(
                    path, f"entry {number}: has the id of another; give it a guid of its own"
                )
            continue
        yield from remarks
        yield article


def _article(
    source: SourceFile, entry: _Entry, path: str, own_url: bool
) -> tuple[Article, list[Remark]]:
    text = _without_farewell(clean(entry.text))
    title = clean_line(entry.title)
    published, remarks = _published(entry, path)
    article = source.article(
        text=text or title,
        cleaned=True,
        title=title or _made_title(text),
        path=path,
        id=_id(source, entry, own_url),
        published=published,
        author=entry.author,
        source=entry.source,
        url=entry.url,
        language=entry.language,
    )
    return article, remarks


def _id(source: SourceFile, entry: _Entry, own_url: bool) -> str:
    """By its address, so that the page behind it has the same; else by what the feed calls it."""
    named = _short_hash(entry.id or entry.title + entry.text)
    if not entry.url:
        return f"{source.id}-{named}"
    return url_id(entry.url) if own_url else f"{url_id(entry.url)}-{named}"


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:10]


def _made_title(text: str) -> str:
    """A title for an entry without one: how its text begins."""
    line = text.split("\n", 1)[0]
    if len(line) <= _TITLE_LENGTH:
        return line
    return f"{line[:_TITLE_LENGTH].rsplit(' ', 1)[0]} …"


def _without_farewell(text: str) -> str:
    paragraphs = text.split("\n\n")
    while len(paragraphs) > 1 and _FAREWELL.fullmatch(paragraphs[-1]):
        paragraphs.pop()
    return "\n\n".join(paragraphs)


def _published(entry: _Entry, path: str) -> tuple[date | None, list[Remark]]:
    """When an entry came out, else when it was changed; and remarks on dates that cannot be."""
    remarks: list[Remark] = []
    for words in filter(None, (entry.published, entry.updated)):
        try:
            return plausible(_feed_date(words, entry.language)), remarks
        except Refused as error:
            remarks = [Remark(path, f"taken without its date: {error}")]
    return None, remarks


def _feed_date(words: str, language: str) -> date | None:
    """A date as feeds write it: of mail (RSS), of ISO 8601 (Atom), or as people do."""
    mail = parsedate_tz(words) if ":" in words and "-" not in words[:11] else None
    if mail:
        zone = timezone(timedelta(seconds=mail[9])) if mail[9] is not None else None
        try:
            return datetime(*mail[:6], tzinfo=zone)
        except (ValueError, OverflowError) as error:
            raise Refused(f"date {words[:60]!r} is no date; correct it in the feed") from error
    return read_date(words, language)


def _entries(data: bytes, source: SourceFile) -> Iterator[_Entry]:
    """The entries of RSS or Atom. Raises Refused for anything else."""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        yield from _of_json(data, source)
        return
    import feedparser

    headers = {"content-location": source.url} if source.url else {}
    if source.charset:
        headers["content-type"] = f"application/xml; charset={source.charset}"
    # Not the bytes themselves: feedparser would fetch what reads like an address.
    document = io.BytesIO(_defused(data))
    try:
        parsed = feedparser.parse(document, response_headers=headers, sanitize_html=False)
    except _RAISED as error:
        raise Refused(f"broken beyond reading ({error}); fetch the feed again") from error
    if not parsed.get("version") and not parsed.entries:
        raise Refused("neither RSS nor Atom; name a feed, or the page that names it")
    for entry in parsed.entries:
        yield _entry(entry, parsed.feed, source.url)


def _of_json(data: bytes, source: SourceFile) -> Iterator[_Entry]:
    try:
        feed = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Refused(f"not JSON: {error}; fetch the feed again") from error
    if not is_json_feed(feed):
        raise Refused("neither RSS, Atom nor JSON Feed; name a feed, or the page that names it")
    yield from _json_entries(feed, source.url)


def _defused(data: bytes) -> bytes:
    """A document without the entities it declares: ten lines of them can unfold to gigabytes."""
    data = _NO_CHARACTER.sub(b"", data)
    doctype = _DOCTYPE.search(data)
    if doctype is None or data[doctype.end() : doctype.end() + 1] != b"[":
        return data
    return _ENTITIES.sub(b"", data)


def _entry(entry: dict[str, Any], feed: Mapping[str, Any], base: str) -> _Entry:
    texts = [str(each.get("value", "")) for each in entry.get("content", ())]
    texts += [str(entry.get("summary", "")), str(entry.get("media_description", ""))]
    title_of_source = (entry.get("source") or {}).get("title", "")
    authors = [str(each.get("name", "")) for each in entry.get("authors", ()) if each]
    guid = str(entry.get("id", ""))
    url = absolute(str(entry.get("feedburner_origlink") or entry.get("link", "")), base)
    return _Entry(
        id=guid,
        title=str(entry.get("title", "")),
        url=without_tracking(url or (absolute(guid) if guid.startswith("http") else "")),
        text=max(texts, key=len),
        published=str(entry.get("published", "")),
        updated=str(dict.get(entry, "updated", "")),  # feedparser's own get() warns, and guesses
        author=", ".join(dict.fromkeys(filter(None, authors or [str(entry.get("author", ""))]))),
        source=str(title_of_source or feed.get("title", "")),
        language=_language(entry.get("language") or feed.get("language")),
    )


def _json_entries(feed: Mapping[str, Any], base: str) -> Iterator[_Entry]:
    items = feed.get("items")
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict):
            continue
        authors = item.get("authors") or [item.get("author") or feed.get("author")]
        names = [each.get("name") for each in _list(authors) if isinstance(each, dict)]
        html = item.get("content_html") or item.get("content_text") or item.get("summary")
        yield _Entry(
            id=str(item.get("id") or ""),
            title=str(item.get("title") or ""),
            url=without_tracking(
                absolute(str(item.get("url") or item.get("external_url") or ""), base)
            ),
            text=str(html or ""),
            published=str(item.get("date_published") or ""),
            updated=str(item.get("date_modified") or ""),
            author=", ".join(str(name) for name in names if name),
            source=str(feed.get("title") or ""),
            language=_language(item.get("language") or feed.get("language")),
        )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _language(value: object) -> str:
    """A language's tag; empty for what is none."""
    tag = str(value or "").strip()
    return tag if re.fullmatch(r"[A-Za-z]{2,3}(?:[-_]\w{2,8})*", tag) else ""
