"""Questions from any chat: @bot and a question, answered while it is typed."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import TelegramError

from newsdesk.bot.context import Desk
from newsdesk.bot.library import Busy
from newsdesk.bot.transport.html import escape, shortened
from newsdesk.bot.views import answers
from newsdesk.index.errors import NewsdeskError
from newsdesk.index.types import Answer, Question, Sentence, Shown

_LOG = logging.getLogger("newsdesk.inline")
_AT_ONCE = 10  # results
_MOST = 50  # passages to page through
_CACHED = 60  # seconds
_TITLE, _DESCRIPTION, _BUTTON = 100, 200, 40


async def on_inline(desk: Desk, update: Update) -> None:
    """Give passages for what was typed; of several on the way, only the newest is looked up."""
    query = update.inline_query
    if query is None:
        return
    person = query.from_user.id
    desk.typing[person] = query.id
    try:
        text = " ".join(query.query.split())
        if not desk.allowed(person, person):
            await _say(query, "Not allowed here", f"Your id, for the administrator: {person}")
        elif not text:
            await _say(query, "Type a question", "such as: who is in the B9?")
        else:
            await _answer(desk, query, text)
    except (Busy, NewsdeskError) as error:
        _LOG.warning("an inline question was not answered: %s", error)
        await _say(query, "Not possible just now", "Please try again in a minute.")
    finally:
        if desk.typing.get(person) == query.id:
            del desk.typing[person]


async def _answer(desk: Desk, query: InlineQuery, text: str) -> None:
    first = int(query.offset) if query.offset.isdecimal() else 0
    person = query.from_user.id
    k = min(first + _AT_ONCE + 1, _MOST)
    now = datetime.now(ZoneInfo(desk.zone(person)))
    answer = await desk.asker.ask(Question(text, k, now=now))
    if desk.typing.get(person) != query.id:
        return
    key = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    desk.store.link(text, key)
    button = InlineQueryResultsButton(
        shortened(f"Ask in private: {text}", _BUTTON), start_parameter=f"q-{key}"
    )
    more = len(answer.passages) > first + _AT_ONCE and answer.verdict != "none"
    await _give(
        query,
        _results(answer, first, key, desk.link(f"q-{key}")),
        cache_time=_CACHED,
        # What is narrowed by today depends on where one is.
        is_personal=bool(desk.settings.allowed_chats or answer.understood.kept),
        next_offset=str(first + _AT_ONCE) if more else "",
        button=button,
    )


def _results(answer: Answer, first: int, key: str, link: str) -> list[InlineQueryResultArticle]:
    """The passages from the one after `first` on, or a line that says that there are none."""
    kept = answer.understood.kept
    only = f"Only articles {', '.join(kept)}" if kept else ""
    if answer.verdict != "none":
        shown = answer.passages[first : first + _AT_ONCE]
        return [_result(f"{key}-{one.hit.rank}", answer, one, link, only) for one in shown]
    if first:
        return []
    asked = shortened(answer.question, _TITLE)
    words = f"I did not find “{asked}” in {answer.collection.articles:,} articles."
    why = answer.no_match.words if answer.no_match else f"{only}.".removeprefix(".")
    return [_line(f"{key}-0", "I did not find this", f"{words} {why}".strip())]


async def _say(query: InlineQuery, title: str, words: str) -> None:
    await _give(query, [_line("line", title, words)], cache_time=0, is_personal=True)


async def _give(
    query: InlineQuery, results: Sequence[InlineQueryResultArticle], **more: Any
) -> None:
    try:
        await query.answer(results, **more)
    except TelegramError as error:  # mostly: the query is too old, since more was typed
        _LOG.debug("an inline answer was not taken: %s", error.message)


def _line(name: str, title: str, words: str) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(
        name, title, InputTextMessageContent(escape(words), ParseMode.HTML), description=words
    )


def _result(
    name: str, answer: Answer, shown: Shown, link: str, only: str
) -> InlineQueryResultArticle:
    sentence = _own(answer, shown)
    title = sentence.text if sentence else shown.citation.article.title
    if sentence and answer.verdict == "weak":
        title = f"Closest: {title}"
    described = " · ".join(one for one in (only, answers.described(shown)) if one)
    content = InputTextMessageContent(
        answers.result(shown, sentence if answer.verdict == "answered" else None),
        ParseMode.HTML,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    return InlineQueryResultArticle(
        name,
        shortened(" ".join((title or shown.citation.article.id).split()), _TITLE),
        content,
        description=shortened(described, _DESCRIPTION),
        reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("Ask more", url=link)]]),
    )


def _own(answer: Answer, shown: Shown) -> Sentence | None:
    """The sentence that answers, if it stands in this passage."""
    sentence = answer.sentence
    return sentence if sentence and sentence.passage == shown.hit.rank else None
