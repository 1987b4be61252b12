"""The settings of a chat, and the buttons that change them."""

from __future__ import annotations

from newsdesk.bot.store.models import ChatSettings
from newsdesk.bot.transport.buttons import Keyboard
from newsdesk.bot.transport.html import Page

from . import keyboards
from .keyboards import chosen

_ZONES = (
    *("UTC", "Europe/London", "Europe/Berlin", "Europe/Bucharest", "Europe/Kyiv"),
    *("America/New_York", "America/Los_Angeles", "Asia/Kolkata", "Asia/Tokyo"),
)
_A_ROW = 3  # time zones


def page(settings: ChatSettings, words: str = "") -> str:
    """The settings that hold in a chat, below some words."""
    page = Page()
    if words:
        page.add(f"{words}\n\n")
    page.add("Settings of this chat", "b")
    page.add(f"\n\nPassages in an answer: {settings.passages}")
    page.add(f"\nQuestions may go on from the last: {'on' if settings.follow_ups else 'off'}")
    page.add(f"\nTime zone: {settings.zone}")
    page.add("\n\nAny other time zone: ").add("/settings Europe/Bucharest", "code")
    return page.html


def keyboard(settings: ChatSettings) -> Keyboard:
    """The choices, with a tick at what holds now."""
    counts = [
        (chosen(f"{n} passage" + "s" * (n > 1), n == settings.passages), "passages", str(n))
        for n in (1, 2, 3)
    ]
    follow_ups = [
        (chosen("Follow-ups on", settings.follow_ups), "follow_ups", "1"),
        (chosen("off", not settings.follow_ups), "follow_ups", "0"),
    ]
    zones = [
        (chosen(zone.split("/")[-1].replace("_", " "), zone == settings.zone), "zone", zone)
        for zone in _ZONES
    ]
    zone_rows = [zones[i : i + _A_ROW] for i in range(0, len(zones), _A_ROW)]
    return keyboards.of_settings([counts, follow_ups, *zone_rows])
