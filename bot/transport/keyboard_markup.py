"""Keyboards as python-telegram-bot sends them."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from .buttons import Button, Keyboard


def inline_keyboard(keyboard: Keyboard | None) -> InlineKeyboardMarkup | None:
    """The markup of a keyboard; None for one without buttons."""
    if not keyboard:
        return None
    return InlineKeyboardMarkup([[_button(button) for button in row] for row in keyboard])


def _button(button: Button) -> InlineKeyboardButton:
    if button.url:
        return InlineKeyboardButton(button.label, url=button.url)
    return InlineKeyboardButton(button.label, callback_data=button.data)
