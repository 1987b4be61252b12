"""What happens when a button is pressed: at once, a week later, twice, or by someone else."""

from __future__ import annotations

import time

from telegram import CallbackQuery, MaybeInaccessibleMessage, Message, Update
from telegram.constants import ChatType

from newsdesk.bot.answering import articles, replies
from newsdesk.bot.answering.requests import Request
from newsdesk.bot.context import Desk
from newsdesk.bot.library import Busy
from newsdesk.bot.quota import Leave
from newsdesk.bot.store.models import KeptAnswer
from newsdesk.bot.transport.callback_answers import answered
from newsdesk.bot.views import keyboards
from newsdesk.bot.views.keyboards import Press
from newsdesk.index.errors import NewsdeskError

from . import brief, follow, schedule
from .settings import is_administrator, on_setting

_FORGOTTEN = "I no longer know this answer. Please ask again."
_THANKS = {1: "Thank you. Noted as helpful.", -1: "Thank you. Noted as not helpful."}
_KNOWN = "That was noted already. Thank you."
_ABOVE = "It was sent already; it is further down in this chat."
_BELOW = "It was asked just now; the answer is further down in this chat."
_WAIT = "Please wait a little before the next question."
_JUST_NOW = 60.0  # seconds in which an example is pressed twice by mistake
_OPENS = {Press.PAGE, Press.CONTEXT, Press.ARTICLE}  # for another person, in private


async def on_press(desk: Desk, update: Update) -> None:
    """Answer the press first, then do what it asks for."""
    query = update.callback_query
    if query is None:
        return
    press, key, rest = _read(query.data or "")
    message = query.message
    if press is None or message is None:
        await answered(query)
        return
    if not desk.allowed(message.chat.id, query.from_user.id):
        await answered(query)
    elif press is Press.EXAMPLE:
        await _example(desk, query, message, key, update.update_id)
    elif press is Press.SETTING:
        await on_setting(desk, query, message, key, rest)
    elif press is Press.PLAN:
        await schedule.on_press(desk, query, message, key, rest)
    elif press is Press.UNFOLLOW:
        await follow.on_press(desk, query, message, key)
    elif press in (Press.BRIEF, Press.STORY, Press.LESS):
        await brief.on_press(desk, query, message, press, key, rest)
    else:
        await _of_answer(desk, query, message, press, key, rest)


async def _of_answer(
    desk: Desk,
    query: CallbackQuery,
    message: MaybeInaccessibleMessage,
    press: Press,
    key: str,
    rest: str,
) -> None:
    kept = desk.store.answer(key)
    if kept is None:
        await answered(query, _FORGOTTEN)
        return
    if press in (Press.UP, Press.DOWN):
        vote = 1 if press is Press.UP else -1
        new = desk.store.vote(kept, query.from_user.id, vote)
        await answered(query, _THANKS[vote] if new else _KNOWN)
        return
    number = int(rest) if rest.isdecimal() else 0
    if not await _is_own(desk, query, message, kept):
        await _elsewhere(desk, query, kept, press, number)
        return
    if press is Press.ARTICLES and len(_articles(kept)) == 1:
        press, number = Press.ARTICLE, keyboards.first_on(kept, kept.page)
    if press is Press.ARTICLE and await _is_given(desk, query, kept, number):
        return
    if press is Press.CONTEXT and not await articles.is_same(desk, kept, number):
        await answered(query, articles.CHANGED)
        return
    await answered(query)
    async with desk.lock(message.chat.id):
        fresh = desk.store.answer(key)
        if fresh:
            fresh.chat, fresh.message = message.chat.id, message.message_id
            await _do(desk, fresh, press, number)


async def _is_own(
    desk: Desk, query: CallbackQuery, message: MaybeInaccessibleMessage, kept: KeptAnswer
) -> bool:
    """Whether an answer is to the one who presses.

    Of an anonymous administrator no more is known than the group, so it is any administrator's.
    """
    person, chat = query.from_user.id, message.chat
    if chat.type == ChatType.PRIVATE or person == kept.user:
        return True
    return kept.user == chat.id and await is_administrator(desk, chat.id, person)


async def _do(desk: Desk, kept: KeptAnswer, press: Press, number: int) -> None:
    if press is Press.PAGE:
        await replies.turn_to(desk, kept, number)
        await replies.show(desk, kept)
    elif press is Press.CONTEXT:
        await articles.show_context(desk, kept, number)
    elif press is Press.ARTICLES:
        await articles.choose(desk, kept)
    elif press is Press.ARTICLE:
        await articles.send(desk, kept, number)
    else:
        await _again(desk, kept, press)


async def _again(desk: Desk, kept: KeptAnswer, press: Press) -> None:
    """Ask the same question anew, without what was narrowed, or without what went before."""
    before = desk.store.answer(kept.before) if kept.before else None
    request = Request(
        chat=kept.chat,
        user=kept.user,
        text=kept.typed,
        message=kept.question_message,
        topic=kept.topic,
        before=before,
        alone=kept.alone or press is Press.ALONE,
        whole=kept.whole or press is Press.WHOLE,
    )
    await replies.give_again(desk, kept, request)


def _articles(kept: KeptAnswer) -> set[str]:
    return {kept.places[one - 1].article for one in keyboards.on_page(kept, kept.page)}


async def _elsewhere(
    desk: Desk, query: CallbackQuery, kept: KeptAnswer, press: Press, number: int
) -> None:
    """What someone else wants to see opens in private: others go on reading the message."""
    if press is Press.ARTICLES:
        press, number = Press.ARTICLE, keyboards.first_on(kept, kept.page)
    if press in _OPENS:
        await answered(query, url=desk.link(f"{press}-{kept.key}-{number}"))
    else:
        await answered(query, "Only who asked can change this answer. /ask asks your own.")


async def _is_given(desk: Desk, query: CallbackQuery, kept: KeptAnswer, number: int) -> bool:
    """Whether the article was sent below this answer before."""
    place = articles.place(kept, number)
    if place is None or place.article not in kept.given:
        return False
    await answered(query, _ABOVE)
    return True


async def _example(
    desk: Desk, query: CallbackQuery, message: MaybeInaccessibleMessage, key: str, update: int
) -> None:
    """Ask a question that /help offers."""
    text = desk.store.linked(key)
    if text is None:
        await answered(query, "Please send /help again.")
        return
    in_topic = isinstance(message, Message) and message.is_topic_message
    topic = message.message_thread_id if isinstance(message, Message) and in_topic else None
    request = Request(
        chat=message.chat.id,
        user=query.from_user.id,
        text=text,
        message=message.message_id,
        topic=topic,
        update=update,
        alone=True,
    )
    if _stands_below(desk, request):
        await answered(query, _BELOW)
        return
    if desk.limits.ask(request.user) is not Leave.GIVEN:
        await answered(query, _WAIT)
        return
    await answered(query)
    async with desk.lock(request.chat):
        if _stands_below(desk, request):  # by a press that came first
            return
        try:
            await replies.give(desk, request)
        except (Busy, NewsdeskError):
            await replies.line(desk, request, replies.BUSY)


def _stands_below(desk: Desk, request: Request) -> bool:
    """Whether an example's answer to another press by the same person came just now."""
    last = desk.store.answer_to(request.chat, request.message)
    if last is None or not last.message:  # one that never came is asked for again
        return False
    same = (last.user, last.typed) == (request.user, request.text)
    return same and time.time() - last.asked < _JUST_NOW


def _read(data: str) -> tuple[Press | None, str, str]:
    """What a button carries; None for what is not ours."""
    parts = data.split(":", 2)
    if len(parts) < 2 or parts[0] not in set(Press):
        return None, "", ""
    return Press(parts[0]), parts[1], parts[2] if len(parts) > 2 else ""
