"""/start, /help and /sources: what the bot is, what it can do, and what it knows."""

from __future__ import annotations

import hashlib

from telegram import InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatType

from newsdesk.bot.answering import articles, replies
from newsdesk.bot.answering.requests import Request
from newsdesk.bot.context import Desk
from newsdesk.bot.store.models import KeptAnswer
from newsdesk.bot.transport.html import Page
from newsdesk.bot.transport.outbox import Letter
from newsdesk.bot.views import answers, keyboards
from newsdesk.bot.views.keyboards import Press

from . import ask


async def on_start(desk: Desk, update: Update) -> None:
    """Greet, or show what a link asked for."""
    message = update.effective_message
    if message is None:
        return
    payload = (message.text or "").partition(" ")[2].strip()
    if payload and message.chat.type == ChatType.PRIVATE:
        await _open(desk, update, message, payload)
    else:
        await on_help(desk, update)


async def on_help(desk: Desk, update: Update) -> None:
    """What the bot can do, with questions out of the library to press."""
    message = update.effective_message
    if message is None or not await is_welcome(desk, message):
        return
    asked = await desk.asker.examples()
    page = _help(desk, message.chat.type == ChatType.PRIVATE, bool(asked))
    await _reply(desk, message, page, keyboards.of_examples(_linked(desk, asked)))


async def on_sources(desk: Desk, update: Update) -> None:
    """What the library holds."""
    message = update.effective_message
    if message is None or not await is_welcome(desk, message):
        return
    found = await desk.asker.outlets()
    await _reply(desk, message, answers.outlets(found, desk.asker.held), None)


async def on_unknown(desk: Desk, update: Update) -> None:
    """A command that is none of ours, in private."""
    message = update.effective_message
    if message and await is_welcome(desk, message):
        page = Page().add("I do not know that command. /help says what I can do.")
        await _reply(desk, message, page.html, None)


async def _open(desk: Desk, update: Update, message: Message, payload: str) -> None:
    """Show what a link names: a question to ask, or a page, context or article of an answer."""
    kind, _, rest = payload.partition("-")
    key, _, number = rest.partition("-")
    request = Request(
        chat=message.chat.id,
        user=message.chat.id,
        text=desk.store.linked(key) or "" if kind == "q" else "",
        message=message.message_id,
        update=update.update_id,
        alone=True,
    )
    kept = desk.store.answer(key)
    if not await is_welcome(desk, message):
        return
    async with desk.lock(message.chat.id):
        if request.text:
            await replies.give(desk, request)
        elif kept and number.isdecimal() and kind in set(Press):
            await _show(desk, kept, request, Press(kind), int(number))
        else:
            await replies.line(desk, request, "This link is too old. Type your question instead.")


async def _show(desk: Desk, kept: KeptAnswer, request: Request, press: Press, number: int) -> None:
    """Another person's answer, as a message of its own, with the one who pressed as its owner."""
    own = replies.copy_for(desk, kept, request)
    if press is Press.PAGE:
        await replies.turn_to(desk, own, number)
        await replies.deliver(desk, own)
    elif press is Press.CONTEXT:
        text = await articles.context(desk, own, number)
        if not text:
            await replies.line(desk, request, articles.CHANGED)
            return
        await replies.deliver(desk, own)
        await articles.show_context(desk, own, number)
    elif press is Press.ARTICLE:
        await replies.deliver(desk, own)
        await articles.send(desk, own, number)


async def is_welcome(desk: Desk, message: Message) -> bool:
    """Whether the chat may be answered; if not, its id is said once."""
    sender = message.sender_chat or message.from_user
    user = sender.id if sender else message.chat.id
    request = Request(message.chat.id, user, "", message.message_id)
    if desk.allowed(message.chat.id, user):
        return await ask.may_ask(desk, request)
    await ask.refuse(desk, request)
    return False


async def _reply(
    desk: Desk, message: Message, page: str, markup: InlineKeyboardMarkup | None
) -> None:
    topic = message.message_thread_id if message.is_topic_message else None
    group = message.chat.type != ChatType.PRIVATE
    reply = message.message_id if group else None
    async with desk.lock(message.chat.id):
        letter = Letter(message.chat.id, page, markup, topic, reply)
        await desk.outbox.send(letter)


def _linked(desk: Desk, asked: list[str]) -> list[tuple[str, str]]:
    """Questions with the keys that their buttons carry."""
    found = []
    for text in asked:
        key = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
        desk.store.link(text, key)
        found.append((key, text))
    return found


def _help(desk: Desk, private: bool, examples: bool) -> str:
    name = desk.me.username
    page = Page()
    page.add("Ask me about the articles I hold.", "b")
    page.add(
        " You get the passage that answers, the sentence in it, and where it stands: title, source,"
        " date, paragraph. Every word is from an article; what is not there I do not answer."
    )
    how = "Just type your question." if private else "/ask and your question, here."
    page.add(f"\n\n{how} Reply to an answer to ask on: “and who leads it?”")
    page.add("\nNarrow it in words: “since Monday”, “in December 2021”, “from Reuters”.")
    page.add("\nIn a group: /ask and the question, or /ask as a reply to someone's message.")
    page.add(f"\nIn any chat: @{name} and the question.")
    page.add(
        "\n\nWhat is new: /brief, or “what did I miss?”. /follow a topic, and /schedule has me"
    )
    page.add(" tell what is new in it by myself; /topics shows what is followed.")
    page.add("\n\n/sources: what is here\n/settings: time zone, length of answers")
    if examples:
        page.add("\n\nTry one of these:")
    return page.html
