"""Feeds, PDF, mail, Word, CSV, JSON, OPML and .zip: what is read of each, and what is refused."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from time import process_time

import pytest

from newsdesk.index import readers
from newsdesk.index.errors import Refused
from newsdesk.index.library import Library
from newsdesk.index.readers import (
    FeedLink,
    Refusal,
    Remark,
    is_teaser,
    read_bytes,
    read_data,
    read_opml,
    with_page,
    write_opml,
)
from newsdesk.index.search.text_fragment import link
from newsdesk.index.settings import Readers
from newsdesk.index.types import Article, Citation, file_of, place_in
from tests.helpers.made_pdf import At, flowing, made_pdf
from tests.helpers.support import index, write

TEXT = "The mill by the river will be a school, the council said on Monday evening."
OTHER = "It was built in 1911 and has stood empty since the last miller left for the coast."
LONG = " ".join([TEXT] * 8)


def one(data: bytes | str, name: str, url: str | None = None) -> Article:
    """The one article in some bytes."""
    (article,) = read_bytes(data.encode() if isinstance(data, str) else data, name, url=url)
    return article


def refusal(data: bytes, name: str) -> str:
    """Why the only thing in some bytes is refused."""
    (item,) = read_data(data, name)
    assert isinstance(item, Refusal), item
    assert "; " in item.reason
    return item.reason


# What kind of thing it is


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (f"<html><p>{TEXT}</p></html>", "page", None),
        (f"<html><p>{TEXT}</p></html>", "page.pdf", None),
        (f"<!DOCTYPE html><p>{TEXT}</p>", "page", "application/rss+xml"),
        (f"<p>{TEXT}</p>", "page", "text/html; charset=utf-8"),
        (f"<rss><channel><item><title>{TEXT}</title></item></channel></rss>", "f", "text/html"),
        (f"Mill\n\n{TEXT}", "a", "text/plain"),
        (f"# Mill\n\n{TEXT}", "a.md", "text/plain"),
        (f"# Mill\n\n{TEXT}", "a", "text/markdown"),
        (json.dumps({"text": TEXT}), "a.jsonl", "application/octet-stream"),
        (json.dumps([{"text": TEXT}]), "a", "application/json"),
        (f'text\n"{TEXT}"', "a", "text/csv"),
    ],
)
def test_bytes_tell_their_kind_before_the_server_and_the_name(
    data: str, name: str, media_type: str | None
) -> None:
    (article,) = read_bytes(data.encode(), name, media_type=media_type)
    assert TEXT in article.text


def test_an_unknown_kind_is_refused_by_what_the_server_called_it() -> None:
    with pytest.raises(Refused, match=r"^a: no reader for this kind of file \(image/png\); known"):
        read_bytes(b"\x89PNG", "a", media_type="image/png")


# Feeds

RSS = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>River Post</title><language>en-gb</language>
<item><title>Mill &amp; school</title><link>https://river.example/mill?utm_source=rss</link>
<description>Short.</description><content:encoded><![CDATA[<p>{LONG}</p><p>{OTHER}</p>
<p>The post Mill appeared first on River Post.</p>]]></content:encoded>
<pubDate>Tue, 09 Mar 2021 23:30:00 +0200</pubDate></item>
<item><title>Bridge</title><link>/bridge</link><description>It is closed […]</description></item>
<item><guid isPermaLink="false">g3</guid><description>{TEXT}</description></item>
</channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>River Post</title>
<entry><id>urn:1</id><title>Mill</title><link href="https://river.example/mill"/>
<author><name>Jo Hay</name></author><updated>2021-03-09T23:30:00+02:00</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{LONG}</p></div></content>
</entry></feed>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "River Post",
    "items": [
        {
            "id": "1",
            "url": "https://river.example/mill",
            "title": "Mill",
            "content_html": f"<p>{LONG}</p>",
            "date_published": "2021-03-09T23:30:00+02:00",
            "authors": [{"name": "Jo Hay"}],
        }
    ],
}


def test_each_entry_of_a_feed_is_an_article() -> None:
    mill, bridge, untitled = read_bytes(RSS.encode(), "feed", url="https://river.example/rss")
    assert mill.text == f"{LONG}\n\n{OTHER}"
    assert mill.published == datetime.fromisoformat("2021-03-09T23:30:00+02:00")
    assert (mill.id, mill.url) == ("river.example/mill", "https://river.example/mill")
    assert (mill.title, mill.source, mill.language) == ("Mill & school", "River Post", "en-gb")
    assert bridge.url == "https://river.example/bridge"
    assert untitled.title == TEXT
    assert untitled.id.startswith("river.example/rss-")


@pytest.mark.parametrize("data", [ATOM, json.dumps(JSON_FEED)], ids=["atom", "json"])
def test_other_kinds_of_feed_say_the_same(data: str) -> None:
    article = one(data, "feed")
    assert (article.title, article.text, article.author) == ("Mill", LONG, "Jo Hay")
    assert article.published == datetime.fromisoformat("2021-03-09T23:30:00+02:00")
    assert article.source == "River Post"


def test_a_feed_without_entries_is_no_error() -> None:
    assert read_bytes(b"<rss version='2.0'><channel><title>A</title></channel></rss>", "f") == []


def test_a_teaser_is_told_from_a_text_and_gives_way_to_the_page() -> None:
    mill, bridge, untitled = read_bytes(RSS.encode(), "feed", url="https://river.example/rss")
    assert not is_teaser(mill)
    assert is_teaser(bridge)
    assert not is_teaser(untitled)  # there is no page behind it
    page = replace(mill, id="other", text=LONG, title="Bridge | River Post", author="Bo Li")
    whole = with_page(bridge, page)
    assert (whole.id, whole.title, whole.text, whole.author) == (
        bridge.id,
        "Bridge",
        LONG,
        "Bo Li",
    )
    assert with_page(mill, replace(page, text="Log in")) == mill


def test_entries_with_one_id_are_one_if_they_say_the_same() -> None:
    entry = f"<item><link>https://a.example/1</link><title>A</title><description>{TEXT}</description></item>"
    other = entry.replace("<title>", "<guid>2</guid><title>")
    feed = f"<rss version='2.0'><channel>{entry * 2}{other}</channel></rss>"
    articles = read_bytes(feed.encode(), "feed")
    assert len(articles) == len({article.id for article in articles}) == 2


@pytest.mark.parametrize("when", ["Thu, 01 Jan 1970 00:00:00 GMT", "2090-01-01T00:00:00Z", "soon"])
def test_a_date_that_cannot_be_costs_an_entry_its_date_only(when: str) -> None:
    feed = (
        f"<rss><channel><item><title>{TEXT}</title><pubDate>{when}</pubDate></item></channel></rss>"
    )
    remark, article = read_data(feed.encode(), "a.rss")
    assert isinstance(remark, Remark)
    assert isinstance(article, Article)
    assert article.published is None


def test_entities_that_unfold_to_gigabytes_are_not_unfolded() -> None:
    bombs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    feed = f'<!DOCTYPE rss [<!ENTITY a0 "ha">{bombs}<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    feed += f"<rss version='2.0'><channel><item><title>{TEXT}</title><description>&a11;&x; {OTHER}"
    feed += "</description></item></channel></rss>"
    started = process_time()
    (article,) = read_bytes(feed.encode(), "a.rss")
    assert process_time() - started < 5
    assert len(article.text) < 200
    assert "root:" not in article.text


def test_what_is_no_feed_is_refused() -> None:
    assert "neither RSS nor Atom" in refusal(b"<?xml version='1.0'?><urlset/>", "sitemap.xml")
    assert "the file is empty" in refusal(b" ", "a.rss")


def test_opml_goes_out_and_in_again() -> None:
    feeds = [
        FeedLink("https://a.example/rss?a=1&b=2", 'A "quoted" & <marked> one', "rss"),
        FeedLink("https://b.example/atom", "Б", "atom"),
    ]
    assert read_opml(write_opml(feeds)) == feeds
    sloppy = (
        b'<opml><body><outline text="a & b"><outline xmlUrl="feed://a.example/r?x=1&y"/></outline>'
    )
    assert [feed.url for feed in read_opml(sloppy)] == ["http://a.example/r?x=1&y"]
    with pytest.raises(Refused, match="no OPML; export"):
        read_opml(b"<html>")
    assert "a list of 2 feeds" in refusal(write_opml(feeds), "a.opml")


# PDF


def test_a_pdf_gives_paragraphs_and_pages() -> None:
    words, chance = f"{TEXT} {OTHER}".lower().replace(".", "").split(), random.Random(1)
    paragraphs = [f"So {' '.join(chance.choices(words, k=140))}." for _ in range(12)]
    article = one(
        made_pdf(flowing(paragraphs, head="River Post weekly"), "Mill", "Jo Hay"), "a.pdf"
    )
    assert article.text.split("\n\n")[:5] == paragraphs[:5]
    assert article.text.replace("\n\n", " ") == " ".join(paragraphs)
    assert (article.title, article.author) == ("Mill", "Jo Hay")
    assert article.published == datetime(2021, 3, 9, 10, 20)
    assert len(article.pages) == 3
    assert article.page_at(0) == 1
    assert article.page_at(article.pages[1]) == 2
    assert article.page_at(article.pages[1] - 1) == 1
    assert article.page_at(len(article.text) - 1) == 3


def test_a_headline_and_a_byline_are_no_part_of_a_pdf_s_text() -> None:
    head = [At(60, 790, 20, "Mill to Become"), At(60, 765, 20, "a School")]
    page = [*head, At(60, 740, 11, "By Jo Hay | 9 March 2020"), At(60, 700, 11, "It is un-")]
    article = one(made_pdf([[*page, At(60, 686, 11, "likely to rain.")], []], "untitled"), "a.pdf")
    assert (article.title, article.author) == ("Mill to Become a School", "Jo Hay")
    assert article.published == date(2020, 3, 9)
    assert article.text == "It is unlikely to rain."
    assert article.page_at(3) == 1


def test_a_citation_in_a_pdf_names_the_page_and_leads_to_it(tmp_path: Path) -> None:
    data = made_pdf(flowing([LONG] * 10), "Mill")
    article = one(data, "a.pdf", url="https://river.example/mill.pdf")
    offset = article.pages[1] + 5
    citation = Citation(1, article, offset, offset + 9, 7, "")
    assert citation.page == 2
    assert place_in(article, offset, 7) == "p. 2"
    assert link(article, article.text[offset : offset + 9], offset).endswith("/mill.pdf#page=2")
    folder = write(tmp_path / "news", {"a.pdf": data})
    index(tmp_path / "home", folder)
    with Library(tmp_path / "home") as library:
        stored = library.article("a")
    assert stored
    assert stored.pages == article.pages
    assert link(stored, "x", offset).endswith("a.pdf#page=2")


def test_a_scan_a_damaged_and_a_locked_pdf_are_each_refused_with_the_reason() -> None:
    data = made_pdf([[At(60, 700, 11, TEXT)]])
    assert refusal(made_pdf([[], []]), "a.pdf").startswith("a scan: its 2 pages are pictures")
    assert refusal(b"%PDF-1.7\nnothing", "a.pdf").startswith("damaged, or no PDF")
    assert refusal(data[:200], "a.pdf").startswith("damaged, or no PDF")
    locked = Path(__file__).with_name("locked.pdf").read_bytes()
    assert refusal(locked, "a.pdf").startswith("encrypted: it opens with a password only")


@pytest.mark.slow
def test_5_000_pages_are_refused_at_the_limit_or_read() -> None:
    started = process_time()
    pages = [[At(60, 700 - 14 * n, 11, TEXT) for n in range(40)]] * 5_000
    assert "is reached on page" in refusal(made_pdf(pages), "a.pdf")
    short = one(
        made_pdf([[At(60, 700, 11, f"Page {n} says: {TEXT}")] for n in range(5_000)]), "a.pdf"
    )
    assert len(short.pages) == 5_000
    assert short.page_at(short.text.index("Page 4321 says")) == 4322
    assert process_time() - started < 60


# Mail

MAIL = f"""From: =?utf-8?q?River_Post?= <news@river.example>
Subject: =?utf-8?b?TW9ybmluZyBicmllZmluZyDigJMgVHVlc2RheQ==?=
Date: Tue, 09 Mar 2021 06:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

View this in a browser

--b
Content-Type: text/html; charset=windows-1252
Content-Transfer-Encoding: quoted-printable

<div style=3D"display:none">Only in the list</div>
<table><tr><td>View this email in your browser</td></tr>
<tr><td><h2>Mill</h2><p>{TEXT} =96 at last.</p></td></tr>
<tr><td><a>Unsubscribe</a></td></tr></table>
--b--
"""


def test_a_newsletter_is_read_without_what_stands_around() -> None:
    article = one(MAIL, "a.eml")
    assert article.text == f"Mill\n\n{TEXT} – at last."
    assert (article.title, article.source) == ("Morning briefing – Tuesday", "River Post")
    assert article.published == datetime.fromisoformat("2021-03-09T06:00:00+01:00")


@pytest.mark.parametrize(
    "broken",
    [
        MAIL.replace('boundary="b"', "boundary="),
        MAIL.replace("--b--", ""),
        MAIL.replace("quoted-printable", "base64"),
        MAIL.replace("windows-1252", "no-such-charset"),
        MAIL.replace("=?utf-8?b?TW9", "=?nonsense?b?TW9"),
        MAIL.replace("Tue, 09 Mar 2021 06:00:00 +0100", "Tue, 99 Foo 99999 25:61 +9999999999"),
        MAIL.replace("multipart/alternative", "multipart/"),
        MAIL[:200],
        "\n".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}" for n in range(2_000)),
        "From: " + "a" * 100_000 + "\n\n" + TEXT,
    ],
    ids=range(10),
)
def test_mail_that_breaks_the_rules_is_read_or_refused(broken: str) -> None:
    items = list(read_data(broken.encode(), "a.eml"))
    assert items
    assert all("; " in item.reason for item in items if isinstance(item, Refusal))


# Word


def word(*paragraphs: str) -> bytes:
    from docx import Document

    document = Document()
    document.add_heading("Mill to become a school", 1)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Seats", "312"
    document.add_paragraph(OTHER)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_word_document_gives_headline_byline_paragraphs_and_rows() -> None:
    article = one(word("By Jo Hay | 9 March 2020", TEXT), "a.docx")
    assert article.text.split("\n\n") == [TEXT, "Seats – 312", OTHER]
    assert (article.title, article.author) == ("Mill to become a school", "Jo Hay")
    assert article.published == date(2020, 3, 9)
    assert one(word(TEXT), "a.zip").title == article.title  # whatever it is called


def test_a_broken_word_document_is_refused() -> None:
    data = word(TEXT)
    for damaged in (b"", b"PK\x03\x04", data[: len(data) // 2], b"\xd0\xcf\x11\xe0old", zipped({})):
        assert refusal(damaged, "a.docx")
    for name in ("word/document.xml", "[Content_Types].xml", "word/styles.xml"):
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            parts = {each: opened.read(each) for each in opened.namelist()}
        parts[name] = parts[name][:300]
        assert list(read_data(zipped(parts), "a.docx"))


# CSV and JSON


@pytest.mark.parametrize("divider", [",", ";", "\t", "|"])
def test_rows_of_csv_are_articles_under_the_names_that_others_use(divider: str) -> None:
    rows = [["Headline", "Body", "Date", "Outlet"], ["Mill", f'"{TEXT}"', "13/03/2021", "Post"]]
    rows.append(["Bridge", '"It is, they said;\n\nclosed | ""now""\t."', "04/03/2021", "Post"])
    data = "\n".join(divider.join(row) for row in rows)
    mill, bridge = read_bytes(data.encode("utf-8-sig"), "a.csv")
    assert (mill.title, mill.text, mill.source) == ("Mill", TEXT, "Post")
    assert mill.published == date(2021, 3, 13)
    assert bridge.published == date(2021, 3, 4)  # as the other row writes it
    assert bridge.path.endswith("#3")
    assert '"now"' in bridge.text


def test_a_bad_row_is_refused_alone_and_a_table_without_names_whole() -> None:
    items = list(read_data(b"id,text\na,It is.\nb,\nc,x,y,z\n\nd,It was.", "a.csv"))
    assert [item.id for item in items if isinstance(item, Article)] == ["a", "d"]
    assert [item.path for item in items if isinstance(item, Refusal)] == ["a.csv#3", "a.csv#4"]
    assert refusal(b"Mill,It is.\nBridge,It was.", "a.csv").startswith("no line of column")
    assert refusal(b"id,text\n", "a.csv").startswith("no row below")


@pytest.mark.parametrize(
    "value",
    [
        [{"text": TEXT, "title": "Mill"}],
        {"status": "ok", "articles": [{"body": f"<p>{TEXT}</p>", "headline": "Mill"}]},
        {"response": {"results": [{"bodyText": TEXT, "webTitle": "x", "title": "Mill"}]}},
        {"articleBody": TEXT, "headline": "Mill", "@type": "NewsArticle"},
    ],
)
def test_json_holds_articles_in_the_forms_that_others_write(value: object) -> None:
    article = one(json.dumps(value), "a.json")
    assert (article.title, article.text) == ("Mill", TEXT)


def test_lines_of_json_are_read_under_the_other_name_too() -> None:
    lines = f'{{"text": "{TEXT}"}}\n{{"text": "{OTHER}"}}\n'
    assert [each.text for each in read_bytes(lines.encode(), "a.json")] == [TEXT, OTHER]


def test_json_without_articles_is_refused() -> None:
    for data in (b"{}", b"[]", b"3", b"{", b"[" * 100_000, b'{"a": [1]}'):
        assert refusal(data, "a.json")
    items = list(read_data(json.dumps([3, {}, {"text": TEXT}]).encode(), "a.json"))
    assert [type(item) for item in items] == [Refusal, Refusal, Article]


# .zip


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()


def test_an_archive_is_read_as_a_folder_of_its_name(tmp_path: Path) -> None:
    inner = zipped({"b.txt": f"Bridge\n\n{OTHER}"})
    content: dict[str, bytes | str] = {
        "sub/a.txt": f"Mill\n\n{TEXT}",
        "l.jsonl": json.dumps({"id": "line", "text": TEXT}),
        "in.zip": inner,
        "__MACOSX/x.txt": "x",
        ".hidden": "x",
    }
    folder = write(tmp_path / "news", {"old.zip": zipped(content), "z.txt": f"Last\n\n{OTHER}"})
    report = index(tmp_path / "home", folder)
    assert sorted(report.added) == ["line", "old/in/b", "old/sub/a", "z"]
    assert not report.refused
    with Library(tmp_path / "home") as library:
        article = library.article("old/sub/a")
    assert article
    assert file_of(article.path) == str(folder / "old.zip")
    (folder / "old.zip").write_bytes(zipped({"sub/a.txt": f"Mill\n\n{TEXT}"}))
    again = index(tmp_path / "home", folder)
    assert sorted(again.removed) == ["line", "old/in/b"]
    assert sorted(again.unchanged) == ["old/sub/a", "z"]


def test_entries_that_climb_out_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    names = ["../up.txt", "/etc/up.txt", "a/../../up.txt", "..\\up.txt", "C:\\up.txt"]
    file = write(tmp_path / "in", {"a.zip": zipped(dict.fromkeys(names, TEXT) | {"b.txt": TEXT})})
    items = list(readers.read(file / "a.zip", file, Readers()))
    assert [item.id for item in items if isinstance(item, Article)] == ["a/b"]
    refused = [item for item in items if isinstance(item, Refusal)]
    assert len(refused) == len(names)
    assert all("climbs out" in item.reason for item in refused)
    assert [path.name for path in tmp_path.rglob("*.txt")] == []


@pytest.mark.parametrize("name", ["\0a.txt", ".", "./"])
def test_an_entry_without_a_name_is_refused_alone(name: str) -> None:
    data = zipped({name.replace("\0", "qqqqqqqq"): TEXT, "b.txt": TEXT})
    data = data.replace(b"qqqqqqqq", b"\0bbbbbbb")  # of which what comes before \0 is read
    items = list(read_data(data, "a.zip"))
    assert [item.id for item in items if isinstance(item, Article)] == ["a/b"]
    refused = [item.reason for item in items if isinstance(item, Refusal)]
    assert refused == ([] if name == "./" else ["it has no name; pack it anew"])


def test_archives_within_archives_end_at_the_second() -> None:
    third = zipped({"c.zip": zipped({"b.zip": zipped({"a.txt": TEXT})})})
    assert refusal(third, "d.zip") == "a .zip in a .zip in a .zip; unpack it"


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    zeros = b"0" * 3_000_000
    data = zipped({f"{n}.txt": zeros for n in range(4)})
    limits = Readers(max_file_megabytes=1)
    (item,) = read_data(data, "a.zip", settings=limits)
    assert isinstance(item, Refusal)
    assert "a bomb" in item.reason
    nested = zipped({f"{n}.zip": zipped({"a.txt": zeros[:900_000]}) for n in range(15)})
    items = list(read_data(nested, "a.zip", settings=limits))
    refused = [item.reason for item in items if isinstance(item, Refusal)]
    assert any("with what lies in the other archives" in reason for reason in refused)


def test_a_damaged_and_a_locked_archive_are_refused() -> None:
    data = zipped({"a.txt": TEXT})
    assert "damaged" in refusal(data[:-30], "a.zip")
    assert "holds no file" in refusal(zipped({}), "a.zip")
    locked = bytearray(data)
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        place = data.index(mark) + (6 if mark == b"PK\x03\x04" else 8)
        locked[place] |= 1
    assert "without a password" in refusal(bytes(locked), "a.zip")
    broken = data.replace(TEXT.encode()[:4], b"\xff\xff\xff\xff")
    flipped = bytearray(broken)
    flipped[45] ^= 0xFF
    assert list(read_data(bytes(flipped), "a.zip"))


def test_one_bad_file_never_stops_the_others(tmp_path: Path) -> None:
    bad = dict.fromkeys(
        [f"bad.{suffix}" for suffix in ("html", "rss", "pdf", "eml", "docx", "csv", "json", "zip")],
        b"\x00\x01\xff\xfe",
    )
    good = {"a.html": f"<p>{TEXT}</p><p>{OTHER}</p>", "z.eml": MAIL}
    folder = write(tmp_path / "news", {**bad, **good})
    items = [
        item for file in readers.find(folder) for item in readers.read(file, folder, Readers())
    ]
    assert [item.id for item in items if isinstance(item, Article)] == ["a", "z"]
    refused = {Path(item.path).name: item.reason for item in items if isinstance(item, Refusal)}
    assert refused.keys() == bad.keys()
    assert all("; " in reason for reason in refused.values())
