"""`newsdesk settings`: every setting with its value and where it comes from, and no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsdesk.bot.settings import BotSettings
from newsdesk.index.settings import keys
from tests.helpers.support import Command, write


def told(newsdesk_small: Command, **environment: str) -> dict[str, dict[str, object]]:
    listed = newsdesk_small("settings", "--json", **environment).told
    return {setting.pop("name"): setting for setting in listed}


def test_every_setting_is_listed_once(newsdesk_small: Command) -> None:
    assert list(told(newsdesk_small)) == [".".join(key) for key in keys(BotSettings)]
    lines = newsdesk_small("settings").out.splitlines()
    assert [line.split()[0] for line in lines] == list(told(newsdesk_small))


def test_a_value_stands_with_its_default_and_where_it_comes_from(
    newsdesk_small: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write(tmp_path, {"newsdesk.toml": "admins = [7, 8]\n[fusion]\ndepth = 7"}))
    settings = told(newsdesk_small, NEWSDESK_FUSION_WEIGHT="0.3")
    rest = {"secret": False}
    assert settings["fusion.weight"] == {
        "value": 0.3, "default": 0.5, "from": "NEWSDESK_FUSION_WEIGHT", **rest,
    }  # fmt: skip
    assert settings["fusion.depth"] == {
        "value": 7, "default": 100, "from": "newsdesk.toml", **rest,
    }  # fmt: skip
    assert settings["fusion.method"] == {
        "value": "sum", "default": "sum", "from": "default", **rest,
    }  # fmt: skip
    lines = {line.split()[0]: line for line in newsdesk_small("settings").out.splitlines()}
    assert lines["fusion.weight"].endswith(" 0.3  (NEWSDESK_FUSION_WEIGHT; default 0.5)")
    assert lines["admins"].endswith(' 7,8  (newsdesk.toml; default "")')
    assert lines["fusion.method"].endswith(" sum  (default)")


def test_secrets_are_only_said_to_be_set(newsdesk_small: Command) -> None:
    given = {"NEWSDESK_TELEGRAM_TOKEN": "12:abc", "NEWSDESK_TELEGRAM_WEBHOOK_SECRET": "hush"}
    for arguments in (("settings",), ("settings", "--json")):
        done = newsdesk_small(*arguments, **given)
        assert "12:abc" not in done.out
        assert "hush" not in done.out
    settings = told(newsdesk_small)
    assert settings["telegram.token"]["value"] == "set"
    assert settings["telegram.token"]["default"] == "not set"


def test_a_name_that_is_none_is_an_error_of_the_console_script(newsdesk_small: Command) -> None:
    done = newsdesk_small("status", NEWSDESK_HOEM="x")
    assert done.code == 2
    assert "NEWSDESK_HOEM" in done.err
