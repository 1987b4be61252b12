"""Stopped or killed in the middle, the bot answers the rest when it is back."""

from __future__ import annotations

import signal
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from tests.botapi import Chat, Message, StandIn
from tests.helpers.running import Running

# Slow: two starts of the bot each, and more.
pytestmark = [pytest.mark.slow, pytest.mark.own_bot("seeds")]

B9, TOKYO, BARBADOS = (
    "who is in the B9?",
    "when did the tokyo olympics close?",
    "who was sworn in as president of Barbados?",
)


def clean(api: StandIn, bot: Running) -> None:
    """Nothing of ours was refused, no message was touched, no token and no mistake logged."""
    assert api.refused == []
    assert not api.called("editMessageReplyMarkup")
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


def test_killed_between_an_answers_delivery_and_its_reply_it_answers_again(
    home: Path, api: StandIn
) -> None:
    ann = api.person("Ann")
    chat = api.private(ann)
    group = api.group("Desk", ann)
    with Running(api, home) as bot:
        api.say(ann, chat, "/help")
        api.wait(chat)
        for place in (chat, group):
            api.faults.add("sendMessage", chat=place, lost=True)
        first = api.say(ann, chat, B9)
        there = api.say(ann, group, f"/ask {B9}")
        api.wait(chat, 2)
        api.wait(group)
        bot.kill()
        bot.start()
        api.wait(chat, 3)
        api.wait(group, 2)
        second = api.say(ann, chat, TOKYO)
        api.wait(chat, 4)
        api.quiet(group, 0.3)
        assert [one.reply_to for one in chat.answers[1:]] == [first, first, second]
        assert [one.reply_to for one in group.answers] == [there, there]
        # The buttons of both work, and the next question goes on from the one that is known.
        for answer in chat.answers[1:3]:
            api.tap(ann, answer, "Context")
            api.wait_for(partial(getattr, answer, "edits"))
        clean(api, bot)


def test_killed_before_an_answer_was_delivered_it_sends_it_and_panels_keep_their_buttons(
    home: Path, api: StandIn
) -> None:
    ann = api.person("Ann")
    chat, group = api.private(ann), api.group("Desk", ann, admins=(ann,))
    panels = ("/help", "/settings", "/schedule")
    with Running(api, home) as bot:
        for place in (chat, group):
            for n, panel in enumerate(panels, start=1):
                api.say(ann, place, panel if place is chat else f"{panel}@newsdesk_bot")
                api.wait(place, n)
        before = {place.id: list(place.answers) for place in (chat, group)}
        labels = [[one.labels for one in place.answers] for place in (chat, group)]
        assert all(all(of_chat) for of_chat in labels)
        api.faults.add("sendMessage", 500, times=99)
        asked = [api.say(ann, place, f"/ask {B9}") for place in (chat, group)]
        for place in (chat, group):
            api.wait_for(partial(failing, api, place))
        bot.kill()
        api.faults.planned.clear()
        bot.start()
        for place, question in zip((chat, group), asked, strict=True):
            api.wait(place, len(panels) + 1)
            api.quiet(place, 0.3)
            assert place.answers[:-1] == before[place.id]
            assert place.answers[-1].reply_to is question
        assert [[one.labels for one in p.answers[:-1]] for p in (chat, group)] == labels
        clean(api, bot)


def failing(api: StandIn, chat: Chat) -> bool:
    """Whether the last send to a chat met an error of the server."""
    return api.called("sendMessage", chat)[-1].code == 500


def all_answered(asked: list[Message]) -> bool:
    """Whether each question has an answer with buttons."""
    return all(
        any(one.reply_to is question and one.labels for one in question.chat.answers)
        for question in asked
    )


def answered(chats: list[Chat], count: int) -> bool:
    """Whether so many answers stand in some chats."""
    return sum(len(one.answers) for one in chats) >= count


def test_killed_again_and_again_it_answers_all_in_the_end_and_each_once_a_start_at_most(
    home: Path, api: StandIn
) -> None:
    people = [api.person(f"Person {n}") for n in range(6)]
    chats = [api.private(one) for one in people]
    bot = Running(api, home, telegram_messages_a_second="1000")
    asked: list[Message] = []
    counts = (1, 4, 9, 14)  # answers after which it is killed
    kills = len(counts)
    try:
        for count in counts:
            bot.start()
            for person, chat in zip(people, chats, strict=True):
                asked.append(api.say(person, chat, (B9, TOKYO, BARBADOS)[len(asked) % 3]))
            api.wait_for(partial(answered, chats, count))
            bot.kill()
        bot.start()
        api.wait_for(partial(all_answered, asked), 60)
        for chat in chats:
            api.quiet(chat, 0.1)
        counted = Counter(id(one.reply_to) for chat in chats for one in chat.answers)
        assert set(counted) == {id(one) for one in asked}
        # Again only where it was on its way at a kill: one answer a chat, as they come in order.
        assert sum(counted.values()) - len(asked) <= kills * len(chats)
        assert max(counted.values()) <= 1 + kills
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
        api.wait_for(partial(all_answered, [question, last]))
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
