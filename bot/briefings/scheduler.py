"""Delivers briefings when they are due.

    due -> made -> tried -> sent | dropped

Each arrow is one transaction, so a killed bot knows at its next start how far it was:

- Due: it is made then. When it is made, it is written down together with when the next is due.
- Made: it surely was not sent, so it is sent, unless it is too late by then.
- Tried: it may have been sent, so it is dropped. The state goes back to made whenever Telegram
  surely put no message into the chat.
- Sent: what it told is known in the chat from now on.
- Dropped: nothing of it counts as told, so the next briefing tells its stories, and says so.

A send of unknown fate (a timeout, a 5xx) is treated as a kill would be: the briefing is dropped. So
no briefing comes twice, and no story is lost. A briefing that somebody asked for is an answer: it
is sent again where it may not have arrived.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from newsdesk.bot.context import Desk
from newsdesk.bot.store.subscriptions import KeptBrief, Plan, State
from newsdesk.bot.transport.outbox import Letter, Sent, Stopping
from newsdesk.bot.views import keyboards
from newsdesk.index.errors import NewsdeskError

from . import compose
from .schedule_grammar import STILL_SENT, Lateness, is_sane, late, next_due

_LOG = logging.getLogger("newsdesk.briefings")
_EVERY = 1.0  # seconds between two looks at what is due
_AGAIN = 60.0  # seconds until a briefing that could not be made is tried again
_AT_ONCE = 5_000  # briefings in hand
_PATIENCE = 600.0  # seconds
CLOSED = "I may not write here"


class Ticker:
    """Looks at what is due, as rows in the store, and delivers it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._busy: dict[tuple[int, int], asyncio.Task[None]] = {}
        self._waiting: dict[tuple[int, int], float] = {}  # until when one that failed waits

    async def run(self) -> None:
        """Deliver whatever becomes due, until cancelled."""
        try:
            while True:
                self.tick()
                await asyncio.sleep(_EVERY)
        finally:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def tick(self) -> None:
        """Begin to deliver what is due now."""
        now = self._desk.clock()
        try:
            self._set_right(now)
            for kept in self._desk.store.unsent():  # of an earlier run, or one that failed
                if self._is_free(kept.chat, kept.topic, now):
                    self._begin(kept.chat, kept.topic, go_on(self._desk, kept))
            for plan in self._desk.store.due(now):
                if self._is_free(plan.chat, plan.topic, now):
                    self._begin(plan.chat, plan.topic, self.deliver(plan, now))
        except NewsdeskError as error:
            _LOG.error("briefings wait: %s", error)

    async def settle(self) -> None:
        """Wait until nothing is on its way; for tests."""
        while self._busy:
            await asyncio.wait(list(self._busy.values()))

    async def deliver(self, plan: Plan, now: float) -> None:
        """Make and send what is due; what is due no more joins the next one."""
        desk = self._desk
        if not desk.store.is_active(plan.chat) or not desk.allowed(plan.chat, plan.chat):
            desk.store.set_plan(_next(desk, plan, now, missed=False))
            return
        lateness = late(plan.due or now, now)
        if lateness is Lateness.MISSED:
            _LOG.warning("chat %s: a briefing was missed; it joins the next", plan.chat)
            desk.store.set_plan(_next(desk, plan, now, missed=True))
            return
        kept = await compose.of_plan(desk, plan, now, _notes(desk, plan, lateness))
        current = desk.store.plan(plan.chat, plan.topic)
        if current.due != plan.due:
            return  # it was set anew meanwhile
        following = _next(desk, current, now, missed=False)
        if not kept.pages:
            kept.state = State.SENT  # nothing is new, and so nothing is said
            desk.store.keep_brief(kept, following)
            desk.store.confirm(kept)
            return
        desk.store.keep_brief(kept, following)
        await send(desk, kept)

    def _is_free(self, chat: int, topic: int, now: float) -> bool:
        """Whether a briefing may begin there now: one at a time."""
        place = (chat, topic)
        rests = now < self._waiting.get(place, 0.0)
        return len(self._busy) < _AT_ONCE and place not in self._busy and not rests

    def _begin(self, chat: int, topic: int, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._busy[chat, topic] = task
        task.add_done_callback(partial(self._ended, (chat, topic)))

    def _ended(self, place: tuple[int, int], task: asyncio.Task[None]) -> None:
        """A briefing is through, or failed: whatever it was, this chat alone waits for it."""
        self._busy.pop(place, None)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Stopping):
            _LOG.info("chat %s: a briefing waits for the next start", place[0])
        elif error:
            _LOG.error("chat %s: a briefing failed", place[0], exc_info=error)
            self._waiting[place] = self._desk.clock() + _AGAIN

    def _set_right(self, now: float) -> None:
        """Whatever a clock that had jumped ahead has put off, is due when it should be."""
        desk = self._desk
        for plan in desk.store.far_off(now):
            zone = desk.zone(plan.chat)
            if plan.due and not is_sane(plan.due, plan.hours, zone, now):
                desk.store.set_plan(_next(desk, plan, now, missed=False))


async def go_on(desk: Desk, kept: KeptBrief) -> None:
    """Deliver a briefing that was left behind, unless it may stand there. Raises Stopping."""
    may_stand = kept.state is State.TRIED
    if kept.due and (may_stand or late(kept.due, desk.clock()) is Lateness.MISSED):
        _drop(desk, kept)
    else:
        await send(desk, kept)


async def send(desk: Desk, kept: KeptBrief) -> None:
    """Send a briefing, and note that it stands. Raises Stopping."""
    letter = Letter(
        kept.chat,
        kept.pages[0],
        keyboards.of_brief(kept),
        topic=kept.topic or None,
        reply_to=kept.reply_to or None,
        quiet=not kept.loud,
        once=kept.due > 0,
        tried=partial(_tried, desk, kept),
        unsent=partial(_unsent, desk, kept),
        closed=partial(_close, desk, kept),
        bulk=kept.due > 0,
        patience=max(_PATIENCE, kept.due + STILL_SENT - desk.clock()),
    )
    sent = await desk.outbox.send(letter)
    if sent:
        _stands(desk, kept, sent)
    else:
        _drop(desk, kept)


def planned(desk: Desk, plan: Plan, now: float) -> Plan:
    """A schedule with the moment that it is due next, after `now`."""
    if not plan.on or plan.paused:
        return msgspec.structs.replace(plan, due=None)
    return msgspec.structs.replace(plan, due=next_due(plan.hours, desk.zone(plan.chat), now))


def changed(desk: Desk, before: Plan, plan: Plan) -> Plan:
    """A schedule that was changed, with the moment that it is due next.

    Where neither the hours nor whether it runs have changed, what is due already stays due.
    """
    same = (before.on, before.paused, before.hours) == (plan.on, plan.paused, plan.hours)
    return plan if same else planned(desk, plan, desk.clock())


def replan(desk: Desk, chat: int) -> None:
    """Find anew when a chat's briefings are due: its time zone has changed."""
    for plan in desk.store.plans_of(chat):
        desk.store.set_plan(planned(desk, plan, desk.clock()))


def at(desk: Desk, chat: int, moment: float) -> str:
    """A moment by the clock of a chat."""
    found = datetime.fromtimestamp(moment, ZoneInfo(desk.zone(chat)))
    return f"{found:%a} {found.day} {found:%b} at {found:%H:%M}"


def _next(desk: Desk, plan: Plan, now: float, missed: bool) -> Plan:
    due = plan.due
    plan = planned(desk, plan, max(now, due) if due and due <= now else now)
    return msgspec.structs.replace(plan, missed=(due or 0.0) if missed else plan.missed)


def _notes(desk: Desk, plan: Plan, lateness: Lateness) -> list[str]:
    found = []
    if lateness is Lateness.LATE:
        found.append(f"Late: it was due {at(desk, plan.chat, plan.due or 0)}, when I was away.")
    if plan.missed:
        found.append(f"With what was due {at(desk, plan.chat, plan.missed)} and was not sent.")
    return found


def _tried(desk: Desk, kept: KeptBrief, chat: int) -> None:
    """Write down, before each try, that the briefing may stand in the chat from now on."""
    kept.chat, kept.state = chat, State.TRIED
    desk.store.keep_brief(kept)


def _unsent(desk: Desk, kept: KeptBrief) -> None:
    """Write down that it does not stand there after all."""
    kept.state = State.MADE
    desk.store.keep_brief(kept)


def _stands(desk: Desk, kept: KeptBrief, sent: Sent) -> None:
    kept.chat, kept.message, kept.state = sent.chat, sent.message, State.SENT
    desk.store.confirm(kept)


def _drop(desk: Desk, kept: KeptBrief) -> None:
    kept.state = State.DROPPED
    desk.store.keep_brief(kept)
    plan = desk.store.plan(kept.chat, kept.topic)
    if kept.due and not plan.missed:
        desk.store.set_plan(msgspec.structs.replace(plan, missed=kept.due))


def _close(desk: Desk, kept: KeptBrief) -> None:
    """The chat, or its topic, takes nothing: its schedule waits until it does again."""
    if kept.due:
        plan = desk.store.plan(kept.chat, kept.topic)
        paused = msgspec.structs.replace(plan, paused=CLOSED)
        desk.store.set_plan(planned(desk, paused, desk.clock()))
