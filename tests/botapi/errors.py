"""What the Bot API answers when it does not do what was asked."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An error answer: code, description, parameters."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(what: str) -> Refusal:
    """A 400, as Telegram words it."""
    return Refusal(400, f"Bad Request: {what}")
