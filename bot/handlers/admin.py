"""For the administrators of the bot: how it does, and moving to a new library at once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from telegram import Message, Update

from newsdesk.bot.context import Desk
from newsdesk.bot.store.models import Figures
from newsdesk.bot.transport.html import Page
from newsdesk.bot.transport.outbox import Letter
from newsdesk.index.errors import NewsdeskError

_DAY = 86_400.0


async def on_stats(desk: Desk, update: Update) -> None:
    """Questions, verdicts, latency, feedback; silent for anyone else."""
    message = _from_admin(desk, update)
    if message is None:
        return
    day = desk.store.figures(time.time() - _DAY)
    ever = desk.store.figures(0.0)
    page = Page()
    page.add("The last 24 hours", "b").add(f"\n{_told(day)}")
    page.add("\n\n").add("Since the beginning", "b").add(f"\n{_told(ever)}")
    page.add("\n\n").add("Now", "b").add(f"\n{_now(desk)}")
    await _reply(desk, message, page)


async def on_reload(desk: Desk, update: Update) -> None:
    """Move to the newest state of the library."""
    message = _from_admin(desk, update)
    if message is None:
        return
    try:
        moved = await desk.asker.reload()
        words = "Moved to" if moved else "Already at"
        words = f"{words} {desk.asker.held.generation}, {desk.asker.held.articles:,} articles."
    except NewsdeskError as error:
        words = f"Stayed with {desk.asker.held.generation}: {error}"
    await _reply(desk, message, Page().add(words))


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that `share` of some values, in order, do not exceed (nearest rank)."""
    place = max(0, -int(-share * len(ordered) // 1) - 1)
    return ordered[min(place, len(ordered) - 1)]


def _told(figures: Figures) -> str:
    verdicts = ", ".join(f"{name} {n:,}" for name, n in sorted(figures.verdicts.items()))
    lines = [f"questions: {figures.questions:,}" + (f" ({verdicts})" if verdicts else "")]
    if figures.seconds:
        median, p95 = (percentile(figures.seconds, share) for share in (0.5, 0.95))
        lines.append(f"until the answer was ready: median {_ms(median)}, p95 {_ms(p95)}")
    lines.append(f"feedback: 👍 {figures.up:,}, 👎 {figures.down:,}")
    return "\n".join(lines)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def _now(desk: Desk) -> str:
    held, watch = desk.asker.held, desk.watch
    polled = f"{time.monotonic() - watch.polled:.0f} s ago" if watch.polled else "never (webhook)"
    lines = [
        f"library: {held.generation}, {held.articles:,} articles",
        f"up for {(time.monotonic() - desk.started) / 3600:.1f} h",
        f"last poll: {polled}",
        f"messages that could not be sent: {desk.outbox.failures:,}",
        *_briefings(desk),
    ]
    return "\n".join([*lines, *([f"trouble: {watch.trouble}"] if watch.trouble else [])])


def _briefings(desk: Desk) -> list[str]:
    found = desk.store.briefings.counts(desk.clock())
    return [
        f"briefings: {found.chats:,} scheduled, {found.delivered:,} sent and "
        f"{found.failed:,} failed in 24 hours",
        f"next briefing due: {_moment(found.due)}",
        f"last briefing sent: {_moment(found.sent)}",
    ]


def _moment(seconds: float | None) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%a %d %b, %H:%M} UTC" if seconds else "none"


def _from_admin(desk: Desk, update: Update) -> Message | None:
    message, user = update.effective_message, update.effective_user
    return message if message and user and desk.is_admin(user.id) else None


async def _reply(desk: Desk, message: Message, page: Page) -> None:
    topic = message.message_thread_id if message.is_topic_message else None
    async with desk.lock(message.chat.id):
        await desk.outbox.send(
            Letter(message.chat.id, page.html, topic=topic, reply_to=message.message_id)
        )
