"""/start, /help and /sources: what the bot is, what it can do, and what it knows."""

from __future__ import annotations

import time
from difflib import get_close_matches

from newsdesk.bot.answering import articles, replies, small_talk
from newsdesk.bot.answering.replies import Reply
from newsdesk.bot.answering.requests import ButtonPress, Request
from newsdesk.bot.context import Context
from newsdesk.bot.quota import Leave
from newsdesk.bot.store.database import link_key
from newsdesk.bot.store.models import KeptAnswer
from newsdesk.bot.transport import command_menu
from newsdesk.bot.views import answers, help, keyboards
from newsdesk.bot.views.keyboards import Action

_UNKNOWN = "I do not know that command. /help says what I can do."
# Commands of other bots: what they mean is called otherwise here.
_END = {"stop", "end", "quit", "exit", "cancel", "mute", "unsubscribe"}
_ELSEWHERE = {
    **dict.fromkeys(("news", "latest", "new", "today", "digest", "headlines", "update"), "brief"),
    **dict.fromkeys(("search", "find", "query", "question", "q"), "ask"),
    **dict.fromkeys(("subscribe", "watch", "track", "alert", "alerts"), "follow"),
    **dict.fromkeys(("menu", "commands", "about", "info"), "help"),
    **dict.fromkeys(("time", "timezone", "language", "config"), "settings"),
    **dict.fromkeys(("subscriptions", "following", "list"), "topics"),
}
_MEANT = "There is no /{typed}. Did you mean /{near}?"
_OLD_LINK = "This link is too old. Type your question instead."
_OLD_HELP = "Please send /help again."
_BELOW = "It was asked just now; the answer is further down in this chat."
_WAIT = "Please wait a little before the next question."
_JUST_NOW = 60.0  # seconds in which an example is pressed twice by mistake


async def on_start(context: Context, request: Request) -> Reply | None:
    """Greet, or show what a link asked for."""
    if request.private:
        await context.menu.seen(request.user)
    if request.text and request.private:
        return await _open(context, request)
    return await on_help(context, request)


async def on_help(context: Context, request: Request) -> Reply:
    """What the bot can do, with questions out of the library to press."""
    examples = await context.asker.examples()
    page = help.page(context.me.username, request.private, bool(examples))
    keyboard = keyboards.of_examples(await _linked(context, request.user, examples))
    return Reply(page, keyboard, quotes=not request.private)


async def on_sources(context: Context, request: Request) -> Reply:
    """What the library holds."""
    sources = await context.asker.outlets()
    return Reply(answers.sources(sources, context.asker.held), quotes=not request.private)


async def on_unknown(context: Context, request: Request) -> Reply:
    """A command that is none of ours: the one that may have been meant, if there is one."""
    typed = request.text.lower()
    if typed in _END:
        return Reply(replies.words(small_talk.HOW_TO_END).html, quotes=not request.private)
    names = command_menu.names(request.private and context.is_admin(request.user))
    near = _ELSEWHERE.get(typed) or next(iter(get_close_matches(typed, names, n=1)), "")
    words = _MEANT.format(typed=request.text[:32], near=near) if near else _UNKNOWN
    return Reply(replies.words(words).html, quotes=not request.private)


async def on_example(context: Context, press: ButtonPress) -> None:
    """Ask a question that /help offers."""
    text = await context.store.linked(press.key)
    if text is None:
        await press.answer(_OLD_HELP)
        return
    request = _asking(press.request, text)
    if await _stands_below(context, request):
        await press.answer(_BELOW)
        return
    if context.limits.ask(request.user) is not Leave.GIVEN:
        await press.answer(_WAIT)
        return
    await press.answer()
    async with context.lock(request.chat):
        if not await _stands_below(context, request):  # by a press that came first
            await replies.give(context, request)


async def _open(context: Context, request: Request) -> Reply | None:
    """Show what a link names: a question to ask, or a page, context or article of an answer."""
    kind, _, rest = request.text.partition("-")
    key, _, number = rest.partition("-")
    text = await context.store.linked(key) if kind == "q" else None
    kept = await context.store.answer(key)
    if text:
        await replies.give(context, _asking(request, text))
        return None
    if kept and number.isdecimal() and kind in set(Action):
        return await _show(context, kept, request, Action(kind), int(number))
    return replies.words(_OLD_LINK)


async def _show(
    context: Context, kept: KeptAnswer, request: Request, action: Action, number: int
) -> Reply | None:
    """Another person's answer, as a message of its own, with the one who pressed as its owner."""
    own = replies.copy_for(context, kept, request)
    if action is Action.PAGE:
        await replies.turn_to(context, own, number)
        await replies.deliver(context, own)
    elif action is Action.CONTEXT:
        if not await articles.in_context(context, own, number):
            return replies.words(articles.REMOVED)
        await replies.deliver(context, own)
        await articles.show_context(context, own, number)
    elif action is Action.ARTICLE:
        await replies.deliver(context, own)
        await articles.send(context, own, number)
    return None


def _asking(request: Request, text: str) -> Request:
    """A request that asks a stored question, by itself."""
    return Request(
        chat=request.chat,
        user=request.user,
        text=text,
        message=request.message,
        topic=request.topic,
        update=request.update,
        alone=True,
    )


async def _stands_below(context: Context, request: Request) -> bool:
    """Whether an example's answer to another press by the same person came just now."""
    last = await context.store.answer_to(request.chat, request.message)
    if last is None or not last.message:  # one that never came is asked for again
        return False
    same = (last.user, last.typed) == (request.user, request.text)
    return same and time.time() - last.asked < _JUST_NOW


async def _linked(context: Context, user: int, questions: list[str]) -> list[tuple[str, str]]:
    """Questions with the keys that their buttons carry."""
    links = {link_key(user, text): text for text in questions}
    await context.store.link(user, links)
    return list(links.items())
