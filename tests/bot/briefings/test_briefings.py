"""/brief and "what did I miss?": what is told, the buttons below it, and what is remembered."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import msgspec
import pytest

from newsdesk.bot import cli
from newsdesk.bot.store.models import KeptBrief
from newsdesk.bot.store.store import Store
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.update import update
from tests.botapi import Chat, Message, Person, StandIn
from tests.helpers.talking import ADMIN, ask, changed, clean, press, talking, told

STRIKES, FLOODS = "who is on strike?", "floods"
QUIET = "All quiet: nothing new."
_STORY = re.compile(r"^(\d+)\. (.+) — (.+)$", re.MULTILINE)


pytestmark = pytest.mark.running_bot("news")


def stories(message: Message) -> list[tuple[int, str, str]]:
    """The stories in a briefing's list: number, sentence, who carries it."""
    return [(int(n), said, outlet) for n, said, outlet in _STORY.findall(message.text)]


def kept(home: Path, message: Message) -> KeptBrief:
    """A briefing as the bot remembers it, by the key on its buttons."""
    key = message.buttons[0][0].data.split(":")[1]
    with Store(home) as store:
        found = store.briefings.brief(key)
    assert found
    return found


def make_due(home: Path, chat: Chat, **more: bool) -> None:
    """Have a chat's briefing be due now."""
    with Store(home) as store:
        plan = store.briefings.plan(chat.id, 0)
        store.briefings.set_plan(
            msgspec.structs.replace(plan, due=time.time() - 10, on=True, **more)
        )


def delivered(api: StandIn, home: Path, chat: Chat) -> None:
    """Wait until what was due is dealt with."""

    def is_done() -> bool:
        with Store(home) as store:
            return (
                store.briefings.plan(chat.id, 0).due or 0
            ) > time.time() and not store.briefings.unsent()

    api.wait_for(is_done, what="a delivery")


# What is told


def test_a_briefing_has_its_period_and_a_sentence_with_a_link_a_story(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    message = ask(api, ann, chat, "/brief 7d")
    head, period = message.text.split("\n")[:2]
    assert head == "Briefing"
    assert re.fullmatch(r"\w{3} \d+ \w{3}, 00:00 to \w{3} \d+ \w{3}, \d\d:\d\d", period)
    found = stories(message)
    assert [number for number, _, _ in found] == list(range(1, 8))
    assert message.labels[:7] == [str(number) for number in range(1, 8)]
    assert len(message.of("text_link")) == 7
    with Searcher(Settings(home=home)) as searcher:
        for (_, said, _), one in zip(found, kept(home, message).stories, strict=False):
            texts = [searcher.article(article) for article in one.articles]
            assert any(said in " ".join(text.text.split()) for text in texts if text)
    assert chat.answers == [message]


@pytest.mark.parametrize(
    "words", ["floods 7d", "7d floods", "\nfloods\n7d", "@newsdesk_bot on floods, last 7 days"]
)
def test_topic_and_period_are_read_in_any_order(
    api: StandIn, ann: Person, chat: Chat, words: str
) -> None:
    gap = "" if words.startswith(("\n", "@")) else " "
    message = ask(api, ann, chat, f"/brief{gap}{words}")
    assert message.text.startswith("Briefing: floods\n")
    told_ = " ".join(said for _, said, _ in stories(message))
    assert "Mozambique" in told_
    assert "York" in told_
    assert not re.search("strike|summit|complaint", told_)


def test_without_a_period_it_is_of_the_last_day(api: StandIn, ann: Person, chat: Chat) -> None:
    day = ask(api, ann, chat, f"/brief {STRIKES}")
    week = ask(api, ann, chat, f"/brief {STRIKES} 7d")
    assert 0 < len(stories(day)) < len(stories(week))
    start, end = re.findall(r", (\d\d:\d\d)", day.text.split("\n")[1])
    assert start == end


def test_an_outlet_narrows_and_is_named(api: StandIn, ann: Person, chat: Chat, home: Path) -> None:
    message = ask(api, ann, chat, "/brief from Wire Central 7d")
    assert message.text.startswith("Briefing: from Wire Central\n")
    assert {outlet for _, _, outlet in stories(message)} == {"Wire Central"}


@pytest.mark.parametrize("words", ["volcano in Iceland 7d", "qwertz uiop asdf 7d"])
def test_where_nothing_fits_it_says_so(api: StandIn, ann: Person, chat: Chat, words: str) -> None:
    message = ask(api, ann, chat, f"/brief {words}")
    assert message.text.endswith(QUIET)
    assert message.labels == ["Schedule"]
    api.tap(ann, message, "Schedule")
    assert "No briefings are scheduled" in api.wait(chat, 2)[1].text


@pytest.mark.parametrize("words", ["since 1990", "since 1 January 2020"])
def test_a_period_that_is_too_long_is_refused_in_plain_words(
    api: StandIn, ann: Person, chat: Chat, words: str
) -> None:
    assert ask(api, ann, chat, f"/brief {words}").text.startswith("A briefing goes back 31 days")


@pytest.mark.parametrize(
    "topic", ["<b>bold</b> & <i>co", "فيضانات موزمبيق", "👩‍👩‍👧 &amp; family", "flood " * 400]
)
def test_any_topic_is_shown_as_it_was_written(
    api: StandIn, ann: Person, chat: Chat, topic: str
) -> None:
    head = ask(api, ann, chat, f"/brief {topic}").text.split("\n")[0]
    assert head.startswith(f"Briefing: {topic[:190].strip()}") or "\u2068" in head


# Asked for in words


@pytest.mark.parametrize("words", ["what did I miss?", "what's new on floods?"])
def test_a_wish_in_words_gets_a_briefing(api: StandIn, words: str) -> None:
    ann = api.person("Ann")
    group = api.group("Desk", ann)
    for one in (
        ask(api, ann, api.private(ann), words),
        ask(api, ann, group, f"/ask {words}"),
    ):
        assert one.text.startswith("Briefing")
        assert one.reply_to
        assert ("Briefing: floods" in one.text) == ("floods" in words)


def test_a_mention_may_wish_for_one_where_the_bot_is_told_of_it(api: StandIn, ann: Person) -> None:
    api.bot.privacy = False
    try:
        group = api.group("Desk", ann)
        assert ask(api, ann, group, "@newsdesk_bot what's new?").text.startswith("Briefing")
        api.say(ann, group, "what's new?")
        api.quiet(group, 0.4)
    finally:
        api.bot.privacy = True


def test_a_reply_to_an_answer_asks_on(api: StandIn, ann: Person, chat: Chat) -> None:
    answer = ask(api, ann, chat, "who won the ski jumping in Lahti?")
    assert "Reindl" in answer.text
    assert not ask(api, ann, chat, "what's new?", reply_to=answer).text.startswith("Briefing")


# Buttons


def test_stories_open_in_place_with_a_way_back(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    message = ask(api, ann, chat, f"/brief {STRIKES} 7d")
    first = message.html, message.labels
    for number, said, _ in stories(message):
        changed(api, ann, message, str(number))
        assert message.text.startswith(f"{number}. ")
        assert said in " ".join(message.text.split())
        assert said in [" ".join(one.split()) for one in message.of("underline")]
        assert message.of("blockquote")
        counted = re.search(r"^(\d+) articles?(?: by (\d+) outlets)?:$", message.text, re.MULTILINE)
        assert counted
        assert message.text.count("\n• ") == int(counted[1])
        assert message.labels == ["◂ Back", "Less of this"]
        changed(api, ann, message, "Back")
        assert (message.html, message.labels) == first
    assert chat.answers == [message]


def test_more_turns_all_pages_and_back(api: StandIn, ann: Person, chat: Chat, home: Path) -> None:
    message = ask(api, ann, chat, "/brief 7d")
    pages = [message.html]
    numbers = [number for number, _, _ in stories(message)]
    while "More ▸" in message.labels:
        changed(api, ann, message, "More")
        pages.append(message.html)
        numbers += [number for number, _, _ in stories(message)]
        assert set(map(str, numbers[-7:])) & set(message.labels)
    assert numbers == list(range(1, len(kept(home, message).stories) + 1))
    changed(api, ann, message, str(numbers[-1]))
    changed(api, ann, message, "Back")
    for page in reversed(pages[:-1]):
        assert message.html != page
        changed(api, ann, message, "◂ Back")
        assert message.html == page
    assert len(pages) > 2


def test_less_of_a_story_leaves_it_out_until_that_is_taken_back(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    message = ask(api, ann, chat, "/brief 7d")
    list_, before = message.html, stories(message)
    assert told(api, ann, message, "Less of this") == "Of which story do you want to hear less?"
    api.wait_for(lambda: "More ▸" not in message.labels)
    assert message.labels == [*map(str, range(1, 8)), "◂ Back"]
    assert "less of this story" in told(api, ann, message, "2")
    api.wait_for(lambda: "✓ Less of this" in message.labels)
    again = ask(api, ann, chat, "/brief 7d")
    assert before[1][1] not in again.text
    assert before[0][1] in again.text
    assert told(api, ann, message, "✓ Less of this") == "You will hear of it again."
    api.wait_for(lambda: "Less of this" in message.labels)
    changed(api, ann, message, "Back")
    assert message.html == list_
    assert stories(ask(api, ann, chat, "/brief 7d")) == before


def test_less_of_a_story_that_two_topics_tell_is_less_of_it_in_both(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    ask(api, ann, chat, f"/follow {FLOODS}")
    ask(api, ann, chat, "/follow floods in Mozambique")
    message = ask(api, ann, chat, "/brief 7d")
    number, said, _ = next(one for one in stories(message) if "Mozambique" in one[1])
    changed(api, ann, message, str(number))
    changed(api, ann, message, "Less of this")
    assert "✓ Less of this" in message.labels
    assert said not in ask(api, ann, chat, "/brief 7d").text


def test_less_of_a_topic_that_is_not_followed_holds_for_it_too(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    ask(api, ann, chat, f"/follow {STRIKES}")
    message = ask(api, ann, chat, f"/brief {FLOODS} 7d")
    _, said, _ = stories(message)[0]
    changed(api, ann, message, "1")
    changed(api, ann, message, "Less of this")
    assert said not in ask(api, ann, chat, f"/brief {FLOODS} 7d").text


def test_a_button_pressed_twice_does_what_it_does_once(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    message = ask(api, ann, chat, "/brief 7d")
    more = api.button(message, "More").data
    for _ in range(2):
        press(api, ann, message.told(), more)
    api.wait_for(lambda: stories(message)[0][0] == 8)
    story = api.button(message, "8").data
    for _ in range(2):
        press(api, ann, message.told(), story)
    api.wait_for(lambda: message.text.startswith("8. "))
    assert len(chat.answers) == 1


def test_all_may_turn_pages_but_only_administrators_choose_to_hear_less(
    api: StandIn, ann: Person
) -> None:
    bob, eve = api.person("Bob"), api.person("Eve")
    group = api.group("Desk", ann, bob, admins=(eve,))
    message = ask(api, ann, group, "/brief 7d")
    changed(api, bob, message, "More")
    changed(api, bob, message, "8")
    before = message.html, message.labels
    assert "Only administrators" in told(api, bob, message, "Less of this")
    assert "Only administrators" in told(api, ann, message, "Less of this")
    changed(api, eve, message, "Less of this")
    anonymous = Person(1087968824, "Group", is_bot=True, username="GroupAnonymousBot")
    changed(api, anonymous, message, "Less of this")
    assert (message.html, message.labels) == before
    assert len(group.answers) == 1


def test_buttons_that_are_none_do_nothing(api: StandIn, ann: Person, chat: Chat) -> None:
    message = ask(api, ann, chat, f"/brief {FLOODS} 7d")
    before = message.html, message.labels
    key = message.buttons[0][0].data.split(":")[1]
    for data in ("t:nothing:1", f"t:{key}:99", f"z:{key}:-1", f"b:{key}:x", f"z:{key}:²"):
        press(api, ann, message.told(), data)
    ask(api, ann, chat, "/topics")
    assert (message.html, message.labels[-1]) == (before[0], message.labels[-1])


@pytest.mark.slow
def test_a_week_later_after_a_restart_and_with_another_library_the_buttons_work(
    news_home: Path, tmp_path: Path
) -> None:
    with talking(news_home, tmp_path / "home") as (api, bot):
        ann = api.person("Ann")
        chat = api.private(ann)
        message = ask(api, ann, chat, f"/brief {FLOODS} 7d")
        first, said = message.html, stories(message)[0][1]
        assert bot.stop() == 0
        other = news_home.parent / "articles" / "articles-held-out.jsonl"
        for file in bot.home.glob("library.db*"):
            file.unlink()
        assert update(Settings(home=bot.home), [other]).added
        bot.start()
        bot.until("answers from", times=2)
        # Of a message that old Telegram tells no more than where it is.
        old = {"message_id": message.id, "chat": chat.told(), "date": 0}
        press(api, ann, old, api.button(message, "1").data)
        api.wait_for(lambda: said in " ".join(message.text.split()))
        changed(api, ann, message, "Less of this")
        changed(api, ann, message, "Back")
        assert message.html == first
        assert len(chat.answers) == 1
        clean(api, bot)


# What is remembered


def test_what_brief_told_is_not_told_again_by_the_schedule(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    ask(api, ann, chat, f"/follow {FLOODS}")
    assert stories(ask(api, ann, chat, "/brief 7d"))
    make_due(home, chat)
    delivered(api, home, chat)
    assert len(chat.answers) == 2
    make_due(home, chat, all_quiet=True)
    assert api.wait(chat, 3)[2].text.endswith(QUIET)


def test_a_schedule_tells_once_and_brief_whenever_it_is_asked(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    ask(api, ann, chat, f"/follow {STRIKES}")
    make_due(home, chat)
    first = api.wait(chat, 2)[1]
    assert stories(first)
    make_due(home, chat)
    delivered(api, home, chat)
    assert len(chat.answers) == 2
    again = ask(api, ann, chat, "/brief 7d")
    assert {said for _, said, _ in stories(first)} <= {said for _, said, _ in stories(again)}


def test_what_one_chat_was_told_is_new_to_another(api: StandIn, home: Path) -> None:
    texts = []
    for name in ("Ann", "Bob"):
        person = api.person(name)
        chat = api.private(person)
        ask(api, person, chat, f"/follow {FLOODS}")
        make_due(home, chat)
        texts.append(api.wait(chat, 2)[1].text)
    assert stories_of(texts[0]) == stories_of(texts[1]) != []


def stories_of(text: str) -> list[tuple[str, str, str]]:
    """The same as `stories`, of a text."""
    return _STORY.findall(text)


# What is told of them


def test_stats_and_status_tell_of_the_next_the_last_and_of_failures(
    api: StandIn,
    ann: Person,
    chat: Chat,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEWSDESK_HOME", str(home))

    def status() -> dict[str, float]:
        capsys.readouterr()
        assert cli.run(["status", "--json"]) == 0
        return dict(json.loads(capsys.readouterr().out)["briefings"])

    before = status()
    ask(api, ann, chat, "/schedule 08:00")
    make_due(home, chat)
    delivered(api, home, chat)
    after = status()
    assert after["chats"] == before["chats"] + 1
    assert after["delivered"] == before["delivered"] + 1
    assert after["failed"] == before["failed"]
    assert after["sent"] > time.time() - 60
    assert after["due"] > time.time()
    blocked = api.person("Bob")
    gone = api.private(blocked)
    ask(api, blocked, gone, "/schedule 08:00")
    with api.lock:
        gone.bot_out = True
    make_due(home, gone)
    api.wait_for(lambda: status()["failed"] == before["failed"] + 1)
    admin = api.people.setdefault(ADMIN, Person(ADMIN, "Admin"))
    stats = ask(api, admin, api.private(admin), "/stats").text
    assert f"{after['delivered']} sent and {before['failed'] + 1} failed in 24 hours" in stats
    assert "next briefing due: " in stats
    assert "last briefing sent: " in stats
    assert "none" not in stats.partition("briefings:")[2]


def test_status_of_a_library_without_a_bot_says_nothing_of_briefings(
    news_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSDESK_HOME", str(news_home))
    assert cli.run(["status"]) == 0
    assert "briefing" not in capsys.readouterr().out
    assert not (news_home / "bot.db").exists()
