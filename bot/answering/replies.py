"""From a question to the message that answers it, told once and remembered."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from functools import cache, partial
from importlib.metadata import version

import msgspec
from telegram import InlineKeyboardMarkup

from newsdesk.bot.context import Desk
from newsdesk.bot.library import Busy
from newsdesk.bot.store.models import Kept, Narrowed, Place
from newsdesk.bot.transport.html import escape
from newsdesk.bot.transport.outbox import Letter, Sent
from newsdesk.bot.views import answers, keyboards
from newsdesk.index.errors import NewsdeskError
from newsdesk.index.types import Answer, Shown

from .requests import Request, further_question, question_of

_LOG = logging.getLogger("newsdesk.answers")
_MOMENT = 2.5  # seconds of silence, at most
_MOST = 30  # passages to page through
BUSY = "Many people are asking just now. Please ask again in a minute."
FAILED = "Something went wrong here, and it has been noted. Please ask again later."


async def give(desk: Desk, request: Request) -> None:
    """Answer a question with a message; goes on where a run that was killed had stopped."""
    kept = desk.store.answer_of(request.update) if request.update else None
    if kept is None:
        waiting = desk.store.waiting(request.update)
        kept, waiting = await _made(desk, request, waiting)
    elif kept.message:
        return
    else:
        waiting = desk.store.waiting(request.update)
        after = kept.question_message
        found = await desk.outbox.find(kept.chat, after, _markup(kept)) if kept.tried else None
        if found:
            _stands(desk, kept, found)
            return
    if kept:
        await deliver(desk, kept, waiting)


async def give_again(desk: Desk, old: Kept, request: Request) -> None:
    """Answer a question that was changed, in the message that holds its answer."""
    kept = await _found(desk, request, desk.asker.ask(question_of(desk, request)))
    if kept is None:
        return
    kept.key, kept.message, kept.chat = old.key, old.message, old.chat
    kept.question_message, kept.update = old.question_message, old.update
    await show(desk, kept)  # first: stopped on the way, it is done again after a restart
    remember(desk, kept)


async def show(desk: Desk, kept: Kept) -> None:
    """Put the page that an answer is at into its message."""
    if kept.message:
        await desk.outbox.edit(kept.chat, kept.message, kept.pages[kept.page], _markup(kept))


async def turn_to(desk: Desk, kept: Kept, page: int) -> None:
    """Make sure that a page of an answer is at hand, and turn to it."""
    if page >= len(kept.pages):
        await _further(desk, kept)
    kept.page = max(0, min(page, len(kept.pages) - 1))
    remember(desk, kept)


async def line(desk: Desk, request: Request, words: str) -> None:
    """Say something plain where an answer would be."""
    await desk.outbox.send(
        Letter(request.chat, escape(words), topic=request.topic, reply_to=request.message)
    )


def copy_for(desk: Desk, kept: Kept, request: Request) -> Kept:
    """An answer for another person, to be shown in another chat."""
    return msgspec.structs.replace(
        kept,
        key=desk.store.new_key(),
        chat=request.chat,
        user=request.user,
        question_message=request.message,
        topic=request.topic,
        message=0,
        tried=False,
        update=0,
        page=0,
        given={},
        asked=time.time(),
        places=list(kept.places),
        pages=list(kept.pages),
    )


def remember(desk: Desk, kept: Kept) -> None:
    """Keep an answer; where that cannot be, it is shown all the same, and the log says why."""
    try:
        desk.store.keep(kept)
    except NewsdeskError as error:
        _LOG.error("an answer is not remembered, its buttons will not work: %s", error)


async def _made(desk: Desk, request: Request, waiting: int) -> tuple[Kept | None, int]:
    """The answer to a question, and the message that said "one moment" meanwhile."""
    search = asyncio.ensure_future(desk.asker.ask(question_of(desk, request)))
    if not waiting:
        await asyncio.wait({search}, timeout=_MOMENT)
        if not search.done():
            waiting = await _one_moment(desk, request)
    kept = await _found(desk, request, search)
    if kept:
        remember(desk, kept)
    return kept, waiting


async def _found(desk: Desk, request: Request, search: Awaitable[Answer]) -> Kept | None:
    try:
        answer = await search
    except Busy:
        await line(desk, request, BUSY)
        return None
    except NewsdeskError as error:
        _LOG.error("a question was not answered: %s", error)
        await line(desk, request, FAILED)
        return None
    if desk.settings.telegram.log_questions:
        _LOG.info("%s: %s", answer.verdict, request.text)
    return _kept(desk, request, answer)


async def _one_moment(desk: Desk, request: Request) -> int:
    letter = Letter(request.chat, "One moment …", topic=request.topic, reply_to=request.message)
    sent = await desk.outbox.send(letter)
    if sent:
        desk.store.wait_with(request.update, sent.message)
    return sent.message if sent else 0


async def deliver(desk: Desk, kept: Kept, waiting: int = 0) -> None:
    """Send an answer, or put it where "one moment" stands."""
    page = kept.pages[kept.page]
    if waiting and await desk.outbox.edit(kept.chat, waiting, page, _markup(kept)):
        _stands(desk, kept, Sent(kept.chat, waiting))
        return
    letter = Letter(
        kept.chat,
        page,
        _markup(kept),
        topic=kept.topic,
        reply_to=kept.question_message,
        after=kept.question_message,
        tried=partial(_tried, desk, kept),
    )
    sent = await desk.outbox.send(letter)
    if sent:
        _stands(desk, kept, sent)


def _tried(desk: Desk, kept: Kept, _: int) -> None:
    if not kept.tried:
        kept.tried = True
        remember(desk, kept)


def _stands(desk: Desk, kept: Kept, sent: Sent) -> None:
    kept.chat, kept.message = sent.chat, sent.message
    remember(desk, kept)


def _kept(desk: Desk, request: Request, answer: Answer) -> Kept:
    understood, held = answer.understood, answer.collection
    query = understood.query
    narrowed = Narrowed(query.since, query.until, query.sources, understood.kept)
    return Kept(
        key=desk.store.new_key(),
        chat=request.chat,
        user=request.user,
        asked=time.time(),
        question_message=request.message,
        topic=request.topic,
        update=request.update,
        typed=request.text,
        question=answer.question,
        context=query.context,
        carried=understood.carried,
        before=request.before.key if request.before else "",
        alone=request.alone,
        whole=request.whole,
        narrowed=narrowed,
        verdict=answer.verdict,
        probability=answer.probability,
        sentence=answer.sentence.text if answer.sentence else "",
        sentence_passage=answer.sentence.passage if answer.sentence else 0,
        places=_places(answer.passages),
        pages=[answers.first_page(answer)],
        per_page=query.k,
        more=answer.verdict != "none" and len(answer.passages) == query.k,
        generation=held.generation,
        model=held.model,
        version=_version(),
        seconds=time.monotonic() - request.arrived,
    )


async def _further(desk: Desk, kept: Kept) -> None:
    """Add the next page to an answer; passages that were shown are not shown again."""
    known = {(one.article, one.start) for one in kept.places}
    wanted = len(kept.places) + kept.per_page
    answer = await desk.asker.ask(further_question(desk, kept, wanted + 1))
    new = [one for one in answer.passages if (one.hit.article.id, one.citation.start) not in known]
    page = new[: kept.per_page]
    kept.more = len(new) > len(page) and wanted < _MOST
    if page:
        first = len(kept.places) + 1
        numbered = [answers.numbered(one, first + i) for i, one in enumerate(page)]
        kept.places += _places(numbered)
        kept.pages.append(answers.further_page(kept.typed, numbered))


def _places(shown: tuple[Shown, ...] | list[Shown]) -> list[Place]:
    return [
        Place(
            article=one.citation.article.id,
            digest=one.citation.article.digest,
            start=one.citation.start,
            end=one.citation.end,
            title=one.citation.article.title,
        )
        for one in shown
    ]


def _markup(kept: Kept) -> InlineKeyboardMarkup:
    return keyboards.of_answer(kept)


@cache
def _version() -> str:
    return version("newsdesk")
