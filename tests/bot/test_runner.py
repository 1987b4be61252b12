"""The bot's life: what it says when it cannot run, and how it goes on and ends."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.botapi import StandIn
from tests.helpers.running import Running, copied

NOT_MODIFIED = "message is not modified"


def clean(api: StandIn, bot: Running) -> None:
    """Nothing of ours was refused, and nothing that must not be is in the log."""
    assert [why for _, why in api.refused if NOT_MODIFIED not in why] == []
    assert api.token not in bot.told()
    assert "Traceback" not in bot.told()


def ended(bot: Running) -> tuple[int, str]:
    """A bot that ends by itself: its exit code, and the last line that it wrote."""
    bot.start()
    code = bot.wait()
    return code, bot.told().strip().rpartition("\n")[2]


def test_without_a_token_it_says_where_to_get_one(own_home: Path) -> None:
    with StandIn() as api, pytest.MonkeyPatch.context() as patch:
        patch.chdir(own_home)
        code, last = ended(Running(api, own_home, True, telegram_token=""))
    assert code == 2
    assert "NEWSDESK_TELEGRAM_TOKEN is not set" in last
    assert "@BotFather" in last
    assert api.calls == []


def test_without_a_library_it_says_how_to_make_one(tmp_path: Path) -> None:
    with StandIn() as api:
        bot = Running(api, tmp_path)
        code, last = ended(bot)
        assert code not in (0, None)
        assert "newsdesk index" in last
        clean(api, bot)


@pytest.mark.parametrize("code", [401, 404])
@pytest.mark.parametrize("method", ["getMe", "deleteWebhook"])
def test_a_refused_token_is_said_and_ends_it(own_home: Path, method: str, code: int) -> None:
    with StandIn() as api:
        api.faults.add(method, code)
        bot = Running(api, own_home)
        exit_code, last = ended(bot)
        assert exit_code not in (0, None)
        assert "refuses the token" in last
        assert "NEWSDESK_TELEGRAM_TOKEN" in last
        clean(api, bot)


def test_a_wrong_token_is_in_no_line_either(own_home: Path) -> None:
    wrong = "987654:AA-some_other-secret"
    with StandIn() as api:
        bot = Running(api, own_home, telegram_token=wrong)
        code, last = ended(bot)
        assert code not in (0, None)
        assert "refuses the token" in last
        assert wrong not in bot.told()
        clean(api, bot)


@pytest.mark.parametrize("code", [401, 404])
def test_a_token_refused_while_it_polls_is_said_and_ends_it(own_home: Path, code: int) -> None:
    with StandIn() as api, Running(api, own_home) as bot:
        api.faults.add("getUpdates", code, times=99)
        api.say(ann := api.person("Ann"), api.private(ann), "who is in the B9?")
        assert bot.wait(30) not in (0, None)
        assert "refuses the token" in bot.told().strip().rpartition("\n")[2]
        clean(api, bot)


def test_a_second_bot_in_the_same_home_says_so_and_leaves_the_first_alone(own_home: Path) -> None:
    with StandIn() as api, Running(api, own_home, True) as bot:
        second = Running(api, own_home)
        second.log = own_home / "second.log"
        code, last = ended(second)
        assert code not in (0, None)
        assert "another `newsdesk bot` runs here" in last
        ann = api.person("Ann")
        api.say(ann, chat := api.private(ann), "who is in the B9?")
        api.wait(chat)
        assert bot.stop() == 0
        clean(api, bot)


def test_of_two_bots_on_one_token_one_says_so_and_ends_and_the_other_answers(
    own_home: Path, seeds_home: Path, tmp_path: Path
) -> None:
    other = copied(seeds_home, tmp_path / "other")
    with StandIn() as api, Running(api, own_home) as first, Running(api, other) as second:
        assert first.wait(30) not in (0, None)
        assert "another bot polls with this token (409)" in first.told()
        ann = api.person("Ann")
        api.say(ann, chat := api.private(ann), "who is in the B9?")
        api.wait(chat)
        api.quiet(chat)
        assert len(chat.answers) == 1
        assert second.stop() == 0
        clean(api, first)
        clean(api, second)


def test_an_unreachable_server_is_said_at_once_and_tried_until_it_is_there(own_home: Path) -> None:
    with StandIn() as api:
        ann = api.person("Ann")
        chat = api.private(ann)
        api.down()
        bot = Running(api, own_home)
        bot.start()
        bot.until(f"cannot reach {api.url}")
        bot.until("trying again", times=2)
        api.up()
        api.say(ann, chat, "who is in the B9?")
        (answer,) = api.wait(chat)
        assert "Bulgaria" in answer.text
        assert bot.stop() == 0
        clean(api, bot)


@pytest.mark.parametrize("code", [429, 500, 502])
def test_a_server_in_trouble_at_the_start_is_tried_again(own_home: Path, code: int) -> None:
    with StandIn() as api:
        for method in ("getMe", "deleteWebhook"):
            api.faults.add(method, code, retry_after=1 if code == 429 else 0)
        api.faults.add("setMyCommands", code, times=3, retry_after=1 if code == 429 else 0)
        with Running(api, own_home) as bot:
            ann = api.person("Ann")
            api.say(ann, chat := api.private(ann), "who is in the B9?")
            api.wait(chat)
            assert bot.stop() == 0
            clean(api, bot)


def test_a_server_that_goes_and_comes_back_is_noticed_and_nothing_is_lost(own_home: Path) -> None:
    with StandIn() as api, Running(api, own_home) as bot:
        ann, bob = api.person("Ann"), api.person("Bob")
        here, there = api.private(ann), api.private(bob)
        api.say(ann, here, "who is in the B9?")
        api.wait(here)
        api.down()
        bot.until("cannot reach")
        api.say(bob, there, "when did the tokyo olympics close?")
        api.up()
        api.wait(there)
        bot.until("is there again")
        api.say(ann, here, "who was sworn in as president of Barbados?")
        api.wait(here, 2)
        api.quiet(there, 0.3)
        assert (len(here.answers), len(there.answers)) == (2, 1)
        assert bot.stop() == 0
        clean(api, bot)


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_at_once_where_there_is_nothing_to_do(
    own_home: Path, name: signal.Signals
) -> None:
    with StandIn() as api, Running(api, own_home) as bot:
        start = time.monotonic()
        assert bot.stop(name) == 0
        assert time.monotonic() - start < 10  # not the time of a long poll
        clean(api, bot)


def test_told_to_stop_before_it_reached_telegram_it_ends(own_home: Path) -> None:
    with StandIn() as api:
        api.down()
        bot = Running(api, own_home)
        bot.start()
        bot.until("cannot reach")
        assert bot.stop() == 0
        clean(api, bot)


def test_told_to_stop_while_telegram_is_away_it_ends(own_home: Path) -> None:
    with StandIn() as api, Running(api, own_home) as bot:
        api.down()
        bot.until("cannot reach")
        assert bot.stop() == 0
        clean(api, bot)


def test_the_commands_are_registered_for_each_scope_with_descriptions(own_home: Path) -> None:
    with StandIn() as api, Running(api, own_home) as bot:
        told = {
            scope: [one["command"] for one in commands]
            for scope, commands in api.bot.commands.items()
        }
        looking, changing = ["ask", "brief", "topics"], ["follow", "unfollow", "schedule"]
        assert told == {
            "all_private_chats": [*looking, *changing, "help", "sources", "settings"],
            "all_group_chats": [*looking, "help", "sources"],
            "all_chat_administrators": [*looking, *changing, "help", "sources", "settings"],
        }
        every = [one for commands in api.bot.commands.values() for one in commands]
        assert all(len(one["description"]) > 10 for one in every)
        clean(api, bot)
