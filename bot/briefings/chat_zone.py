"""The time zone of a chat, by which its briefings are due."""

from __future__ import annotations

from msgspec import structs

from newsdesk.bot.context import Context

from .plans import replan


def set_zone(context: Context, chat: int, zone: str) -> None:
    """Set the time zone of a chat; its briefings are due by that from now on."""
    context.store.set_chat(chat, structs.replace(context.store.chat(chat), zone=zone))
    replan(context, chat)
