"""The webhook: takes the updates that Telegram brings, and nobody else's."""

from __future__ import annotations

import hmac
import json
import logging
from typing import Any

from telegram import Bot, Update
from tornado.web import HTTPError, RequestHandler

from .http_server import Server
from .inbox import Inbox

_LOG = logging.getLogger("newsdesk.line")
_PATIENCE = 5.0  # seconds that storing an update is waited for
_SECRET = "X-Telegram-Bot-Api-Secret-Token"


def webhook(bot: Bot, inbox: Inbox, path: str, secret: str) -> Server:
    """A server that puts updates into the inbox.

    It serves `path`, which has no slashes at its ends, to whoever knows the secret. What cannot be
    read is passed over with 200, or Telegram would bring it again and again; the log has its
    number, and nothing of what stands in it.
    """
    return Server({rf"/{path}/?": _Door}, bot=bot, inbox=inbox, secret=secret)


class _Door(RequestHandler):
    """One request to the webhook."""

    def initialize(self, bot: Bot, inbox: Inbox, secret: str) -> None:
        """Take what the server was made with."""
        self._bot, self._inbox, self._secret = bot, inbox, secret

    async def post(self) -> None:
        """Take an update."""
        given = self.request.headers.get(_SECRET, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise HTTPError(403)
        told = _told(self.request.body)
        if self._inbox.typed.add(told):
            self._inbox.typed.begin()
        elif update := _read(told, self._bot):
            await self._inbox.put(update)
            if not await self._inbox.stored(update.update_id, _PATIENCE):
                raise HTTPError(503)  # Telegram brings it again, so that a kill does not lose it

    def log_exception(self, *_: Any) -> None:
        """Nothing: strangers knock at any open port."""


def _told(body: bytes) -> dict[str, Any]:
    """The JSON object of a request; an empty one for what is none."""
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _read(told: dict[str, Any], bot: Bot) -> Update | None:
    """The update that was told; None for what is none."""
    try:
        return Update.de_json(told, bot)
    except (AttributeError, KeyError, TypeError, ValueError):
        number = told.get("update_id")
        known = number if isinstance(number, int) else "without a number"
        _LOG.error("update %s is passed over: python-telegram-bot cannot read it", known)
        return None
