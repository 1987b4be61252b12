"""Builds the bot: one table that says what is handled by what."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
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

from .context import Desk
from .handlers import (
    admin,
    ask,
    brief,
    callbacks,
    follow,
    inline,
    membership,
    schedule,
    settings,
    start,
)
from .transport.inbox import Inbox, Processor
from .transport.outbox import Stopping
from .transport.polling import Polling

_LOG = logging.getLogger("newsdesk")
_CONNECTIONS = 256
_Handler = Callable[[Desk, Update], Coroutine[Any, Any, None]]
App = Application[Any, Any, Any, Any, Any, Any]


def built(settings: BotSettings, polling: Polling, inbox: Inbox, processor: Processor) -> App:
    """The application, without its handlers."""
    server = settings.telegram.api_url.rstrip("/")
    return (
        ApplicationBuilder()
        .token(settings.telegram.token)
        .base_url(f"{server}/bot")
        .base_file_url(f"{server}/file/bot")
        .request(HTTPXRequest(connection_pool_size=_CONNECTIONS, pool_timeout=30))
        .get_updates_request(polling)
        .update_queue(inbox)
        .concurrent_updates(processor)
        .build()
    )


def add_handlers(app: App, desk: Desk) -> None:
    """The one table of what is handled by what; the first that fits is it."""

    def bound(handler: _Handler) -> Callable[..., Coroutine[Any, Any, None]]:
        async def call(update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
            await handler(desk, update)

        return call

    new, changed = filters.UpdateType.MESSAGE, filters.UpdateType.EDITED_MESSAGE
    private = filters.ChatType.PRIVATE
    named = {
        "start": start.on_start,
        "help": start.on_help,
        "sources": start.on_sources,
        "settings": settings.on_settings,
        "stats": admin.on_stats,
        "reload": admin.on_reload,
        "ask": ask.on_message,
        "brief": brief.on_brief,
        "follow": follow.on_follow,
        "unfollow": follow.on_unfollow,
        "topics": follow.on_topics,
        "schedule": schedule.on_schedule,
    }
    for name, handler in named.items():
        app.add_handler(CommandHandler(name, bound(handler), filters=new))
    other = ~filters.TEXT & ~filters.StatusUpdate.ALL
    for chosen, handler in (
        (new & filters.StatusUpdate.MIGRATE, membership.on_migration),
        (new & filters.StatusUpdate.FORUM_TOPIC_CLOSED, membership.on_topic_closed),
        (new & filters.StatusUpdate.FORUM_TOPIC_REOPENED, membership.on_topic_reopened),
        (new & filters.LOCATION, schedule.on_place),
        (new & private & filters.COMMAND, start.on_unknown),
        (new & filters.TEXT & ~filters.COMMAND, ask.on_message),
        (new & private & other, ask.on_other),
        (changed & filters.TEXT, ask.on_edit),
    ):
        app.add_handler(MessageHandler(chosen, bound(handler)))
    app.add_handler(CallbackQueryHandler(bound(callbacks.on_press)))
    app.add_handler(InlineQueryHandler(bound(inline.on_inline)))
    app.add_handler(
        ChatMemberHandler(bound(membership.on_member), ChatMemberHandler.MY_CHAT_MEMBER)
    )

    async def failed(update: object, context: CallbackContext[Any, Any, Any, Any]) -> None:
        if isinstance(context.error, Stopping) and isinstance(update, Update):
            desk.unfinished.add(update.update_id)
            return
        _LOG.error("an update was not handled", exc_info=context.error)
        if isinstance(update, Update) and update.message:
            await ask.on_failure(desk, update.message)

    app.add_error_handler(failed)
