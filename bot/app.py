"""Builds the bot: one table of what is handled by what, one gate and one failure path."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from telegram import Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackContext,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    filters,
)
from telegram.request import HTTPXRequest

from newsdesk.bot.settings import BotSettings

from . import in_hand, logs
from .answering import replies
from .answering.replies import Reply
from .answering.requests import ButtonPress, ChatEvent, Request
from .briefings.plans import alive
from .context import Context
from .feeding import channels
from .handlers import (
    addressing,
    admin,
    ask,
    brief,
    callbacks,
    feeding,
    follow,
    forget,
    handed,
    inline,
    membership,
    permissions,
    schedule,
    settings,
    start,
)
from .handlers.permissions import Lookup, Needs
from .transport.administrators import NotKnown
from .transport.callback_answers import CallbackAnswer
from .transport.inbox import Inbox, Processor
from .transport.outbox import Stopping
from .transport.polling import Polling, PollingBot
from .turns import Busy, Stopped
from .views.keyboards import Action

_LOG = logging.getLogger("newsdesk")
App = Application[Any, Any, Any, Any, Any, Any]
_Callback = Callable[[Update, CallbackContext[Any, Any, Any, Any]], Coroutine[Any, Any, None]]
_OnEvent = Callable[[Context, ChatEvent], Awaitable[None]]
_Tell = Callable[[str], Awaitable[None]]
_Update = filters.UpdateType


@dataclass(frozen=True, slots=True)
class Route:
    """What handles a message, what it needs of it, and how it is read."""

    handler: Callable[[Context, Request], Awaitable[Reply | None]]
    needs: Needs = Needs()  # noqa: RUF009 - frozen, so it may be shared
    reads: Callable[[Context, Update], Request | None] = addressing.command


@dataclass(frozen=True, slots=True)
class PressRoute:
    """What handles a press; `changes` is said to those who may not change the chat's settings."""

    handler: Callable[[Context, ButtonPress], Coroutine[Any, Any, None]]
    changes: str = ""


_ADMIN = Needs(admin=True, allowed=False, counted=False)
_FEEDS = Needs(admin=True, allowed=False, counted=False, no=feeding.ONLY_ADMINISTRATORS)
_UNCOUNTED = Needs(counted=False)
_CHANGES = Needs(changer=Lookup.ALWAYS)
_MAY_CHANGE = Needs(changer=Lookup.WITH_TEXT)
_ASK = Route(ask.on_question, ask.QUESTION, addressing.question)
_COMMANDS = {
    "start": Route(start.on_start, Needs(link=True)),
    "help": Route(start.on_help),
    "sources": Route(start.on_sources),
    "settings": Route(settings.on_settings, _MAY_CHANGE),
    "stats": Route(admin.on_stats, _ADMIN),
    "reload": Route(admin.on_reload, _ADMIN),
    "leave": Route(admin.on_leave, _ADMIN),
    "add": Route(feeding.on_add, _FEEDS),
    "remove": Route(feeding.on_remove, _FEEDS),
    "feeds": Route(feeding.on_feeds, _FEEDS),
    "forgetme": Route(forget.on_forget_me, Needs(allowed=False)),
    "forget": Route(forget.on_forget, _CHANGES),
    "ask": _ASK,
    "brief": Route(brief.on_brief),
    "follow": Route(follow.on_follow, _CHANGES),
    "unfollow": Route(follow.on_unfollow, _CHANGES),
    "topics": Route(follow.on_topics),
    "schedule": Route(schedule.on_schedule, _MAY_CHANGE),
}
_IN_CHANNELS = ("brief", "follow", "unfollow", "topics", "schedule")
# Changed, these count again; a question that was changed has its answer changed, see `ask.on_edit`.
_EDITABLE = (*_IN_CHANNELS, "settings")
_NEW, _PRIVATE = _Update.MESSAGE, filters.ChatType.PRIVATE
_EVENTS: tuple[tuple[filters.BaseFilter, _OnEvent], ...] = (
    (filters.StatusUpdate.MIGRATE, membership.on_migration),
    (filters.StatusUpdate.FORUM_TOPIC_CLOSED, membership.on_topic_closed),
    (filters.StatusUpdate.FORUM_TOPIC_REOPENED, membership.on_topic_reopened),
)
_MESSAGES = (  # the first that fits is it
    (_NEW & filters.LOCATION, Route(schedule.on_place, _CHANGES, addressing.shared_place)),
    (_NEW & filters.COMMAND, Route(start.on_unknown, _UNCOUNTED, addressing.unknown_command)),
    (  # from who is no administrator: what those send comes before all of these
        _NEW & _PRIVATE & ((filters.Document.ALL & ~filters.CAPTION) | handed.IsLinks()),
        Route(feeding.on_refused, Needs(silent=True), addressing.unreadable),
    ),
    (_NEW & (filters.TEXT | filters.CAPTION) & ~filters.COMMAND, _ASK),
    (
        _NEW & _PRIVATE & ~filters.TEXT & ~filters.StatusUpdate.ALL,
        Route(ask.on_unreadable, Needs(silent=True), addressing.unreadable),
    ),
    (
        _Update.EDITED_MESSAGE & (filters.TEXT | filters.CAPTION),
        # Not what a question needs: whether it is a new one is known in the chat's turn only.
        Route(ask.on_edit, Needs(allowed=False, counted=False), addressing.edited_question),
    ),
)
_HANDED = Route(feeding.on_handed, Needs(admin=True, allowed=False, counted=False), handed.read)
_POSTS = (_Update.CHANNEL_POST | _Update.EDITED_CHANNEL_POST) & ~filters.COMMAND
_PRESSES = {
    Action.EXAMPLE: PressRoute(start.on_example),
    Action.SETTING: PressRoute(settings.on_press, settings.ONLY_ADMINISTRATORS),
    Action.PLAN: PressRoute(schedule.on_press, schedule.ONLY_ADMINISTRATORS),
    Action.UNFOLLOW: PressRoute(follow.on_press, follow.ONLY_ADMINISTRATORS),
    Action.BRIEF: PressRoute(brief.on_press),
    Action.STORY: PressRoute(brief.on_press),
    Action.LESS: PressRoute(brief.on_press),
    Action.UP: PressRoute(callbacks.on_vote),
    Action.DOWN: PressRoute(callbacks.on_vote),
    Action.TAKE_BACK: PressRoute(feeding.on_take_back),
    Action.CHANNEL: PressRoute(feeding.on_channel),
    Action.FEEDS: PressRoute(feeding.on_feeds_press),
}
_OF_ANSWER = PressRoute(callbacks.on_press)  # every other button
_SHOW_SCHEDULE = PressRoute(schedule.on_show)
_SOON = 1.5  # seconds in which a press is answered, though what it does takes longer
_WORDS = {Busy: replies.BUSY, NotKnown: replies.ASK_AGAIN}  # for what is no mistake of ours


def built(settings: BotSettings, polling: Polling, inbox: Inbox, processor: Processor) -> App:
    """The application, without its handlers."""
    server = settings.telegram.api_url.rstrip("/")
    bot = PollingBot(
        inbox,
        settings.telegram.token,
        base_url=f"{server}/bot",
        base_file_url=f"{server}/file/bot",
        request=HTTPXRequest(connection_pool_size=256, pool_timeout=30),
        get_updates_request=polling,
    )
    builder = ApplicationBuilder().bot(bot).update_queue(inbox)
    return builder.concurrent_updates(processor).build()


def add_handlers(app: App, context: Context, processor: Processor) -> None:
    """Register the table with python-telegram-bot; the first that fits an update is it."""
    updates = _Updates(context, processor)
    for name, route in _COMMANDS.items():
        wanted = _NEW | _Update.EDITED_MESSAGE if name in _EDITABLE else _NEW
        if name in _IN_CHANNELS:
            wanted |= _Update.CHANNEL_POST | _Update.EDITED_CHANNEL_POST
        app.add_handler(CommandHandler(name, updates.message(route), filters=wanted))
    for chosen, handler in _EVENTS:
        event = updates.event(handler, addressing.service)
        app.add_handler(MessageHandler(_NEW & chosen, event))
    is_handed = _NEW & _PRIVATE & handed.IsHanded(context.settings.admins)
    app.add_handler(MessageHandler(is_handed, updates.message(_HANDED)))
    for chosen, route in _MESSAGES:
        app.add_handler(MessageHandler(chosen, updates.message(route)))
    app.add_handler(MessageHandler(_POSTS, updates.post))
    app.add_handler(CallbackQueryHandler(updates.press))
    app.add_handler(InlineQueryHandler(updates.inline))
    member = updates.event(membership.on_member, addressing.membership)
    app.add_handler(ChatMemberHandler(member, ChatMemberHandler.MY_CHAT_MEMBER))
    app.add_error_handler(updates.failed)


class _Updates:
    """Takes every update through the gate to its handler, and tells who asked what failed."""

    def __init__(self, context: Context, processor: Processor) -> None:
        self._context = context
        self._processor = processor
        self._tells: dict[int, _Tell] = {}  # update in hand -> tells the person behind it

    def message(self, route: Route) -> _Callback:
        """What python-telegram-bot calls for a message of a route."""

        async def call(update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
            request = route.reads(self._context, update)
            if request is None:
                return
            if request.allowed:
                self._tells[update.update_id] = partial(replies.line, self._context, request)
            async with self._context.lock(request.chat):
                await in_hand.begin()
                await alive(self._context, request.chat)
                admitted = await permissions.admitted(self._context, request, route.needs)
                reply = await route.handler(self._context, admitted) if admitted else None
                if reply:
                    await replies.send(self._context, request, reply)
            self._tells.pop(update.update_id, None)

        return call

    def event(
        self,
        handler: _OnEvent,
        reads: Callable[[Update], ChatEvent | None],
    ) -> _Callback:
        """What python-telegram-bot calls for something that happened to a chat: nobody asked."""

        async def call(update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
            event = reads(update)
            if event:
                await in_hand.begin()
                await handler(self._context, event)

        return call

    async def post(self, update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        """Take a post of a channel; one after another, so that a change follows what it changes."""
        post = handed.post(self._context, update)
        if post:
            async with self._context.lock(post.channel):
                await in_hand.begin()
                await channels.on_post(self._context, post)

    async def press(self, update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        """Handle a press of a button."""
        query = update.callback_query
        press = addressing.press(self._context, update, query) if query else None
        if query is None or press is None:
            if query:
                await CallbackAnswer(query)()
            return
        self._tells[update.update_id] = partial(_tell_presser, self._context, press)
        await in_hand.begin()
        await alive(self._context, press.request.chat)
        route = _press_route(press)
        if await permissions.admitted_press(self._context, press, route.changes):
            await permissions.meanwhile_answered(press, route.handler(self._context, press), _SOON)
        self._tells.pop(update.update_id, None)

    async def inline(self, update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        """Handle what is typed behind the bot's name."""
        query = update.inline_query
        if query is None:
            return
        self._tells[update.update_id] = lambda _: inline.offer(query, inline.failed())
        question = addressing.inline_question(self._context, query)
        results = await inline.on_inline(self._context, question)
        self._context.typed.done(update.update_id)  # the next does not wait for Telegram
        if results:
            await inline.offer(query, results)
        self._tells.pop(update.update_id, None)

    async def failed(self, update: object, call: CallbackContext[Any, Any, Any, Any]) -> None:
        """The one failure path: a line in the log, and a plain one to the person who asked."""
        if not isinstance(update, Update) or call.error is None:
            _LOG.error("something was not done: %s", call.error and logs.described(call.error))
            return
        tell = self._tells.pop(update.update_id, None)
        if isinstance(call.error, Stopping | Stopped):
            self._processor.unfinished.add(update.update_id)
            return
        words = _WORDS.get(type(call.error), replies.FAILED)
        if words is replies.FAILED:
            _LOG.error("an update was not handled: %s", logs.described(call.error))
        if tell:
            await tell(words)


def _press_route(press: ButtonPress) -> PressRoute:
    if press.action is Action.PLAN and press.rest == schedule.SHOW:
        return _SHOW_SCHEDULE
    return _PRESSES.get(press.action, _OF_ANSWER)


async def _tell_presser(context: Context, press: ButtonPress, words: str) -> None:
    """Say something in the answer to a press; in the chat, if that has been given."""
    if press.answer.given:
        await replies.line(context, press.request, words)
    else:
        await press.answer(words)
