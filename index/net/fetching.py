"""`Fetcher`: one address, asked for politely, with every way to go wrong told in a sentence."""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import cached_property

import httpcore
import httpx

from newsdesk.index.settings import Net

from .addresses import Guard
from .body import read_body, too_much
from .connecting import CheckedBackend, Deadline
from .failures import FetchFailed
from .hosts import Hosts

__all__ = ["FetchFailed", "Fetcher", "Reply", "is_url"]

_HOPS = 10  # redirects that are followed
_PERMANENT = (301, 308)
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_WAIT = 7 * 86_400.0  # seconds that a host may ask to wait
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, text/html, "
    "application/xml;q=0.9, */*;q=0.8"
)
_BROKEN = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)


@dataclass(frozen=True)
class Reply:
    """What an address gave.

    Attributes:
        status: 200, or 304 for unchanged.
        url: the address that answered, after all redirects.
        permanent: where permanent redirects alone lead: what to ask from now on.
        headers: as sent, names in lower case.
        body: decompressed; empty if unchanged.
    """

    status: int
    url: str
    permanent: str
    headers: dict[str, str]
    body: bytes

    @property
    def unchanged(self) -> bool:
        """Whether it is as it was when the validators were sent."""
        return self.status == 304

    @cached_property
    def _type(self) -> Message:
        message = Message()
        message["content-type"] = self.headers.get("content-type", "")
        return message

    @property
    def media_type(self) -> str | None:
        """What its header says that it is, which may be wrong."""
        return self._type.get_content_type() if "content-type" in self.headers else None

    @property
    def charset(self) -> str | None:
        """The encoding that its header names, which may be wrong."""
        named = self._type.get_param("charset")
        return named if isinstance(named, str) else None


def is_url(text: str) -> bool:
    """Whether a text is an address that can be fetched, and no path.

    >>> is_url("https://news.example/feed"), is_url("news/canal.txt")
    (True, False)
    """
    return text.lower().startswith(("http://", "https://"))


class Fetcher:
    """Fetches addresses; safe to use from several threads."""

    def __init__(self, settings: Net, guard: Guard | None = None) -> None:
        self.settings = settings
        self.hosts = Hosts(settings.delay)
        self._guard = guard or Guard(settings.allow_private)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return httpx.create_ssl_context()

    def get(self, url: str, etag: str = "", modified: str = "") -> Reply:
        """Fetch an address, following redirects. Raises FetchFailed.

        `etag` and `modified` are the validators of what is known: if nothing changed since, the
        reply says so and has no body.
        """
        asked, permanent, only_permanent = _parsed(url), url, True
        seen = {str(asked)}
        for _ in range(_HOPS + 1):
            reply = self._once(asked, etag, modified)
            if reply.status not in _REDIRECTS:
                return Reply(reply.status, str(asked), permanent, reply.headers, reply.body)
            only_permanent = only_permanent and reply.status in _PERMANENT
            asked = _next(asked, reply)
            if only_permanent:
                permanent = str(asked)
            if str(asked) in seen:
                raise FetchFailed("redirects lead round in a circle")
            seen.add(str(asked))
        raise FetchFailed(f"more than {_HOPS} redirects")

    def _once(self, url: httpx.URL, etag: str, modified: str) -> Reply:
        """One request. Raises FetchFailed unless it gave content, "unchanged" or a redirect."""
        headers = {"User-Agent": self.settings.user_agent, "Accept": _ACCEPT}
        headers |= {"Accept-Encoding": "gzip", "Connection": "close"}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": modified} if modified else {}
        deadline = Deadline(self.settings.deadline)
        with self.hosts.turn(url.host), _told(deadline):
            deadline = Deadline(self.settings.deadline)  # not counting the wait for the turn
            return self._exchange(url, headers, deadline)

    def _exchange(self, url: httpx.URL, headers: dict[str, str], deadline: Deadline) -> Reply:
        step = self.settings.timeout
        timeouts = {"connect": step, "read": step, "write": step, "pool": step}
        pool = httpcore.ConnectionPool(
            ssl_context=self._tls, network_backend=CheckedBackend(self._guard, deadline)
        )
        with (
            pool,
            pool.stream(
                "GET", str(url), headers=list(headers.items()), extensions={"timeout": timeouts}
            ) as response,
        ):
            given = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in response.headers
            }
            if response.status in (304, *_REDIRECTS):
                return Reply(response.status, str(url), str(url), given, b"")
            _check_status(response.status, given)
            return Reply(200, str(url), str(url), given, self._body(response, given))

    def _body(self, response: httpcore.Response, headers: dict[str, str]) -> bytes:
        limit = int(self.settings.max_megabytes * 1_000_000)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            raise too_much(limit)
        return read_body(response.iter_stream(), headers.get("content-encoding", ""), limit)


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchFailed(f"not an address: {error}") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise FetchFailed("only http:// and https:// addresses can be fetched")
    if parsed.userinfo:
        raise FetchFailed("an address with a name or password in it is not fetched; leave it out")
    return parsed.copy_with(fragment=None)


def _next(url: httpx.URL, reply: Reply) -> httpx.URL:
    target = reply.headers.get("location", "")
    if not target:
        raise FetchFailed(f"status {reply.status}, but no word where to")
    try:
        return _parsed(str(url.join(target)))
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchFailed(f"it redirects to no address ({target[:80]!r})") from error


def _check_status(status: int, headers: dict[str, str]) -> None:
    """Raise FetchFailed unless a status says that there is content."""
    if status in (200, 203):
        return
    reasons = {
        401: "it wants a password",
        403: "it refuses us",
        404: "there is nothing at this address",
        410: "it is gone for good",
        429: "it was asked too often",
    }
    reason = reasons.get(status) or ("its server failed" if status >= 500 else "no content")
    wait = retry_after(headers.get("retry-after", ""), time.time())
    raise FetchFailed(f"status {status}: {reason}", status, wait)


def retry_after(value: str, now: float) -> float:
    """The seconds that a Retry-After header asks to wait, a week at most; 0 if it is none.

    >>> retry_after("120", 0.0), retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 0.0)
    (120.0, 60.0)
    """
    value = value.strip()
    if value.isdecimal():
        return min(float(value), _MOST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - datetime.fromtimestamp(now, UTC)).total_seconds()), _MOST_WAIT)


@contextlib.contextmanager
def _told(deadline: Deadline) -> Iterator[None]:
    """Raise what a connection fails with as FetchFailed, in words."""
    try:
        yield
    except httpcore.ConnectTimeout as error:
        raise FetchFailed("nothing answers at this address (timed out)") from error
    except httpcore.TimeoutException as error:
        raise FetchFailed(
            f"it took too long (limit {deadline.seconds:g} s for all of it)"
        ) from error
    except _BROKEN as error:
        raise FetchFailed(_broken(error)) from error


def _broken(error: Exception) -> str:
    cause = error.__context__ or error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not to be trusted ({cause.verify_message})"
    if isinstance(cause, ssl.SSLError):
        return f"no secure connection ({cause.reason or cause})"
    if isinstance(error, httpcore.ConnectError):
        return f"no connection ({error})"
    return f"the reply broke off or is no HTTP ({error})"
