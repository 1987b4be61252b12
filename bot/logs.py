"""The log: on stderr, and never with the token in it, whoever writes it."""

from __future__ import annotations

import logging
import re
import sys
import traceback

from newsdesk.index.errors import NewsdeskError

_TOKENS = re.compile(r"\b\d{3,}:[A-Za-z0-9_-]{3,}")
_HIDDEN = "<token>"
_NOISY = ("httpx", "httpcore", "telegram", "telegram.ext.Application", "tornado", "asyncio")
_TWICE = ("telegram.ext", "telegram.ext.Updater")  # tracebacks of what `polling` and `runner` tell


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


def start(token: str) -> None:
    """Send the log of this process to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting(token))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _NOISY:  # httpx writes every URL, and so the token, at INFO
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _TWICE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
