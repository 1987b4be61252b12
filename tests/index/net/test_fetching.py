"""Fetching from a server that misbehaves in every way it can."""

from __future__ import annotations

import gzip
import itertools
import ssl
import threading
import time
import zlib
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from newsdesk.index.net import Fetcher, FetchFailed, Guard, Reply, Robots
from newsdesk.index.settings import Net
from tests.helpers import web as bad
from tests.helpers.web import Handler, Page, Web

QUICK = Net(allow_private=True, delay=0.0, timeout=5.0, deadline=8.0, max_megabytes=0.2)
SHORT = Net(allow_private=True, delay=0.0, timeout=0.5, deadline=0.6)  # for what takes too long


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as opened:
        yield opened


def fetch(web: Web, answer: bad.Answer, settings: Net = QUICK) -> Reply:
    web.pages["/x"] = answer
    return Fetcher(settings).get(web.url("/x"))


def failure(web: Web, answer: bad.Answer, settings: Net = QUICK) -> FetchFailed:
    with pytest.raises(FetchFailed) as failed:
        fetch(web, answer, settings)
    return failed.value


def test_a_page(web: Web) -> None:
    reply = fetch(web, Page("Zürich".encode("latin-1"), "text/plain; charset=ISO-8859-1"))
    assert (reply.status, reply.body) == (200, "Zürich".encode("latin-1"))
    assert (reply.media_type, reply.charset) == ("text/plain", "ISO-8859-1")
    assert web.requests[0].headers["User-Agent"].startswith("Newsdesk/")


def test_what_is_unchanged_is_not_sent_again(web: Web) -> None:
    web.pages["/x"] = Page(b"news", headers={"ETag": '"1"', "Last-Modified": "yesterday"})
    fetcher = Fetcher(QUICK)
    assert not fetcher.get(web.url("/x"), etag='"0"').unchanged
    assert fetcher.get(web.url("/x"), etag='"1"').unchanged
    assert fetcher.get(web.url("/x"), modified="yesterday").unchanged


def test_redirects_are_followed_and_the_permanent_ones_remembered(web: Web) -> None:
    web.pages |= {
        "/a": bad.redirect("/b", 301),
        "/b": bad.redirect(web.url("/c", "127.0.0.2"), 308),
        "/c": bad.redirect("d", 302),
        "/d": Page(b"here"),
    }
    reply = Fetcher(QUICK).get(web.url("/a"))
    assert reply.body == b"here"
    assert reply.url == web.url("/d", "127.0.0.2")
    assert reply.permanent == web.url("/c", "127.0.0.2")


def test_redirects_that_lead_nowhere(web: Web) -> None:
    web.pages["/y"] = bad.redirect("/x")
    assert "circle" in str(failure(web, bad.redirect("/y")))
    assert "no word where" in str(failure(web, Page(b"", status=301)))
    assert "only http://" in str(failure(web, bad.redirect("file:///etc/passwd")))
    web.pages |= {f"/{n}": bad.redirect(f"/{n + 1}") for n in range(20)}
    assert "more than 10 redirects" in str(failure(web, bad.redirect("/0")))


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 500, 503, 204])
def test_errors_are_told_by_their_number(web: Web, status: int) -> None:
    error = failure(web, bad.refuse(status, Retry_After="120"))
    assert f"status {status}" in str(error)
    assert (error.gone, error.wait) == (status == 410, 120)


CUT_OFF = gzip.compress(b"a" * 99, mtime=0)[:20]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (bad.endless(), "larger than 0.2 MB"),
        (bad.slowly(0.1), "took too long"),
        (bad.slow_head(0.1), "took too long"),
        (bad.raw(b"", pause=1.0, times=2), "took too long"),
        (bad.bomb(20), "larger than 0.2 MB"),
        (bad.raw(bad.HEAD + b"Content-Length: 100000000\r\n\r\n", b"x"), "larger than 0.2 MB"),
        (bad.raw(bad.HEAD + b"Content-Length: 50\r\n\r\n", b"only this"), "broke off"),
        (bad.raw(bad.HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\n"), "broke off"),
        (bad.raw(b"SSH-2.0-OpenSSH_9.6\r\n"), "no HTTP"),
        (bad.raw(b""), "broke off"),
        (Page(b"\x1f\x8bnot gzip", headers={"Content-Encoding": "gzip"}), "gzip is broken"),
        (Page(CUT_OFF, headers={"Content-Encoding": "gzip"}), "broke off"),
        (Page(b"?", headers={"Content-Encoding": "br"}), "not asked for"),
    ],
)  # fmt: skip
def test_replies_that_are_none(web: Web, answer: bad.Answer, reason: str) -> None:
    began = time.monotonic()
    settings = SHORT if "too long" in reason else QUICK
    assert reason in str(failure(web, answer, settings))
    assert time.monotonic() - began < 8


def test_a_nested_bomb_is_counted_at_every_layer(web: Web) -> None:
    packed = gzip.compress(gzip.compress(b"0" * 5_000_000, mtime=0))
    error = failure(web, Page(packed, headers={"Content-Encoding": "gzip, gzip"}))
    assert "larger than" in str(error)


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (gzip.compress(b"news", mtime=0), "gzip"),
        (gzip.compress(b"ne", mtime=0) + gzip.compress(b"ws", mtime=0), "gzip"),
        (gzip.compress(b"news", mtime=0) + b"\0" * 8, "gzip"),
        (zlib.compress(b"news"), "deflate"),
        (zlib.compress(b"news")[2:-4], "deflate"),
        (b"news", "gzip"),
        (b"news", "identity"),
    ],
)
def test_bodies_are_decompressed(web: Web, packed: bytes, encoding: str) -> None:
    assert fetch(web, Page(packed, headers={"Content-Encoding": encoding})).body == b"news"


def test_nobody_answers() -> None:
    with pytest.raises(FetchFailed, match="no connection"):
        Fetcher(QUICK).get("http://127.0.0.1:1/")


@pytest.mark.parametrize("url", ["ftp://a.example/", "news", "http://", "http://u:p@127.0.0.1/"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(FetchFailed):
        Fetcher(QUICK).get(url)


def test_a_certificate_of_nobody(tmp_path: Path) -> None:
    made, key = bad.certificate(tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    # Quiet: the broken handshake is what is tested.
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        with pytest.raises(FetchFailed, match="certificate is not to be trusted"):
            Fetcher(QUICK).get(f"https://localhost:{server.server_address[1]}/")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_plain_http_where_tls_was_meant(web: Web) -> None:
    with pytest.raises(FetchFailed, match="no secure connection"):
        Fetcher(QUICK).get(f"https://127.0.0.1:{web.port}/")


# Nobody let in

STRICT = Net(delay=0.0, timeout=0.5, deadline=0.6)


def test_private_addresses_are_refused_unless_allowed(web: Web) -> None:
    web.pages["/x"] = Page(b"secret")
    with pytest.raises(FetchFailed, match="NEWSDESK_NET_ALLOW_PRIVATE"):
        Fetcher(STRICT).get(web.url("/x"))
    assert not web.requests


def test_they_are_refused_after_a_redirect(web: Web) -> None:
    """A name that is let through (only this once, for the test) leads to one that is not."""
    web.pages["/x"] = bad.redirect(f"http://127.0.0.2:{web.port}/secret")
    web.pages["/secret"] = Page(b"secret")

    class Half(Guard):
        def addresses(self, host: str, port: int) -> list[str]:
            return ["127.0.0.1"] if host == "public.example" else super().addresses(host, port)

    with pytest.raises(FetchFailed, match="private address"):
        Fetcher(STRICT, Half()).get(f"http://public.example:{web.port}/x")
    assert [each.path for each in web.requests] == ["/x"]


def test_the_address_that_was_checked_is_the_one_connected_to(web: Web) -> None:
    """A name that is public when it is looked up first, and this machine's from then on."""
    web.pages["/x"] = Page(b"secret")
    answers = iter([["192.0.2.1"], ["127.0.0.1"], ["127.0.0.1"]])
    looked_up = []

    def lookup(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return next(answers)

    class Any(Guard):
        def addresses(self, host: str, port: int) -> list[str]:
            return self.lookup(host, port)

    with pytest.raises(FetchFailed):
        Fetcher(STRICT, Any(lookup=lookup)).get(f"http://rebinding.example:{web.port}/x")
    assert looked_up == ["rebinding.example"]
    assert not web.requests


def test_the_host_is_still_named(web: Web) -> None:
    web.pages["/x"] = Page(b"news")
    guard = Guard(allow_private=True, lookup=lambda host, port: ["127.0.0.1"])
    Fetcher(QUICK, guard).get(f"http://news.example:{web.port}/x")
    assert web.requests[0].host == "news.example"


# Politeness


def test_one_request_at_a_time_per_host_with_a_pause(web: Web) -> None:
    web.pages["/x"] = bad.raw(bad.HEAD + b"\r\n", b"x", pause=0.02, times=3)
    fetcher = Fetcher(Net(allow_private=True, delay=0.05))
    threads = [
        threading.Thread(target=fetcher.get, args=(web.url("/x", host),))
        for host in ("127.0.0.1", "127.0.0.2")
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for host in ("127.0.0.1", "127.0.0.2"):
        mine = sorted((r for r in web.requests if r.host == host), key=lambda r: r.began)
        assert len(mine) == 3
        assert all(after.began >= before.ended + 0.03 for before, after in itertools.pairwise(mine))
    began = {
        host: min(r.began for r in web.requests if r.host == host)
        for host in ("127.0.0.1", "127.0.0.2")
    }
    assert abs(began["127.0.0.1"] - began["127.0.0.2"]) < 0.15  # both at once


def test_robots_txt_is_kept_to(web: Web) -> None:
    web.pages["/robots.txt"] = Page(
        b"User-agent: *\nDisallow: /\n\nUser-agent: Newsdesk\nDisallow: /closed\nCrawl-delay: 0.1"
    )
    fetcher = Fetcher(QUICK)
    robots = Robots(fetcher, {})
    robots.check(web.url("/open"))
    with pytest.raises(FetchFailed, match=r"robots\.txt"):
        robots.check(web.url("/closed/a"))
    assert len(web.asked("/robots.txt")) == 1
    assert list(robots.fetched) == [f"http://127.0.0.1:{web.port}"]
    web.pages["/open"] = Page(b"x")
    fetcher.get(web.url("/open"))
    fetcher.get(web.url("/open"))
    first, second = web.asked("/open")
    assert second.began - first.ended >= 0.09


def test_a_host_without_robots_txt_allows_all_and_one_that_fails_none(web: Web) -> None:
    Robots(Fetcher(QUICK), {}).check(web.url("/a"))
    web.pages["/robots.txt"] = bad.refuse(500)
    with pytest.raises(FetchFailed, match="status 500"):
        Robots(Fetcher(QUICK), {}).check(web.url("/a"))
    known = {f"http://127.0.0.1:{web.port}": ""}
    Robots(Fetcher(QUICK), known).check(web.url("/a"))
