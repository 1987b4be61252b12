"""Channels as sources: their posts are read once an administrator of the bot has said so.

Anyone can add the bot to a channel, so one that nothing is known of feeds nothing: the
administrators are asked, once. What is posted until one of them answers is kept in the store, some
of it and for a while; a yes has it taken, a no deletes it.
"""

from __future__ import annotations

import asyncio
import logging

from newsdesk.bot.context import Context
from newsdesk.bot.store.models import ChannelState, Post
from newsdesk.bot.views import channels as view
from newsdesk.bot.views import keyboards
from newsdesk.index.errors import LibraryError, ModelError, Refused

from .posts import article_of, channel_of
from .telling import tell_admins

_LOG = logging.getLogger("newsdesk.feeding")
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0  # between tries to store a post


async def on_post(context: Context, post: Post) -> None:
    """Take a post, new or changed, of a channel that is read. Raises Stopped.

    Where the library cannot be changed just now it is tried again: a post comes only once.
    """
    if not await _is_read(context, post):
        return
    if await context.store.read(lambda store: store.feeding.is_held(post)):  # as it was before
        await context.store.write(lambda store: store.feeding.let_go(post))
    await _take(context, post)


async def take_held(context: Context) -> None:
    """Take the posts that waited for a yes that has come. Raises Stopped, or NewsdeskError."""
    channels = context.settings.telegram.channels
    for post in await context.store.read(lambda store: store.feeding.held(channels)):
        async with context.lock(post.channel):
            await _take_if_held(context, post)


async def _take_if_held(context: Context, post: Post) -> None:
    """Take a post that waited, unless it was changed, and taken as that, meanwhile."""
    if await context.store.read(lambda store: store.feeding.is_held(post)):
        await _take(context, post)
        await context.store.write(lambda store: store.feeding.let_go(post))


async def _take(context: Context, post: Post) -> None:
    try:
        article = article_of(post, context.settings.readers)
    except Refused:
        _LOG.info("a post is not taken: nothing of it can be read")
        return
    pause = _FIRST_PAUSE
    while True:
        try:
            action = await context.librarian.take(article, channel_of(post))
            break
        except (LibraryError, ModelError) as error:
            _LOG.error("a post waits: %s", error)
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
    if action != "unchanged":
        context.posted.set()


async def ask(context: Context, channel: int, title: str) -> None:
    """Ask the administrators whether a channel is read, unless that is known or was asked."""
    if channel in context.settings.telegram.channels:
        return
    state = await context.store.read(lambda store: store.feeding.channel(channel))
    if state in (ChannelState.READ, ChannelState.ASKED):
        return
    _LOG.info("a channel is not read; the administrators are asked")
    sent = await tell_admins(context, view.asked(title), keyboards.of_channel(channel))
    if sent:
        places = [(one.chat, one.message) for one in sent]
        await context.store.write(lambda store: store.feeding.ask(channel, title, places))


async def decide(context: Context, channel: int, is_read: bool) -> None:
    """Note what an administrator decides, and say so wherever it was asked."""
    state = ChannelState.READ if is_read else ChannelState.LEFT
    title, asked, held = await context.store.read(
        lambda store: (
            store.feeding.title(channel),
            store.feeding.asked(channel),
            store.feeding.count_held(channel),
        )
    )
    await context.store.write(lambda store: store.feeding.set_channel(channel, state))
    if is_read and held:
        context.posted.set()
    for chat, message in asked:
        await context.outbox.edit(chat, message, view.decided(title, is_read, held), None)
    await context.store.write(lambda store: store.feeding.answered(channel))


async def _is_read(context: Context, post: Post) -> bool:
    if post.channel in context.settings.telegram.channels:
        return True
    state = await context.store.read(lambda store: store.feeding.channel(post.channel))
    if state is None and context.may_note(post.channel):  # no administrator may be reached
        await ask(context, post.channel, post.title)
    if state in (None, ChannelState.ASKED) and context.settings.admins:
        state = await context.store.write(lambda store: store.feeding.hold(post))
    return state is ChannelState.READ
