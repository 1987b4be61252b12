"""Inline queries that wait for their turn, as Telegram sent them: each person's newest only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_SEEN = 10_000  # numbers of updates that are remembered, at least


class Typed:
    """What people type behind the bot's name, until it is searched.

    It waits as JSON that nobody has read: hundreds of inline queries hold up no message, and those
    that are typed over cost nothing. A few are in hand at a time, of each person one, and whoever
    typed again waits behind all others.
    """

    def __init__(self, at_once: int = 2) -> None:
        """`at_once` inline queries are in hand at most."""
        self._at_once = at_once
        self._waiting: dict[int, dict[str, Any]] = {}  # person -> the newest, by who came first
        self._in_hand: dict[int, int] = {}  # update -> person
        self._seen: dict[int, None] = {}  # updates, by when they came
        self._pass_on: Callable[[dict[str, Any]], bool] | None = None

    def serve(self, pass_on: Callable[[dict[str, Any]], bool]) -> None:
        """Give an update in its turn to `pass_on`, which returns False for one to pass over."""
        self._pass_on = pass_on

    def stop(self) -> None:
        """Drop what waits, and what comes."""
        self._pass_on = None
        self._waiting.clear()

    def add(self, update: dict[str, Any]) -> bool:
        """Keep an update in the place of the same person's older one, if that waits.

        Returns False, and does nothing, for one that is no inline query. One that comes again,
        since Telegram was not told yet that it came, is kept once.

        Example:
            >>> Typed().add({"update_id": 1, "inline_query": {"from": {"id": 7}}})
            True
            >>> Typed().add({"update_id": 2, "message": {}})
            False
        """
        try:
            number, person = update["update_id"], update["inline_query"]["from"]["id"]
        except (KeyError, TypeError):
            return False
        if not isinstance(number, int) or not isinstance(person, int):
            return False
        if number not in self._seen:
            self._waiting[person] = update
            self._seen[number] = None
        if len(self._seen) > 2 * _SEEN:
            self._seen = dict.fromkeys(list(self._seen)[-_SEEN:])
        return True

    def begin(self) -> None:
        """Pass on as many as may be in hand."""
        while self._pass_on and len(self._in_hand) < self._at_once:
            busy = set(self._in_hand.values())
            person = next((one for one in self._waiting if one not in busy), None)
            if person is None:
                return
            update = self._waiting.pop(person)
            if self._pass_on(update):
                self._in_hand[update["update_id"]] = person

    def done(self, number: int) -> None:
        """An update is in hand no more, so that the next is."""
        if self._in_hand.pop(number, None) is not None:
            self.begin()

    def is_newest(self, person: int) -> bool:
        """Whether a person has typed nothing since what is in hand."""
        return person not in self._waiting
