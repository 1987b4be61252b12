"""For the administrators of the bot: how it does, and moving to a new library at once."""

from __future__ import annotations

import re
import time

from newsdesk.bot.answering import replies
from newsdesk.bot.answering.replies import Reply
from newsdesk.bot.answering.requests import Request
from newsdesk.bot.context import Context
from newsdesk.bot.views import stats
from newsdesk.bot.views.stats import moment
from newsdesk.index.errors import NewsdeskError
from newsdesk.index.types import counted

_ID = re.compile(r"-\d{1,20}")
_HOW_TO_LEAVE = "Write the id of the group behind it: /leave -1001234567890"


async def on_stats(context: Context, _: Request) -> Reply:
    """Questions, verdicts, latency, feedback."""
    since = time.time() - 86_400.0
    day, ever = await context.store.read(lambda s: (s.figures(since), s.figures(0.0)))
    return Reply(stats.page(day, ever, await _now(context)))


async def on_reload(context: Context, _: Request) -> Reply:
    """Move to the newest state of the library."""
    try:
        moved = await context.asker.reload()
    except NewsdeskError as error:
        return replies.words(f"Stayed with {context.asker.held.generation}: {error}")
    held = context.asker.held
    words = "Moved to" if moved else "Already at"
    return replies.words(f"{words} {held.generation}, {counted(held.articles, 'article')}.")


async def on_leave(context: Context, request: Request) -> Reply:
    """Leave a group, by its id."""
    if not _ID.fullmatch(request.text):
        return replies.words(_HOW_TO_LEAVE)
    against = await context.outbox.leave(int(request.text))
    if against:
        return replies.words(f"Not left: {against}")
    chat = int(request.text)
    await context.store.write(lambda store: store.set_active(chat, False))
    return replies.words(f"Left {request.text}.")


async def _now(context: Context) -> list[str]:
    aside = await context.store.read(lambda store: store.aside())
    held, watch = context.asker.held, context.watch
    polled = f"{time.monotonic() - watch.polled:.0f} s ago" if watch.polled else "never (webhook)"
    return [
        f"library: {held.generation}, {counted(held.articles, 'article')}",
        f"up for {(time.monotonic() - context.started) / 3600:.1f} h",
        f"last poll: {polled}",
        f"updates set aside: {aside:,}",
        f"messages that could not be sent: {context.outbox.failures:,}",
        *await _briefings(context),
        *([f"trouble: {watch.trouble}"] if watch.trouble else []),
    ]


async def _briefings(context: Context) -> list[str]:
    now = context.clock()
    counted = await context.store.read(lambda store: store.briefings.counts(now))
    return [
        f"briefings: {counted.chats:,} scheduled, {counted.delivered:,} sent and "
        f"{counted.failed:,} failed in 24 hours",
        f"schedules that wait until I may write there: {counted.waiting:,}",
        f"next briefing due: {moment(counted.due)}",
        f"last briefing sent: {moment(counted.sent)}",
    ]
