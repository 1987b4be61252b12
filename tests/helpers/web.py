"""A real web server on this machine that answers well, or as badly as it is told.

Every address of 127.0.0.0/8 is a host of it, so that what is done host by host can be seen.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

LINES = "application/jsonl"
Answer = Callable[["Handler"], None]


@dataclass(slots=True)
class Page:
    """What an address gives."""

    body: bytes
    media_type: str = "text/plain; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, handler: Handler) -> None:
        etag, modified = self.headers.get("ETag"), self.headers.get("Last-Modified")
        asked = handler.headers
        same = (etag and asked.get("If-None-Match") == etag) or (
            modified and asked.get("If-Modified-Since") == modified
        )
        handler.send_response(304 if same else self.status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        if not same:
            handler.send_header("Content-Type", self.media_type)
            handler.send_header("Content-Length", str(len(self.body)))
        handler.end_headers()
        if not same:
            handler.wfile.write(self.body)


@dataclass(slots=True)
class Request:
    """A request that came."""

    host: str
    path: str
    headers: Mapping[str, str]
    began: float
    ended: float = 0.0  # 0 while it is being answered


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def do_GET(self) -> None:
        """Answer as the address was told to."""
        web = self.server.web
        host = self.headers.get("Host", "").partition(":")[0]
        request = Request(host, self.path, dict(self.headers), time.monotonic())
        web.requests.append(request)  # not after the answer: who asked looks for it here then
        answer = web.pages.get(self.path.partition("?")[0], Page(b"nothing here", status=404))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # who asked has gone
            answer(self)
        request.ended = time.monotonic()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """The server, which knows its `Web`."""

    daemon_threads = True
    request_queue_size = 128  # that many come at once
    web: Web

    def handle_error(self, *_: object) -> None:
        """Who asked broke off: that is what is tested."""


class Web:
    """The server with its pages by path, and the requests it got; closed at the end."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer] = {}
        self.requests: list[Request] = []
        self._server = Server(("0.0.0.0", 0), Handler)
        self._server.web = self
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of a path, on one of the hosts."""
        return f"http://{host}:{self.port}{path}"

    def lines(self, path: str, articles: Iterable[Mapping[str, str]], **headers: str) -> None:
        """Have an address give articles as JSONL."""
        body = "\n".join(json.dumps(dict(article)) for article in articles).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = Page(body, LINES, headers=named)

    def asked(self, path: str) -> list[Request]:
        """The requests for a path."""
        return [each for each in self.requests if each.path.partition("?")[0] == path]


# Ways to misbehave


def redirect(to: str, status: int = 301) -> Page:
    """Send elsewhere."""
    return Page(b"", status=status, headers={"Location": to})


def refuse(status: int, **headers: str) -> Page:
    """An error."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Page(b"no", status=status, headers=named)


def raw(*pieces: bytes, pause: float = 0.0, times: int = 1) -> Answer:
    """Send bytes as they are, the last of them several times with a pause between."""

    def answer(handler: Handler) -> None:
        handler.close_connection = True
        for piece in pieces:
            handler.wfile.write(piece)
        for _ in range(times - 1):
            time.sleep(pause)
            handler.wfile.write(pieces[-1])

    return answer


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


def endless() -> Answer:
    """A body that never ends."""
    return raw(HEAD + b"\r\n", b"words and words " * 4096, times=1 << 20)


def slowly(pause: float) -> Answer:
    """A byte at a time."""
    return raw(HEAD + b"Content-Length: 100000\r\n\r\n", b"x", pause=pause, times=100_000)


def slow_head(pause: float) -> Answer:
    """Not even the head comes at once."""
    return raw(b"HTTP/1.1 200 OK\r\nX: ", b"x", pause=pause, times=100_000)


def bomb(megabytes: int) -> Page:
    """A small body that is large when decompressed."""
    packed = gzip.compress(b"0" * (megabytes * 1_000_000))
    return Page(packed, headers={"Content-Encoding": "gzip"})


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that nobody has reason to trust, and its key; made by openssl."""
    import subprocess

    key, made = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-keyout", str(key), "-out", str(made)],
        check=True, capture_output=True,
    )  # fmt: skip
    return made, key
