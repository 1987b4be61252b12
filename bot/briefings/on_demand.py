"""Briefings that someone asks for: by /brief, or by "what did I miss?"."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from newsdesk.bot.answering import replies
from newsdesk.bot.answering.requests import Request
from newsdesk.bot.context import Desk
from newsdesk.bot.store.briefings import same
from newsdesk.bot.store.subscriptions import Follow, KeptBrief, State
from newsdesk.index.errors import NewsdeskError
from newsdesk.index.query.brief_intent import (
    BriefRequest,
    detect_brief_request,
    parse_brief_request,
)

from . import compose, scheduler

_LOG = logging.getLogger("newsdesk.briefings")
_LONGEST = timedelta(days=31)
TOO_LONG = "A briefing goes back 31 days at most. Ask a question instead, or name a later time."


async def give(desk: Desk, request: Request, wanted: BriefRequest) -> None:
    """Answer with a briefing; goes on where a run that was killed had stopped."""
    kept = desk.store.brief_of(request.update) if request.update else None
    if kept is None:
        kept = await _made(desk, request, wanted)
        if kept is None:
            return
        desk.store.keep_brief(kept)
    if kept.state in (State.MADE, State.TRIED):
        await scheduler.go_on(desk, kept)


async def read(desk: Desk, request: Request) -> BriefRequest:
    """What follows a command."""
    return parse_brief_request(
        request.text, _now(desk, request), desk.asker.sources, await desk.asker.languages()
    )


async def wished(desk: Desk, request: Request) -> BriefRequest | None:
    """Whether a question wishes for a briefing, and for which."""
    now, sources = _now(desk, request), desk.asker.sources
    if detect_brief_request(request.text, now, sources) is None:
        return None
    return detect_brief_request(request.text, now, sources, await desk.asker.languages())


def _now(desk: Desk, request: Request) -> datetime:
    return datetime.fromtimestamp(desk.clock(), ZoneInfo(desk.zone(request.chat)))


async def _made(desk: Desk, request: Request, wanted: BriefRequest) -> KeptBrief | None:
    now = _now(desk, request)
    until = wanted.until or now
    since = wanted.since or until - compose.DAY
    if until - since > _LONGEST or since >= until:
        await replies.line(desk, request, TOO_LONG)
        return None
    topic = request.topic or 0
    follows = _of(desk, request.chat, topic, wanted)
    try:
        kept = await compose.at_once(desk, request.chat, topic, follows, since, until)
    except NewsdeskError as error:
        _LOG.error("a briefing was not made: %s", error)
        await replies.line(desk, request, replies.FAILED)
        return None
    kept.update, kept.reply_to, kept.after = request.update, request.message, request.message
    return kept


def _of(desk: Desk, chat: int, topic: int, wanted: BriefRequest) -> Sequence[Follow]:
    """The topics that are meant: the one that is named, else all that are followed."""
    follows = desk.store.follows(chat, topic)
    named = Follow(words=wanted.topic, sources=wanted.sources, languages=wanted.languages)
    if named.name:
        return [same(follows, named) or named]
    return follows or [Follow()]
