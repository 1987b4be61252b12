"""/follow, /unfollow, /topics and /schedule: who changes what, where, and what then comes."""

from __future__ import annotations

import re
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from newsdesk.bot.store.models import Follow, Plan
from newsdesk.bot.store.store import Store
from tests.botapi import Chat, Person, StandIn
from tests.helpers.running import Running, copied
from tests.helpers.talking import ask, changed, clean, press, told

STRIKES, FLOODS = "who is on strike?", "floods"
QUIET = "All quiet: nothing new."
ONLY = "Only administrators of this group change"
ANONYMOUS = Person(1087968824, "Group", is_bot=True, username="GroupAnonymousBot")
CHANGES = ("/follow floods", "/unfollow floods", "/schedule 08:00", "/schedule off")


pytestmark = pytest.mark.running_bot("news")


def plan(home: Path, chat: Chat, topic: int = 0) -> Plan:
    """The schedule of a chat, as the bot keeps it."""
    with Store(home) as store:
        return store.briefings.plan(chat.id, topic)


def names(home: Path, chat: Chat, topic: int = 0) -> list[str]:
    """The topics that are followed, as the bot keeps them."""
    with Store(home) as store:
        return [one.name for one in store.briefings.follows(chat.id, topic)]


def make_due(home: Path, chat: Chat, topic: int = 0) -> None:
    """Have a briefing be due now."""
    with Store(home) as store:
        found = store.briefings.plan(chat.id, topic)
        store.briefings.set_plan(msgspec.structs.replace(found, due=time.time() - 10, on=True))


# Topics


def test_a_topic_is_followed_shown_and_followed_no_more(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    assert "No topic is followed" in ask(api, ann, chat, "/topics").text
    followed = ask(api, ann, chat, f"/follow {STRIKES}").text
    assert followed.startswith(f"Following “{STRIKES}”.")
    assert "/schedule" in followed
    ask(api, ann, chat, f"/follow {STRIKES.upper()}")
    assert names(home, chat) == [STRIKES]
    assert f"• {STRIKES}" in ask(api, ann, chat, "/topics").text
    gone = ask(api, ann, chat, "/unfollow Who is on")
    assert gone.text == f"“{STRIKES}” is followed no more."
    assert names(home, chat) == []


def test_unfollow_without_a_name_offers_them(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    ask(api, ann, chat, f"/follow {STRIKES}")
    ask(api, ann, chat, f"/follow {FLOODS}")
    offered = ask(api, ann, chat, "/unfollow")
    assert offered.labels == [f"✕ {STRIKES}", f"✕ {FLOODS}"]
    data = api.button(offered, FLOODS).data
    changed(api, ann, offered, FLOODS)
    assert names(home, chat) == [STRIKES]
    press(api, ann, offered.told(), data)  # a second finger
    changed(api, ann, offered, STRIKES)
    assert names(home, chat) == []
    assert not offered.labels


def test_what_is_not_followed_cannot_be_unfollowed_and_that_is_said(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    ask(api, ann, chat, "/follow floods in York")
    ask(api, ann, chat, "/follow floods in Mozambique")
    offered = ask(api, ann, chat, "/unfollow floods")
    assert "“floods”" in offered.text
    assert len(offered.labels) == 2
    assert len(names(home, chat)) == 2


def test_follow_alone_says_how_and_a_time_is_no_part_of_a_topic(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    assert "/follow Ukraine talks" in ask(api, ann, chat, "/follow").text
    assert "A topic has no time: /follow floods." in ask(api, ann, chat, "/follow floods 24h").text
    assert "characters or fewer" in ask(api, ann, chat, f"/follow {'flood ' * 60}").text
    assert names(home, chat) == []


def test_outlets_and_languages_belong_to_a_topic(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    ask(api, ann, chat, "/follow floods from Wire Central")
    ask(api, ann, chat, "/follow from Gazeta Nova")
    assert names(home, chat) == ["floods from Wire Central", "from Gazeta Nova"]
    told_ = ask(api, ann, chat, "/brief 7d").text
    outlets = set(re.findall(r"^\d+\. .+ — (.+)$", told_, re.MULTILINE))
    assert outlets == {"Wire Central", "Gazeta Nova"}


@pytest.mark.parametrize(
    "topic", ["<b>x</b> & </i>", "שביתה בנמל", "🚢 dockers 👩‍👩‍👧", 'a "b" \\ %s {}']
)
def test_any_topic_can_be_followed(
    api: StandIn, ann: Person, chat: Chat, home: Path, topic: str
) -> None:
    assert f"“{topic}”" in ask(api, ann, chat, f"/follow {topic}").text
    assert f"• {topic}" in ask(api, ann, chat, "/topics").text
    offered = ask(api, ann, chat, "/unfollow")
    assert offered.labels == [f"✕ {topic}"]
    changed(api, ann, offered, "✕")
    assert names(home, chat) == []


def test_twenty_topics_of_any_length_and_no_more(api: StandIn, home: Path) -> None:
    ann = api.person("Ann")
    chat = api.private(ann)
    long = "".join(chr(0x1F600 + n % 60) for n in range(190))
    with Store(home) as store:
        for n in range(19):
            store.briefings.follow(chat.id, 0, Follow(words=f"{n} {long}"))
    assert "Following" in ask(api, ann, chat, f"/follow 19 {long}").text
    assert "more than 20 topics" in ask(api, ann, chat, "/follow one more").text
    assert "Following" in ask(api, ann, chat, f"/follow 19 {long}").text
    listed = ask(api, ann, chat, "/topics")
    assert listed.text.count("• ") == 20
    assert len(ask(api, ann, chat, "/unfollow").labels) == 20
    assert "Topics: 0 " in ask(api, ann, chat, "/schedule").text


# Schedules


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("08:00 weekdays", "08:00 on weekdays"),
        ("7pm", "19:00 every day"),
        ("18:30 mon, wed and fri Europe/Bucharest", "18:30 on Mondays, Wednesdays and Fridays"),
        ("weekends at 9 tokyo", "09:00 at weekends, Asia/Tokyo"),
    ],
)
def test_a_schedule_is_set_in_words(
    api: StandIn, ann: Person, chat: Chat, home: Path, words: str, said: str
) -> None:
    shown = ask(api, ann, chat, f"/schedule {words}")
    assert f"Briefings: {said}" in shown.text
    assert "without a sound" in shown.text
    assert "The next one: " in shown.text
    assert (plan(home, chat).due or 0) > time.time()
    assert said in ask(api, ann, chat, "/topics").text
    off = ask(api, ann, chat, "/schedule off")
    assert "No briefings are scheduled" in off.text
    assert plan(home, chat).due is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("25:00", "“25:00” is no time of the day"),
        ("weekdays", "I see no hour in that"),
        ("08:00 twice a week", "“twice a week” names no days"),
        ("08:00 Atlantis", "I do not understand “Atlantis”"),
        ("<b>", "<b>"),
    ],
)
def test_what_is_wrong_with_a_schedule_is_said_and_nothing_is_set(
    api: StandIn, ann: Person, chat: Chat, home: Path, words: str, said: str
) -> None:
    trouble = ask(api, ann, chat, f"/schedule {words}").text
    assert said in trouble or "I see no hour" in trouble
    assert "/schedule 08:00" in trouble
    assert not plan(home, chat).on


def test_the_time_zone_of_a_schedule_is_set_by_buttons(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    shown = ask(api, ann, chat, "/schedule 18:00")
    changed(api, ann, shown, "Time zone")
    changed(api, ann, shown, "Bucharest")
    assert "Time zone: Europe/Bucharest" in shown.text
    assert "18:00 every day, Europe/Bucharest" in ask(api, ann, chat, "/schedule").text
    by_the_wall = datetime.fromtimestamp(plan(home, chat).due or 0, ZoneInfo("Europe/Bucharest"))
    assert f"{by_the_wall:%H:%M}" == "18:00"


def test_a_schedule_is_set_by_buttons(api: StandIn, ann: Person, chat: Chat, home: Path) -> None:
    shown = ask(api, ann, chat, "/schedule")
    assert "No briefings are scheduled" in shown.text
    for label, found in (
        ("18:00", "18:00 on weekdays"),
        ("Weekends", "18:00 at weekends"),
        ("Every day", "18:00 every day"),
        ("Loud", ", loud."),
        ("Without a sound", "without a sound"),
        ("Say so", "nothing is new: I say so"),
        ("Silent when", "nothing is new: no message"),
    ):
        changed(api, ann, shown, label)
        assert found in shown.text
        assert f"✓ {api.button(shown, label).label.removeprefix('✓ ')}" in shown.labels
    assert plan(home, chat).on
    changed(api, ann, shown, "Off")
    assert not plan(home, chat).on
    assert "Off" not in shown.labels
    assert len(chat.answers) == 1


def test_a_place_that_is_shared_sets_the_time_zone(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    ask(api, ann, chat, "/schedule 08:00")
    before = plan(home, chat).due
    api.send(ann, chat, "location", place=(35.68, 139.69))
    assert "08:00 every day, Asia/Tokyo" in api.wait(chat, 2)[1].text
    after = plan(home, chat).due
    assert before != after
    assert ask(api, ann, chat, "/brief").text.split("\n")[1].count(",") == 2
    api.send(ann, chat, "location", place=(0.0, -160.0))
    assert len(api.wait(chat, 4)) == 4


def test_in_a_group_a_place_counts_as_a_reply_by_an_administrator(
    api: StandIn, ann: Person, home: Path
) -> None:
    bob = api.person("Bob")
    group = api.group("Desk", ann, admins=(bob,))
    shown = ask(api, bob, group, "/schedule 08:00")
    api.send(bob, group, "location", place=(35.68, 139.69))
    api.quiet(group, 0.3)
    api.send(ann, group, "location", place=(35.68, 139.69), reply_to=shown)
    assert api.wait(group, 2)[1].text.startswith(ONLY)
    api.send(bob, group, "location", place=(44.4, 26.1), reply_to=shown)
    assert "Europe/Bucharest" in api.wait(group, 3)[2].text
    api.send(bob, group, "location", place=(35.68, 139.69), reply_to=shown, anonymous=True)
    assert "Asia/Tokyo" in api.wait(group, 4)[3].text


@pytest.mark.parametrize("label", ["Loud", "Without a sound"])
def test_a_briefing_makes_a_sound_only_where_that_was_chosen(
    api: StandIn, ann: Person, chat: Chat, home: Path, label: str
) -> None:
    shown = ask(api, ann, chat, "/schedule 08:00")
    if label == "Loud":
        changed(api, ann, shown, label)
    make_due(home, chat)
    assert api.wait(chat, 2)[1].text.startswith("Briefing")
    given = api.called("sendMessage", chat)[-1].given
    assert str(given["disable_notification"]).lower() == str(label != "Loud").lower()
    asked = ask(api, ann, chat, "/brief 7d")
    assert asked
    given = api.called("sendMessage", chat)[-1].given
    assert str(given.get("disable_notification", "false")).lower() == "false"


# Groups and topics of forums


def test_in_a_group_only_administrators_change_and_anyone_looks(
    api: StandIn, ann: Person, home: Path
) -> None:
    bob = api.person("Bob")
    group = api.group("Desk", ann, admins=(bob,))
    for command in CHANGES:
        assert ask(api, ann, group, command).text.startswith(ONLY)
    assert (names(home, group), plan(home, group).on) == ([], False)
    for command in CHANGES[::2]:
        ask(api, bob, group, command)
    assert (names(home, group), plan(home, group).on) == ([FLOODS], True)
    assert f"• {FLOODS}" in ask(api, ann, group, "/topics").text
    shown = ask(api, ann, group, "/schedule")
    assert "08:00 every day" in shown.text
    before = shown.html, shown.labels
    for label in ("18:00", "Weekends", "Loud", "Say so", "Off"):
        assert told(api, ann, shown, label).startswith(ONLY)
    assert (shown.html, shown.labels) == before
    changed(api, bob, shown, "Off")
    assert not plan(home, group).on


def test_anonymous_administrators_are_administrators(api: StandIn, home: Path) -> None:
    bob = api.person("Bob")
    group = api.group("Desk", admins=(bob,))
    ask(api, bob, group, f"/follow {FLOODS}", anonymous=True)
    shown = ask(api, bob, group, "/schedule 08:00", anonymous=True)
    assert (names(home, group), plan(home, group).on) == ([FLOODS], True)
    changed(api, ANONYMOUS, shown, "Off")
    assert not plan(home, group).on
    offered = ask(api, bob, group, "/unfollow", anonymous=True)
    changed(api, ANONYMOUS, offered, FLOODS)
    assert names(home, group) == []


def test_topics_of_a_forum_do_not_mix(api: StandIn, home: Path) -> None:
    bob = api.person("Bob")
    forum = api.group("Desk", admins=(bob,), forum=True)
    work, water = api.topic(forum, "Work", bob), api.topic(forum, "Water", bob)
    ask(api, bob, forum, f"/follow {STRIKES}", topic=work)
    ask(api, bob, forum, f"/follow {FLOODS}", topic=water)
    shown = ask(api, bob, forum, "/schedule 08:00", topic=work)
    assert (names(home, forum, work), names(home, forum, water)) == ([STRIKES], [FLOODS])
    assert names(home, forum) == []
    assert (plan(home, forum, work).on, plan(home, forum, water).on) == (True, False)
    changed(api, bob, shown, "Say so")
    assert plan(home, forum, work).all_quiet
    before = len(forum.answers)
    make_due(home, forum, work)
    make_due(home, forum, water)
    briefings = api.wait(forum, before + 2)[before:]
    heads = {one.topic: one.text.split("\n")[0] for one in briefings}
    assert heads == {work: f"Briefing: {STRIKES}", water: f"Briefing: {FLOODS}"}
    assert "strike" not in next(one.text for one in briefings if one.topic == water)
    asked = ask(api, bob, forum, "/brief 7d", topic=water)
    assert (asked.topic, asked.text.split("\n")[0]) == (water, f"Briefing: {FLOODS}")
    assert all(one.topic in (work, water) for one in forum.answers)


# What else is told


def test_the_commands_are_registered_where_they_can_be_used(api: StandIn) -> None:
    told_ = {
        scope: {one["command"] for one in commands} for scope, commands in api.bot.commands.items()
    }
    anyone, changers = {"brief", "topics"}, {"follow", "unfollow", "schedule"}
    assert anyone | changers <= told_["all_private_chats"]
    assert anyone | changers <= told_["all_chat_administrators"]
    assert anyone <= told_["all_group_chats"]
    assert not changers & told_["all_group_chats"]


def test_posts_of_channels_are_asked_for(api: StandIn) -> None:
    assert {"channel_post", "edited_channel_post"} <= set(api.bot.allowed)


def test_help_names_them(api: StandIn, ann: Person, chat: Chat) -> None:
    text = ask(api, ann, chat, "/help").text
    assert all(f"/{one}" in text for one in ("brief", "follow", "topics", "schedule"))


def test_a_chat_that_is_not_allowed_gets_no_briefing(seeds_home: Path, tmp_path: Path) -> None:
    home = copied(seeds_home, tmp_path / "home")
    with StandIn() as api:
        ann, eve = api.person("Ann"), api.person("Eve")
        here, there = api.private(ann), api.private(eve)
        with Store(home) as store:
            for chat in (here, there):
                store.briefings.set_plan(
                    Plan(chat=chat.id, on=True, due=time.time() - 5, all_quiet=True)
                )
        with Running(api, home, allowed_chats=str(ann.id)) as bot:
            assert api.wait(here)[0].text.endswith(QUIET)
            assert "not allowed" in ask(api, eve, there, "/brief").text
            for command in ("/follow x", "/topics", "/schedule 08:00", "/unfollow"):
                api.say(eve, there, command)
            api.quiet(there, 0.4)
            assert names(home, there) == []
            clean(api, bot)
