"""From a question to the message that answers it: searched, sent once and remembered."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

import msgspec

from newsdesk.bot.context import Context
from newsdesk.bot.store.database import new_key
from newsdesk.bot.store.models import KeptAnswer, Narrowed, StoredCitation
from newsdesk.bot.transport.buttons import Keyboard
from newsdesk.bot.transport.html import escape
from newsdesk.bot.transport.outbox import Letter, Sent
from newsdesk.bot.views import answers, keyboards
from newsdesk.index.errors import NewsdeskError
from newsdesk.index.types import Answer, Shown

from .requests import Request, further_question, question_of

_LOG = logging.getLogger("newsdesk.answers")
_UNNOTED = "“one moment” is not remembered"
_MOMENT = 2.5  # seconds of silence, at most
_MOST = 30  # passages to page through
BUSY = "Many people are asking just now. Please ask again in a minute."
ASK_AGAIN = "Telegram does not say just now who administrates this group. Please try again."
FAILED = "Something went wrong here, and it has been noted. Please ask again later."


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler says: Telegram's HTML, and buttons below it."""

    html: str
    keyboard: Keyboard | None = None
    quotes: bool = True  # whether it is sent as a reply to the message that asked


def words(text: str) -> Reply:
    """A reply in plain words."""
    return Reply(escape(text))


async def send(context: Context, request: Request, reply: Reply) -> None:
    """Send a reply to where its request came from."""
    reply_to = request.message if reply.quotes else 0
    letter = Letter(request.chat, reply.html, reply.keyboard, request.topic, reply_to or None)
    await context.outbox.send(letter)


async def give(context: Context, request: Request) -> None:
    """Answer a question with a message; goes on where a run that was killed had stopped."""
    kept = await context.store.answer_of(request.update) if request.update else None
    if kept is None:
        waiting = await _waiting(context, request)
        kept, waiting = await _made(context, request, waiting)
    elif kept.message:
        return
    else:  # it was not sent, or may not have been
        waiting = await _waiting(context, request)
    await deliver(context, kept, waiting)


async def give_again(context: Context, old: KeptAnswer, request: Request) -> None:
    """Answer a question that was changed, in the message that holds its answer."""
    question = await question_of(context, request)
    kept = await _kept(context, request, context.asker.ask(question))
    kept.key, kept.message, kept.chat = old.key, old.message, old.chat
    kept.question_message, kept.update = old.question_message, old.update
    await show(context, kept)  # first: stopped on the way, it is done again after a restart
    await remember(context, kept)


async def show(context: Context, kept: KeptAnswer) -> None:
    """Put the page that an answer is at into its message."""
    if kept.message:
        await context.outbox.edit(kept.chat, kept.message, kept.pages[kept.page], _markup(kept))


async def turn_to(context: Context, kept: KeptAnswer, page: int) -> None:
    """Make sure that a page of an answer is at hand, and turn to it."""
    if page >= len(kept.pages):
        await _further(context, kept)
    kept.page = max(0, min(page, len(kept.pages) - 1))
    await remember(context, kept)


async def line(context: Context, request: Request, text: str) -> None:
    """Send plain words to where a request came from."""
    await send(context, request, words(text))


def copy_for(context: Context, kept: KeptAnswer, request: Request) -> KeptAnswer:
    """An answer for another person, to be shown in another chat."""
    return msgspec.structs.replace(
        kept,
        key=new_key(),
        chat=request.chat,
        origin=kept.origin or kept.chat,
        author=kept.author or kept.user,
        user=request.user,
        question_message=request.message,
        topic=request.topic,
        message=0,
        update=0,
        page=0,
        given={},
        asked=time.time(),
        places=list(kept.places),
        pages=list(kept.pages),
    )


async def remember(context: Context, kept: KeptAnswer) -> None:
    """Keep an answer; where that cannot be, it is shown all the same, and the log says why."""
    try:
        await context.store.keep(kept)
    except NewsdeskError as error:
        _LOG.error("an answer is not remembered, its buttons will not work: %s", error)


async def _waiting(context: Context, request: Request) -> int:
    """The message that says "one moment" to a request since before a restart; 0 for none."""
    return await context.store.read(lambda store: store.waiting(request.update))


async def _made(context: Context, request: Request, waiting: int) -> tuple[KeptAnswer, int]:
    """The answer to a question, and the message that said "one moment" meanwhile."""
    search = asyncio.ensure_future(context.asker.ask(await question_of(context, request)))
    if not waiting:
        await asyncio.wait({search}, timeout=_MOMENT)
        if not search.done():
            waiting = await _one_moment(context, request)
    kept = await _kept(context, request, search)
    await remember(context, kept)
    return kept, waiting


async def _kept(context: Context, request: Request, search: Awaitable[Answer]) -> KeptAnswer:
    """The answer that a search gives, as it is remembered."""
    answer = await search
    if context.settings.telegram.log_questions:
        _LOG.info("%s: %s", answer.verdict, request.text)
    kept = _packed(context, request, answer)
    context.metrics.answered("message", kept.verdict, kept.seconds)
    return kept


async def _one_moment(context: Context, request: Request) -> int:
    letter = Letter(
        request.chat, "One moment …", topic=request.topic, reply_to=request.message, once=True
    )
    sent = await context.outbox.send(letter)
    if sent is None:
        return 0
    try:
        message = sent.message
        await context.store.write_soon(
            lambda store: store.wait_with(request.update, message), _UNNOTED
        )
    except NewsdeskError as error:  # after a restart it would be said again, no more
        _LOG.error("%s: %s", _UNNOTED, error)
    return sent.message


async def deliver(context: Context, kept: KeptAnswer, waiting: int = 0) -> None:
    """Send an answer, or put it where "one moment" stands."""
    page = kept.pages[kept.page]
    if waiting and await context.outbox.edit(kept.chat, waiting, page, _markup(kept)):
        await _stands(context, kept, Sent(kept.chat, waiting))
        return
    letter = Letter(
        kept.chat,
        page,
        _markup(kept),
        topic=kept.topic,
        reply_to=kept.question_message,
    )
    sent = await context.outbox.send(letter)
    if sent:
        await _stands(context, kept, sent)


async def _stands(context: Context, kept: KeptAnswer, sent: Sent) -> None:
    kept.chat, kept.message = sent.chat, sent.message
    await remember(context, kept)


def _packed(context: Context, request: Request, answer: Answer) -> KeptAnswer:
    understood, held = answer.understood, answer.collection
    query = understood.query
    narrowed = Narrowed(query.since, query.until, query.sources, understood.kept)
    return KeptAnswer(
        key=new_key(),
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
        pages=[answers.first_page(answer, _remarks(request))],
        per_page=query.k,
        more=answer.verdict != "none" and len(answer.passages) == query.k,
        generation=held.generation,
        model=held.model,
        version=_version(),
        seconds=time.monotonic() - request.arrived,
    )


def _remarks(request: Request) -> list[str]:
    """What is said above an answer of how the message was read."""
    what = "message" if request.forwarded else "question"
    remarks = ["What I have on the message that you forwarded:"] if request.forwarded else []
    if request.was_cut:
        remarks.append(f"The {what} is long; I read its first {len(request.text):,} characters.")
    return remarks


async def _further(context: Context, kept: KeptAnswer) -> None:
    """Add the next page to an answer; passages that were shown are not shown again."""
    known = {(citation.article, citation.start) for citation in kept.places}
    wanted = len(kept.places) + kept.per_page
    answer = await context.asker.ask(await further_question(context, kept, wanted + 1))
    new = [
        shown
        for shown in answer.passages
        if (shown.hit.article.id, shown.citation.start) not in known
    ]
    page = new[: kept.per_page]
    kept.more = len(new) > len(page) and wanted < _MOST
    if page:
        first = len(kept.places) + 1
        numbered = [answers.numbered(shown, first + i) for i, shown in enumerate(page)]
        kept.places += _places(numbered)
        kept.pages.append(answers.further_page(kept.typed, numbered))


def _places(passages: Sequence[Shown]) -> list[StoredCitation]:
    citations = [shown.citation for shown in passages]
    return [
        StoredCitation(
            article=citation.article.id,
            digest=citation.article.digest,
            start=citation.start,
            end=citation.end,
            title=citation.article.title,
        )
        for citation in citations
    ]


def _markup(kept: KeptAnswer) -> Keyboard:
    return keyboards.of_answer(kept)


@cache
def _version() -> str:
    return version("newsdesk")
