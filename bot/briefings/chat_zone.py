"""The time zone of a chat, by which its briefings are due."""

from __future__ import annotations

from msgspec import structs

from newsdesk.bot.context import Context
from newsdesk.bot.store.store import Store

from .plans import replan


async def set_zone(context: Context, chat: int, zone: str) -> None:
    """Set the time zone of a chat; its briefings are due by that from now on."""

    def change(store: Store) -> None:
        store.set_chat(chat, structs.replace(store.chat(chat), zone=zone))

    await context.store.write(change)
    await replan(context, chat)
