"""Reads JSON-LD, in which a page tells its headline, authors, dates, outlet and often its text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .cleaning import clean, clean_line

_ARTICLE = re.compile(
    r"(?:\w*Article|\w*(?<!Job)(?<!Image)Posting|Report\w*|Review|CreativeWork|WebPage)\Z"
)
_SURELY = re.compile(r"(?:\w*Article|\w*(?<!Job)Posting|Report\w*)\Z")
_WRAPPING = re.compile(
    r"\A\s*(?:<!--|/\*.*?\*/|//)?\s*(?:<!\[CDATA\[)?|(?://\s*)?\]\]>\s*\Z|-->\s*\Z"
)
_LENGTH = 2_000_000  # characters at most of one script
_MOST = 200  # objects that are looked at


@dataclass(frozen=True, slots=True)
class LinkedData:
    """What JSON-LD tells of an article; empty where it does not."""

    headline: str = ""
    text: str = ""
    published: str = ""
    modified: str = ""
    author: str = ""
    source: str = ""
    language: str = ""
    url: str = ""
    free: bool = True  # whether all of it is there for everyone
    is_article: bool = False


def read(scripts: Iterable[str]) -> LinkedData:
    """What the scripts of a page tell of its article.

    >>> read(['{"@type": "NewsArticle", "headline": "Canal reopens"}']).headline
    'Canal reopens'
    """
    objects = [each for script in scripts for each in _objects(_parsed(script))][:_MOST]
    articles = [each for each in objects if _matches(_SURELY, each)]
    others = [each for each in objects if _matches(_ARTICLE, each) and "headline" in each]
    for chosen in (articles or others)[:1]:
        return _article(chosen, {str(each.get("@id")): each for each in objects})
    return LinkedData()


def _parsed(script: str) -> object:
    if len(script) > _LENGTH:
        return None
    try:
        return json.loads(_WRAPPING.sub("", script), strict=False)
    except (ValueError, RecursionError):
        return None


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects at the top: alone, in a list, in a graph, or what a page is mainly about."""
    if isinstance(value, list):
        for each in value[:_MOST]:
            if isinstance(each, dict):
                yield from _objects(each)
    elif isinstance(value, dict):
        yield value
        for name in ("@graph", "mainEntity"):
            if isinstance(value.get(name), list | dict):
                yield from _within(value[name])


def _within(value: list[object] | dict[str, object]) -> Iterator[Mapping[str, Any]]:
    for each in value[:_MOST] if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield each


def _matches(pattern: re.Pattern[str], value: Mapping[str, Any]) -> bool:
    kinds = value.get("@type")
    named = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and pattern.match(kind.rsplit("/", 1)[-1]) for kind in named)


def _article(value: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> LinkedData:
    main = value.get("mainEntityOfPage")
    return LinkedData(
        headline=_words(value.get("headline")) or _words(value.get("name")),
        text=_text(value),
        published=_words(value.get("datePublished")) or _words(value.get("dateCreated")),
        modified=_words(value.get("dateModified")),
        author=", ".join(dict.fromkeys(_names(value.get("author"), known))),
        source=", ".join([*_names(value.get("publisher"), known)][:1]),
        language=_words(value.get("inLanguage")),
        url=_words(value.get("url")) or _words(main if isinstance(main, str) else None),
        free=str(value.get("isAccessibleForFree", True)).strip().lower() != "false",
        is_article=_matches(_SURELY, value),
    )


def _text(value: Mapping[str, Any]) -> str:
    """The body; of a live blog, that of its posts."""
    body = value.get("articleBody")
    if isinstance(body, str) and body.strip():
        return clean(body)
    posts = value.get("liveBlogUpdate")
    parts = [
        part
        for post in (posts if isinstance(posts, list) else [])
        if isinstance(post, dict)
        for part in (_words(post.get("headline")), clean(str(post.get("articleBody") or "")))
    ]
    return "\n\n".join(filter(None, parts))


def _words(value: object) -> str:
    return clean_line(value) if isinstance(value, str) else ""


def _names(value: object, known: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The names of persons or organisations, however they are written."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            named = each if "name" in each else known.get(str(each.get("@id")), {})
            names = named.get("name")
            for name in names if isinstance(names, list) else [names]:
                yield from filter(None, [_words(name)])
        elif isinstance(each, str) and not each.startswith(("http://", "https://")):
            yield from filter(None, [_words(each)])


def same_words(text: str, other: str) -> bool:
    """Whether two texts hold the same words, whatever is between them."""
    return _folded(text) == _folded(other)


def _folded(text: str) -> Sequence[str]:
    return re.findall(r"\w+", text.casefold())
