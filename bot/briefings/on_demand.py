"""Briefings on demand: /brief, and questions such as "what did I miss?"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from newsdesk.bot.answering import replies
from newsdesk.bot.answering.requests import Request
from newsdesk.bot.context import Context
from newsdesk.bot.store.models import Follow, KeptBrief, State
from newsdesk.index.query.brief_intent import (
    BriefRequest,
    detect_brief_request,
    parse_brief_request,
)

from . import compose, scheduler
from .plans import follows_of
from .topics import same

_LONGEST = timedelta(days=31)
TOO_LONG = "A briefing goes back 31 days at most. Ask a question instead, or name a later time."


async def give(context: Context, request: Request, wanted: BriefRequest) -> None:
    """Answer with a briefing, which is kept before it is sent: a killed run goes on with it."""
    kept = await context.store.brief_of(request.update) if request.update else None
    if kept is None:
        kept = await _made(context, request, wanted)
        if kept is None:
            return
        await context.store.keep_brief(kept)
    if kept.state in (State.MADE, State.TRIED):
        await scheduler.go_on(context, kept)


async def read(context: Context, request: Request) -> BriefRequest:
    """What follows a command."""
    return parse_brief_request(
        request.text,
        await _now(context, request),
        context.asker.sources,
        await context.asker.languages(),
    )


async def wished(context: Context, request: Request) -> BriefRequest | None:
    """Whether a question wishes for a briefing, and for which."""
    now, sources = await _now(context, request), context.asker.sources
    if detect_brief_request(request.text, now, sources) is None:
        return None
    return detect_brief_request(request.text, now, sources, await context.asker.languages())


async def _now(context: Context, request: Request) -> datetime:
    return datetime.fromtimestamp(context.clock(), ZoneInfo(await context.zone(request.chat)))


async def _made(context: Context, request: Request, wanted: BriefRequest) -> KeptBrief | None:
    now = await _now(context, request)
    until = wanted.until or now
    since = wanted.since or until - compose.DAY
    if until - since > _LONGEST or since >= until:
        await replies.line(context, request, TOO_LONG)
        return None
    topic = request.topic or 0
    follows = await _of(context, request.chat, topic, wanted)
    kept = await compose.at_once(context, request.chat, topic, follows, since, until)
    kept.update, kept.reply_to, kept.user = request.update, request.message, request.user
    return kept


async def _of(context: Context, chat: int, topic: int, wanted: BriefRequest) -> Sequence[Follow]:
    """The topics that are meant: the one that is named, else all that are followed."""
    follows = await follows_of(context, chat, topic)
    named = Follow(words=wanted.topic, sources=wanted.sources, languages=wanted.languages)
    if named.name:
        return [same(follows, named) or named]
    return follows or [Follow()]
