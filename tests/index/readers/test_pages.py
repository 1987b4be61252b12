"""Web pages: floors of how well they are read, and what of a page goes where."""

from __future__ import annotations

import json
from datetime import datetime
from time import process_time

import pytest

from newsdesk.index.errors import Refused
from newsdesk.index.readers import FeedLink, Refusal, Remark, feed_links, read_bytes, read_data
from newsdesk.index.readers.markup import tame
from newsdesk.index.types import Article
from tests.benchmarks.pages import PAGES, means, measure, ours

TEXT = (
    "The mill by the river will be a school, the council of Marsh Harbour said on Monday evening."
)
PAGE = f"<html><body><article><h1>Mill to become a school</h1><p>{TEXT}</p><p>{TEXT}</p></article>"
LINK = "https://news.example/2021/mill?utm_source=feed"


def read(html: str | bytes, media_type: str | None = None) -> Article:
    data = html if isinstance(html, bytes) else html.encode()
    (article,) = read_bytes(data, "page.html", url=LINK, media_type=media_type)
    return article


@pytest.mark.parametrize(
    ("byline", "author", "source"),
    [
        ("By Jo Hay | River Post", "Jo Hay", "River Post"),
        ("By Jo Hay, Education editor | River Post", "Jo Hay", "River Post"),
        ("By Jo Hay", "Jo Hay", "news.example"),
    ],
)
def test_an_outlet_in_a_byline_is_no_author(byline: str, author: str, source: str) -> None:
    signed = f"</h1><p class='byline'>{byline}</p><p>{TEXT}</p><p>{TEXT}</p>"
    found = read(PAGE.replace("</h1>", signed))
    assert (found.author, found.source) == (author, source)


def test_a_short_article_has_its_paragraphs_and_no_byline_in_them() -> None:
    page = PAGE.replace("</h1>", "</h1><p class='byline'>By Jo Hay | River Post</p>")
    found = read(page.replace(f"<p>{TEXT}</p></article>", "<p>It was built in 1911.</p></article>"))
    assert (found.author, found.text) == ("Jo Hay", f"{TEXT}\n\nIt was built in 1911.")


def test_pages_are_read_as_well_as_ever() -> None:
    scores = measure(ours)
    text, title, date = means(scores)
    assert len(scores) >= 40
    assert text >= 0.99
    assert title >= 0.97
    assert date >= 0.99


def test_every_saved_page_is_expected() -> None:
    expected = json.loads((PAGES / "expected.json").read_text("utf-8"))
    assert {file.stem for file in PAGES.glob("*.html")} == expected.keys()


def test_a_page_is_known_by_its_address_without_what_tells_who_linked() -> None:
    article = read(PAGE)
    assert (article.id, article.url) == ("news.example/2021/mill", "https://news.example/2021/mill")
    assert article.source == "news.example"


@pytest.mark.parametrize(
    ("link", "wanted"),
    [
        ("/2021/the-mill", "https://news.example/2021/the-mill"),
        ("https://other.example/m", "https://other.example/m"),
        ("https://news.example/", "https://news.example/2021/mill"),  # a front page for all
        ("http://[", "https://news.example/2021/mill"),
        ("javascript:alert(1)", "https://news.example/2021/mill"),
    ],
)
def test_the_canonical_address_counts_where_it_can(link: str, wanted: str) -> None:
    assert read(f'<link rel="canonical" href="{link}">{PAGE}').url == wanted


def test_linked_data_tells_time_author_and_outlet() -> None:
    told = {
        "@type": "NewsArticle",
        "headline": "Mill to become a school",
        "datePublished": "2021-03-09T10:20:00+01:00",
        "author": [{"name": "Jo Hay"}, {"name": "Bo Li"}],
        "publisher": {"name": "River Post"},
    }
    article = read(f'<script type="application/ld+json">{json.dumps(told)}</script>{PAGE}')
    assert article.published == datetime.fromisoformat("2021-03-09T10:20:00+01:00")
    assert (article.author, article.source) == ("Jo Hay, Bo Li", "River Post")


@pytest.mark.parametrize("day", ["1970-01-01", "2090-05-05"])
def test_a_date_that_cannot_be_is_left_out_and_remarked(day: str) -> None:
    page = f'<meta property="article:published_time" content="{day}T00:00:00Z">{PAGE}'
    remark, article = read_data(page.encode(), "a.html")
    assert isinstance(article, Article)
    assert isinstance(remark, Remark)
    assert article.published is None
    assert day in remark.reason


def test_what_is_behind_a_wall_is_remarked() -> None:
    told = '{"@type": "NewsArticle", "isAccessibleForFree": "False"}'
    page = f'<script type="application/ld+json">{told}</script>{PAGE}'
    (remark, _) = read_data(page.encode(), "a.html")
    assert isinstance(remark, Remark)
    assert "free to read" in remark.reason


@pytest.mark.parametrize("header", ["windows-1251", "iso-8859-1", "utf-8", "nonsense", "rot13"])
def test_a_charset_is_believed_where_the_bytes_bear_it_out(header: str) -> None:
    text = "Старую мельницу у реки перестроят в школу, сообщил городской совет в понедельник."
    page = PAGE.replace(TEXT, text)
    utf_8 = read(page, media_type=f"text/html; charset={header}")
    assert text in utf_8.text
    if header == "windows-1251":
        assert text in read(page.encode("cp1251"), media_type=f"text/html; charset={header}").text
        inner = '<meta charset="windows-1251">' + page
        assert text in read(inner.encode("cp1251"), media_type="text/html; charset=utf-8").text


def test_a_page_names_its_feeds() -> None:
    page = """<head><base href="https://news.example/de/">
    <link rel="alternate" type="application/rss+xml" title="All &amp; new" href="/rss">
    <link rel="alternate" type="application/atom+xml" href="atom.xml">
    <link rel="alternate" type="application/rss+xml" href="https://news.example/rss">
    <link rel="alternate" type="application/json" href="/wp-json/3">
    <link rel="alternate" hreflang="fr" href="/fr"><link rel="stylesheet" href="a.css">
    <link rel="alternate" type="application/feed+json" href="javascript:x">"""
    assert feed_links(page, "https://x.example/") == [
        FeedLink("https://news.example/rss", "All & new", "rss"),
        FeedLink("https://news.example/de/atom.xml", "", "atom"),
    ]
    assert feed_links(b"") == feed_links("<") == []


def test_what_looks_like_a_tag_in_a_text_stays() -> None:
    assert (
        "use the <b> tag"
        in read(PAGE.replace(TEXT, f"{TEXT} To shout, use the &lt;b&gt; tag.")).text
    )


@pytest.mark.parametrize(
    "page",
    [
        "<html><body><p>" + "<div>" * 100_000 + TEXT,
        "<p>" + "<b><i>" * 50_000 + TEXT,
        "<ul><li>" * 10_000 + TEXT,
        "<table><tr><td>" * 10_000 + TEXT,
        "</b>".join(["<div>"] * 30_000) + TEXT,
        f"<p {' '.join(f'a{n}=1' for n in range(100_000))}>{TEXT}",
        f"<p {'x' * 1_000_000}>{TEXT}",
        "<p a='" * 50_000 + TEXT,
        "<script>" * 50_000 + TEXT,
        "<!--" * 100_000 + TEXT,
        "<script>" + "var x = '<p>';" * 100_000 + f"</script><p>{TEXT}</p>",
        f"<form><input name=a><textarea>{'x' * 100_000}</textarea></form>" * 5 + f"<p>{TEXT}</p>",
        "<" * 300_000 + TEXT,
        "&" * 300_000 + TEXT,
        f'<a href="/x">{TEXT}</a> ' * 2_000,
    ],
    ids=range(15),
)
def test_a_hostile_page_is_read_or_refused_in_time(page: str) -> None:
    started = process_time()
    items = list(read_data(page.encode(), "a.html", media_type="text/html"))
    assert process_time() - started < 10
    for item in items:
        if isinstance(item, Refusal):
            assert "; " in item.reason
        else:
            assert isinstance(item, Article)


def test_text_is_found_however_deep_it_is_nested() -> None:
    assert TEXT in read("<div>" * 100_000 + f"<p>{TEXT}</p><p>{TEXT}</p>" + "</div>" * 100_000).text


def test_a_page_without_an_article_is_refused_with_what_to_do() -> None:
    with pytest.raises(Refused, match=r"^front\.html: no article on the page; name the page"):
        read_bytes(b"<html><a href=/a>One</a> <a href=/b>Two</a></html>", "front.html")


def test_taming_keeps_what_is_read() -> None:
    page = f'<meta name="date" content="2021-03-09"><p class="{"x " * 1500}" id="a">Yes</p>'
    assert tame(page).html.startswith('<meta name="date" content="2021-03-09"><p')
    assert tame("<svg><p>no</p></svg><p>yes</p>").html == "<p>yes</p>"
    assert tame("<script>a</script").linked_data == []
