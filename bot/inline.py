"""Questions from any chat: @bot and a question, answered while it is typed."""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime

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

from index.errors import NewsdeskError
from index.types import Answer, Query, Sentence, Shown

from . import render
from .asking import Busy
from .desk import Desk
from .markup import escape, shortened

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
    except TelegramError as error:  # mostly: the query is too old, since more was typed
        _LOG.debug("an inline answer was not taken: %s", error.message)
    finally:
        if desk.typing.get(person) == query.id:
            del desk.typing[person]


async def _answer(desk: Desk, query: InlineQuery, text: str) -> None:
    first = int(query.offset) if query.offset.isdecimal() else 0
    k = min(first + _AT_ONCE + 1, _MOST)
    answer = await desk.asker.answer(Query(text, k, asked=datetime.now(UTC).date()))
    if desk.typing.get(query.from_user.id) != query.id:
        return
    key = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    desk.store.link(text, key)
    button = InlineQueryResultsButton(
        shortened(f"Ask in private: {text}", _BUTTON), start_parameter=f"q-{key}"
    )
    if answer.verdict == "none":
        held = desk.asker.held
        words = f"I did not find “{shortened(text, _TITLE)}” in {held.articles:,} articles."
        results = [_line(f"{key}-0", "I did not find this", words)] if not first else []
    else:
        shown = answer.passages[first : first + _AT_ONCE]
        link = desk.link(f"q-{key}")
        results = [_result(f"{key}-{one.hit.rank}", answer, one, link) for one in shown]
    more = len(answer.passages) > first + _AT_ONCE and answer.verdict != "none"
    await query.answer(
        results,
        cache_time=_CACHED,
        is_personal=bool(desk.settings.allowed_chats),
        next_offset=str(first + _AT_ONCE) if more else "",
        button=button,
    )


async def _say(query: InlineQuery, title: str, words: str) -> None:
    await query.answer([_line("line", title, words)], cache_time=0, is_personal=True)


def _line(name: str, title: str, words: str) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(
        name, title, InputTextMessageContent(escape(words), ParseMode.HTML), description=words
    )


def _result(name: str, answer: Answer, shown: Shown, link: str) -> InlineQueryResultArticle:
    sentence = _own(answer, shown)
    title = sentence.text if sentence else shown.citation.article.title
    if sentence and answer.verdict == "weak":
        title = f"Closest: {title}"
    content = InputTextMessageContent(
        render.result(shown, sentence if answer.verdict == "answered" else None),
        ParseMode.HTML,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    return InlineQueryResultArticle(
        name,
        shortened(" ".join((title or shown.citation.article.id).split()), _TITLE),
        content,
        description=shortened(render.described(shown), _DESCRIPTION),
        reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("Ask more", url=link)]]),
    )


def _own(answer: Answer, shown: Shown) -> Sentence | None:
    """The sentence that answers, if it stands in this passage."""
    sentence = answer.sentence
    return sentence if sentence and sentence.passage == shown.hit.rank else None
