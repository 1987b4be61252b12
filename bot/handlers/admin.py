"""For the administrators of the bot: how it does, and moving to a new library at once."""

from __future__ import annotations

import time

from newsdesk.bot.answering import replies
from newsdesk.bot.answering.replies import Reply
from newsdesk.bot.answering.requests import Request
from newsdesk.bot.context import Context
from newsdesk.bot.views import stats
from newsdesk.bot.views.stats import moment
from newsdesk.index.errors import NewsdeskError


async def on_stats(context: Context, _: Request) -> Reply:
    """Questions, verdicts, latency, feedback."""
    day = context.store.figures(time.time() - 86_400.0)
    ever = context.store.figures(0.0)
    return Reply(stats.page(day, ever, _now(context)))


async def on_reload(context: Context, _: Request) -> Reply:
    """Move to the newest state of the library."""
    try:
        moved = await context.asker.reload()
    except NewsdeskError as error:
        return replies.words(f"Stayed with {context.asker.held.generation}: {error}")
    held = context.asker.held
    words = "Moved to" if moved else "Already at"
    return replies.words(f"{words} {held.generation}, {held.articles:,} articles.")


def _now(context: Context) -> list[str]:
    held, watch = context.asker.held, context.watch
    polled = f"{time.monotonic() - watch.polled:.0f} s ago" if watch.polled else "never (webhook)"
    return [
        f"library: {held.generation}, {held.articles:,} articles",
        f"up for {(time.monotonic() - context.started) / 3600:.1f} h",
        f"last poll: {polled}",
        f"messages that could not be sent: {context.outbox.failures:,}",
        *_briefings(context),
        *([f"trouble: {watch.trouble}"] if watch.trouble else []),
    ]


def _briefings(context: Context) -> list[str]:
    counted = context.store.briefings.counts(context.clock())
    return [
        f"briefings: {counted.chats:,} scheduled, {counted.delivered:,} sent and "
        f"{counted.failed:,} failed in 24 hours",
        f"schedules that wait until I may write there: {counted.waiting:,}",
        f"next briefing due: {moment(counted.due)}",
        f"last briefing sent: {moment(counted.sent)}",
    ]
