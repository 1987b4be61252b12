"""Finds a topic that is followed by its name."""

from __future__ import annotations

from collections.abc import Sequence

from newsdesk.bot.store.models import Follow


def same(follows: Sequence[Follow], wanted: Follow) -> Follow | None:
    """The topic that has the same name, however it is capitalised."""
    name = wanted.name.casefold()
    return next((follow for follow in follows if follow.name.casefold() == name), None)


def find(follows: Sequence[Follow], words: str) -> Follow | None:
    """The topic of a name, however it is capitalised, or that begins so as no other does."""
    wanted = words.casefold().strip()
    exact = [follow for follow in follows if follow.name.casefold() == wanted]
    near = [follow for follow in follows if follow.name.casefold().startswith(wanted)]
    return exact[0] if exact else near[0] if wanted and len(near) == 1 else None
