"""Fuzzes every reader: damaged files, for as long as you like; prints how many each has stood.

    python -m tests.benchmarks.fuzz_readers [--seconds 60] [--seed 1] [--only a.pdf]

Each input is one of a few sound files with bytes flipped, cut, doubled, or replaced by what parsers
trip over. What a reader raises, or takes more than ten seconds of the processor for, is written to
`fuzz-NAME` and ends the run with 1. Seconds are for each reader.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
import time
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

from newsdesk.index.readers import FeedLink, read_data, write_opml
from tests.helpers.made_pdf import flowing, made_pdf

TEXT = (
    "The mill by the river will be a school, the council of Marsh Harbour said on Monday evening."
)
_SLOW = 10  # seconds of the processor for one small file
_HARD = (
    *(b"<", b">", b"<!--", b"<![CDATA[", b"]]>", b"&#x110000;", b"&#0;", b"\x00", b"\xff\xfe"),
    *(b'"', b"{", b"[", b"}", b"\\u0000", b"\\ud800", b"1e999", b"null", b"-", b"9" * 400),
    *(b"\r\n\r\n", b"--b", b"=?utf-8?b?", b"?=", b"Content-Type: multipart/mixed; boundary=b\n\n"),
    *(b"PK\x03\x04", b"PK\x05\x06", b"%PDF-", b"endobj", b"stream\n", b" 0 R", b"<< /Kids [2 0 R]"),
    *(b"<div>" * 300, b"<item>", b"</channel>", b"<entry>", b"<!ENTITY a 'b'>", b"xmlns='", b"../"),
    *(
        "\ud7ff\ufffd\u202e".encode(),
        b"2090-99-99",
        b"Thu, 01 Jan 1970",
        b'"@graph":[{',
        b"\t",
        b";",
    ),
)


def _word() -> bytes:
    from docx import Document

    document = Document()
    document.add_heading("Mill", 1)
    document.add_paragraph(TEXT)
    document.add_table(1, 2).cell(0, 0).text = "Seats"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()


_LINKED = {
    "@type": "NewsArticle",
    "headline": "Mill",
    "author": [{"name": "Jo"}],
    "articleBody": TEXT,
}
_HTML = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Mill | Post</title>
<meta property="article:published_time" content="2021-03-09T10:00:00Z"><link rel="canonical"
href="https://a.example/mill">
<script type="application/ld+json">{json.dumps(_LINKED)}</script></head>
<body><article><h1>Mill</h1><p>By Jo Hay | 9 March 2021</p><p>{TEXT}</p>
<table><tr><td>1<td>2</table>
<ul><li>{TEXT}</ul><figure><figcaption>A mill</figcaption></figure></article></body>""".encode()
_MAIL = f"""From: A <a@b.example>\nSubject: =?utf-8?q?Mill?=\nDate: Tue, 09 Mar 2021 06:00:00 +0100
Content-Type: multipart/alternative; boundary="b"\n\n--b\nContent-Type: text/plain\n\n{TEXT}
--b\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n
PHA+VGhlIG1pbGwgYnkgdGhlIHJpdmVyIHdpbGwgYmUgYSBzY2hvb2wuPC9wPg==\n--b--\n""".encode()
_RSS = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>Post</title>
<item><title>Mill</title>
<link>https://a.example/1</link><guid>1</guid><description>&lt;p&gt;{TEXT}&lt;/p&gt;</description>
<pubDate>Tue, 09 Mar 2021 06:00:00 +0100</pubDate></item><item><title>B</title></item>
</channel></rss>"""
_ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Post</title><entry><id>1</id>
<title>Mill</title><link href="https://a.example/1"/><updated>2021-03-09T06:00:00Z</updated>
<content type="html">{TEXT}
</content></entry></feed>"""
_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "items": [{"id": "1", "content_html": f"<p>{TEXT}</p>", "date_published": "2021-03-09"}],
}
SEEDS: Mapping[str, bytes] = {
    "a.html": _HTML,
    "a.rss": _RSS.encode(),
    "a.atom": _ATOM.encode(),
    "feed.json": json.dumps(_FEED).encode(),
    "a.pdf": made_pdf(flowing([TEXT * 4] * 6), "Mill"),
    "a.eml": _MAIL,
    "a.docx": _word(),
    "a.csv": f'id,title,text,date\n1,Mill,"{TEXT}",09/03/2021\n2,B,"{TEXT}",\n'.encode(),
    "a.json": json.dumps([{"id": 1, "title": "Mill", "body": TEXT, "date": "2021-03-09"}]).encode(),
    "a.zip": _zip({"a.txt": TEXT.encode(), "b.html": _HTML, "c.zip": _zip({"d.txt": b"It is."})}),
    "a.opml": write_opml([FeedLink("https://a.example/rss", "A")]),
    "a.txt": f"Mill to become a school\n\nBy Jo Hay | 9 March 2021\n\n{TEXT}".encode(),
    "a.md": f"---\ntitle: Mill\ndate: 2021-03-09\n---\n\n# Mill\n\n- {TEXT}\n- b".encode(),
    "a.jsonl": f'{{"text": "{TEXT}", "date": "2021-03-09"}}\n{{"text": "It is."}}'.encode(),
}


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Some bytes, damaged in one to six places."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        place = chance.randint(0, len(changed))
        length = chance.choice((1, 4, 40, 400))
        kind = chance.randint(0, 5)
        if kind == 0:
            changed[place : place + 1] = bytes([chance.randint(0, 255)])
        elif kind == 1:
            del changed[place : place + length]
        elif kind == 2:
            changed[place:place] = changed[place : place + length] * chance.choice((1, 3, 50))
        elif kind == 3:
            changed[place : place + chance.randint(0, 8)] = chance.choice(_HARD)
        elif kind == 4:
            other = chance.randint(0, len(changed))
            changed[place:place] = changed[other : other + length]
        elif chance.random() < 0.2:
            del changed[place:]
    return bytes(changed[:200_000])


def main() -> None:
    """Fuzz each reader for a while."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of the processor, each reader")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    sound = True
    for name, data in SEEDS.items():
        if given.only in ("", name):
            sound &= _fuzz(name, data, given.seconds, random.Random(given.seed))
    sys.exit(0 if sound else 1)


def _fuzz(name: str, data: bytes, seconds: float, chance: random.Random) -> bool:
    """Whether a reader stands all that it is given; prints how much that was."""
    count, articles, slowest = 0, 0, 0.0
    started = time.process_time()
    while time.process_time() - started < seconds:
        damaged = mutated(data, chance)
        begun = time.process_time()
        try:
            articles += any(hasattr(item, "text") for item in read_data(damaged, name))
        except BaseException as error:
            Path(f"fuzz-{name}").write_bytes(damaged)
            print(f"{name}: {error!r} after {count:,} inputs; see fuzz-{name}")
            return False
        took = time.process_time() - begun
        slowest = max(slowest, took)
        if took > _SLOW:
            Path(f"fuzz-{name}").write_bytes(damaged)
            print(f"{name}: {took:.0f} s for one input; see fuzz-{name}")
            return False
        count += 1
    stood = f"{count:,} inputs stood, {articles:,} of them still gave articles"
    print(f"{name}: {stood}, slowest {slowest:.2f} s", flush=True)
    return True


if __name__ == "__main__":
    main()
