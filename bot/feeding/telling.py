"""Telling the administrators of the bot something that nobody asked for."""

from __future__ import annotations

import logging

from newsdesk.bot.context import Context
from newsdesk.bot.transport.buttons import Keyboard
from newsdesk.bot.transport.outbox import Letter, Sent
from newsdesk.index.errors import NewsdeskError

_LOG = logging.getLogger("newsdesk.feeding")


async def tell_admins(context: Context, html: str, keyboard: Keyboard | None = None) -> list[Sent]:
    """Send every administrator a message; returns where it stands. Raises Stopping."""
    told: list[Sent] = []
    for admin in context.settings.admins:
        try:
            sent = await context.outbox.send(Letter(admin, html, keyboard, patience=30.0))
        except NewsdeskError as error:  # the disk is full: no reason to answer no one
            _LOG.error("an administrator was not told: %s", error)
        else:
            told += [sent] if sent else []
    return told
