"""Long polling with failure reporting."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest, RequestData

from .inbox import Inbox
from .typed import Typed

_LOG = logging.getLogger("newsdesk.line")
_AGAIN = 0.5  # seconds
_NOTHING = b'{"ok": true, "result": []}'
REFUSED = "Telegram refuses the token; look at NEWSDESK_TELEGRAM_TOKEN, or ask @BotFather for it"
SECOND = (
    "another bot polls with this token (409); only one may. Stop the other, or start this one "
    "again to take over"
)


@dataclass(slots=True)
class Watch:
    """How polling goes, for /stats."""

    polled: float = 0.0  # monotonic seconds; 0 before the first
    trouble: str = ""  # the last thing that was said of it; empty while all is well


class PollingBot(ExtBot[None]):
    """A bot that confirms no update to Telegram before it is stored."""

    def __init__(self, inbox: Inbox, token: str, **given: Any) -> None:
        super().__init__(token, **given)
        self._inbox = inbox
        inbox.typed.serve(lambda update: inbox.put_typed(update, self))

    async def get_updates(
        self, offset: int | None = None, *args: Any, **given: Any
    ) -> tuple[Update, ...]:
        """As `telegram.Bot.get_updates`; asks again for what is not yet stored, now and then.

        The inline queries of the last reply begin now that its messages are passed on.
        """
        self._inbox.typed.begin()
        first = self._inbox.first_unstored
        if first is not None and offset is not None:
            offset = min(offset, first)
            await asyncio.sleep(_AGAIN)  # Telegram answers at once, as there are updates
        return await super().get_updates(offset, *args, **given)


class Polling(HTTPXRequest):
    """Requests for updates. Reports what ends polling, which the library would not."""

    def __init__(self, watch: Watch, server: str, typed: Typed) -> None:
        """Note in `watch` how it goes, and put inline queries into `typed`."""
        # python-telegram-bot's one connection is known to stall.
        super().__init__(connection_pool_size=8)
        self._watch = watch
        self._server = server
        self._typed = typed
        self.ended: asyncio.Future[str] | None = None  # with the reason, once there is one

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *args: Any, **kw: Any
    ) -> tuple[int, bytes]:
        """Send one request and note how it went."""
        if self.ended and self.ended.done():  # asking again would end the other bot's polling
            return HTTPStatus.OK, _NOTHING
        try:
            status, payload = await super().do_request(url, method, request_data, *args, **kw)
        except TelegramError as error:
            self._say(f"cannot reach {self._server} ({error.message}); trying again")
            raise
        if status == HTTPStatus.OK:
            self._watch.polled = time.monotonic()
            self._say("")
            payload = _legible(payload, self._typed)
        elif status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
            self._end(REFUSED)
        elif status == HTTPStatus.CONFLICT:
            self._end(SECOND)
        else:
            self._say(f"{self._server} answers {status}; trying again")
        return status, payload

    def _say(self, trouble: str) -> None:
        """Log a trouble when it begins and when it ends."""
        before, self._watch.trouble = self._watch.trouble, trouble
        if trouble and trouble != before:
            _LOG.warning(trouble)
        elif before and not trouble:
            _LOG.info("%s is there again", self._server)

    def _end(self, reason: str) -> None:
        if self.ended and not self.ended.done():
            self.ended.set_result(reason)


def _legible(payload: bytes, typed: Typed) -> bytes:
    """Telegram's reply without inline queries, which are put into `typed`, and with updates that
    the library cannot read reduced to their numbers.

    The library would ask for such an update again and again, and get no other. A server older or
    newer than the library may send one. Of an inline query that comes last the number stays, by
    which the library tells Telegram what has arrived.
    """
    try:
        reply = json.loads(payload)
        given = reply["result"]
        left = [update for update in given if not typed.add(update)]
        unread = {update["update_id"]: update for update in left if not _is_legible(update)}
    except (AttributeError, KeyError, TypeError, ValueError):
        return payload  # no answer of a Bot API server; the library says so
    for number, update in unread.items():
        _LOG.error("update %s is passed over: python-telegram-bot cannot read it", number)
        update.clear()
        update["update_id"] = number
    if len(left) == len(given) and not unread:
        return payload
    if left[-1:] != given[-1:]:
        left.append({"update_id": given[-1]["update_id"]})
    return json.dumps({**reply, "result": left}).encode()


def _is_legible(update: dict[str, Any]) -> bool:
    try:
        Update.de_json(update, None)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    return True
