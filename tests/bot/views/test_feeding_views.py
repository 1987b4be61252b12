"""What administrators see of sources and additions fits into one message, whatever stands in it."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from newsdesk.bot.transport.html import MESSAGE, units
from newsdesk.bot.views import additions, channels, feeds
from newsdesk.index.library import Source
from newsdesk.index.sync import SourceState
from newsdesk.index.types import Article
from tests.botapi.entities import parse
from tests.helpers.examples import examples

TEXT = st.text(max_size=400).map(lambda text: text * 3)
NAMES = st.lists(TEXT, max_size=12)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=12)


def fits(html: str) -> None:
    text, entities = parse(html)
    assert units(text) <= MESSAGE
    assert len(entities) <= 100


def article(text: str, title: str) -> Article:
    day, url = datetime(2026, 3, 6, 8), "https://news.example/a"
    return Article("a", title, f"{text} end", "a", day, source=title, author=title, url=url)


@examples(60)
@given(TEXT, TEXT, NAMES, PAIRS, st.integers(0, 5))
def test_an_addition_fits(
    text: str, title: str, titles: list[str], failed: list[tuple[str, str]], count: int
) -> None:
    newest = [article(text, title)] * min(count, 3)
    told = additions.found(newest, count, titles, failed)
    for page in (
        additions.adding(told),
        additions.added(told, 14, count, tried_again=True),
        additions.known(told),
        additions.reading(title),
        additions.waiting(title, text),
        additions.failed("added", title, text),
        additions.taking(title),
        additions.taken(title, count, back=True),
        channels.asked(title or "?"),
        channels.decided(title, is_read=True),
    ):
        fits(page)


@examples(60)
@given(TEXT, TEXT, st.integers(0, 25), st.integers(0, 5))
def test_a_page_of_sources_fits(title: str, error: str, count: int, page: int) -> None:
    sources = [Source(n, "feed", f"https://a{n}.org/", title, error=error) for n in range(count)]
    sources += [Source(99, "file", "/home/received/x/report.pdf", retired=error)]
    states = [SourceState(source, 1) for source in sources]
    html, keyboard = feeds.listed(states, page, [("bbc-world", "BBC World")])
    fits(html)
    assert keyboard
    assert keyboard[-1][0].data == "f:add:bbc-world"
    fits(feeds.failing(sources))
    fits(feeds.back(sources))
