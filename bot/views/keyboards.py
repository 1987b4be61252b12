"""The buttons. What they carry is a short key to a stored row, never the question itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from newsdesk.bot.store.models import KeptAnswer, KeptBrief
from newsdesk.bot.transport.html import fit, shortened

_LABEL = 60  # units of a button's words
_LESS, _LESS_AGAIN = "Less of this", "✓ Less of this"
Rows = list[list[InlineKeyboardButton]]


class Press(StrEnum):
    """What a button does; its first letter in the data, then the key, then a number or word."""

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


def data(press: Press, key: str, rest: int | str = "") -> str:
    """What a button carries, 64 bytes at most."""
    return f"{press}:{key}:{rest}" if rest != "" else f"{press}:{key}"


def button(label: str, press: Press, key: str, rest: int | str = "") -> InlineKeyboardButton:
    """A button of ours."""
    words = shortened(fit(label).strip(), _LABEL) or "…"
    return InlineKeyboardButton(words, callback_data=data(press, key, rest))


def of_answer(kept: KeptAnswer, context: int = 0, choosing: bool = False) -> InlineKeyboardMarkup:
    """Below an answer: its pages, or one passage's context, or the choice of an article."""
    if choosing:
        return InlineKeyboardMarkup(_choice(kept))
    rows = _in_context(kept, context) if context else _on_page(kept)
    rows.append([button("👍", Press.UP, kept.key), button("👎", Press.DOWN, kept.key)])
    return InlineKeyboardMarkup(rows)


def of_brief(kept: KeptBrief, story: int = 0, choosing: bool = False) -> InlineKeyboardMarkup:
    """Below a briefing: its stories and pages, one story, or the choice of one to hear less of."""
    back = button("◂ Back", Press.BRIEF, kept.key, kept.page)
    if story:
        wanted = kept.stories[story - 1].less
        less = button(_LESS_AGAIN if wanted else _LESS, Press.LESS, kept.key, story)
        return InlineKeyboardMarkup([[back, less]])
    press = Press.LESS if choosing else Press.STORY
    numbers = range(kept.page * kept.per_page + 1, len(kept.stories) + 1)[: kept.per_page]
    rows = [[button(str(n), press, kept.key, n) for n in numbers]] if numbers else []
    if choosing:
        return InlineKeyboardMarkup([*rows, [back]])
    paging = [button("◂ Back", Press.BRIEF, kept.key, kept.page - 1)] if kept.page else []
    if kept.page + 1 < len(kept.pages):
        paging.append(button("More ▸", Press.BRIEF, kept.key, kept.page + 1))
    if numbers:
        paging.append(button(_LESS, Press.LESS, kept.key))
    else:
        paging.append(button("Schedule", Press.PLAN, kept.key, "show"))
    return InlineKeyboardMarkup([*rows, paging])


def of_plan(choices: Sequence[Sequence[tuple[str, str, str]]]) -> InlineKeyboardMarkup:
    """Rows of choices for a schedule: label, what is set, value."""
    return InlineKeyboardMarkup(
        [[button(label, Press.PLAN, name, value) for label, name, value in row] for row in choices]
    )


def of_follows(names: Sequence[str]) -> InlineKeyboardMarkup | None:
    """Topics to follow no more, by their place."""
    rows = [[button(f"✕ {name or 'everything'}", Press.UNFOLLOW, digest(name))] for name in names]
    return InlineKeyboardMarkup(rows) if rows else None


def digest(name: str) -> str:
    """A short key for a topic, that stays the same when others are gone."""
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:16]


def of_examples(questions: Sequence[tuple[str, str]]) -> InlineKeyboardMarkup | None:
    """Questions to ask by pressing them: their keys and words."""
    rows = [[button(words, Press.EXAMPLE, key)] for key, words in questions]
    return InlineKeyboardMarkup(rows) if rows else None


def of_settings(choices: Sequence[Sequence[tuple[str, str, str]]]) -> InlineKeyboardMarkup:
    """Rows of choices: label, setting, value."""
    return InlineKeyboardMarkup(
        [
            [button(label, Press.SETTING, name, value) for label, name, value in row]
            for row in choices
        ]
    )


def _on_page(kept: KeptAnswer) -> Rows:
    rows: Rows = []
    if kept.narrowed.said and not kept.whole:
        rows.append([button("Search everything instead", Press.WHOLE, kept.key)])
    if kept.carried and not kept.alone:
        rows.append([button("Ask it by itself instead", Press.ALONE, kept.key)])
    paging = [button("◂ Back", Press.PAGE, kept.key, kept.page - 1)] if kept.page else []
    if kept.page + 1 < len(kept.pages) or kept.more:
        paging.append(button("More ▸", Press.PAGE, kept.key, kept.page + 1))
    if paging:
        rows.append(paging)
    if kept.places and kept.verdict != "none":
        first = first_on(kept, kept.page)
        number = kept.sentence_passage if not kept.page and kept.sentence_passage else first
        rows.append(
            [
                button("Context", Press.CONTEXT, kept.key, number),
                button("Article", Press.ARTICLES, kept.key),
            ]
        )
    return rows


def _in_context(kept: KeptAnswer, number: int) -> Rows:
    numbers = on_page(kept, kept.page)
    others = [
        button(f"[{one}]" if one == number else str(one), Press.CONTEXT, kept.key, one)
        for one in numbers
    ]
    rows = [others] if len(others) > 1 else []
    back = button("◂ Back", Press.PAGE, kept.key, kept.page)
    rows.append([back, button("Article", Press.ARTICLE, kept.key, number)])
    return rows


def _choice(kept: KeptAnswer) -> Rows:
    rows: Rows = []
    seen = set()
    for number in on_page(kept, kept.page):
        place = kept.places[number - 1]
        if place.article not in seen:
            seen.add(place.article)
            title = shortened(place.title or place.article, _LABEL)
            label = title if title.strip(" …") else f"[{number}]"  # one word, too long for a button
            rows.append([button(label, Press.ARTICLE, kept.key, number)])
    rows.append([button("◂ Back", Press.PAGE, kept.key, kept.page)])
    return rows


def on_page(kept: KeptAnswer, page: int) -> list[int]:
    """The numbers of the passages on a page."""
    first = first_on(kept, page)
    return list(range(first, min(first + kept.per_page, len(kept.places) + 1)))


def first_on(kept: KeptAnswer, page: int) -> int:
    """The number of the first passage on a page."""
    return page * kept.per_page + 1
