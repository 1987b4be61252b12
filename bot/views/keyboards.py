"""Keyboards. Callback data holds a short key to a stored row, never the question itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum

from newsdesk.bot.store.models import KeptAnswer, KeptBrief
from newsdesk.bot.transport.buttons import Button, Keyboard
from newsdesk.bot.transport.html import fit, shortened

_LABEL = 60  # units of a button's words
_A_ROW = 7  # numbers of stories
_LESS, _LESS_AGAIN = "Less of this", "✓ Less of this"
_Rows = list[list[Button]]


class Action(StrEnum):
    """What a button does: the first letter of its data; a key and a number or word follow."""

    PAGE = "p"
    CONTEXT = "c"
    ARTICLE = "a"
    ARTICLES = "l"
    UP = "y"
    DOWN = "n"
    WHOLE = "w"
    ALONE = "o"
    EXAMPLE = "e"
    SETTING = "s"
    BRIEF = "b"
    STORY = "t"
    LESS = "z"
    PLAN = "h"
    UNFOLLOW = "u"
    TAKE_BACK = "k"
    CHANNEL = "r"
    FEEDS = "f"


def data(action: Action, key: str, rest: int | str = "") -> str:
    """What a button carries, 64 bytes at most."""
    return f"{action}:{key}:{rest}" if rest != "" else f"{action}:{key}"


def button(label: str, action: Action, key: str, rest: int | str = "") -> Button:
    """A button of ours."""
    words = shortened(fit(label).strip(), _LABEL) or "…"
    return Button(words, data(action, key, rest))


def of_answer(kept: KeptAnswer, context: int = 0, choosing: bool = False) -> Keyboard:
    """Below an answer: its pages, or one passage's context, or the choice of an article."""
    if choosing:
        return _choice(kept)
    rows = _in_context(kept, context) if context else _on_page(kept)
    rows.append([button("👍", Action.UP, kept.key), button("👎", Action.DOWN, kept.key)])
    return rows


def of_brief(kept: KeptBrief, story: int = 0, choosing: bool = False) -> Keyboard:
    """Below a briefing: its stories and pages, one story, or the choice of one to hear less of."""
    back = button("◂ Back", Action.BRIEF, kept.key, kept.page)
    if story:
        wanted = kept.stories[story - 1].less
        less = button(_LESS_AGAIN if wanted else _LESS, Action.LESS, kept.key, story)
        return [[back, less]]
    action = Action.LESS if choosing else Action.STORY
    numbers = range(kept.page * kept.per_page + 1, len(kept.stories) + 1)[: kept.per_page]
    rows = [
        [button(str(n), action, kept.key, n) for n in numbers[start : start + _A_ROW]]
        for start in range(0, len(numbers), _A_ROW)
    ]
    if choosing:
        return [*rows, [back]]
    paging = [button("◂ Back", Action.BRIEF, kept.key, kept.page - 1)] if kept.page else []
    if kept.page + 1 < len(kept.pages):
        paging.append(button("More ▸", Action.BRIEF, kept.key, kept.page + 1))
    if numbers:
        paging.append(button(_LESS, Action.LESS, kept.key))
    else:
        paging.append(button("Schedule", Action.PLAN, kept.key, "show"))
    return [*rows, paging]


def of_plan(choices: Sequence[Sequence[tuple[str, str, str]]]) -> Keyboard:
    """Rows of choices for a schedule: label, what is set, value."""
    return [
        [button(label, Action.PLAN, name, value) for label, name, value in row] for row in choices
    ]


def of_follows(names: Sequence[str]) -> Keyboard | None:
    """Topics to follow no more, by their place."""
    rows = [[button(f"✕ {name or 'everything'}", Action.UNFOLLOW, digest(name))] for name in names]
    return rows or None


def of_addition(key: str) -> Keyboard:
    """Below what was added."""
    return [[button("Take it back", Action.TAKE_BACK, key)]]


def of_channel(channel: int) -> Keyboard:
    """Below the question whether a channel is read."""
    yes = button("Read its posts", Action.CHANNEL, str(channel), "yes")
    return [[yes, button("Leave it alone", Action.CHANNEL, str(channel), "no")]]


def of_feeds(page: int, pages: int, offered: Sequence[tuple[str, str]]) -> Keyboard | None:
    """Below the sources: their pages, and known feeds to add, by name and title."""
    back = [button("◂ Back", Action.FEEDS, "page", page - 1)] if page else []
    more = [button("More ▸", Action.FEEDS, "page", page + 1)] if page + 1 < pages else []
    feeds = [button(f"+ {title}", Action.FEEDS, "add", name) for name, title in offered]
    pairs = [feeds[start : start + 2] for start in range(0, len(feeds), 2)]
    return [row for row in ([*back, *more], *pairs) if row] or None


def chosen(label: str, is_chosen: bool) -> str:
    """A label with a tick where it is what was chosen."""
    return f"✓ {label}" if is_chosen else label


def digest(name: str) -> str:
    """A short key for a topic, that stays the same when others are gone."""
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:16]


def of_examples(questions: Sequence[tuple[str, str]]) -> Keyboard | None:
    """Questions to ask by pressing them: their keys and words."""
    rows = [[button(words, Action.EXAMPLE, key)] for key, words in questions]
    return rows or None


def of_settings(choices: Sequence[Sequence[tuple[str, str, str]]]) -> Keyboard:
    """Rows of choices: label, setting, value."""
    return [
        [button(label, Action.SETTING, name, value) for label, name, value in row]
        for row in choices
    ]


def _on_page(kept: KeptAnswer) -> _Rows:
    rows: _Rows = []
    if kept.narrowed.said and not kept.whole:
        rows.append([button("Search everything instead", Action.WHOLE, kept.key)])
    if kept.carried and not kept.alone:
        rows.append([button("Ask it by itself instead", Action.ALONE, kept.key)])
    paging = [button("◂ Back", Action.PAGE, kept.key, kept.page - 1)] if kept.page else []
    if kept.page + 1 < len(kept.pages) or kept.more:
        paging.append(button("More ▸", Action.PAGE, kept.key, kept.page + 1))
    if paging:
        rows.append(paging)
    if kept.places and kept.verdict != "none":
        first = first_on(kept, kept.page)
        number = kept.sentence_passage if not kept.page and kept.sentence_passage else first
        rows.append(
            [
                button("Context", Action.CONTEXT, kept.key, number),
                button("Article", Action.ARTICLES, kept.key),
            ]
        )
    return rows


def _in_context(kept: KeptAnswer, number: int) -> _Rows:
    numbers = on_page(kept, kept.page)
    others = [
        button(f"[{n}]" if n == number else str(n), Action.CONTEXT, kept.key, n) for n in numbers
    ]
    rows = [others] if len(others) > 1 else []
    back = button("◂ Back", Action.PAGE, kept.key, kept.page)
    rows.append([back, button("Article", Action.ARTICLE, kept.key, number)])
    return rows


def _choice(kept: KeptAnswer) -> _Rows:
    rows: _Rows = []
    seen = set()
    for number in on_page(kept, kept.page):
        place = kept.places[number - 1]
        if place.article not in seen:
            seen.add(place.article)
            title = shortened(place.title or place.article, _LABEL)
            label = title if title.strip(" …") else f"[{number}]"  # one word, too long for a button
            rows.append([button(label, Action.ARTICLE, kept.key, number)])
    rows.append([button("◂ Back", Action.PAGE, kept.key, kept.page)])
    return rows


def on_page(kept: KeptAnswer, page: int) -> list[int]:
    """The numbers of the passages on a page."""
    first = first_on(kept, page)
    return list(range(first, min(first + kept.per_page, len(kept.places) + 1)))


def first_on(kept: KeptAnswer, page: int) -> int:
    """The number of the first passage on a page."""
    return page * kept.per_page + 1
