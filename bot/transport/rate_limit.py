"""Rate limits of messages by Telegram's rules: in all, to a chat, and to a group.

About 30 messages a second in all, one a second to a chat (short bursts pass), 20 a minute to a
group. A chat that Telegram told to wait waits by itself.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

_BURST = 3  # messages that a chat may get at once
_GROUP_MINUTE = 20  # messages that a group may get in a minute, as Telegram's FAQ has it
_CHATS = 10_000  # whose recent messages are remembered


@dataclass(slots=True)
class _Chat:
    due: float = 0.0  # when the next message would go out, were there no bursts
    held: float = 0.0  # until when Telegram told us to wait
    sent: deque[float] = field(default_factory=lambda: deque(maxlen=_GROUP_MINUTE))


class Pace:
    """Says how many seconds a message has to wait. Ids below 0 are groups."""

    def __init__(self, a_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = 1 / a_second
        self._clock = clock
        self._due = 0.0
        self._chats: OrderedDict[int, _Chat] = OrderedDict()

    def for_chat(self, chat: int, edit: bool = False) -> float:
        """Take the next turn of a chat; returns the seconds to wait for it.

        Who presses a button waits for the edit, so that is not held to one a second.
        """
        now, state = self._clock(), self._chat(chat)
        at = max(now, state.held)
        if chat < 0 and len(state.sent) == _GROUP_MINUTE:
            at = max(at, state.sent[0] + 60.0)
        if not edit:
            at = max(at, state.due - (_BURST - 1))
            state.due = max(at, state.due) + 1
        state.sent.append(at)
        return at - now

    def for_all(self) -> float:
        """Take the next turn of all chats together; returns the seconds to wait for it."""
        now = self._clock()
        at = max(now, self._due)
        self._due = at + self._interval
        return at - now

    def hold(self, chat: int, seconds: float) -> None:
        """Send nothing to a chat for some seconds, as Telegram asked with its 429."""
        self._chat(chat).held = self._clock() + seconds

    def _chat(self, chat: int) -> _Chat:
        state = self._chats.setdefault(chat, _Chat())
        self._chats.move_to_end(chat)
        if len(self._chats) > _CHATS:
            self._chats.popitem(last=False)
        return state
