"""A stand-in for the Bot API: strict where Telegram is, with the people's side and its bad days."""

from __future__ import annotations

from .standin import StandIn
from .world import Chat, Message, Person

__all__ = ["Chat", "Message", "Person", "StandIn"]
