"""Limits how many questions a person may ask in a minute, so that none starves the rest."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from enum import Enum, auto

_PEOPLE = 10_000  # whose questions are counted; those who asked least recently are forgotten


class Leave(Enum):
    """Whether a question may be asked."""

    GIVEN = auto()
    REFUSED = auto()  # and they should be told
    REFUSED_AGAIN = auto()  # they were told


class Limits:
    """Counts the questions of each person over the last minute."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = a_minute
        self._clock = clock
        self._asked: OrderedDict[int, deque[float]] = OrderedDict()
        self._told: dict[int, float] = {}

    def ask(self, person: int) -> Leave:
        """Count one more question of a person, if it may be asked."""
        now = self._clock()
        asked = self._asked.setdefault(person, deque())
        self._asked.move_to_end(person)
        while asked and asked[0] <= now - 60.0:
            asked.popleft()
        self._forget()
        if len(asked) < self._most:
            asked.append(now)
            self._told.pop(person, None)
            return Leave.GIVEN
        if person in self._told:
            return Leave.REFUSED_AGAIN
        self._told[person] = now
        return Leave.REFUSED

    def _forget(self) -> None:
        while len(self._asked) > _PEOPLE:
            person, _ = self._asked.popitem(last=False)
            self._told.pop(person, None)
