"""Chats that come, go and move: noted, so that nothing is sent where it cannot be."""

from __future__ import annotations

import logging

from telegram import Update
from telegram.constants import ChatMemberStatus

from .desk import Desk

_LOG = logging.getLogger("newsdesk.chats")
_OUT = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)


async def on_member(desk: Desk, update: Update) -> None:
    """The bot was added, removed, blocked or let in again."""
    changed = update.my_chat_member
    if changed is None:
        return
    active = changed.new_chat_member.status not in _OUT
    desk.store.set_active(changed.chat.id, active)
    _LOG.info("chat %s: %s", changed.chat.id, "may write" if active else "may not write any more")


async def on_migration(desk: Desk, update: Update) -> None:
    """A group became a supergroup; each side says so once."""
    message = update.effective_message
    if message and message.migrate_to_chat_id:
        desk.store.move_chat(message.chat.id, message.migrate_to_chat_id)
        _LOG.info("chat %s: is now %s", message.chat.id, message.migrate_to_chat_id)
