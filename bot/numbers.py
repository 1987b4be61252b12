"""Where an answer that was lost on the way may stand: among the messages that are nobody's.

Supergroups number their own messages; all private chats and small groups share one row of numbers,
so there may be as many in between as came meanwhile in any of them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from itertools import count, islice

from .store import Store

_PROBED = 12  # numbers beyond the highest that is known
_SEEN = 10_000  # messages that are remembered
_SUPERGROUPS = -1_000_000_000_000  # have ids below that
_COURTESY = 5.0  # seconds that one look waits for another, at most


class Numbers:
    """The numbers of messages, as far as they are known."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: OrderedDict[tuple[int, int], None] = OrderedDict()
        self._tops: OrderedDict[int, int] = OrderedDict()  # supergroup -> its highest
        self._highest = store.newest_shared(_SUPERGROUPS)  # of the shared ones, as are those below
        self._began, self._last = 0.0, 0  # the newest send that succeeded: when, and its number
        self._looks = 0
        self._turn = asyncio.Lock()

    def saw(self, chat: int, message: int, began: float = 0.0) -> None:
        """A message stands in a chat, sent by us at `began`, if so; no lost answer is that one."""
        shared = not is_supergroup(chat)
        self._seen[0 if shared else chat, message] = None
        if shared:
            self._highest = max(self._highest, message)
            if began > self._began:
                self._began, self._last = began, message
        else:
            self._tops[chat] = max(message, self._tops.pop(chat, 0))
        for known in (self._seen, self._tops):
            if len(known) > _SEEN:
                known.popitem(last=False)

    def newest(self, chat: int) -> int:
        """The highest number of a message that is known to stand in a chat; 0 for none."""
        top = self._tops.get(chat, 0) if is_supergroup(chat) else self._highest
        return max(top, self._store.newest_message(chat))

    @contextlib.asynccontextmanager
    async def turn(self, chat: int) -> AsyncIterator[None]:
        """Look one after another: numbers were given in that order, so each finds its own first."""
        if is_supergroup(chat):
            yield
            return
        held = False
        self._looks += 1
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_COURTESY):
                    held = await self._turn.acquire()
            yield
        finally:
            self._looks -= 1
            if held:
                self._turn.release()

    def where(self, chat: int, after: int, since: float) -> Iterator[int]:
        """Where in a chat a message behind `after` may stand, nearest first, that was lost by then.

        `since` is in monotonic seconds. What was sent later than that has a higher number.
        """
        start = after + 1
        if is_supergroup(chat):
            own = self._store.messages_in(chat, after)
            free = (n for n in count(start) if n not in own and (chat, n) not in self._seen)
            yield from islice(free, _PROBED)
            return
        known = self._store.messages_since(after, _SUPERGROUPS)
        message, most = start, max(start, *known) if known else start
        left = 3 * _PROBED + self._looks
        while left and message <= max(most, self._highest) + _PROBED + self._looks:
            if self._began > since and message >= self._last:
                return
            if (0, message) not in self._seen and message not in known:
                left -= 1
                yield message
            message += 1


def is_supergroup(chat: int) -> bool:
    """Whether a chat numbers its own messages."""
    return chat <= _SUPERGROUPS
