"""Questions from any chat: @bot and a question, answered while it is typed."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.constants import ParseMode
from telegram.error import TelegramError

from newsdesk.bot.answering.requests import InlineQuestion
from newsdesk.bot.context import Context
from newsdesk.bot.store.database import link_key
from newsdesk.bot.transport.errors import worded
from newsdesk.bot.transport.html import escape, shortened
from newsdesk.bot.views import answers
from newsdesk.index.query.courtesy import is_bare_courtesy
from newsdesk.index.types import Answer, Question, Sentence, Shown, counted

_LOG = logging.getLogger("newsdesk.inline")
_AT_ONCE = 10  # results
_MOST = 50  # passages to page through
_TITLE, _DESCRIPTION, _BUTTON = 100, 200, 40


@dataclass(frozen=True, slots=True)
class Results:
    """What is offered for an inline question, and for how long Telegram may keep it."""

    articles: Sequence[InlineQueryResultArticle]
    cached: int = 0  # seconds
    is_personal: bool = True
    next_offset: str = ""
    button: InlineQueryResultsButton | None = None


async def on_inline(context: Context, question: InlineQuestion) -> Results | None:
    """Passages for what was typed; None where the same person has typed more meanwhile."""
    is_newest = partial(context.typed.is_newest, question.user)
    if not is_newest():
        return None
    if not question.allowed:
        return line("Not allowed here", f"Your id, for the administrator: {question.user}")
    if is_bare_courtesy(question.text):
        return line("Type a question", "such as: who is in the B9?")
    k = min(question.first + _AT_ONCE + 1, _MOST)
    now = datetime.now(ZoneInfo(await context.zone(question.user)))
    begun = time.monotonic()
    answer = await context.asker.ask_inline(Question(question.text, k, now=now), is_newest)
    if answer:
        context.metrics.answered("inline", answer.verdict, time.monotonic() - begun)
    return await _results(context, question, answer) if answer and is_newest() else None


def line(title: str, words: str) -> Results:
    """One result that says something plain."""
    return Results([_line("line", title, words)])


def failed() -> Results:
    """What is offered when something went wrong."""
    return line("Not possible just now", "Please try again in a minute.")


async def offer(query: InlineQuery, results: Results) -> None:
    """Give results to Telegram."""
    try:
        await query.answer(
            results.articles,
            cache_time=results.cached,
            is_personal=results.is_personal,
            next_offset=results.next_offset,
            button=results.button,
        )
    except TelegramError as error:  # mostly: the query is too old, since more was typed
        _LOG.debug("an inline answer was not taken: %s", worded(error))


async def _results(context: Context, question: InlineQuestion, answer: Answer) -> Results:
    key = link_key(question.user, question.text)
    await context.store.link(question.user, {key: question.text})
    further = question.first + _AT_ONCE
    more = len(answer.passages) > further and answer.verdict != "none"
    label = shortened(f"Ask in private: {question.text}", _BUTTON)
    return Results(
        _articles(answer, question.first, key, context.link(f"q-{key}")),
        cached=60,  # seconds
        # What is narrowed by today depends on where one is.
        is_personal=bool(context.settings.allowed_chats or answer.understood.kept),
        next_offset=str(further) if more else "",
        button=InlineQueryResultsButton(label, start_parameter=f"q-{key}"),
    )


def _articles(answer: Answer, first: int, key: str, link: str) -> list[InlineQueryResultArticle]:
    """The passages from the one after `first` on, or a line that says that there are none."""
    kept = answer.understood.kept
    only = f"Only articles {', '.join(kept)}" if kept else ""
    if answer.verdict != "none":
        passages = answer.passages[first : first + _AT_ONCE]
        return [
            _article(f"{key}-{shown.hit.rank}", answer, shown, link, only) for shown in passages
        ]
    if first:
        return []
    asked = shortened(answer.question, _TITLE)
    words = f"I did not find “{asked}” in {counted(answer.collection.articles, 'article')}."
    why = answer.no_match.words if answer.no_match else f"{only}.".removeprefix(".")
    return [_line(f"{key}-0", "I did not find this", f"{words} {why}".strip())]


def _line(name: str, title: str, words: str) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(
        name, title, InputTextMessageContent(escape(words), ParseMode.HTML), description=words
    )


def _article(
    name: str, answer: Answer, shown: Shown, link: str, only: str
) -> InlineQueryResultArticle:
    sentence = _own(answer, shown)
    title = sentence.text if sentence else shown.citation.article.title
    if sentence:
        title = f"{answer.label}: {title}"
    described = " · ".join(part for part in (only, answers.described(shown)) if part)
    content = InputTextMessageContent(
        answers.result(answer, shown),
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
    own = (sentence for sentence in answer.sentences if sentence.passage == shown.hit.rank)
    return next(own, None)
