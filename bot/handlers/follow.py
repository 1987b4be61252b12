"""/follow, /unfollow and /topics: what a chat, or a topic of a forum, is briefed on."""

from __future__ import annotations

from telegram import CallbackQuery, InlineKeyboardMarkup, MaybeInaccessibleMessage, Message, Update

from newsdesk.bot.answering import replies
from newsdesk.bot.answering.requests import Request, of_command
from newsdesk.bot.briefings import on_demand
from newsdesk.bot.briefings.topics import find, same
from newsdesk.bot.context import Desk
from newsdesk.bot.store.models import Follow
from newsdesk.bot.transport.callback_answers import answered
from newsdesk.bot.transport.html import Page, escape, shortened
from newsdesk.bot.transport.outbox import Letter
from newsdesk.bot.views import keyboards

from . import schedule
from .settings import is_changer, may_change
from .start import is_welcome

_MOST = 20  # topics of a chat
_LONGEST = 200  # characters of a topic
_ONLY_ADMINISTRATORS = "Only administrators of this group change what it follows."
_HOW = "Write the topic behind it: /follow Ukraine talks, or /follow who is on strike?"
_NO_TIME = "A topic has no time: /follow {topic}. When you are briefed on it, /schedule says."
_TOO_MANY = f"That would be more than {_MOST} topics. /unfollow one first."
_TOO_LONG = f"Please name the topic in {_LONGEST} characters or fewer."
_NONE = "No topic is followed here. /follow Ukraine talks follows one."


async def on_follow(desk: Desk, update: Update) -> None:
    """Follow a topic."""
    message = update.effective_message
    if message is None or not await is_welcome(desk, message):
        return
    request = of_command(message, update.update_id)
    async with desk.lock(request.chat):
        await replies.line(desk, request, await _followed(desk, message, request))


async def on_unfollow(desk: Desk, update: Update) -> None:
    """Follow a topic no more: the one that is named, or one to be chosen."""
    message = update.effective_message
    if message is None or not await is_welcome(desk, message):
        return
    request = of_command(message, update.update_id)
    topic = request.topic or 0
    async with desk.lock(request.chat):
        follows = desk.store.briefings.follows(request.chat, topic)
        named = find(follows, request.text) if request.text else None
        if not await is_changer(desk, message):
            await replies.line(desk, request, _ONLY_ADMINISTRATORS)
        elif named:
            desk.store.briefings.unfollow(request.chat, topic, named.name)
            await replies.line(desk, request, f"“{named.name}” is followed no more.")
        else:
            page, markup = _listed(desk, request.chat, topic, choosing=True)
            if request.text and markup:
                unknown = f"“{shortened(request.text, schedule.SHOWN)}” names none of them.\n\n"
                page = f"{escape(unknown)}{page}"
            await _reply(desk, request, page, markup)


async def on_topics(desk: Desk, update: Update) -> None:
    """What is followed, and when it is told; anyone may look."""
    message = update.effective_message
    if message is None or not await is_welcome(desk, message):
        return
    request = of_command(message, update.update_id)
    async with desk.lock(request.chat):
        page, _ = _listed(desk, request.chat, request.topic or 0, choosing=False)
        await _reply(desk, request, page, None)


async def on_press(
    desk: Desk, query: CallbackQuery, message: MaybeInaccessibleMessage, key: str
) -> None:
    """Follow the topic of a button no more."""
    if not await may_change(desk, message.chat, query.from_user.id):
        await answered(query, _ONLY_ADMINISTRATORS)
        return
    await answered(query)
    chat, topic = message.chat.id, schedule.topic_of(message)
    async with desk.lock(chat):
        for one in desk.store.briefings.follows(chat, topic):
            if keyboards.digest(one.name) == key:
                desk.store.briefings.unfollow(chat, topic, one.name)
        page, markup = _listed(desk, chat, topic, choosing=True)
        await desk.outbox.edit(chat, message.message_id, page, markup)


async def _followed(desk: Desk, message: Message, request: Request) -> str:
    """Follow what a command names, if that can be; returns what to say."""
    if not await is_changer(desk, message):
        return _ONLY_ADMINISTRATORS
    wanted = await on_demand.read(desk, request)
    follow = Follow(words=wanted.topic, sources=wanted.sources, languages=wanted.languages)
    topic = request.topic or 0
    follows = desk.store.briefings.follows(request.chat, topic)
    if not request.text:
        return _HOW
    if wanted.said:
        return _NO_TIME.format(topic=shortened(follow.name or "news", _LONGEST))
    if len(follow.name) > _LONGEST:
        return _TOO_LONG
    if same(follows, follow) is None:
        if len(follows) >= _MOST:
            return _TOO_MANY
        desk.store.briefings.follow(request.chat, topic, follow)
    plan = desk.store.briefings.plan(request.chat, topic)
    when = f"Briefings: {schedule.told(desk, plan)}." if plan.on else schedule.HOW
    return f"Following “{follow.name or 'everything'}”. {when}"


def _listed(
    desk: Desk, chat: int, topic: int, choosing: bool
) -> tuple[str, InlineKeyboardMarkup | None]:
    follows = desk.store.briefings.follows(chat, topic)
    page = Page()
    if not follows:
        page.add(_NONE)
    else:
        page.add("Which one is to be followed no more?" if choosing else "Followed here", "b")
    for one in follows:
        page.add(f"\n• {schedule.named(one)}")
    page.add("\n\n")
    schedule.tell(page, desk, desk.store.briefings.plan(chat, topic))
    return page.html, keyboards.of_follows([one.name for one in follows]) if choosing else None


async def _reply(
    desk: Desk, request: Request, page: str, markup: InlineKeyboardMarkup | None
) -> None:
    letter = Letter(request.chat, page, markup, request.topic, request.message)
    await desk.outbox.send(letter)
