"""Buttons below a message, free of python-telegram-bot's classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Button:
    """A button: its label, with the callback data that it sends or the link that it opens."""

    label: str
    data: str = ""
    url: str = ""


Keyboard = Sequence[Sequence[Button]]  # rows
