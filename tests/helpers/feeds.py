"""Feeds as newspapers publish them: RSS with the whole text of each entry."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime


@dataclass(frozen=True, slots=True)
class Published:
    """An entry of a feed; `link` is the address of its page, which is its id, too."""

    link: str
    title: str
    text: str
    at: datetime  # with its time zone


def rss(name: str, entries: Iterable[Published]) -> bytes:
    """A feed of the name of an outlet."""
    items = "".join(
        f"<item><guid>{html.escape(each.link)}</guid><link>{html.escape(each.link)}</link>"
        f"<title>{html.escape(each.title)}</title>"
        f"<pubDate>{format_datetime(each.at)}</pubDate>"
        f"<content:encoded>{html.escape(_paragraphs(each.text))}</content:encoded></item>"
        for each in entries
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{html.escape(name)}</title><link>http://feed.example/</link>"
        f"<description>{html.escape(name)}</description>{items}</channel></rss>"
    ).encode()


def page(entry: Published) -> bytes:
    """The page behind an entry."""
    return (
        f"<!doctype html><title>{html.escape(entry.title)}</title>"
        f"<article><h1>{html.escape(entry.title)}</h1>{_paragraphs(entry.text)}</article>"
    ).encode()


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(part)}</p>" for part in text.split("\n\n"))
