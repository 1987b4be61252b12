"""Sources of articles, as the administrators of the bot see them."""

from __future__ import annotations

from collections.abc import Sequence

from newsdesk.bot.transport.buttons import Keyboard
from newsdesk.bot.transport.html import Page, isolated, shortened
from newsdesk.index.library import Source
from newsdesk.index.sync import SourceState
from newsdesk.index.types import counted

from . import keyboards
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
        page.add(
            f" (last success: {moment(source.success)})" if source.success else " (never read)"
        )
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
    place = source.place.rpartition("/")[2] if source.kind == "file" else source.place
    name = isolated(shortened(source.title or place, _NAME))
    page.add(name, *(tags(source.asked) if source.on_network else ()))


def _more(page: Page, sources: Sequence[Source]) -> None:
    if len(sources) > _MOST:
        page.add(f"\n… and {len(sources) - _MOST:,} more")


def listed(
    states: Sequence[SourceState], number: int, offered: Sequence[tuple[str, str]]
) -> tuple[str, Keyboard | None]:
    """A page of the sources, the first being 0, and its buttons; known feeds are `offered` on it
    by name and title."""
    pages = max(1, -(-len(states) // _MOST))
    number = min(max(0, number), pages - 1)
    page = Page().add(counted(len(states), "source") if states else "No sources yet", "b")
    for state in states[number * _MOST :][:_MOST]:
        _listed(page, state)
    page.add("\n\nSend me a link, a file or a forwarded post of a channel to add it; /remove and a")
    page.add(" number removes a source with its articles.")
    if offered:
        page.add(" None of the feeds below is read unless you press it.")
    return page.html, keyboards.of_feeds(number, pages, offered)


def _listed(page: Page, state: SourceState) -> None:
    """Two or three lines: what it is, how it went, and what is wrong with it."""
    source = state.source
    page.add(f"\n\n{source.id or '–'}. ")
    add_name(page, source)
    count = counted(state.articles, "article")
    page.add(f" · {source.kind}\n{count} · last read {moment(source.success, 'never')}")
    if source.retired:
        page.add(f"\n✕ asked no more: {isolated(shortened(source.retired, _REASON))}")
    elif source.error:
        page.add(f"\n✕ {moment(source.tried)}: {isolated(shortened(source.error, _REASON))}")
