"""Rounds of `sync` while the bot runs, and word of sources that fail for long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from newsdesk.bot.context import Context
from newsdesk.bot.turns import Stopped
from newsdesk.bot.views import feeds
from newsdesk.index.errors import NewsdeskError
from newsdesk.index.library import Source
from newsdesk.index.sync import SyncReport

from .telling import tell_admins

_LOG = logging.getLogger("newsdesk.feeding")
LONG = 86_400.0  # seconds without success after which the administrators are told
_TRIES = 3  # failures in a row, at least: after a weekend offline, one is no news


async def run(context: Context) -> None:
    """Bring the library up to date every `sync_every` minutes, until cancelled."""
    pause = context.settings.sync_every * 60
    while pause:
        try:
            await one(context)
        except NewsdeskError as error:  # a full disk may have room at the next round
            _LOG.error("a round failed: %s", error)
        except Stopped:
            return
        await asyncio.sleep(pause)


async def one(context: Context) -> None:
    """One round. Raises Stopped, or NewsdeskError where the library cannot be changed."""
    report = await context.librarian.sync()
    _log(report)
    await tell_of_failing(context)


async def tell_of_failing(context: Context) -> None:
    """Tell the administrators, once each, which sources fail for long, and which do no more."""
    now = context.clock()
    every = {state.source.place: state.source for state in await context.librarian.sources()}
    failing = {place for place, source in every.items() if fails_for_long(source, now)}
    told = await context.store.read(lambda store: store.feeding.failing())
    new, over = failing - told, told - failing
    # One that failed once more since is not back; of one that was removed nothing is said.
    back = [place for place in over if place in every and not every[place].error]
    if new:
        await tell_admins(context, feeds.failing(_ordered(every, new)))
    if back:
        await tell_admins(context, feeds.back(_ordered(every, back)))
    gone = [place for place in over if place not in every]
    if new or back or gone:
        await context.store.write(lambda store: store.feeding.note_failing(new, [*back, *gone]))


def fails_for_long(source: Source, now: float) -> bool:
    """Whether a source gave nothing for so long that somebody should know; `now` in seconds."""
    if source.retired:
        return True
    is_long = now - max(source.success, source.added) >= LONG
    return bool(source.error) and is_long and (source.failures >= _TRIES or not source.on_network)


def _ordered(every: dict[str, Source], places: set[str] | list[str]) -> Sequence[Source]:
    return [source for place, source in every.items() if place in set(places)]


def _log(report: SyncReport) -> None:
    articles = report.report
    failed = sum(bool(outcome.error) for outcome in report.outcomes)
    if articles.added or articles.changed or articles.removed or failed:
        _LOG.info(
            "synced: %s added, %s changed, %s removed; %s sources failed",
            *(len(articles.added), len(articles.changed), len(articles.removed), failed),
        )
