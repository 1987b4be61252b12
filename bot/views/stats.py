"""How the bot does, for its administrators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from newsdesk.bot.store.models import Figures
from newsdesk.bot.transport.html import Page


def page(day: Figures, ever: Figures, now: Sequence[str]) -> str:
    """Figures of the last 24 hours and of all time, and lines that say how the bot is now."""
    page = Page()
    page.add("The last 24 hours", "b").add(f"\n{_told(day)}")
    page.add("\n\n").add("Since the beginning", "b").add(f"\n{_told(ever)}")
    page.add("\n\n").add("Now", "b").add("\n" + "\n".join(now))
    return page.html


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that `share` of some values, in order, do not exceed (nearest rank)."""
    place = max(0, -int(-share * len(ordered) // 1) - 1)
    return ordered[min(place, len(ordered) - 1)]


def moment(seconds: float | None, none: str = "none") -> str:
    """A moment, in seconds since 1970, in UTC; `none` where there is none."""
    return f"{datetime.fromtimestamp(seconds, UTC):%a %d %b, %H:%M} UTC" if seconds else none


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
