"""Chats that come, go and move: noted, so that nothing is sent where it cannot be."""

from __future__ import annotations

import logging

import msgspec
from telegram import ChatMemberRestricted, ChatMemberUpdated, Update
from telegram.constants import ChatMemberStatus, ChatType

from newsdesk.bot.briefings.plans import CLOSED, changed, planned
from newsdesk.bot.context import Desk
from newsdesk.bot.store.models import Plan
from newsdesk.bot.transport.html import Page
from newsdesk.bot.transport.outbox import Letter

from . import schedule

_LOG = logging.getLogger("newsdesk.chats")
_OUT = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)
_CLOSED_TOPIC = "this topic is closed"


async def on_member(desk: Desk, update: Update) -> None:
    """The bot was added, removed, blocked or let in again, or its rights have changed."""
    changed = update.my_chat_member
    if changed is None:
        return
    chat = changed.chat.id
    active = changed.new_chat_member.status not in _OUT
    came_back = active and (not _was_in(changed) or not desk.store.is_active(chat))
    desk.store.set_active(chat, active)
    _LOG.info("chat %s: %s", chat, "may write" if active else "may not write any more")
    if active and _is_muted(changed):
        _pause(desk, desk.store.briefings.plans_of(chat), CLOSED)
    elif active:
        paused = [one for one in desk.store.briefings.plans_of(chat) if one.paused == CLOSED]
        plans = desk.store.briefings.plans_of(chat) if came_back else paused
        async with desk.lock(chat):
            for plan in _resumed(desk, plans):
                await _say_what_was_kept(desk, plan)


async def on_migration(desk: Desk, update: Update) -> None:
    """A group became a supergroup; each side says so once."""
    message = update.effective_message
    if message and message.migrate_to_chat_id:
        desk.store.move_chat(message.chat.id, message.migrate_to_chat_id)
        _LOG.info("chat %s: is now %s", message.chat.id, message.migrate_to_chat_id)


async def on_topic_closed(desk: Desk, update: Update) -> None:
    """A topic of a forum was closed: its briefings wait."""
    message = update.effective_message
    if message:
        _pause(desk, [_plan_of(desk, message.chat.id, message.message_thread_id)], _CLOSED_TOPIC)


async def on_topic_reopened(desk: Desk, update: Update) -> None:
    """A topic of a forum was opened again: its briefings go on."""
    message = update.effective_message
    if message:
        plan = _plan_of(desk, message.chat.id, message.message_thread_id)
        async with desk.lock(message.chat.id):
            for one in _resumed(desk, [plan] if plan.paused else []):
                await _say_what_was_kept(desk, one)


def _plan_of(desk: Desk, chat: int, topic: int | None) -> Plan:
    return desk.store.briefings.plan(chat, topic or 0)


def _was_in(changed: ChatMemberUpdated) -> bool:
    return changed.old_chat_member.status not in _OUT


def _is_muted(changed: ChatMemberUpdated) -> bool:
    """Whether the bot is in a group, and may not write there."""
    now = changed.new_chat_member
    return (
        changed.chat.type != ChatType.PRIVATE
        and isinstance(now, ChatMemberRestricted)
        and not now.can_send_messages
    )


def _pause(desk: Desk, plans: list[Plan], why: str) -> None:
    for plan in plans:
        if plan.on:
            paused = msgspec.structs.replace(plan, paused=why)
            desk.store.briefings.set_plan(planned(desk, paused, desk.clock()))


def _resumed(desk: Desk, plans: list[Plan]) -> list[Plan]:
    """Schedules that go on; those that are off are left alone."""
    found = []
    for plan in plans:
        if plan.on:
            going = msgspec.structs.replace(plan, paused="")
            found.append(changed(desk, plan, going))
            desk.store.briefings.set_plan(found[-1])
    return found


async def _say_what_was_kept(desk: Desk, plan: Plan) -> None:
    page = Page().add("I am back, and have kept what was set here.", "b").add("\n")
    schedule.tell(page, desk, plan)
    topics = map(schedule.named, desk.store.briefings.follows(plan.chat, plan.topic))
    page.add(f"\nTopics: {', '.join(topics) or 'everything'}")
    letter = Letter(plan.chat, page.html, topic=plan.topic or None, quiet=not plan.loud)
    await desk.outbox.send(letter)
