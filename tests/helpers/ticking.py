"""Briefings by a clock that is set: the bot's own parts in this process, at the stand-in.

`python -m tests.helpers.ticking` reads an order a line, a JSON object: `home`, its `model`, `token`
and `url` of the stand-in, `now`, and `point`, the number of the write to its file before which it
kills itself.
Each gets one line back: the signal that ended it.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import itertools
import json
import os
import sys
import threading
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, cast
from zoneinfo import ZoneInfo

import msgspec
from telegram import Bot, Update
from telegram.ext import ApplicationBuilder
from telegram.request import HTTPXRequest

from newsdesk.bot.app import add_handlers
from newsdesk.bot.briefings.chat_zone import set_zone
from newsdesk.bot.briefings.plans import plan_of, planned, set_plan
from newsdesk.bot.briefings.scheduler import Ticker
from newsdesk.bot.context import Context, Identity
from newsdesk.bot.librarian import Librarian
from newsdesk.bot.library import Asker
from newsdesk.bot.quota import Limits
from newsdesk.bot.settings import BotSettings, Telegram
from newsdesk.bot.store.models import Plan
from newsdesk.bot.store.store import Store
from newsdesk.bot.store.threads import StoreThreads
from newsdesk.bot.transport.administrators import Administrators
from newsdesk.bot.transport.command_menu import CommandMenu
from newsdesk.bot.transport.files import Files
from newsdesk.bot.transport.inbox import Processor
from newsdesk.bot.transport.outbox import Outbox
from newsdesk.bot.transport.polling import Watch
from newsdesk.bot.transport.rate_limit import Pace
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Briefing, Reading
from tests.botapi import Chat, Message, Person, StandIn

from .interrupted import Trap
from .support import SmallAsking


class Ticking:
    """One run of the bot's briefings. Its clock stands still, but where a test sets it."""

    def __init__(
        self, api: StandIn, home: Path, now: float, zone: str = "UTC", model: str = ""
    ) -> None:
        """`model` is that of a library made by `support.index`; empty for the real one."""
        self.api = api
        self.model = model
        self.home = home
        self.now = now
        self.zone = zone
        self._runner = asyncio.Runner()
        self._open = contextlib.AsyncExitStack()

    def __enter__(self) -> Self:
        self._runner.run(self._enter())
        self.store = Store(self.home)  # what lies in it, as a test looks at it
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.store.close()
        self._runner.run(self._open.aclose())
        self._runner.close()

    async def _enter(self) -> None:
        self.desk = await self._open.enter_async_context(self._desk())
        self.ticker = Ticker(self.desk)

    @contextlib.asynccontextmanager
    async def _desk(self) -> AsyncIterator[Context]:
        api, given = self.api, Telegram(token=self.api.token, api_url=self.api.url, zone=self.zone)
        settings = BotSettings(home=self.home, telegram=given)
        searcher = None
        if self.model:
            # Hashed words are alike now and then: what is no story is not to become one by that.
            settings = msgspec.structs.replace(
                settings,
                model=self.model,
                reader=Reading(model="none"),
                brief=Briefing(same=0.999),
            )
            searcher = Searcher(settings, load=SmallAsking)
        async with HTTPXRequest(connection_pool_size=20) as request:
            bot = Bot(api.token, base_url=f"{api.url}/bot", request=request)
            user = await bot.get_me()
            me = Identity(user.id, user.username or "")
            with (
                StoreThreads(self.home) as store,
                contextlib.closing(Asker(settings, searcher)) as asker,
            ):
                pace = Pace(1000, clock=itertools.count(0.0, 100.0).__next__)  # nobody waits
                outbox = Outbox(bot, store, pace)
                parts = settings, me, asker, Librarian(settings), store, outbox
                asked = Administrators(bot), Files(bot), CommandMenu(bot)
                context = Context(*parts, *asked, Limits(60), Watch(), clock=lambda: self.now)
                self.app = ApplicationBuilder().bot(bot).build()
                add_handlers(self.app, context, Processor(store))
                async with self.app:
                    yield context

    def schedule(self, chat: Chat, hour: str, days: str = "0123456", **more: Any) -> Plan:
        """Have a chat be briefed."""
        hours, _, minutes = hour.partition(":")
        plan = Plan(
            chat=chat.id,
            minute=60 * int(hours) + int(minutes),
            days=tuple(map(int, days)),
            on=True,
            **more,
        )
        return self._runner.run(self.set(plan))

    async def set(self, plan: Plan) -> Plan:
        """Write down a schedule with when it is due next; for use within the loop."""
        plan = await planned(self.desk, plan, self.now)
        await set_plan(self.desk, plan)
        return plan

    def plan(self, chat: Chat) -> Plan:
        """When a chat is briefed."""
        return self._runner.run(plan_of(self.desk, chat.id, 0))

    def change(self, chat: Chat, **more: Any) -> None:
        """Change a schedule as it lies in the store."""
        plan = msgspec.structs.replace(self.plan(chat), **more)
        self._runner.run(set_plan(self.desk, plan))

    def move(self, chat: Chat, zone: str) -> None:
        """Choose a time zone for a chat."""
        self._runner.run(set_zone(self.desk, chat.id, zone))

    def handle(self) -> None:
        """Handle every update that the bot has not been told of, one after another."""

        async def handle() -> None:
            while self.api.bot.updates:
                update = Update.de_json(self.api.bot.updates.pop(0), self.app.bot)
                await self.app.process_update(update)

        self._runner.run(handle())

    def say(self, person: Person, chat: Chat, text: str, **more: Any) -> Message | None:
        """Write to the bot; returns what it last wrote to that, if anything."""
        before = len(chat.answers)
        self.api.say(person, chat, text, **more)
        self.handle()
        return chat.answers[-1] if len(chat.answers) > before else None

    def press(self, person: Person, message: Message, label: str) -> None:
        """Press a button below one of its messages."""
        self.api.tap(person, message, label, wait=False)
        self.handle()

    def tick(self, meanwhile: Callable[[], Awaitable[object]] | None = None) -> None:
        """Deliver what is due now, to the end; `meanwhile` is done when that has just begun."""

        async def tick() -> None:
            await self.ticker.tick()
            if meanwhile:
                await asyncio.sleep(0)
                await meanwhile()
            await self.ticker.settle()

        self._runner.run(tick())

    def at(self, moment: float | datetime) -> None:
        """Set the clock, and deliver what is due then."""
        self.now = moment.timestamp() if isinstance(moment, datetime) else moment
        self.tick()

    def walk(self, chat: Chat, start: datetime, end: datetime, minutes: int = 10) -> list[str]:
        """Let the time go by; returns when there were briefings, by the clock on the wall."""
        told = []
        for now in range(int(start.timestamp()), int(end.timestamp()) + 1, 60 * minutes):
            before = len(chat.answers)
            self.at(now)
            zone = self._runner.run(self.desk.zone(chat.id))
            wall = datetime.fromtimestamp(now, ZoneInfo(zone))
            told += [f"{wall:%a %H:%M %Z}"] * (len(chat.answers) - before)
        return told


class _Writes(Trap):
    """Counts, of what is done in a home, only what changes it."""

    def __init__(self, home: str, at: int | None) -> None:
        super().__init__(home, at)
        threading.setprofile(self._called)  # for those that begin from now on: one writes

    def passed(self, point: str) -> None:
        """Count one thing that is about to be done."""
        if point in ("sql change", "sql change_many", "sql transaction"):
            super().passed(point)


class _There(NamedTuple):
    """The stand-in, as another process knows it."""

    token: str
    url: str


def _killed(order: dict[str, Any]) -> None:
    """Tick once in this process, which kills itself before one of the things it does."""
    there = cast(StandIn, _There(order["token"], order["url"]))
    _Writes(order["home"], order["point"])
    with Ticking(there, Path(order["home"]), order["now"], model=order["model"]) as bot:
        bot.tick()


def _forked(order: dict[str, Any]) -> int:
    """Tick once in a fork of this process, as `_killed` does; returns the signal that ended it."""
    child = os.fork()
    if not child:
        try:
            _killed(order)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)


# What a briefing imports when it is made: once here, and not in every fork.
_NEEDED = ("scipy.cluster.hierarchy", "scipy.sparse.csgraph", "scipy.spatial.distance")

if __name__ == "__main__":
    for name in _NEEDED:
        importlib.import_module(name)
    for line in sys.stdin:
        print(_forked(json.loads(line)), flush=True)
