"""The log: on stderr, and never with the token in it, whoever writes it."""

from __future__ import annotations

import logging
import re
import sys

_TOKENS = re.compile(r"\b\d{3,}:[A-Za-z0-9_-]{3,}")
_HIDDEN = "<token>"
_NOISY = ("httpx", "httpcore", "telegram", "telegram.ext.Application", "tornado", "asyncio")
_TWICE = ("telegram.ext", "telegram.ext.Updater")  # tracebacks of what `line` and `life` tell


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


def start(token: str) -> None:
    """Send the log of this process to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting(token))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _NOISY:  # httpx writes every URL, and so the token, at INFO
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _TWICE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
