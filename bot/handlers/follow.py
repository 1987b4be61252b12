"""/follow, /unfollow and /topics: what a chat, or a topic of a forum, is briefed on."""

from __future__ import annotations

from dataclasses import replace

from msgspec import structs

from newsdesk.bot.answering import replies
from newsdesk.bot.answering.replies import Reply
from newsdesk.bot.answering.requests import ButtonPress, Request
from newsdesk.bot.briefings import on_demand, panels
from newsdesk.bot.briefings.plans import follows_of, plan_of
from newsdesk.bot.briefings.topics import find, same
from newsdesk.bot.context import Context
from newsdesk.bot.store.briefings import Briefings
from newsdesk.bot.store.models import Follow
from newsdesk.bot.transport.html import escape, shortened
from newsdesk.bot.views import keyboards, schedules

ONLY_ADMINISTRATORS = "Only administrators of this group change what it follows."
_MOST = 20  # topics of a chat
_LONGEST = 200  # characters of a topic
_HOW = "Write the topic behind it: /follow Ukraine talks, or /follow who is on strike?"
_NO_TIME = "A topic has no time: /follow {topic}. When you are briefed on it, /schedule says."
_TOO_MANY = f"That would be more than {_MOST} topics. /unfollow one first."
_TOO_LONG = f"Please name the topic in {_LONGEST} characters or fewer."


async def on_follow(context: Context, request: Request) -> Reply:
    """Follow a topic."""
    if not request.may_change:
        return replies.words(ONLY_ADMINISTRATORS)
    wanted = await on_demand.read(context, request)
    follow = Follow(words=wanted.topic, sources=wanted.sources, languages=wanted.languages)
    if not request.text:
        return replies.words(_HOW)
    if wanted.said:
        return replies.words(_NO_TIME.format(topic=shortened(follow.name or "news", _LONGEST)))
    trouble = await _followed(context, request, follow)
    if trouble:
        return replies.words(trouble)
    plan = await plan_of(context, request.chat, request.topic or 0)
    when = f"Briefings: {await panels.hours(context, plan)}." if plan.on else schedules.HOW
    preview = await panels.preview(context, plan, [follow])
    return Reply(schedules.followed(follow.name, when, preview))


async def on_unfollow(context: Context, request: Request) -> Reply:
    """Follow a topic no more: the one that is named, or one to be chosen."""
    if not request.may_change:
        return replies.words(ONLY_ADMINISTRATORS)
    topic = request.topic or 0
    follows = await follows_of(context, request.chat, topic)
    named = find(follows, request.text) if request.text else None
    if named:
        await _unfollow(context, request.chat, topic, named.name)
        return replies.words(f"“{named.name}” is followed no more.")
    choice = await panels.topics(context, request.chat, topic, choosing=True)
    if not request.text or not choice.keyboard:
        return choice
    unknown = f"“{shortened(request.text, schedules.SHOWN)}” names none of them.\n\n"
    return replace(choice, html=f"{escape(unknown)}{choice.html}")


async def on_topics(context: Context, request: Request) -> Reply:
    """What is followed, and when it is told; anyone may look."""
    return await panels.topics(context, request.chat, request.topic or 0)


async def on_press(context: Context, press: ButtonPress) -> None:
    """Follow the topic of a button no more."""
    chat, topic = press.request.chat, press.request.topic or 0
    for follow in await follows_of(context, chat, topic):
        if keyboards.digest(follow.name) == press.key:
            await _unfollow(context, chat, topic, follow.name)
    await press.answer()
    async with context.lock(chat):
        choice = await panels.topics(context, chat, topic, choosing=True)
        await context.outbox.edit(chat, press.request.message, choice.html, choice.keyboard)


async def _unfollow(context: Context, chat: int, topic: int, name: str) -> None:
    await context.store.write(lambda store: store.briefings.unfollow(chat, topic, name))


async def _followed(context: Context, request: Request, follow: Follow) -> str:
    """Follow a topic; returns why that cannot be, if so.

    A command that was changed follows its new topic instead of the one it named before.
    """
    if len(follow.name) > _LONGEST:
        return _TOO_LONG
    place = request.chat, request.topic or 0
    followed = structs.replace(follow, message=request.message)
    return await context.store.write(lambda store: _follow(store.briefings, *place, followed))


def _follow(briefings: Briefings, chat: int, topic: int, follow: Follow) -> str:
    """Write down a topic, in place of the one that its command named before; or why not."""
    follows = briefings.follows(chat, topic)
    if same(follows, follow):
        return ""
    old = next((one for one in follows if one.message == follow.message), None)
    if old:
        briefings.unfollow(chat, topic, old.name)
    if len(follows) - bool(old) >= _MOST:
        return _TOO_MANY
    briefings.follow(chat, topic, follow)
    return ""
