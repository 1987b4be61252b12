"""The log: on stderr, and never with the token in it, whoever writes it."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from datetime import UTC, datetime

from pythonjsonlogger.json import JsonFormatter

from newsdesk.index.errors import NewsdeskError

_TOKENS = re.compile(r"\b\d{3,}:[A-Za-z0-9_-]{3,}")
_HIDDEN = "<token>"
_NOISY = ("httpx", "httpcore", "telegram", "telegram.ext.Application", "tornado", "asyncio")
_TWICE = ("telegram.ext", "telegram.ext.Updater")  # tracebacks of what `polling` and `runner` tell


class RedactingJson(JsonFormatter):
    """As `Redacting`, a JSON object a line: time, level, logger, message."""

    def __init__(self, token: str) -> None:
        super().__init__(
            ["asctime", "levelname", "name", "message"],
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            json_ensure_ascii=False,
        )
        self._token = token

    # logging calls it by this name.
    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """ISO 8601 in UTC."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        """The line as it is written."""
        return redacted(super().format(record), self._token)


class Redacting(logging.Formatter):
    """Takes the token out of the finished line, tracebacks and all."""

    def __init__(self, token: str) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._token = token

    def format(self, record: logging.LogRecord) -> str:
        """The line as it is written."""
        return redacted(super().format(record), self._token)


def redacted(text: str, token: str = "") -> str:
    """A text without the token, and without anything that looks like one."""
    return _TOKENS.sub(_HIDDEN, text.replace(token, _HIDDEN) if token else text)


def described(error: BaseException) -> str:
    """An error without anything that people wrote.

    Newsdesk's own errors say in a line what happened. The words of any other may quote a text, so
    only its type is told, and where it arose.
    """
    if isinstance(error, NewsdeskError):
        return str(error)
    frames = "".join(traceback.format_tb(error.__traceback__))
    where = f"\nTraceback (most recent call last):\n{frames}" if frames else ""
    return f"{type(error).__name__}{where.rstrip()}"


def start(token: str, as_json: bool = False) -> None:
    """Send the log of this process to stderr, as lines of text or of JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingJson(token) if as_json else Redacting(token))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _NOISY:  # httpx writes every URL, and so the token, at INFO
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _TWICE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
