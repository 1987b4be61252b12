"""What administrators see of what they add to the library."""

from __future__ import annotations

from collections.abc import Sequence

from newsdesk.bot.transport.html import Page, isolated, shortened
from newsdesk.index.types import Article

from .citations import TITLE, behind, tags

_NAME, _FIRST, _REASON = 200, 400, 300  # units
_OF_MANY, _REASON_OF_MANY = 100, 150  # units, where several are named
_NAMED = 6  # sources, or failures
_AGAIN = "; tried again at each sync"


def reading(name: str) -> str:
    """What is said while something is fetched and read."""
    return Page().add(f"Reading {isolated(shortened(name, _NAME))} …").html


def found(
    newest: Sequence[Article],
    articles: int,
    titles: Sequence[str],
    failed: Sequence[tuple[str, str]],
) -> str:
    """What was read: an article with its first lines, or feeds with the newest of theirs.

    `titles` are those of feeds; `failed` are addresses with the reason.
    """
    page = Page()
    for title in titles[:_NAMED]:
        page.add(isolated(shortened(title, _OF_MANY)), "b").add("\n")
    if len(titles) > _NAMED:
        page.add(f"… and {len(titles) - _NAMED:,} more\n")
    if articles == 1:
        _whole(page, newest[0])
    elif articles:
        page.add(f"{articles:,} articles, the newest:")
        for article in newest:
            page.add("\n• ")
            _headline(page, article)
    for place, reason in failed[:_NAMED]:
        why = isolated(shortened(reason, _REASON_OF_MANY))
        page.add(f"\n✕ {shortened(place, _OF_MANY)}: {why}")
    if len(failed) > _NAMED:
        page.add(f"\n✕ and {len(failed) - _NAMED:,} more")
    return page.html.strip()


def adding(told: str) -> str:
    """What was read, while it is indexed."""
    return f"{told}\n\nadding it …"


def added(told: str, passages: int, articles: int, tried_again: bool) -> str:
    """What was read, once it is indexed; `tried_again` where nothing came of it as yet."""
    if not articles:
        words = "added, and nothing was read yet" + (_AGAIN if tried_again else "")
    else:
        of = f" of {articles:,} articles" if articles > 1 else ""
        words = f"added: {passages:,} {'passage' if passages == 1 else 'passages'}{of}"
    return f"{told}\n\n{words}".strip()


def known(told: str) -> str:
    """What was read, where the library had it before."""
    return f"{told}\n\nIt was here before; nothing is added.".strip()


def failed(done: str, name: str, reason: str) -> str:
    """Why something was not added, or not removed."""
    page = Page().add(f"Not {done}: ", "b").add(isolated(shortened(name, _NAME)))
    return page.add(f"\n{shortened(reason, _REASON)}").html


def waiting(name: str, reason: str) -> str:
    """Why something is not added, or taken out, yet."""
    page = Page().add("Not yet: ", "b").add(isolated(shortened(name, _NAME)))
    return page.add(f"\n{shortened(reason, _REASON)}\nI try it again by myself.").html


def taking(name: str) -> str:
    """What is said while something is taken out."""
    return Page().add(f"Removing {isolated(shortened(name, _NAME))} …").html


def taken(name: str, articles: int, back: bool) -> str:
    """What is said once something is taken back, or removed."""
    page = Page().add("Taken back: " if back else "Removed: ", "b")
    page.add(isolated(shortened(name, _NAME)))
    return page.add(f"\n{articles:,} {'article' if articles == 1 else 'articles'} removed").html


def _whole(page: Page, article: Article) -> None:
    """Title, date, outlet and first lines of an article."""
    _headline(page, article, "b")
    first = article.text.removeprefix(article.title).strip() or article.text
    page.add("\n").add(shortened(first, _FIRST), "blockquote")


def _headline(page: Page, article: Article, *marks: str) -> None:
    title = isolated(shortened(article.title or article.id, TITLE))
    page.add(title, *marks, *tags(article.url)).add(behind(article))
