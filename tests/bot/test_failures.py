"""Whatever goes wrong, the person who asked hears one plain line, and the log tells no text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.botapi import Chat, Message, Person, StandIn
from tests.helpers.running import Running
from tests.helpers.talking import ANSWERED, B9, META, TOKYO, ask, talking, told

pytestmark = pytest.mark.running_bot("seeds", telegram_questions_a_minute="1000")
FAILED = "Something went wrong here, and it has been noted. Please ask again later."
NOT_POSSIBLE = "Not possible just now"
BUCHAREST = 44.4268, 26.1025
SECRETS = ("B9", "Ukraine", "Berlin", "Ann", "tokyo")
Talk = tuple[StandIn, Running, Person, Chat]


def heard(api: StandIn, ann: Person, chat: Chat, text: str) -> str:
    """The one message that someone gets back."""
    before = len(chat.answers)
    ask(api, ann, chat, text)
    api.quiet(chat, 0.3)
    assert len(chat.answers) == before + 1
    return chat.answers[before].text


def failures(bot: Running) -> int:
    """How many updates the log says were not handled."""
    return bot.told().count("an update was not handled")


def log_is_discreet(api: StandIn, bot: Running) -> None:
    """The log holds no word of what people wrote, no name and no token."""
    log = bot.told()
    assert api.token not in log
    assert [secret for secret in SECRETS if re.search(rf"\b{secret}\b", log)] == []


# On a full disk


@pytest.fixture(scope="module")
def panels(running: tuple[StandIn, Running]) -> dict[str, Message]:
    """Messages with buttons that stand in Ann's chat since before the disk was full."""
    api, bot = running
    ann = api.person("Ann")
    chat = api.private(ann)
    asked = ("/help", B9, "/settings", "/schedule 08:00", "/brief", "/follow Ukraine", "/unfollow")
    shown = {text: ask(api, ann, chat, text) for text in asked}
    group = api.group("Desk", ann, admins=(ann,))
    shown["group"] = ask(api, ann, group, "/schedule@newsdesk_bot 08:00")
    shown["question"] = next(one for one in chat.shown if one.text == B9)
    bot.fill_disk()
    return shown


@pytest.fixture
def full(running: tuple[StandIn, Running], panels: dict[str, Message]) -> Iterator[Talk]:
    """Ann's chat with a bot whose disk is full."""
    api, bot = running
    chat = panels["/help"].chat
    (person,) = {one.sender for one in chat.shown if not one.sender.is_bot}
    yield api, bot, person, chat
    log_is_discreet(api, bot)
    assert "Traceback" not in bot.told()
    assert bot.code() is None, bot.told()[-6000:]


@pytest.mark.parametrize(
    "text",
    [
        *("/help", "/start", "/brief", "/settings Europe/Berlin", "/follow Ukraine talks"),
        *("/unfollow Ukraine", "/schedule 09:00", "/schedule off", "what did I miss?"),
    ],
)
def test_on_a_full_disk_what_must_be_written_down_fails_in_one_line(full: Talk, text: str) -> None:
    api, bot, ann, chat = full
    before = failures(bot)
    assert heard(api, ann, chat, text) == FAILED
    assert failures(bot) == before + 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (B9, ANSWERED),
        ("/ask when did the tokyo olympics close?", ""),
        ("/sources", "30 articles"),
        ("/settings", "Settings of this chat"),
        ("/topics", "Followed here"),
        ("/schedule", "Briefings: 08:00"),
        ("/unfollow", "Which one"),
        ("/nonsense", "I do not know that command"),
    ],
)
def test_on_a_full_disk_what_is_only_read_is_answered(full: Talk, text: str, said: str) -> None:
    api, _, ann, chat = full
    answer = heard(api, ann, chat, text)
    assert answer.startswith(said)
    assert answer != FAILED


def test_on_a_full_disk_a_changed_question_has_its_answer_changed(
    full: Talk, panels: dict[str, Message]
) -> None:
    api, _, _, _ = full
    api.edit(panels["question"], TOKYO)
    api.wait_for(lambda: "8 August" in panels[B9].text, what="the answer to the changed question")


def test_on_a_full_disk_a_place_fails_in_one_line(full: Talk) -> None:
    api, _, ann, chat = full
    before = len(chat.answers)
    api.send(ann, chat, "location", place=BUCHAREST)
    api.wait(chat, before + 1)
    api.quiet(chat, 0.3)
    assert [one.text for one in chat.answers[before:]] == [FAILED]


@pytest.mark.parametrize(
    ("panel", "label"),
    [
        *(
            (B9, "👍"),
            ("/settings", "1 passage"),
            ("/settings", "Tokyo"),
            ("/schedule 08:00", "12:00"),
        ),
        *(("/schedule 08:00", "Off"), ("/unfollow", "Ukraine")),
    ],
)
def test_on_a_full_disk_a_press_that_changes_something_pops_up_an_alert(
    full: Talk, panels: dict[str, Message], panel: str, label: str
) -> None:
    api, _, ann, chat = full
    before = len(chat.answers)
    press = api.tap(ann, panels[panel], label)
    assert (press.answer or {})["text"] == FAILED
    assert (press.answer or {})["show_alert"] in (True, "true", "True")
    api.quiet(chat, 0.3)
    assert len(chat.answers) == before


def test_on_a_full_disk_an_example_and_a_context_are_shown(
    full: Talk, panels: dict[str, Message]
) -> None:
    api, _, ann, chat = full
    before = len(chat.answers)
    label = panels["/help"].labels[0]
    assert told(api, ann, panels["/help"], label) == ""
    assert api.wait(chat, before + 1)[before].text != FAILED


def test_on_a_full_disk_an_inline_question_gets_one_result_that_says_so(full: Talk) -> None:
    api, bot, ann, _ = full
    before = failures(bot)
    (result,) = api.inline(ann, B9).results
    assert result["title"] == NOT_POSSIBLE
    assert failures(bot) == before + 1


def test_on_a_full_disk_a_chat_that_goes_or_moves_is_logged_and_the_bot_goes_on(
    full: Talk, panels: dict[str, Message]
) -> None:
    api, bot, ann, chat = full
    for event in (api.kick, api.add, api.migrate):
        expected = failures(bot) + 1
        event(panels["group"].chat)
        bot.until("an update was not handled", times=expected)
    assert heard(api, ann, chat, B9).startswith(ANSWERED)


# With a library that breaks while the bot runs


def broken(home: Path) -> None:
    """Overwrite the articles of the generation that the bot has open with nothing legible."""
    for file in (home / "generations").glob("*/articles"):
        with file.open("r+b") as stream:
            stream.write(b"\xff" * file.stat().st_size)


@pytest.fixture(scope="module")
def unreadable(seeds_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    """Ann's chat with a bot whose library was broken since it asked and had an answer."""
    with talking(seeds_home, tmp_path_factory.mktemp("broken") / "home") as (api, bot):
        ann = api.person("Ann")
        chat = api.private(ann)
        ask(api, ann, chat)
        broken(bot.home)
        yield api, bot, ann, chat
        log_is_discreet(api, bot)
        assert bot.code() is None, bot.told()[-6000:]


ASKING: dict[str, Callable[[StandIn, Person, Chat], object]] = {
    "question": lambda api, ann, chat: api.say(ann, chat, META),
    "command": lambda api, ann, chat: api.say(ann, chat, f"/ask {META}"),
    "edit": lambda api, ann, chat: api.edit(
        next(one for one in chat.shown if one.text == B9), META
    ),
    "article": lambda api, ann, chat: api.tap(ann, chat.answers[0], "Article"),
    "brief": lambda api, ann, chat: api.say(ann, chat, "/brief in December 2021"),
}


@pytest.mark.parametrize("kind", ASKING)
def test_with_a_broken_library_who_asks_hears_one_line(unreadable: Talk, kind: str) -> None:
    api, _, ann, chat = unreadable
    before = len(chat.answers)
    ASKING[kind](api, ann, chat)
    api.wait(chat, before + 1)
    api.quiet(chat, 0.3)
    assert [one.text for one in chat.answers[before:]] == [FAILED]


def test_with_a_broken_library_a_context_pops_up_an_alert(unreadable: Talk) -> None:
    api, _, ann, chat = unreadable
    assert told(api, ann, chat.answers[0], "Context") == FAILED


def test_with_a_broken_library_an_inline_question_gets_one_result_that_says_so(
    unreadable: Talk,
) -> None:
    api, _, ann, _ = unreadable
    assert [one["title"] for one in api.inline(ann, META).results] == [NOT_POSSIBLE]


def test_who_is_not_allowed_hears_of_no_failure(seeds_home: Path, tmp_path: Path) -> None:
    with talking(seeds_home, tmp_path / "home", allowed_chats="1") as (api, bot):
        ann = api.person("Ann")
        chat = api.private(ann)
        assert ask(api, ann, chat, "/help").text.startswith("This chat is not allowed here.")
        bot.fill_disk()
        for text in ("/help", "/brief", B9):
            api.say(ann, chat, text)
        api.quiet(chat)
        assert len(chat.answers) == 1
