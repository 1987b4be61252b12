"""What stands around a passage, and the article whole."""

from __future__ import annotations

import re

from newsdesk.bot.context import Context
from newsdesk.bot.store.models import KeptAnswer, StoredCitation
from newsdesk.bot.transport.outbox import Letter
from newsdesk.bot.views import answers, keyboards
from newsdesk.index.search.text_fragment import link
from newsdesk.index.text.passages import paragraph_at
from newsdesk.index.types import Article, Span

from . import replies
from .requests import Request

REMOVED = "This article was removed. Please ask again."
_GONE = "This article is no longer here. Please ask again."
_UNFIT = re.compile(r"[^\w-]+")


def citation(kept: KeptAnswer, number: int) -> StoredCitation | None:
    """Where a passage that was shown under a number stands."""
    return kept.places[number - 1] if 0 < number <= len(kept.places) else None


async def can_be_opened(context: Context, kept: KeptAnswer, number: int) -> bool:
    """Whether the passage's article can be opened as it was when it was shown."""
    return await _quoted(context, citation(kept, number)) is not None


async def _quoted(context: Context, where: StoredCitation | None) -> Article | None:
    """The article of a citation as it was quoted, though it has changed or was removed since."""
    return await context.asker.quoted(where.article, where.digest) if where else None


async def show_context(context: Context, kept: KeptAnswer, number: int) -> None:
    """Put a passage among its paragraphs into the answer's message."""
    text = await in_context(context, kept, number)
    if text:
        markup = keyboards.of_answer(kept, context=number)
        await context.outbox.edit(kept.chat, kept.message, text, markup)


async def in_context(context: Context, kept: KeptAnswer, number: int) -> str:
    """A passage among its paragraphs; empty if nothing is kept of its article."""
    where = citation(kept, number)
    article = await _quoted(context, where)
    if article is None or where is None:
        return ""
    span = Span(where.start, where.end)
    paragraph = paragraph_at(article.text, span.start)
    scrolled = link(article, span.of(article.text), span.start)
    return answers.in_context(article, span, number, scrolled, paragraph)


async def choose(context: Context, kept: KeptAnswer) -> None:
    """Offer the articles of a page."""
    markup = keyboards.of_answer(kept, choosing=True)
    await context.outbox.edit(kept.chat, kept.message, kept.pages[kept.page], markup)


async def send(context: Context, kept: KeptAnswer, number: int) -> None:
    """Send an article whole, once for each answer."""
    where = citation(kept, number)
    if where is None or where.article in kept.given:
        return
    article = await _quoted(context, where)
    reply = Request(kept.chat, kept.user, "", kept.message, kept.topic)
    if article is None:
        await replies.line(context, reply, _GONE)
        return
    letter = Letter(kept.chat, "", topic=kept.topic, reply_to=kept.message)
    content = answers.document(article).encode("utf-8", "replace")
    sent = await context.outbox.send_document(
        letter, content, _file_name(article), answers.caption(article)
    )
    if sent:
        kept.given[where.article] = sent.message
        await replies.remember(context, kept)


def _file_name(article: Article) -> str:
    named = _UNFIT.sub("-", article.title or article.id).strip("-")
    return f"{named[:60] or 'article'}.txt"
