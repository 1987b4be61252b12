"""Citations as they stand below a passage: number, title, source, date, place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from newsdesk.bot.transport.html import Page, anchor, isolated, shortened, units
from newsdesk.index.types import Article, Citation, Shown, place_in

TITLE, NAME = 160, 60  # units of a title, a source or author
ALSO = 2  # further citations of one passage; of more only the outlets are named
_OUTLETS = 200  # units of these names


def cite(page: Page, number: int, article: Article, link: str, place: str) -> None:
    """One line: number, title as a link, source or author, date, paragraph or page."""
    page.add(f"[{number}]", "b").add(" ")
    page.add(isolated(shortened(article.title or article.id, TITLE)), *tags(link, article.url))
    page.add(f"{behind(article)} · {place}")


def cite_all_also(page: Page, others: Sequence[Citation]) -> None:
    """Lines for the other articles that have a passage nearly alike, all outlets named."""
    for other in others[:ALSO]:
        cite_also(page, other)
    names = _outlets(others)
    if names:
        page.add(f"\nand in {names}")


def _outlets(others: Sequence[Citation]) -> str:
    """The outlets of all but the first, each once."""
    told = {other.article.source for other in others[:ALSO]}
    names = (other.article.source or other.article.title for other in others[ALSO:])
    new = [isolated(name) for name in dict.fromkeys(names) if name not in told]
    return shortened(", ".join(new), _OUTLETS)


def cite_also(page: Page, other: Citation) -> None:
    """A line for another article with nearly the same passage."""
    title = isolated(shortened(other.article.title or other.article.id, TITLE))
    page.add("\nalso in ").add(title, *tags(other.link, other.article.url))
    place = place_in(other.article, other.start, other.paragraph)
    page.add(f"{behind(other.article)} · {place}")


def tags(*links: str) -> tuple[str, ...]:
    """The tag of the first of some links that Telegram takes."""
    return next((tag for link in links if (tag := anchor(link))), ())


def behind(article: Article) -> str:
    """What is told of an article behind its title."""
    name = shortened(article.source or article.author, NAME)
    facts = [isolated(name), dated(article.published)]
    return "".join(f" · {fact}" for fact in facts if fact)


def length(article: Article) -> int:
    """Units of a citation, at most."""
    title = min(units(article.title or article.id), TITLE)
    return units("[999] ") + title + units(behind(article)) + units(" · paragraph 99999") + 8


def length_of_also(shown: Shown) -> int:
    """Units of a passage's further citations, at most."""
    names = _outlets(shown.also)
    cited = sum(length(other.article) + units("\nalso in ") for other in shown.also[:ALSO])
    return cited + (units("\nand in ") + units(names) if names else 0)


def dated(day: date | None) -> str:
    """A day as people read it; empty for none."""
    if day is None:
        return ""
    time = f", {day:%H:%M}" if isinstance(day, datetime) and (day.hour or day.minute) else ""
    return f"{day.day} {day:%B} {day.year}{time}"
