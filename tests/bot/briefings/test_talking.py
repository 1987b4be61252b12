"""What people do around briefings: by commands, replies and edits, in channels and forums."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsdesk.bot.store.models import Plan
from tests.botapi import Chat, Message, Person, StandIn
from tests.helpers.support import SMALL
from tests.helpers.ticking import Ticking

from .test_untold import feed, story

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FARM = "The Malmo wind farm was given a permit for twelve turbines by the county of Skane."
SIGNED = "Harbour pilots of Trieste signed a contract; Marta Kovac signed it for the pilots."


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with the news of a day."""
    told = [story(n, NOON - 2 * HOUR) for n in range(3)]
    feed(tmp_path, "day", [*told, story(8, NOON - HOUR, FARM), story(9, NOON - HOUR, SIGNED)], NOON)
    return tmp_path


@pytest.fixture
def bot(home: Path) -> Iterator[Ticking]:
    """A bot whose clock stands at noon."""
    with StandIn() as api, Ticking(api, home, NOON.timestamp(), model=SMALL) as found:
        yield found


@pytest.fixture
def api(bot: Ticking) -> StandIn:
    """Telegram, as this bot knows it."""
    return bot.api


def said(bot: Ticking, person: Person, chat: Chat, text: str, **more: Message | int) -> Message:
    """Write to the bot; returns what it writes to that."""
    message = bot.say(person, chat, text, **more)
    assert message
    return message


def briefings(chat: Chat) -> list[Message]:
    """The briefings that stand in a chat; not what is said of its schedule."""
    return [one for one in chat.answers if one.text.startswith("Briefing\n")]


# Signs of life


@pytest.mark.parametrize("code", [400, 403])
@pytest.mark.parametrize("how", ["message", "press"])
def test_a_chat_that_was_taken_for_gone_is_briefed_again_after_any_sign_of_life(
    bot: Ticking, api: StandIn, ann: Person, chat: Chat, code: int, how: str
) -> None:
    shown = said(bot, ann, chat, "/schedule 12:00")
    words = "Bad Request: chat not found" if code == 400 else ""
    api.faults.add("sendMessage", code, chat=chat, words=words)
    bot.at(NOON + DAY)
    assert briefings(chat) == []
    assert bot.store.briefings.counts(bot.now).waiting == 1
    if how == "message":
        bot.say(ann, chat, "/topics")
    else:
        bot.press(ann, shown, "Loud")
    assert bot.store.briefings.counts(bot.now).waiting == 0
    bot.at(NOON + 2 * DAY)
    assert len(briefings(chat)) == 1
    assert "The next one: " in said(bot, ann, chat, "/schedule").text


def test_a_group_that_took_the_right_to_write_away_unheard_goes_on_when_someone_asks(
    bot: Ticking, api: StandIn, ann: Person
) -> None:
    group = api.group("Desk", ann, admins=(ann,))
    said(bot, ann, group, "/schedule 12:00")
    group.muted = True
    bot.at(NOON + DAY)
    assert bot.plan(group).paused
    group.muted = False
    assert "They wait" not in said(bot, ann, group, "/schedule").text
    bot.at(NOON + 2 * DAY)
    assert len(briefings(group)) == 1


def test_schedule_says_that_the_last_one_was_not_sent(
    bot: Ticking, api: StandIn, ann: Person, chat: Chat
) -> None:
    said(bot, ann, chat, "/schedule 12:00")
    api.faults.add("sendMessage", 500, chat=chat)
    bot.at(NOON + DAY)
    shown = said(bot, ann, chat, "/schedule").text
    assert "The one due Thu 5 Mar at 12:00 was not sent; the next tells it too." in shown
    bot.at(NOON + 2 * DAY)
    assert "was not sent" not in said(bot, ann, chat, "/schedule").text


# Previews, and what is set


def test_a_schedule_is_answered_with_what_a_briefing_would_hold_now(
    bot: Ticking, ann: Person, chat: Chat
) -> None:
    shown = said(bot, ann, chat, "/schedule 18:00")
    assert "A briefing now would hold 5 stories:" in shown.text
    assert shown.text.endswith("… and 2 more")
    assert "A briefing now" not in said(bot, ann, chat, "/schedule").text
    bot.at(NOON + 6 * HOUR)
    assert len(briefings(chat)) == 1
    later = said(bot, ann, chat, "/schedule 19:00").text
    assert later.endswith(
        "Now there would be nothing to tell: I hold nothing newer than 4 March 2026."
    )


def test_a_followed_topic_is_answered_with_what_is_new_in_it(
    bot: Ticking, ann: Person, chat: Chat
) -> None:
    followed = said(bot, ann, chat, "/follow Malmo wind farm").text
    assert followed.startswith("Following “Malmo wind farm”.")
    assert "A briefing now would hold 1 story:" in followed
    nothing = said(bot, ann, chat, "/follow lighthouse keepers of Iceland").text
    assert nothing.endswith("I hold nothing newer than 4 March 2026.")


def test_several_times_a_day_come_each_in_its_time(bot: Ticking, ann: Person, chat: Chat) -> None:
    assert "08:00 and 18:00 every day" in said(bot, ann, chat, "/schedule 8 and 18").text
    bot.change(chat, all_quiet=True)
    came = bot.walk(chat, NOON, NOON + 2 * DAY, minutes=60)
    assert came == ["Wed 18:00 UTC", "Thu 08:00 UTC", "Thu 18:00 UTC", "Fri 08:00 UTC"]


def test_a_schedule_that_is_off_is_on_again_as_it_was(
    bot: Ticking, ann: Person, chat: Chat
) -> None:
    said(bot, ann, chat, "/schedule 7, 12 and 19:30 mo-fr CEST")
    said(bot, ann, chat, "/schedule off")
    again = said(bot, ann, chat, "/schedule on").text
    assert "07:00, 12:00 and 19:30 on weekdays, Europe/Berlin" in again
    assert bot.plan(chat).due


def test_an_edited_command_counts(bot: Ticking, api: StandIn, ann: Person, chat: Chat) -> None:
    said(bot, ann, chat, "/schedule 25:00")
    assert not bot.plan(chat).on
    command = [one for one in chat.shown if one.sender == ann][-1]
    api.edit(command, "/schedule 08:00 weekdays")
    bot.handle()
    assert "08:00 on weekdays" in chat.answers[-1].text
    assert bot.plan(chat).on
    said(bot, ann, chat, "/follow Malmo wnd farm")
    command = [one for one in chat.shown if one.sender == ann][-1]
    api.edit(command, "/follow Malmo wind farm")
    bot.handle()
    follows = bot.store.briefings.follows(chat.id, 0)
    assert [follow.name for follow in follows] == ["Malmo wind farm"]


# Replies to a briefing


@pytest.mark.parametrize("kind", ["private", "group"])
def test_a_reply_to_a_briefing_is_a_question_about_the_story_it_means(
    bot: Ticking, api: StandIn, ann: Person, kind: str
) -> None:
    chat = api.private(ann) if kind == "private" else api.group("Desk", ann, admins=(ann,))
    bot.handle()
    bot.schedule(chat, "13:00")
    bot.at(NOON + HOUR)
    (told,) = briefings(chat)
    answer = said(bot, ann, chat, "and who signed it for the pilots?", reply_to=told)
    assert answer.text.startswith("Understood with: Harbour pilots")
    assert "Marta Kovac" in answer.text
    number = next(n for n in range(1, 6) if f"{n}. The Malmo" in told.text)
    bot.press(ann, told, str(number))
    assert told.text.startswith(f"{number}. ")
    again = said(bot, ann, chat, "where is it?", reply_to=told)
    assert again.text.startswith("Understood with: The")
    assert "Skane" in again.text


# Channels


def test_a_channel_is_briefed_where_the_bot_is_an_administrator(
    bot: Ticking, api: StandIn, ann: Person
) -> None:
    channel = api.channel("Wire", ann)
    bot.handle()
    assert "13:00 every day" in said(bot, ann, channel, "/schedule 13:00").text
    before = len(channel.answers)
    assert bot.say(ann, channel, "Nurses walk out in Lisbon") is None
    command = next(one for one in channel.shown if one.text.startswith("/schedule"))
    api.edit(command, "/schedule 14:00")
    bot.handle()
    bot.at(NOON + 2 * HOUR)
    assert len(channel.answers) == before + 2
    assert len(briefings(channel)) == 1
    assert api.refused == []


def test_a_channel_where_the_bot_may_not_post_waits(
    bot: Ticking, api: StandIn, ann: Person
) -> None:
    channel = api.channel("Wire", ann)
    bot.handle()
    said(bot, ann, channel, "/schedule 13:00")
    channel.members[api.bot.person.id] = "member"
    bot.at(NOON + HOUR)
    assert bot.plan(channel).paused
    assert "need administrator rights" in api.refused[-1][1]


# Topics that are deleted


def test_a_deleted_topic_ends_its_schedule_and_the_administrators_are_told_once(
    bot: Ticking, api: StandIn, ann: Person
) -> None:
    eve, group = api.person("Eve"), None
    group = api.group("Desk", ann, admins=(eve,), forum=True)
    topic, other = api.topic(group, "News", eve), api.topic(group, "Water", eve)
    bot.handle()
    for place in (topic, other):
        said(bot, eve, group, "/schedule 13:00", topic=place)
    api.delete_topic(group, topic)
    before = len(group.answers)
    bot.at(NOON + HOUR)
    ended = [one for one in group.answers if "was deleted" in one.text]
    assert [(one.topic, one.text.splitlines()[0]) for one in ended] == [(None, "Eve")]
    assert len(group.answers) == before + 2
    assert not topic_plan(bot, group, topic).on
    assert topic_plan(bot, group, other).on
    bot.at(NOON + DAY + HOUR)
    assert len([one for one in group.answers if "was deleted" in one.text]) == 1
    assert [why for _, why in api.refused] == ["Bad Request: message thread not found"]


def topic_plan(bot: Ticking, chat: Chat, topic: int) -> Plan:
    return bot.store.briefings.plan(chat.id, topic)
