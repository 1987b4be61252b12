"""Chats that leave, come back, move and close, and what becomes of their briefings."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from newsdesk.bot.store.models import Plan
from newsdesk.bot.store.store import Store
from tests.botapi import Chat, Message, Person, StandIn
from tests.helpers.running import Running
from tests.helpers.talking import ask

BACK = "I am back, and have kept what was set here."
UPGRADED = "Bad Request: group chat was upgraded to a supergroup chat"


pytestmark = pytest.mark.running_bot("news")


@pytest.fixture
def group(api: StandIn, ann: Person) -> Chat:
    """A group that is briefed on weekdays."""
    found = api.group("Desk", ann, admins=(ann,))
    ask(api, ann, found, "/schedule@newsdesk_bot 08:00 weekdays")
    return found


def plan(home: Path, chat: Chat, topic: int = 0) -> Plan:
    with Store(home) as store:
        return store.briefings.plan(chat.id, topic)


def make_due(home: Path, chat: Chat, topic: int = 0) -> None:
    with Store(home) as store:
        found = store.briefings.plan(chat.id, topic)
        store.briefings.set_plan(msgspec.structs.replace(found, due=time.time() - 10))


def briefings(chat: Chat) -> list[Message]:
    return [one for one in chat.answers if one.text.startswith("Briefing\n")]


def waits_until_sent(api: StandIn, chat: Chat, count: int = 1) -> Message:
    api.wait_for(lambda: len(briefings(chat)) >= count, what="a briefing")
    return briefings(chat)[-1]


def goes_by(api: StandIn, home: Path, chat: Chat, topic: int = 0) -> None:
    """Wait until what was due is due no more."""
    api.wait_for(lambda: (plan(home, chat, topic).due or time.time() + 60) > time.time())


def is_not_tried(api: StandIn, home: Path, chat: Chat) -> None:
    """What is due in a chat goes by, and nothing is sent there."""
    before = len(api.called("sendMessage", chat))
    make_due(home, chat)
    goes_by(api, home, chat)
    assert len(api.called("sendMessage", chat)) == before


def test_a_group_that_puts_the_bot_out_gets_nothing_and_hears_what_was_kept_when_it_is_back(
    api: StandIn, ann: Person, group: Chat, home: Path
) -> None:
    ask(api, ann, group, "/follow@newsdesk_bot floods")
    api.kick(group)
    api.wait_for(lambda: not active(home, group))
    is_not_tried(api, home, group)
    said = len(group.answers)
    api.add(group)
    words = api.wait(group, said + 1)[said].text
    assert words.startswith(BACK)
    assert "08:00 on weekdays" in words
    assert "Topics: floods" in words


def active(home: Path, chat: Chat) -> bool:
    with Store(home) as store:
        return store.is_active(chat.id)


def test_who_blocked_the_bot_without_its_knowing_is_left_alone_after_one_try(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    ask(api, ann, chat, "/schedule 08:00 weekdays")
    with api.lock:
        chat.bot_out = True  # the news of it is still on its way
    make_due(home, chat)
    api.wait_for(lambda: not active(home, chat))
    is_not_tried(api, home, chat)
    said = len(chat.answers)
    api.unblock(ann)
    assert api.wait(chat, said + 1)[said].text.startswith(BACK)
    make_due(home, chat)
    waits_until_sent(api, chat)


def test_a_group_that_becomes_a_supergroup_takes_its_schedule_along(
    api: StandIn, ann: Person, home: Path
) -> None:
    old = api.group("Desk", ann, admins=(ann,), basic=True)
    ask(api, ann, old, "/follow@newsdesk_bot floods")
    ask(api, ann, old, "/schedule@newsdesk_bot 08:00 weekdays")
    new = api.migrate(old, told=False)  # the first try tells
    make_due(home, old)
    api.wait_for(lambda: [one for one in new.answers if "floods" in one.text])
    assert plan(home, new).on
    assert not plan(home, old).on
    make_due(home, new)
    goes_by(api, home, new)
    api.quiet(new)  # nothing new: what was told went along, too
    assert [why for _, why in api.refused] == [UPGRADED]
    api.refused.clear()


def test_a_topic_that_is_closed_waits_and_goes_on_when_it_is_opened(
    api: StandIn, ann: Person, home: Path
) -> None:
    forum = api.group("Desk", ann, admins=(ann,), forum=True)
    topic, other = api.topic(forum, "News", ann), api.topic(forum, "Sport", ann)
    for one in (topic, other):
        ask(api, ann, forum, "/schedule@newsdesk_bot 08:00 weekdays", topic=one)
    api.close_topic(forum, topic, ann)
    api.wait_for(lambda: plan(home, forum, topic).paused)
    assert plan(home, forum, topic).due is None
    assert plan(home, forum, other).due
    said = len(forum.answers)
    api.reopen_topic(forum, topic, ann)
    word = api.wait(forum, said + 1)[said]
    assert word.text.startswith(BACK)
    assert word.topic == topic
    make_due(home, forum, topic)
    assert waits_until_sent(api, forum).topic == topic


def test_a_topic_that_was_closed_unheard_is_found_closed_and_waits(
    running: tuple[StandIn, Running], ann: Person, home: Path
) -> None:
    api, _ = running
    forum = api.group("Desk", ann, admins=(ann,), forum=True)
    topic = api.topic(forum, "News", ann)
    ask(api, ann, forum, "/schedule@newsdesk_bot 08:00 weekdays", topic=topic)
    with api.lock:
        forum.closed.add(topic)
    make_due(home, forum, topic)
    api.wait_for(lambda: plan(home, forum, topic).paused)
    assert not briefings(forum)
    assert [why for _, why in api.refused if "TOPIC_CLOSED" in why]
    api.refused.clear()


def test_without_the_right_to_write_a_schedule_waits_and_with_it_it_goes_on(
    api: StandIn, group: Chat, home: Path
) -> None:
    api.mute(group)
    api.wait_for(lambda: plan(home, group).paused)
    said = len(group.answers)
    api.mute(group, muted=False)
    assert api.wait(group, said + 1)[said].text.startswith(BACK)
    make_due(home, group)
    waits_until_sent(api, group)


def test_one_chats_429_holds_only_itself(
    api: StandIn, ann: Person, group: Chat, home: Path
) -> None:
    others = [
        api.group("Desk", ann, admins=(ann,)) for _ in range(12)
    ]  # more than are on their way at once
    for one in others:
        ask(api, ann, one, "/schedule@newsdesk_bot 08:00 weekdays")
    fault = api.faults.add("sendMessage", 429, chat=group, retry_after=4)
    make_due(home, group)
    api.wait_for(lambda: not fault.times)
    for one in others:
        make_due(home, one)
    for one in others:
        waits_until_sent(api, one)
    assert not briefings(group)  # it waits still
    waits_until_sent(api, group)


@pytest.mark.parametrize("was_delivered", [False, True])
def test_a_briefing_of_unknown_fate_is_not_sent_again_and_the_next_one_tells_its_stories(
    api: StandIn, group: Chat, home: Path, was_delivered: bool
) -> None:
    api.faults.add("sendMessage", 502, chat=group, lost=was_delivered)
    make_due(home, group)
    api.wait_for(lambda: plan(home, group).missed, what="the briefing is given up")
    api.quiet(group)
    assert len(api.called("sendMessage", group)) == 2  # that of the schedule, and one try
    assert len(briefings(group)) == was_delivered
    assert not plan(home, group).covered
    lost = briefings(group)
    make_due(home, group)
    told = waits_until_sent(api, group, was_delivered + 1)
    assert "With what was due" in told.text
    assert "and was not sent" in told.text
    if lost:  # the same stories, by their headlines
        assert headlines(told) == headlines(lost[0])
    api.wait_for(lambda: plan(home, group).covered)
    assert not plan(home, group).missed


def headlines(message: Message) -> list[str]:
    return [one for one in message.bold() if one != "Briefing"]
