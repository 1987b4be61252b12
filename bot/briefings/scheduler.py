"""Delivers briefings: each once, and to the end, whatever happens on the way.

    due -> made (written down, and with it when the next is due) -> tried (what stood last in the
    chat is written down) -> sent (what it told is known from now on) | dropped

Killed before it is made, a briefing is still due. Killed before it is tried, it is sent at the
next start. Killed after, or with its fate unknown (a timeout, a 5xx), it is looked for first: by
asking the messages behind the one that stood last to take its very buttons, see `outbox.py`. If
they all answer and none has them, it is sent again. Where that cannot be told, it is not sent
again: once, or perhaps not at all. What was not sent is dropped, and what it told is new to the
next briefing.
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

from newsdesk.bot.context import Context
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

    def __init__(self, context: Context) -> None:
        self._context = context
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
        now = self._context.clock()
        try:
            self._set_right(now)
            for kept in self._context.store.unsent():  # of an earlier run, or one that failed
                if self._is_free(kept.chat, kept.topic, now):
                    self._begin(kept.chat, kept.topic, go_on(self._context, kept))
            for plan in self._context.store.due(now):
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
        context = self._context
        if not context.store.is_active(plan.chat) or not context.allowed(plan.chat, plan.chat):
            context.store.set_plan(_next(context, plan, now, missed=False))
            return
        lateness = late(plan.due or now, now)
        if lateness is Lateness.MISSED:
            _LOG.warning("chat %s: a briefing was missed; it joins the next", plan.chat)
            context.store.set_plan(_next(context, plan, now, missed=True))
            return
        kept = await compose.of_plan(context, plan, now, _notes(context, plan, lateness))
        current = context.store.plan(plan.chat, plan.topic)
        if current.due != plan.due:
            return  # it was set anew meanwhile
        following = _next(context, current, now, missed=False)
        if not kept.pages:
            kept.state = State.SENT  # nothing is new, and so nothing is said
            context.store.keep_brief(kept, following)
            context.store.confirm(kept)
            return
        context.store.keep_brief(kept, following)
        await send(context, kept)

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
            self._waiting[place] = self._context.clock() + _AGAIN

    def _set_right(self, now: float) -> None:
        """Whatever a clock that had jumped ahead has put off, is due when it should be."""
        context = self._context
        for plan in context.store.far_off(now):
            zone = context.zone(plan.chat)
            if plan.due and not is_sane(plan.due, plan.hours, zone, now):
                context.store.set_plan(_next(context, plan, now, missed=False))


async def go_on(context: Context, kept: KeptBrief) -> None:
    """Go on with a briefing that an earlier run had made, or may have sent. Raises Stopping."""
    if kept.state is State.TRIED:
        found = await context.outbox.find(kept.chat, kept.after, keyboards.of_brief(kept))
        if found:
            if found.message:
                _stands(context, kept, found)
            else:
                _drop(context, kept)
            return
    if kept.due and late(kept.due, context.clock()) is Lateness.MISSED:
        _drop(context, kept)
    else:
        await send(context, kept)


async def send(context: Context, kept: KeptBrief) -> None:
    """Send a briefing, and note that it stands. Raises Stopping."""
    letter = Letter(
        kept.chat,
        kept.pages[0],
        keyboards.of_brief(kept),
        topic=kept.topic or None,
        reply_to=kept.reply_to or None,
        after=kept.after or context.outbox.newest(kept.chat) or _seen(context, kept),
        quiet=not kept.loud,
        tried=partial(_tried, context, kept),
        closed=partial(_close, context, kept),
        bulk=kept.due > 0,
        patience=max(_PATIENCE, kept.due + STILL_SENT - context.clock()),
    )
    sent = await context.outbox.send(letter)
    if sent:
        _stands(context, kept, sent)
    else:
        _drop(context, kept)


def planned(context: Context, plan: Plan, now: float) -> Plan:
    """A schedule with the moment that it is due next, after `now`."""
    if not plan.on or plan.paused:
        return msgspec.structs.replace(plan, due=None)
    return msgspec.structs.replace(plan, due=next_due(plan.hours, context.zone(plan.chat), now))


def changed(context: Context, before: Plan, plan: Plan) -> Plan:
    """A schedule that was changed, with the moment that it is due next.

    Where neither the hours nor whether it runs have changed, what is due already stays due.
    """
    same = (before.on, before.paused, before.hours) == (plan.on, plan.paused, plan.hours)
    return plan if same else planned(context, plan, context.clock())


def replan(context: Context, chat: int) -> None:
    """Find anew when a chat's briefings are due: its time zone has changed."""
    for plan in context.store.plans_of(chat):
        context.store.set_plan(planned(context, plan, context.clock()))


def at(context: Context, chat: int, moment: float) -> str:
    """A moment by the clock of a chat."""
    found = datetime.fromtimestamp(moment, ZoneInfo(context.zone(chat)))
    return f"{found:%a} {found.day} {found:%b} at {found:%H:%M}"


def _next(context: Context, plan: Plan, now: float, missed: bool) -> Plan:
    due = plan.due
    plan = planned(context, plan, max(now, due) if due and due <= now else now)
    return msgspec.structs.replace(plan, missed=(due or 0.0) if missed else plan.missed)


def _notes(context: Context, plan: Plan, lateness: Lateness) -> list[str]:
    found = []
    if lateness is Lateness.LATE:
        found.append(f"Late: it was due {at(context, plan.chat, plan.due or 0)}, when I was away.")
    if plan.missed:
        found.append(f"With what was due {at(context, plan.chat, plan.missed)} and was not sent.")
    return found


def _tried(context: Context, kept: KeptBrief, chat: int) -> None:
    """Note what stands last in the chat, before each try: what is lost then lies behind it."""
    kept.chat, kept.state = chat, State.TRIED
    kept.after = context.outbox.newest(chat) or _seen(context, kept)
    context.store.keep_brief(kept)


def _seen(context: Context, kept: KeptBrief) -> int:
    return context.store.plan(kept.chat, kept.topic).seen


def _stands(context: Context, kept: KeptBrief, sent: Sent) -> None:
    kept.chat, kept.message, kept.state = sent.chat, sent.message, State.SENT
    context.store.confirm(kept)


def _drop(context: Context, kept: KeptBrief) -> None:
    kept.state = State.DROPPED
    context.store.keep_brief(kept)
    plan = context.store.plan(kept.chat, kept.topic)
    if kept.due and not plan.missed:
        context.store.set_plan(msgspec.structs.replace(plan, missed=kept.due))


def _close(context: Context, kept: KeptBrief) -> None:
    """The chat, or its topic, takes nothing: its schedule waits until it does again."""
    if kept.due:
        plan = context.store.plan(kept.chat, kept.topic)
        paused = msgspec.structs.replace(plan, paused=CLOSED)
        context.store.set_plan(planned(context, paused, context.clock()))
