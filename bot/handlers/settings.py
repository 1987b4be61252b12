"""/settings: what a chat may choose. In groups only administrators change it; anyone may look."""

from __future__ import annotations

import re
from zoneinfo import available_timezones

from msgspec import structs

from newsdesk.bot.answering.replies import Reply
from newsdesk.bot.answering.requests import ButtonPress, Request
from newsdesk.bot.briefings import schedule_grammar
from newsdesk.bot.briefings.chat_zone import set_zone
from newsdesk.bot.context import Context
from newsdesk.bot.store.models import ChatSettings
from newsdesk.bot.store.store import Store
from newsdesk.bot.views import settings as view

ONLY_ADMINISTRATORS = "Only administrators of this group change its settings."
_COUNTS = ("1", "2", "3")  # passages
_PASSAGES = re.compile(r"(\d+)(?: passages?)?", re.IGNORECASE)
_NO_ZONE = "There is no time zone “{name}”. Write it as Europe/Bucharest."


async def on_settings(context: Context, request: Request) -> Reply:
    """Show the settings, or set what stands behind the command: a number of passages, or else the
    name of a time zone."""
    name = " ".join(request.text.split())
    words = await _named(context, request, name) if name else ""
    chosen = await context.chosen(request.chat)
    return Reply(view.page(chosen, words), view.keyboard(chosen))


async def on_press(context: Context, press: ButtonPress) -> None:
    """Set what a button stands for."""
    chat, message = press.request.chat, press.request.message
    if press.key == "zone" and press.rest in available_timezones():
        await set_zone(context, chat, press.rest)
    else:
        await context.store.write(lambda store: _set(store, chat, press.key, press.rest))
    await press.answer()
    async with context.lock(chat):
        chosen = await context.chosen(chat)
        await context.outbox.edit(chat, message, view.page(chosen), view.keyboard(chosen))


async def _named(context: Context, request: Request, name: str) -> str:
    """Set what was written behind the command; returns what to say about it."""
    if not request.may_change:
        return ONLY_ADMINISTRATORS
    count = _PASSAGES.fullmatch(name)
    if count:
        return await _count(context, request, count[1])
    zone = schedule_grammar.zone_of_words(name)
    if zone is None:
        return _NO_ZONE.format(name=name[:60])
    await set_zone(context, request.chat, zone)
    return ""


async def _count(context: Context, request: Request, count: str) -> str:
    if count not in _COUNTS:
        return f"An answer may have {', '.join(_COUNTS[:-1])} or {_COUNTS[-1]} passages."
    await context.store.write(lambda store: _set(store, request.chat, "passages", count))
    return ""


def _set(store: Store, chat: int, name: str, value: str) -> None:
    store.set_chat(chat, _with(store.chat(chat), name, value))


def _with(settings: ChatSettings, name: str, value: str) -> ChatSettings:
    """Settings with one changed; unchanged where the value is none that is offered."""
    if name == "passages" and value in _COUNTS:
        return structs.replace(settings, passages=int(value))
    if name == "follow_ups" and value in ("0", "1"):
        return structs.replace(settings, follow_ups=value == "1")
    return settings
