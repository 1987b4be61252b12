"""Delivers briefings when they are due.

    due -> made -> tried -> sent | dropped

Each arrow is one transaction, so a killed bot knows at its next start how far it was:

- Due: it is made then. When it is made, it is written down together with when the next is due.
- Made: it surely was not sent, so it is sent, unless it is too late by then.
- Tried: it may have been sent, so it is dropped. The state goes back to made whenever Telegram
  surely put no message into the chat.
- Sent: what it shows is known in the chat from now on; a further page, once it is turned to.
- Dropped: nothing of it counts as told, so the next briefing tells its stories, and says so.

A send of unknown fate (a timeout, a 5xx) is treated as a kill would be: the briefing is dropped. So
no briefing comes twice, and no story is lost. A briefing that somebody asked for is an answer: it
is sent again where it may not have arrived.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec

from newsdesk.bot import logs
from newsdesk.bot.context import Context
from newsdesk.bot.store.models import KeptBrief, Plan, State
from newsdesk.bot.store.store import Store
from newsdesk.bot.transport.outbox import Letter, Sent, Stopping
from newsdesk.bot.views import keyboards, schedules
from newsdesk.index.errors import NewsdeskError

from . import compose, schedule_grammar
from .plans import CLOSED, at, following, follows_of, plan_of, set_plan
from .schedule_grammar import STILL_SENT, Lateness, is_sane, late

_LOG = logging.getLogger("newsdesk.briefings")
_AGAIN = 60.0  # seconds until a briefing that could not be made is tried again
_AT_ONCE = 5_000  # briefings in hand
_PATIENCE = 600.0  # seconds
_MADE_AT_ONCE = 4  # briefings; what people ask waits behind no more in the store's queue
_Found = TypeVar("_Found", KeptBrief, Plan)


class Ticker:
    """Delivers the briefings that are due in the store, one at a time in each chat."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._busy: dict[tuple[int, int], asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(_MADE_AT_ONCE)
        self._waiting: dict[tuple[int, int], float] = {}  # until when one that failed waits

    async def run(self) -> None:
        """Deliver whatever becomes due, until cancelled."""
        try:
            while True:
                await self.tick()
                self._context.ticked = time.monotonic()
                await asyncio.sleep(1.0)
        finally:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def tick(self) -> None:
        """Begin to deliver what is due now."""
        now = self._context.clock()
        try:
            await self._reschedule(now)
            # Of an earlier run, or one that failed in this one.
            async for kept in self._free(lambda s: s.briefings.unsent(), now):
                self._begin(kept.chat, kept.topic, go_on(self._context, kept))
            async for plan in self._free(lambda s: s.briefings.due(now), now):
                self._begin(plan.chat, plan.topic, self.deliver(plan, now))
        except NewsdeskError as error:
            _LOG.error("briefings wait: %s", error)

    async def settle(self) -> None:
        """Wait until nothing is on its way; for tests."""
        while self._busy:
            await asyncio.wait(list(self._busy.values()))

    async def deliver(self, plan: Plan, now: float) -> None:
        """Make and send what is due; what is due no more joins the next one."""
        async with self._turns:
            kept = await self._written(plan, now)
        if kept:
            await send(self._context, kept)

    async def _written(self, plan: Plan, now: float) -> KeptBrief | None:
        """Make what is due and write it down; None where there is nothing to send."""
        context = self._context
        is_active = await context.store.read(lambda store: store.is_active(plan.chat))
        if not is_active or not context.allowed(plan.chat, plan.chat):
            await set_plan(context, await following(context, plan, now, missed=False))
            return None
        lateness = late(plan.due or now, now)
        if lateness is Lateness.MISSED:
            _LOG.warning("a briefing was missed; it joins the next")
            await set_plan(context, await following(context, plan, now, missed=True))
            return None
        kept = await compose.of_plan(context, plan, now, await _notes(context, plan, lateness))
        if not kept.pages:
            kept.state = State.SENT  # nothing is new, and so nothing is said
        if not await self._made(plan, kept, now):
            return None  # it was set anew meanwhile
        if not kept.pages:
            await context.store.write(lambda store: store.briefings.confirm(kept))
        return kept if kept.pages else None

    async def _made(self, plan: Plan, kept: KeptBrief, now: float) -> bool:
        """Write down a briefing with when the next is due; False where that was set anew."""
        current = await plan_of(self._context, plan.chat, plan.topic)
        if current.due != plan.due:
            return False
        next_plan = await following(self._context, current, now, missed=False)

        def write(store: Store) -> bool:
            if store.briefings.plan(plan.chat, plan.topic) != current:
                return False
            store.briefings.keep_brief(kept, next_plan)
            return True

        return await self._context.store.write(write)

    async def _free(
        self, query: Callable[[Store], Sequence[_Found]], now: float
    ) -> AsyncIterator[_Found]:
        """What a query finds of the places where a briefing may begin now."""
        # One that ends while the store is read is found as it was before, and would come twice.
        busy = set(self._busy)
        for found in await self._context.store.read(query):
            place = (found.chat, found.topic)
            if place not in busy and self._is_free(place, now):
                yield found

    def _is_free(self, place: tuple[int, int], now: float) -> bool:
        """Whether a briefing may begin there now: one at a time."""
        waits = now < self._waiting.get(place, 0.0)
        return len(self._busy) < _AT_ONCE and place not in self._busy and not waits

    def _begin(self, chat: int, topic: int, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._busy[chat, topic] = task
        task.add_done_callback(partial(self._ended, (chat, topic)))

    def _ended(self, place: tuple[int, int], task: asyncio.Task[None]) -> None:
        """Note that a task ended; a chat whose briefing failed waits before it is tried again."""
        self._busy.pop(place, None)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Stopping):
            _LOG.info("a briefing waits for the next start")
        elif error:
            _LOG.error("a briefing failed: %s", logs.described(error))
            self._waiting[place] = self._context.clock() + _AGAIN

    async def _reschedule(self, now: float) -> None:
        """Bring back schedules that were put off while the clock was far ahead."""
        context = self._context
        for plan in await context.store.read(lambda store: store.briefings.far_off(now)):
            zone = await context.zone(plan.chat)
            if plan.due and not is_sane(plan.due, plan.hours, zone, now):
                await set_plan(context, await following(context, plan, now, missed=False))


async def go_on(context: Context, kept: KeptBrief) -> None:
    """Deliver a briefing that was begun; one that was due is dropped if it may stand there.

    Raises Stopping.
    """
    may_stand = kept.state is State.TRIED
    if kept.due and (may_stand or late(kept.due, context.clock()) is Lateness.MISSED):
        await _drop(context, kept)
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
        quiet=not kept.loud,
        once=kept.due > 0,
        tried=partial(_tried, context, kept),
        unsent=partial(_unsent, context, kept),
        closed=partial(_close, context, kept),
        topic_gone=partial(_end, context, kept),
        bulk=kept.due > 0,
        patience=max(_PATIENCE, kept.due + STILL_SENT - context.clock()),
    )
    sent = await context.outbox.send(letter)
    if sent:
        await _stands(context, kept, sent)
    else:
        await _drop(context, kept)
        if kept.topic and not (await plan_of(context, kept.chat, kept.topic)).on:
            await _tell_of_end(context, kept)


async def _notes(context: Context, plan: Plan, lateness: Lateness) -> list[str]:
    """What a briefing says of its own delay, and of those that it tells as well."""
    notes = []
    if lateness is Lateness.LATE:
        due = await at(context, plan.chat, plan.due or 0)
        notes.append(f"Late: it was due {due}, when I was away.")
    if plan.missed:
        missed = await at(context, plan.chat, plan.missed)
        notes.append(f"With what was due {missed} and was not sent.")
    return notes


async def _tried(context: Context, kept: KeptBrief, chat: int) -> None:
    """Write down, before each try, that the briefing may stand in the chat from now on."""
    kept.chat, kept.state = chat, State.TRIED
    await context.store.keep_brief(kept)


async def _unsent(context: Context, kept: KeptBrief) -> None:
    """Write down that it does not stand there after all."""
    kept.state = State.MADE
    await context.store.keep_brief(kept)


async def _stands(context: Context, kept: KeptBrief, sent: Sent) -> None:
    """Write down where a briefing stands, and that its stories are known there."""
    kept.chat, kept.message, kept.state = sent.chat, sent.message, State.SENT
    await context.store.keep_brief(kept, lambda store, kept: store.briefings.confirm(kept))


async def _drop(context: Context, kept: KeptBrief) -> None:
    """Give a briefing up: nothing of it counts as told."""
    kept.state = State.DROPPED

    def write(store: Store, kept: KeptBrief) -> None:
        plan = store.briefings.plan(kept.chat, kept.topic)
        plan = msgspec.structs.replace(plan, missed=plan.missed or kept.due)
        # One transaction: without `missed`, a chat's first briefing would be told by no other.
        store.briefings.keep_brief(kept, plan if kept.due else None)

    await context.store.keep_brief(kept, write)


async def _close(context: Context, kept: KeptBrief) -> None:
    """Pause the schedule of a chat, or of a topic, that accepts no messages from the bot."""
    await _change_plan(context, kept, paused=CLOSED, due=None)


async def _end(context: Context, kept: KeptBrief) -> None:
    """End the schedule of a topic that was deleted."""
    await _change_plan(context, kept, on=False, due=None)


async def _change_plan(context: Context, kept: KeptBrief, **change: Any) -> None:
    """Change the schedule by which a briefing was due; nothing where it was asked for."""

    def write(store: Store) -> None:
        plan = store.briefings.plan(kept.chat, kept.topic)
        store.briefings.set_plan(msgspec.structs.replace(plan, **change))

    if kept.due:
        await context.store.write(write)


async def _tell_of_end(context: Context, kept: KeptBrief) -> None:
    """Tell a group's administrators, by name, that a schedule has ended with its topic."""
    plan = await plan_of(context, kept.chat, kept.topic)
    follows = await follows_of(context, kept.chat, kept.topic)
    zone = await context.zone(kept.chat)
    people = await context.administrators.all(kept.chat)
    page = schedules.ended(people, follows, schedule_grammar.said(plan.hours, zone))
    await context.outbox.send(Letter(kept.chat, page))
