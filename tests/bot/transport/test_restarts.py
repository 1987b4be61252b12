"""Stopped or killed in the middle, the bot answers the rest when it is back, and nothing twice."""

from __future__ import annotations

import re
import signal
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.botapi import Chat, Message, StandIn
from tests.helpers.running import Running, copied

pytestmark = pytest.mark.slow  # two starts of the bot each, and more

B9, TOKYO, BARBADOS = (
    "who is in the B9?",
    "when did the tokyo olympics close?",
    "who was sworn in as president of Barbados?",
)
# What Telegram says to a look for an answer that may have been lost.
LOOKED = re.compile("message is not modified|message to edit not found|message can't be edited")


@pytest.fixture
def home(seeds_home: Path, tmp_path: Path) -> Path:
    """A home with a library of the seeds."""
    return copied(seeds_home, tmp_path / "home")


@pytest.fixture
def api() -> Iterator[StandIn]:
    """Telegram."""
    with StandIn() as found:
        yield found


def clean(api: StandIn, bot: Running) -> None:
    """Nothing of ours was refused but looks for lost answers; no token and no mistake logged."""
    assert [why for _, why in api.refused if not LOOKED.search(why)] == []
    assert api.token not in bot.told()
    assert "Traceback" not in bot.told()


def answered_once(chat: Chat, *questions: Message) -> None:
    """Each question has one answer, in the order in which they were asked."""
    assert [one.reply_to for one in chat.answers] == list(questions)
    assert all(len(one.labels) > 1 for one in chat.answers)


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_what_is_being_answered_is_finished_and_the_rest_is_answered_later(
    home: Path, api: StandIn, name: signal.Signals
) -> None:
    ann, bob = api.person("Ann"), api.person("Bob")
    here, there = api.private(ann), api.private(bob)
    with Running(api, home) as bot:
        api.faults.add("sendMessage", chat=here, slow=1.5)
        api.faults.add("sendMessage", 429, chat=there, retry_after=60)
        asked = [api.say(ann, here, text) for text in (B9, TOKYO, BARBADOS, B9, TOKYO)]
        held = api.say(bob, there, B9)
        api.wait_for(lambda: api.called("sendMessage", here) and api.called("sendMessage", there))
        assert bot.stop(name) == 0
        finished = len(here.answers)
        assert finished >= 1
        assert there.answers == []
        bot.start()
        api.wait(here, 5)
        api.wait(there)
        api.quiet(here)
        answered_once(here, *asked)
        answered_once(there, held)
        assert bot.stop() == 0
        clean(api, bot)


def test_a_change_that_telegram_held_up_is_made_after_a_restart(home: Path, api: StandIn) -> None:
    ann = api.person("Ann")
    chat = api.private(ann)
    with Running(api, home) as bot:
        question = api.say(ann, chat, B9)
        (answer,) = api.wait(chat)
        api.faults.add("editMessageText", 429, retry_after=60)
        api.edit(question, TOKYO)
        api.wait_for(lambda: api.called("editMessageText"))
        assert bot.stop() == 0
        bot.start()
        api.wait_for(lambda: "Tokyo" in answer.text)
        api.quiet(chat, 0.3)
        answered_once(chat, question)
        clean(api, bot)


def test_killed_with_questions_in_hand_it_answers_them_once(home: Path, api: StandIn) -> None:
    ann = api.person("Ann")
    chat = api.private(ann)
    group = api.group("Desk", ann, forum=True)
    topic = api.topic(group, "Ukraine", ann)
    with Running(api, home) as bot:
        for one in (chat, group):
            api.faults.add("sendMessage", 429, chat=one, retry_after=60)
        asked = [api.say(ann, chat, text) for text in (B9, TOKYO)]
        there = api.say(ann, group, f"/ask {B9}", topic=topic)
        api.wait_for(lambda: api.called("sendMessage", chat) and api.called("sendMessage", group))
        bot.kill()
        bot.start()
        api.wait(chat, 2)
        api.wait(group)
        api.quiet(chat)
        answered_once(chat, *asked)
        answered_once(group, there)
        assert group.answers[0].topic == topic
        clean(api, bot)


def test_killed_between_an_answers_delivery_and_its_reply_it_does_not_answer_again(
    home: Path, api: StandIn
) -> None:
    ann = api.person("Ann")
    chat = api.private(ann)
    group = api.group("Desk", ann)
    with Running(api, home) as bot:
        api.say(ann, chat, "/help")
        api.wait(chat)
        for one in (chat, group):
            api.faults.add("sendMessage", chat=one, lost=True)
        api.say(ann, chat, B9)
        api.say(ann, group, f"/ask {B9}")
        api.wait(chat, 2)
        api.wait(group)
        bot.kill()
        bot.start()
        bot.until("answers from", 2)
        api.say(ann, chat, TOKYO)
        api.wait(chat, 3)
        api.quiet(group, 0.3)
        assert len(group.answers) == 1
        assert [one.reply_to.text for one in chat.answers[1:] if one.reply_to] == [B9, TOKYO]
        # What was found is known again: its buttons work, and the next question goes on from it.
        api.tap(ann, chat.answers[1], "Context")
        api.wait_for(lambda: chat.answers[1].edits)
        clean(api, bot)


def test_killed_before_an_answer_was_delivered_it_sends_it(home: Path, api: StandIn) -> None:
    ann = api.person("Ann")
    chat = api.private(ann)
    with Running(api, home) as bot:
        api.say(ann, chat, "/help")
        (greeting,) = api.wait(chat)
        labels = greeting.labels
        api.faults.add("sendMessage", 500, times=99)
        question = api.say(ann, chat, B9)
        api.wait_for(lambda: api.called("editMessageReplyMarkup", chat))  # it looks for it
        bot.kill()
        api.faults.planned.clear()
        bot.start()
        api.wait(chat, 2)
        api.quiet(chat)
        assert chat.answers[0].labels == labels
        answered_once_behind(greeting, chat, question)
        clean(api, bot)


def answered_once_behind(greeting: Message, chat: Chat, *questions: Message) -> None:
    """As `answered_once`, with something before."""
    assert chat.answers[0] is greeting
    assert [one.reply_to for one in chat.answers[1:]] == list(questions)


def answered(chats: list[Chat], count: int) -> bool:
    """Whether so many answers stand in some chats."""
    return sum(len(one.answers) for one in chats) >= count


def test_killed_again_and_again_it_answers_all_in_the_end_and_nothing_twice(
    home: Path, api: StandIn
) -> None:
    people = [api.person(f"Person {n}") for n in range(6)]
    chats = [api.private(one) for one in people]
    bot = Running(api, home, telegram_messages_a_second="1000")
    asked: list[Message] = []
    try:
        for count in (1, 4, 9, 14):  # answers after which it is killed
            bot.start()
            for person, chat in zip(people, chats, strict=True):
                asked.append(api.say(person, chat, (B9, TOKYO, BARBADOS)[len(asked) % 3]))
            api.wait_for(partial(answered, chats, count))
            bot.kill()
        bot.start()
        api.wait_for(partial(answered, chats, len(asked)))
        api.quiet(chats[0])
        counted = Counter(id(one.reply_to) for chat in chats for one in chat.answers)
        assert counted == {id(one): 1 for one in asked}
        assert bot.stop() == 0
        clean(api, bot)
    finally:
        bot.kill()


def test_questions_that_came_meanwhile_are_answered_and_old_ones_get_one_line_a_chat(
    home: Path, api: StandIn
) -> None:
    ann, bob, eve = (api.person(name) for name in ("Ann", "Bob", "Eve"))
    fresh, old, both = (api.private(one) for one in (ann, bob, eve))
    question = api.say(ann, fresh, B9, ago=590)
    for text in (B9, TOKYO, BARBADOS):
        api.say(bob, old, text, ago=620)
    api.say(eve, both, B9, ago=3600)
    last = api.say(eve, both, TOKYO, ago=60)
    with Running(api, home) as bot:
        api.wait(fresh)
        api.wait(old)
        api.wait(both, 2)
        api.quiet(old)
        answered_once(fresh, question)
        assert [one.text for one in old.answers] == ["I was away when you wrote. Please ask again."]
        assert both.answers[0].text == old.answers[0].text
        assert both.answers[1].reply_to is last
        assert len(both.answers) == 2
        again = api.say(bob, old, B9)
        assert api.wait(old, 2)[1].reply_to is again
        clean(api, bot)


@pytest.mark.parametrize("code", [401, 404])
def test_a_question_asked_when_the_token_was_refused_is_answered_after_it_is_mended(
    home: Path, api: StandIn, code: int
) -> None:
    ann = api.person("Ann")
    chat = api.private(ann)
    with Running(api, home) as bot:
        faults = [api.faults.add(name, code, times=99) for name in ("sendMessage", "getUpdates")]
        question = api.say(ann, chat, B9)
        assert bot.wait(30) not in (0, None)
        for one in faults:
            one.times = 0
        bot.start()
        api.wait(chat)
        answered_once(chat, question)
        clean(api, bot)


def test_after_a_kill_no_other_message_is_taken_for_the_lost_answer(
    home: Path, api: StandIn
) -> None:
    ann = api.person("Ann")
    chat, group = api.private(ann), api.group("Desk", ann)
    with Running(api, home) as bot:
        for one in (chat, group):
            api.faults.add("sendMessage", chat=one, slow=0.5)
            api.say(ann, one, "/help")
            api.wait_for(partial(api.called, "sendMessage", one))
            api.faults.add("sendMessage", 500, chat=one, times=99)
        asked = [api.say(ann, one, f"/ask {B9}") for one in (chat, group)]
        api.wait(chat)
        api.wait(group)
        api.wait_for(lambda: len(api.called("sendMessage", group)) > 1)
        api.wait_for(lambda: len(api.called("sendMessage", chat)) > 1)
        bot.kill()
        api.faults.planned.clear()
        bot.start()
        for one, question in zip((chat, group), asked, strict=True):
            api.wait(one, 2)
            answered_once_behind(one.answers[0], one, question)
            assert [label for label in one.answers[0].labels if "👍" in label] == []
        clean(api, bot)
