"""Who administrates a group."""

from __future__ import annotations

import logging

from telegram import Bot
from telegram.constants import ChatID, ChatMemberStatus
from telegram.error import BadRequest, TelegramError

from .errors import worded

_LOG = logging.getLogger("newsdesk.administrators")
_STATUSES = (ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER)


class NotKnown(Exception):
    """Telegram does not say just now who administrates a group."""


class Administrators:
    """Asks Telegram whether someone administrates a group."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def has(self, chat: int, user: int) -> bool:
        """Whether `user` is an administrator of the group `chat`; raises NotKnown.

        Anonymous administrators write as the group itself, and press buttons as the one user that
        Telegram has for all of them.
        """
        if user in (chat, ChatID.ANONYMOUS_ADMIN):
            return True
        try:
            member = await self._bot.get_chat_member(chat, user)
        except BadRequest:  # no member of the group
            return False
        except TelegramError as error:
            _LOG.warning("who administrates a group is not known: %s", worded(error))
            raise NotKnown from error
        return member.status in _STATUSES

    async def all(self, chat: int) -> list[tuple[int, str]]:
        """The people who administrate a group, by id and name; none if Telegram does not say.

        Those who stay anonymous are left out.
        """
        try:
            members = await self._bot.get_chat_administrators(chat)
        except TelegramError as error:
            _LOG.warning("who administrates a group is not known: %s", worded(error))
            return []
        named = [member for member in members if not getattr(member, "is_anonymous", False)]
        return [(one.user.id, one.user.full_name) for one in named if not one.user.is_bot]
