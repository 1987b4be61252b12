"""Addresses of pages: what of them names the page, and the id of an article that is read there."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit, urlunsplit

from .cleaning import clean_line

# What is appended to tell where a reader came from. Not "id", "p" or "page": they name the page.
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|_ga|_hs\w+|at_\w+|cmpid|cmp|ns_\w+|"
    r"ref|ref_?src|ref_?url|referrer|xtor|ftag|smid|taid|guccounter|ocid|wt_?mc\w*",
    re.IGNORECASE,
)
_PAGE_SUFFIX = re.compile(r"\.(?:html?|php|aspx?|jsp|amp)\Z", re.IGNORECASE)
_ID_LENGTH = 120  # characters at most
_WEB = ("http", "https")


def absolute(href: str, base: str = "") -> str:
    """An address of the web as a whole, seen from `base`; empty if it is none.

    >>> absolute("/story?id=3#top", "https://example.org/news/")
    'https://example.org/story?id=3#top'
    """
    if not href.strip():
        return ""
    try:
        joined = urljoin(base, clean_line(href).replace(" ", "%20"))
        parts = urlsplit(joined)
        has_host = bool(parts.hostname)
    except ValueError:  # such as http://[
        return ""
    return joined if parts.scheme in _WEB and has_host else ""


def without_tracking(url: str) -> str:
    """An address without what tells where a reader came from, and without a fragment.

    >>> without_tracking("https://Example.org/a?id=3&utm_source=feed#comments")
    'https://example.org/a?id=3'
    """
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return url
    kept = [(name, value) for name, value in pairs if not _TRACKING.fullmatch(name)]
    query = parts.query if len(kept) == len(pairs) else urlencode(kept)
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path, query, ""))


def url_id(url: str) -> str:
    """The id of an article that is read at an address: host and path, as short as they name it.

    >>> url_id("https://www.example.org/2021/canal-reopens.html?utm_source=feed")
    'example.org/2021/canal-reopens'
    """
    bare = without_tracking(url)
    parts = urlsplit(bare)
    path = unquote(_PAGE_SUFFIX.sub("", parts.path.rstrip("/")), errors="replace")
    made = clean_line(parts.netloc.removeprefix("www.") + path).replace(" ", "-")
    if not parts.query and len(made) <= _ID_LENGTH and made:
        return made
    return f"{made[:_ID_LENGTH]}-{hashlib.sha256(bare.encode('utf-8', 'replace')).hexdigest()[:10]}"


def host_of(url: str) -> str:
    """The host of an address as a name for its outlet; empty if it has none.

    >>> host_of("https://www.example.org:8080/a")
    'example.org'
    """
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
