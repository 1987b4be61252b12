"""/settings: what a chat may choose. In groups only administrators change it; anyone may look."""

from __future__ import annotations

import logging
from zoneinfo import ZoneInfo, available_timezones

from telegram import (
    CallbackQuery,
    Chat,
    InlineKeyboardMarkup,
    MaybeInaccessibleMessage,
    Message,
    Update,
)
from telegram.constants import ChatID, ChatMemberStatus, ChatType
from telegram.error import TelegramError

from newsdesk.bot.briefings.plans import replan
from newsdesk.bot.context import Desk
from newsdesk.bot.store.models import ChatSettings
from newsdesk.bot.transport.callback_answers import answered
from newsdesk.bot.transport.html import Page
from newsdesk.bot.transport.outbox import Letter
from newsdesk.bot.views import keyboards

from .start import is_welcome

_LOG = logging.getLogger("newsdesk.preferences")
_ZONES = (
    *("UTC", "Europe/London", "Europe/Berlin", "Europe/Bucharest", "Europe/Kyiv"),
    *("America/New_York", "America/Los_Angeles", "Asia/Kolkata", "Asia/Tokyo"),
)
_ADMINISTRATORS = (ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER)
_ONLY_ADMINISTRATORS = "Only administrators of this group change its settings."
_NO_ZONE = "There is no time zone “{name}”. Write it as Europe/Bucharest."


async def on_settings(desk: Desk, update: Update) -> None:
    """Show the settings, or set the time zone that is named behind the command."""
    message = update.effective_message
    if message is None or not await is_welcome(desk, message):
        return
    chat = message.chat.id
    name = " ".join((message.text or "").split()[1:])
    words = ""
    if name:
        words = await _zone_named(desk, message, name)
    page = _page(desk, chat, words)
    topic = message.message_thread_id if message.is_topic_message else None
    letter = Letter(chat, page, _markup(desk, chat), topic=topic, reply_to=message.message_id)
    async with desk.lock(chat):
        await desk.outbox.send(letter)


async def on_setting(
    desk: Desk, query: CallbackQuery, message: MaybeInaccessibleMessage, name: str, value: str
) -> None:
    """Set what a button stands for."""
    chat = message.chat
    if not await may_change(desk, chat, query.from_user.id):
        await answered(query, _ONLY_ADMINISTRATORS)
        return
    await answered(query)
    chosen = _with(desk.store.chat(chat.id), name, value)
    desk.store.set_chat(chat.id, chosen)
    if name == "zone":
        replan(desk, chat.id)
    async with desk.lock(chat.id):
        await desk.outbox.edit(
            chat.id, message.message_id, _page(desk, chat.id), _markup(desk, chat.id)
        )


def panel(desk: Desk, chat: int) -> tuple[str, InlineKeyboardMarkup]:
    """The settings of a chat, and the buttons that change them."""
    return _page(desk, chat), _markup(desk, chat)


async def is_changer(desk: Desk, message: Message) -> bool:
    """Whether who wrote a message may change what its chat has chosen."""
    sender = message.sender_chat or message.from_user
    return await may_change(desk, message.chat, sender.id if sender else 0)


async def may_change(desk: Desk, chat: Chat, user: int) -> bool:
    """Whether someone may: in groups administrators, anonymous ones too; in private anyone."""
    return chat.type == ChatType.PRIVATE or await is_administrator(desk, chat.id, user)


def set_zone(desk: Desk, chat: int, zone: str) -> None:
    """Set the time zone of a chat; its briefings are due by that from now on."""
    desk.store.set_chat(chat, _with(desk.store.chat(chat), "zone", zone))
    replan(desk, chat)


async def is_administrator(desk: Desk, chat: int, user: int) -> bool:
    """Whether someone runs a group; its anonymous administrators speak as the group itself, and
    press buttons as the one user that Telegram has for all of them."""
    if user in (chat, ChatID.ANONYMOUS_ADMIN):
        return True
    try:
        member = await desk.bot.get_chat_member(chat, user)
    except TelegramError as error:
        _LOG.warning("chat %s: who is administrator is not known: %s", chat, error.message)
        return False
    return member.status in _ADMINISTRATORS


async def _zone_named(desk: Desk, message: Message, name: str) -> str:
    """Set a time zone by its name; returns what to say about it."""
    chat = message.chat
    if not await is_changer(desk, message):
        return _ONLY_ADMINISTRATORS
    known = {zone.lower(): zone for zone in available_timezones()}
    zone = known.get(name.lower().replace(" ", "_"))
    if zone is None:
        return _NO_ZONE.format(name=name[:60])
    set_zone(desk, chat.id, zone)
    return ""


def _with(settings: ChatSettings, name: str, value: str) -> ChatSettings:
    """Settings with one changed; the same where the value is none that is offered."""
    if name == "zone" and value in available_timezones():
        return ChatSettings(value, settings.passages, settings.follow_ups)
    if name == "passages" and value in ("1", "2", "3"):
        return ChatSettings(settings.zone, int(value), settings.follow_ups)
    if name == "follow_ups" and value in ("0", "1"):
        return ChatSettings(settings.zone, settings.passages, value == "1")
    return settings


def _page(desk: Desk, chat: int, words: str = "") -> str:
    zone, passages = desk.zone(chat), desk.passages(chat)
    page = Page()
    if words:
        page.add(f"{words}\n\n")
    page.add("Settings of this chat", "b")
    page.add(f"\n\nPassages in an answer: {passages}")
    follow = "on" if desk.store.chat(chat).follow_ups else "off"
    page.add(f"\nQuestions may go on from the last: {follow}")
    page.add(f"\nTime zone: {ZoneInfo(zone).key}")
    page.add("\n\nAny other time zone: ").add("/settings Europe/Bucharest", "code")
    return page.html


def _markup(desk: Desk, chat: int) -> InlineKeyboardMarkup:
    zone, passages = desk.zone(chat), desk.passages(chat)
    follow = desk.store.chat(chat).follow_ups
    counts = [
        (_chosen(f"{n} passage" + "s" * (n > 1), n == passages), "passages", str(n))
        for n in (1, 2, 3)
    ]
    follows = [
        (_chosen("Follow-ups on", follow), "follow_ups", "1"),
        (_chosen("off", not follow), "follow_ups", "0"),
    ]
    zones = [
        (_chosen(one.split("/")[-1].replace("_", " "), one == zone), "zone", one) for one in _ZONES
    ]
    rows = [counts, follows, *(zones[i : i + 3] for i in range(0, len(zones), 3))]
    return keyboards.of_settings(rows)


def _chosen(label: str, chosen: bool) -> str:
    return f"✓ {label}" if chosen else label
