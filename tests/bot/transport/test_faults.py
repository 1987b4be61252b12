"""Telegram's bad days: each is handled by what it means, one chat's never another's."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.botapi import Chat, Message, Person, StandIn
from tests.helpers.running import Running, copied

B9, TOKYO, BARBADOS = (
    "who is in the B9?",
    "when did the tokyo olympics close?",
    "who was sworn in as president of Barbados?",
)


@pytest.fixture(scope="module")
def bot(seeds_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One bot for all tests here; what befalls a chat must not matter to the others."""
    home = copied(seeds_home, tmp_path_factory.mktemp("faults") / "home")
    with StandIn() as api, Running(api, home, telegram_messages_a_second="1000") as found:
        yield found
        assert found.stop() == 0
        assert api.token not in found.told()
        assert "Traceback" not in found.told()
    shutil.rmtree(home)


@pytest.fixture
def api(bot: Running) -> Iterator[StandIn]:
    """Telegram, of which nothing is refused that a test did not expect."""
    bot.api.refused.clear()
    bot.api.faults.planned.clear()
    yield bot.api
    assert bot.api.refused == []
    assert not bot.api.called("editMessageReplyMarkup")


def answers(chat: Chat) -> list[Message | None]:
    """What each of the bot's messages in a chat replies to."""
    return [one.reply_to for one in chat.answers]


def works_elsewhere(api: StandIn) -> None:
    """Another chat is answered."""
    bob = api.person("Bob")
    api.say(bob, other := api.private(bob), B9)
    api.wait(other)


def test_an_update_that_cannot_be_read_is_passed_over(
    bot: Running, ann: Person, chat: Chat
) -> None:
    number = bot.api.update("message", {"message_id": 1, "text": "a secret, and no date"})
    question = bot.api.say(ann, chat, B9)
    bot.api.wait(chat)
    assert answers(chat) == [question]
    assert f"update {number} is passed over" in bot.told()
    assert "secret" not in bot.told()


def test_a_chat_that_must_wait_waits_alone(api: StandIn, ann: Person, chat: Chat) -> None:
    api.faults.add("sendMessage", 429, chat=chat, retry_after=3)
    question = api.say(ann, chat, B9)
    api.wait_for(lambda: api.called("sendMessage", chat))
    works_elsewhere(api)
    assert chat.answers == []  # the other, who asked later, was answered first
    api.wait(chat)
    refused, sent = api.called("sendMessage", chat)
    assert sent.at - refused.at >= 3  # what Telegram asked for, at the least
    assert answers(chat) == [question]


def test_a_group_that_must_wait_waits_alone_too(api: StandIn, ann: Person) -> None:
    group, other = api.group("Desk", ann), api.group("Other", ann)
    api.faults.add("sendMessage", 429, chat=group, retry_after=2, times=2)
    api.say(ann, group, f"/ask {B9}")
    api.wait_for(lambda: api.called("sendMessage", group))
    api.say(ann, other, f"/ask {B9}")
    api.wait(other)
    assert group.answers == []
    api.wait(group)
    assert len(api.called("sendMessage", group)) == 3


def test_an_edit_that_must_wait_is_made_then(api: StandIn, ann: Person, chat: Chat) -> None:
    question = api.say(ann, chat, B9)
    (answer,) = api.wait(chat)
    api.faults.add("editMessageText", 429, chat=chat, retry_after=1)
    api.edit(question, TOKYO)
    api.wait_for(lambda: "Tokyo" in answer.text)
    assert answers(chat) == [question]


def test_a_failing_server_is_asked_again(api: StandIn) -> None:
    asked: list[Message] = []
    for code in (500, 502, 503, 504):
        ann = api.person("Ann")
        api.faults.add("sendMessage", code, chat=(chat := api.private(ann)), times=2)
        asked.append(api.say(ann, chat, B9))
    for one in asked:
        api.wait_for(partial(api.called, "sendMessage", one.chat))
    works_elsewhere(api)
    for one in asked:
        api.wait(one.chat)
    api.quiet(asked[-1].chat)
    for one in asked:
        assert answers(one.chat) == [one]
        assert len(api.called("sendMessage", one.chat)) == 3


@pytest.mark.parametrize(  # 0: it never comes, and python-telegram-bot waits for it for 5 seconds
    ("kind", "code"),
    [("private", 0), ("private", 502), ("group", 500), ("basic", 502), ("topic", 502)],
)
def test_an_answer_whose_reply_was_lost_is_sent_again_and_the_buttons_of_both_work(
    api: StandIn, ann: Person, chat: Chat, kind: str, code: int
) -> None:
    topic = None
    if kind != "private":
        chat = api.group("Desk", ann, basic=kind == "basic", forum=kind == "topic")
        topic = api.topic(chat, "Ukraine", ann) if kind == "topic" else None
    api.faults.add("sendMessage", code, chat=chat, lost=True)
    question = api.say(ann, chat, f"/ask {B9}", topic=topic)
    api.wait(chat)
    works_elsewhere(api)
    both = api.wait(chat, 2)
    second = api.say(ann, chat, f"/ask {TOKYO}", topic=topic)
    api.wait(chat, 3)
    api.quiet(chat, 0.3)
    assert answers(chat) == [question, question, second]
    assert both[0].labels == both[1].labels
    for answer in both:
        api.tap(ann, answer, "Context")
        api.wait_for(partial(getattr, answer, "edits"))


def test_a_slow_reply_is_waited_for(api: StandIn, ann: Person, chat: Chat) -> None:
    api.faults.add("sendMessage", chat=chat, slow=2)
    question = api.say(ann, chat, B9)
    api.wait_for(lambda: api.called("sendMessage", chat))
    works_elsewhere(api)
    assert chat.answers == []
    api.wait(chat)
    assert answers(chat) == [question]
    assert len(api.called("sendMessage", chat)) == 1


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("panel", ["/help", "/settings", "/schedule", "/unfollow"])
def test_no_panel_loses_its_buttons_when_an_answer_near_it_meets_an_error(
    api: StandIn, ann: Person, chat: Chat, panel: str, lost: bool
) -> None:
    if panel == "/unfollow":
        api.say(ann, chat, "/follow floods")
        api.wait(chat)
    before = len(chat.answers)
    api.say(ann, chat, panel)
    shown = api.wait(chat, before + 1)[-1]
    labels = shown.labels
    assert labels
    api.faults.add("sendMessage", 500, chat=chat, lost=lost)
    question = api.say(ann, chat, B9)
    replies = api.wait(chat, before + 2 + lost)[before + 1 :]
    assert [one.reply_to for one in replies] == [question] * (1 + lost)
    assert shown.labels == labels
    assert not shown.edits


@pytest.mark.parametrize("panel", ["/help", "/settings", "/schedule", "/topics", "/sources"])
def test_a_panel_of_unknown_fate_is_sent_again(
    api: StandIn, ann: Person, chat: Chat, panel: str
) -> None:
    api.faults.add("sendMessage", 502, chat=chat)
    api.say(ann, chat, panel)
    api.wait(chat)
    api.quiet(chat, 0.3)
    assert len(chat.answers) == 1
    assert len(api.called("sendMessage", chat)) == 2


def test_markup_that_telegram_cannot_parse_is_sent_plain(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    words = "Bad Request: can't parse entities: Unsupported start tag"
    api.faults.add("sendMessage", 400, chat=chat, words=words)
    question = api.say(ann, chat, B9)
    (answer,) = api.wait(chat)
    api.refused.clear()
    assert answers(chat) == [question]
    assert answer.entities == []
    assert "Bulgaria, the Czech Republic" in answer.text
    assert not re.search(r"</?\w+>|&\w+;", answer.text)
    assert "👍" in answer.labels


def test_a_bot_that_was_kicked_writes_there_no_more(api: StandIn, ann: Person) -> None:
    group = api.group("Desk", ann)
    api.faults.add("sendMessage", chat=group, slow=0.5)
    api.say(ann, group, f"/ask {B9}")
    api.wait_for(lambda: api.called("sendMessage", group))
    api.kick(group)
    works_elsewhere(api)
    api.quiet(group)
    assert group.answers == []
    assert [one.code for one in api.called("sendMessage", group)] == [403]


def test_a_bot_that_is_blocked_writes_there_no_more_until_it_is_let_in(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    api.faults.add("sendMessage", 403, chat=chat)
    api.say(ann, chat, B9)
    api.wait_for(lambda: api.called("sendMessage", chat))
    works_elsewhere(api)
    api.quiet(chat)
    api.block(ann)
    api.unblock(ann)
    question = api.say(ann, chat, TOKYO)
    api.wait(chat)
    assert answers(chat) == [question]


def test_the_answer_follows_a_group_that_became_a_supergroup(api: StandIn, ann: Person) -> None:
    group = api.group("Desk", ann, basic=True)
    api.faults.add("sendMessage", chat=group, slow=0.5)
    api.say(ann, group, f"/ask {B9}")
    api.wait_for(lambda: api.called("sendMessage", group))
    new = api.migrate(group, told=False)
    (answer,) = api.wait(new)
    api.refused.clear()
    assert "Bulgaria" in answer.text
    assert group.answers == []
    api.tap(ann, answer, "Context")
    api.wait_for(lambda: answer.edits)
    api.say(ann, new, f"/ask {TOKYO}")
    api.wait(new, 2)


def test_a_move_that_is_told_takes_along_what_a_group_had_chosen(api: StandIn, ann: Person) -> None:
    group = api.group("Desk", ann, admins=(ann,), basic=True)
    api.say(ann, group, "/settings")
    (settings,) = api.wait(group)
    api.tap(ann, settings, "1")
    api.wait_for(lambda: settings.edits)
    new = api.migrate(group)
    question = api.say(ann, new, f"/ask {B9}")
    (answer,) = api.wait(new)
    assert answers(new) == [question]
    assert len(answer.of("blockquote")) == 1
    api.tap(ann, answer, "👍")


@pytest.mark.parametrize("words", ["TOPIC_CLOSED", "TOPIC_DELETED", "message thread not found"])
def test_a_topic_that_is_closed_or_gone_is_left_alone(
    api: StandIn, ann: Person, words: str
) -> None:
    group = api.group("Desk", ann, forum=True)
    topic, other = api.topic(group, "Ukraine", ann), api.topic(group, "COVID", ann)
    api.faults.add("sendMessage", 400, chat=group, words=f"Bad Request: {words}")
    api.say(ann, group, f"/ask {B9}", topic=topic)
    api.wait_for(lambda: api.called("sendMessage", group))
    question = api.say(ann, group, f"/ask {TOKYO}", topic=other)
    api.wait(group)
    api.quiet(group)
    api.refused.clear()
    assert answers(group) == [question]
    assert group.answers[0].topic == other


def test_a_message_that_is_gone_at_an_edit_breaks_nothing(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    question = api.say(ann, chat, B9)
    (answer,) = api.wait(chat)
    api.remove(answer)
    api.edit(question, TOKYO)
    api.wait_for(lambda: api.called("editMessageText", chat))
    second = api.say(ann, chat, BARBADOS)
    api.wait(chat)
    assert answers(chat) == [second]
    assert [why for _, why in api.refused] == ["Bad Request: message to edit not found"]
    api.refused.clear()


def test_an_answer_to_a_deleted_question_arrives_all_the_same(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    api.faults.add("sendMessage", chat=chat, slow=0.5)
    question = api.say(ann, chat, B9)
    api.remove(question)
    (answer,) = api.wait(chat)
    assert answer.reply_to is None
    assert "Bulgaria" in answer.text


def test_a_press_that_cannot_be_answered_still_does_what_it_says(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    api.say(ann, chat, B9)
    (answer,) = api.wait(chat)
    api.faults.add("answerCallbackQuery", 400, words="Bad Request: query is too old")
    api.tap(ann, answer, "Context", wait=False)
    api.wait_for(lambda: answer.edits)
    api.refused.clear()


def test_a_mistake_of_ours_in_one_chat_leaves_the_bot_at_work(
    api: StandIn, bot: Running, ann: Person, chat: Chat
) -> None:
    api.faults.add("sendMessage", 400, chat=chat, words="Bad Request: something new")
    api.say(ann, chat, B9)
    api.wait_for(lambda: api.called("sendMessage", chat))
    question = api.say(ann, chat, TOKYO)
    api.wait(chat)
    api.refused.clear()
    assert answers(chat) == [question]
    bot.until("refused: Bad Request: something new".replace("Bad Request: s", "S"))
