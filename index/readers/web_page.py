"""Reads a web page: the article on it, without what stands around.

trafilatura finds the text and most of the rest; JSON-LD goes before it where it tells more (the
time of day, the authors, the outlet), and gives the text where the page itself holds none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article

from . import linked_data, markup
from .addresses import absolute, host_of, url_id, without_tracking
from .byline import Head, is_kicker, is_outlet, is_role, read_head_line
from .cleaning import CELL, clean_line, clean_text
from .dates import plausible, read_date
from .encoding import decode
from .linked_data import LinkedData, same_words
from .source import Refusal, Remark, SourceFile

SUFFIXES: tuple[str, ...] = (".html", ".htm", ".xhtml")
MEDIA_TYPES: tuple[str, ...] = ("text/html", "application/xhtml+xml")

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"\A\s*<\?xml[^>]{0,100}encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_META_HEAD = 4096  # bytes in which a page names its charset
_PUBLISHED = (
    *("article:published_time", "og:published_time", "og:article:published_time"),
    *("datepublished", "parsely-pub-date", "sailthru.date", "article.published", "pubdate"),
    *("dc.date.issued", "dcterms.created", "dc.date", "publish-date", "publication_date"),
    *("date", "publishdate", "dcterms.date", "cxenseparse:recs:publishtime"),
)
_SHORT_TEXT = 100  # characters; of less trafilatura takes all words of the page as one paragraph
_HEAD_BLOCKS = 4  # blocks above a text in which a byline may stand
_TITLE_LENGTH = 250  # characters at most
_LISTED = 0.6  # share of a text that is links, from which it is a list of them
_SHORT = 60  # characters; a text without so many is no article, unless the page says it is one
_STOPS = tuple('.!?”"。…:')
_HOLDING = ("list", "quote", "ab", "div")  # elements of trafilatura's that hold paragraphs
_IN_LAYOUT = ("p", "head", "list", "table", "quote")
_NOISE = re.compile(
    r"advertise?ment|anzeige|werbung|publicité|publicidad|pubblicità|реклама|"
    r"your browser does not support .{1,40}|view this (?:e-?mail|newsletter) in your browser|"
    r"you are receiving this (?:because|e-?mail) .{1,200}|"
    r"(?:read|see) (?:more|also|next): .{1,150}|(?:printed|retrieved) from https?://\S+|"
    r"(?:share|save|print|copy link|follow|listen|subscribe|log in|sign in|sign up|search)|"
    r"(?:copyright|©).{0,150}|press release|end|ends|#{2,3}",
    re.IGNORECASE,
)
_FEED_TYPES = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/rdf+xml": "rss",
    "application/feed+json": "json",
    "application/json": "json",
}
_AROUND = (  # what trafilatura leaves in some pages: walls, cards, comments, menus
    "//*[self::div or self::section or self::aside or self::form or self::ul or self::dialog]"
    "[contains(concat(' ', @class, ' ', @id), 'cookie') or contains(concat(@class, @id), 'consent')"
    " or contains(@class, 'newsletter') or contains(@class, 'related')"
    " or contains(@class, 'comments') or contains(@id, 'comments')"
    " or contains(@class, 'share') or contains(@class, 'breadcrumb')"
    " or contains(@class, 'paywall-')]",
)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page names."""

    url: str
    title: str = ""
    kind: str = "rss"  # "rss", "atom" or "json"


@dataclass(slots=True)
class _Page:
    """A page, parsed, and what its head tells."""

    tree: Any  # lxml.html.HtmlElement
    linked: LinkedData
    metas: dict[str, str] = field(default_factory=dict)
    canonical: str = ""
    language: str = ""
    links: frozenset[str] = frozenset()  # the texts of what leads elsewhere


def read(source: SourceFile) -> Iterator[Article | Refusal | Remark]:
    """The article of a page. Raises Refused for a page without one, such as a list of links."""
    source.check_size(source.size())
    yield from read_text(source, _decoded(source), source.url)


def read_text(source: SourceFile, html: str, url: str) -> Iterator[Article | Refusal | Remark]:
    """The article of a page that was decoded before; `url` is where it stood, or empty."""
    page = _parsed(html, url)
    told = _told(page, source)
    title = page.linked.headline or told["title"] or page.metas.get("og:title", "")
    if len(title) > _TITLE_LENGTH:  # a heading that was never closed
        title = page.metas.get("og:title", "") or page.tree.findtext(".//title") or ""
    title = _without_outlet(clean_line(title), page.linked.source or told["sitename"])
    head, blocks = _body(page, told["body"], title)
    captions = told["captions"]
    text = "\n\n".join(blocks) or "\n\n".join(captions)
    if not text:
        raise Refused("no article on the page; name the page of one article, or the site's feed")
    people, outlet = _signed_by(told["author"])
    host = told["sitename"] or host_of(page.canonical)
    published, remarks = _published(page, told["date"], head, source)
    if not page.linked.free:
        remarks.append(Remark(source.shown, "taken as far as it is free to read: the page says so"))
    yield from remarks
    yield source.article(
        text=text,
        cleaned=True,
        title=title,
        published=published,
        author=page.linked.author or people or head.author,
        source=page.linked.source or _named_site(told, page) or head.source or outlet or host,
        url=page.canonical,
        caption=" ".join(captions) if blocks else "",
        language=page.linked.language or page.language,
        id=url_id(page.canonical) if source.url and page.canonical else "",
    )


def feed_links(page: bytes | str, url: str = "") -> list[FeedLink]:
    """The feeds that a page names in its head, in its order; each address once.

    >>> feed_links('<link rel="alternate" type="application/rss+xml" href="/rss">', "http://a.org")
    [FeedLink(url='http://a.org/rss', title='', kind='rss')]
    """
    try:
        text = page if isinstance(page, str) else _decoded_bytes(page, None)
    except Refused:  # empty, or no text: nothing is named there
        return []
    links: dict[str, FeedLink] = {}
    tree = _tree(markup.tame(text).html)
    if tree is None:
        return []
    base = _base(tree, url)
    for link in tree.iter("link", "a"):
        kind = _FEED_TYPES.get(link.get("type", "").partition(";")[0].strip().lower())
        relation = link.get("rel", "").lower().split()
        if not kind or not {"alternate", "feed"} & set(relation):
            continue
        if kind == "json" and link.get("type", "").lower().startswith("application/json"):
            continue  # WordPress names its interface so
        address = absolute(link.get("href", ""), base)
        if address:
            links.setdefault(address, FeedLink(address, clean_line(link.get("title", "")), kind))
    return list(links.values())


def _decoded(source: SourceFile) -> str:
    return _decoded_bytes(source.read_whole(), source.charset)


def _decoded_bytes(data: bytes, charset: str | None) -> str:
    """The text of a page: by its mark, by the header, by what itself says, by what it reads in."""
    named = _XML_CHARSET.match(data) or _META_CHARSET.search(data[:_META_HEAD])
    own = named[1].decode("ascii") if named else None
    return decode(data, charset=charset or own)


def _parsed(text: str, url: str) -> _Page:
    tamed = markup.tame(text)
    tree = _tree(tamed.html)
    if tree is None:
        raise Refused("no article on the page: it is empty; save the page anew")
    page = _Page(tree, linked_data.read(tamed.linked_data))
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        content = meta.get("content")
        if name and content:
            page.metas.setdefault(name, content)
    page.links = frozenset(
        words for link in tree.iter("a") for part in link.itertext() if (words := clean_text(part))
    )
    page.canonical = _canonical(page, _base(tree, url), url)
    language = tree.get("lang") or page.metas.get("og:locale", "")
    page.language = language if re.fullmatch(r"[A-Za-z]{2,3}(?:[-_]\w{2,8})*", language) else ""
    return page


def _tree(html: str) -> Any:
    """The tree of a page; None for one without an element."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        # Bytes: a text that begins with an XML declaration would be refused.
        return document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _base(tree: Any, url: str) -> str:
    base = tree.find(".//base[@href]")
    return (absolute(base.get("href"), url) if base is not None else "") or url


def _canonical(page: _Page, base: str, url: str) -> str:
    """The address that a page has for everyone; not a front page that all pages name."""
    links = [link for link in page.tree.iter("link") if "canonical" in link.get("rel", "").lower()]
    given = [link.get("href", "") for link in links[:1]]
    given += [page.metas.get("og:url", ""), page.linked.url]
    for candidate in given:
        address = absolute(candidate, base) if candidate else ""
        if address and (not url or not _is_front(address) or _is_front(url)):
            return without_tracking(address)
    return without_tracking(url)


def _is_front(url: str) -> bool:
    return url.rstrip("/").count("/") <= 2 and "?" not in url


@cache
def _extraction() -> Any:
    """How trafilatura extracts: a short article too is told in paragraphs."""
    from trafilatura.settings import use_config

    config = use_config()
    config["DEFAULT"]["MIN_EXTRACTED_SIZE"] = str(_SHORT_TEXT)
    return config


def _told(page: _Page, source: SourceFile) -> dict[str, Any]:
    """What trafilatura finds: title, author, sitename, date, body; and the pictures' captions."""
    from trafilatura import bare_extraction

    pictured = list(page.tree.iter("figcaption"))
    captions = [clean_line(each.text_content()) for each in pictured]
    for each in pictured:
        each.drop_tree()
    document: Any = bare_extraction(
        page.tree,
        url=page.canonical or None,
        include_comments=False,
        include_links=True,
        with_metadata=True,
        prune_xpath=list(_AROUND),
        config=_extraction(),
        date_extraction_params={"original_date": True, "extensive_search": True},
    )
    told = document.as_dict() if document else {}
    names = ("title", "author", "sitename", "date")
    return {
        **{name: clean_line(told.get(name) or "").replace(";", ",") for name in names},
        "body": told.get("body"),
        "captions": list(dict.fromkeys(filter(None, captions))),
    }


def _body(page: _Page, body: Any, title: str) -> tuple[Head, list[str]]:
    """Byline and paragraphs: those on the page, or those of JSON-LD where the page has fewer."""
    found = [block for block in _blocks(body) if not _NOISE.fullmatch(block)]
    blocks = [block for block in found if block[-1:] in _STOPS or block not in page.links]
    head, blocks = _without_head(blocks, title)
    linked = page.linked.text
    if len(linked) > 2 * sum(map(len, blocks)):
        return head, linked.split("\n\n")
    is_article = page.linked.is_article or page.metas.get("og:type", "").lower() == "article"
    return head, blocks if is_article or not _is_list(found, blocks, page.links) else []


def _is_list(found: Sequence[str], blocks: Sequence[str], links: Set[str]) -> bool:
    """Whether there is no text, but links to others."""
    alone = sum(len(block) for block in blocks if block not in links)
    return alone < _SHORT or alone < (1 - _LISTED) * sum(map(len, found))


def _blocks(body: Any) -> Iterator[str]:
    """The paragraphs, headings, items and rows of what trafilatura found, in order."""
    if body is None:
        return
    for element in body:
        if element.tag == "table":
            yield from _rows(element)
        elif element.tag in _HOLDING and len(element):
            yield from _lines(element.text)
            yield from _blocks(element)
        else:
            yield from _words(element)
        yield from _lines(element.tail)


def _lines(text: str | None) -> Iterator[str]:
    for line in (text or "").split("\n"):
        if words := clean_text(line):
            yield words


def _rows(table: Any) -> Iterator[str]:
    """The rows of a table; of one that lays out a page, the paragraphs of its cells."""
    for row in table.iter("row"):
        cells = list(row.iterchildren("cell"))
        if any(each.tag in _IN_LAYOUT for cell in cells for each in cell):
            for cell in cells:
                yield from _in_cell(cell)
        elif any(words := [" ".join(_words(cell)) for cell in cells]):
            yield CELL.join(filter(None, words))


def _in_cell(cell: Any) -> Iterator[str]:
    """The paragraphs of a cell, and the lines of words that stand between them."""
    line = [cell.text or ""]
    for element in cell:
        if element.tag in ("ref", "hi", "del", "span"):
            line += ["".join(element.itertext()), element.tail or ""]
            continue
        yield from _lines("".join(line))
        line = [element.tail or ""]
        if element.tag == "table":
            continue  # its rows come by themselves
        yield from _blocks(element) if element.tag in _HOLDING else _words(element)
    yield from _lines("".join(line))


def _words(element: Any) -> Iterator[str]:
    """The lines of an element: what stands between its line breaks."""
    for mark in element.iter("lb"):
        mark.text = "\n"
    yield from _lines("".join(element.itertext()))


def _without_head(blocks: list[str], title: str) -> tuple[Head, list[str]]:
    """What a byline above the text says, and the text below it, without the headline."""
    head = Head()
    kept: list[str] = []
    for number, block in enumerate(blocks):
        if number < _HEAD_BLOCKS:
            if (title and same_words(block, title)) or is_kicker(block):
                continue
            told = read_head_line(block, head) if len(block) < 120 else None
            if told is not None:
                head = told
                continue
        kept.append(block)
    return head, kept


def _named_site(told: dict[str, Any], page: _Page) -> str:
    """The name of the site, where it has one besides its host's."""
    name = str(told["sitename"])
    return "" if name == host_of(page.canonical) else name


def _signed_by(authors: str) -> tuple[str, str]:
    """The people and the outlet of a byline whose parts are told as authors all."""
    parts = authors.split(", ")
    outlets = [part for part in parts if is_outlet(part)]
    people = [part for part in parts if part not in outlets and not is_role(part)]
    return (", ".join(people), next(iter(outlets), "")) if people else (authors, "")


def _without_outlet(title: str, outlet: str) -> str:
    """A title without the name of the outlet that a browser's tab has behind it."""
    for mark in (" | ", " - ", " – ", " — ", " :: ", " · "):
        head, _, tail = title.rpartition(mark)
        if head and outlet and same_words(tail, outlet):
            return head
    return title


def _published(
    page: _Page, told: str, head: Head, source: SourceFile
) -> tuple[date | None, list[Remark]]:
    """When the article came out, and what is to be said of a date that cannot be."""
    given = [page.linked.published, *(page.metas.get(name, "") for name in _PUBLISHED)]
    given += _times(page.tree)
    given += ["" if told.endswith("-01-01") else told]  # a year alone, such as that of a copyright
    given += [page.linked.modified, page.metas.get("article:modified_time", "")]
    remarks: list[Remark] = []
    for words in filter(None, given):
        try:
            published = plausible(read_date(words[:40], page.language, source.day_first))
        except Refused as error:
            remarks = [Remark(source.shown, f"taken without its date: {error}")]
            continue
        return _with_time(published, head), []
    return head.published or head.updated, [] if head.published else remarks


def _with_time(published: date | None, head: Head) -> date | None:
    """A day with the time that the byline has for it."""
    timed = head.published
    if isinstance(timed, datetime) and not isinstance(published, datetime):
        return timed if timed.date() == published else published
    return published


def _times(tree: Any) -> list[str]:
    """Dates in elements that say that it is the date of publication."""
    marked = tree.xpath(
        "//time[@pubdate or @itemprop='datePublished' or contains(@class, 'publish')]/@datetime"
        " | //*[@itemprop='datePublished']/@content"
    )
    alone = tree.xpath("//article//time[@datetime]/@datetime") or tree.xpath(
        "//time[@datetime]/@datetime"
    )
    return [str(each) for each in [*marked[:1], *alone[:1]]]
