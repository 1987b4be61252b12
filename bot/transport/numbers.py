"""Where an answer that was lost on the way may stand: among the messages that are nobody's.

Supergroups number their own messages; all private chats and small groups share one row of numbers,
so there may be as many in between as came meanwhile in any of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Iterator
from itertools import count, islice

from newsdesk.bot.store.store import Store

FURTHER = 0  # no number: there are more than can be looked at
_PROBED = 12  # numbers beyond the highest that is known
_SEEN = 10_000  # messages that are remembered
_SENDS = 500  # of the last sends, it is known when they began
_SUPERGROUPS = -1_000_000_000_000  # have ids below that
_COURTESY = 5.0  # seconds that one look waits for another, at most


class Numbers:
    """The numbers of messages, as far as they are known."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: OrderedDict[tuple[int, int], None] = OrderedDict()
        self._tops: OrderedDict[int, int] = OrderedDict()  # supergroup -> its highest
        self._highest = store.newest_shared(_SUPERGROUPS)  # of the shared ones, as are those below
        self._sends: deque[tuple[float, int]] = deque(maxlen=_SENDS)  # when, and its number
        self._first = 0  # the lowest of all numbers that were sent in this run
        self._looks = 0
        self._turn = asyncio.Lock()

    def saw(self, chat: int, message: int, began: float = 0.0) -> None:
        """A message stands in a chat, sent by us at `began`, if so; no lost answer is that one."""
        shared = not is_supergroup(chat)
        self._seen[0 if shared else chat, message] = None
        if shared:
            self._highest = max(self._highest, message)
            if began:
                self._sends.append((began, message))
                self._first = min(self._first or message, message)
        else:
            self._tops[chat] = max(message, self._tops.pop(chat, 0))
        for known in (self._seen, self._tops):
            if len(known) > _SEEN:
                known.popitem(last=False)

    def newest(self, chat: int) -> int:
        """The highest number of a message that is known to stand in a chat; 0 for none."""
        top = self._tops.get(chat, 0) if is_supergroup(chat) else self._highest
        return max(top, self._store.newest_message(chat))

    def is_known(self, chat: int, message: int) -> bool:
        """Whether a message of a supergroup is none that was lost."""
        return (chat, message) in self._seen or message in self._store.messages_in(
            chat, message - 1
        )

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

        `since` is in monotonic seconds, or 0 for what an earlier run has lost. What was sent later
        than that has a higher number. Ends with FURTHER where it may stand further on; in a
        supergroup, whoever asks can see that.
        """
        start = after + 1
        if is_supergroup(chat):
            own = self._store.messages_in(chat, after)
            free = (n for n in count(start) if n not in own and (chat, n) not in self._seen)
            yield from islice(free, _PROBED)
            return
        known = self._store.messages_since(after, _SUPERGROUPS)
        message, most = start, max(start, *known) if known else start
        probed, looks = 0, 0
        while message <= max(most, self._highest) + _PROBED + self._looks:
            if message >= self._bound(since):
                return
            if (0, message) not in self._seen and message not in known:
                looks = max(looks, self._looks)  # each may be of one more that was lost
                yield message if probed < 5 * _PROBED + looks else FURTHER
                probed += 1
            message += 1

    def _bound(self, since: float) -> float:
        """A number that is higher than of whatever was lost by then."""
        if not since:
            return self._first or math.inf
        return min((number for began, number in self._sends if began > since), default=math.inf)


def is_supergroup(chat: int) -> bool:
    """Whether a chat numbers its own messages."""
    return chat <= _SUPERGROUPS
