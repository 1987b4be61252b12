"""Sources of articles, as the administrators of the bot see them."""

from __future__ import annotations

from collections.abc import Sequence

from newsdesk.bot.transport.html import Page, isolated, shortened
from newsdesk.index.library import Source

from .citations import tags
from .stats import moment

_NAME, _REASON = 80, 160  # units
_MOST = 10  # sources in one message


def failing(sources: Sequence[Source]) -> str:
    """What is said of sources that gave nothing for long."""
    page = Page()
    many = f"{len(sources):,} sources have" if len(sources) > 1 else "A source has"
    page.add(f"{many} given nothing for more than a day:", "b")
    for source in sources[:_MOST]:
        page.add("\n• ")
        add_name(page, source)
        why = source.retired or source.error
        page.add(f": {isolated(shortened(why, _REASON))}")
        page.add(f" (last success: {moment(source.success)})" if source.success else " (never read)")
    _more(page, sources)
    page.add("\n\nThe others go on; I say so once when these do. /feeds lists all.")
    return page.html


def back(sources: Sequence[Source]) -> str:
    """What is said of sources that failed for long and do no more."""
    page = Page()
    page.add("Back again: " if len(sources) == 1 else f"{len(sources):,} sources are back:", "b")
    for source in sources[:_MOST]:
        page.add("\n• " if len(sources) > 1 else "")
        add_name(page, source)
    _more(page, sources)
    return page.html


def add_name(page: Page, source: Source) -> None:
    """Add what a source is called, with a link where it has an address."""
    name = isolated(shortened(source.title or source.place, _NAME))
    page.add(name, *(tags(source.asked) if source.on_network else ()))


def _more(page: Page, sources: Sequence[Source]) -> None:
    if len(sources) > _MOST:
        page.add(f"\n… and {len(sources) - _MOST:,} more")
