"""The console script is composed of commands, a type of settings and further facts."""

from __future__ import annotations

import click
import pytest

from newsdesk.bot import cli
from newsdesk.index.cli import app
from newsdesk.index.cli.application import Application, Facts, pass_application
from newsdesk.index.settings import Settings
from tests.helpers.support import Command

OF_INDEX = {
    "add", "article", "ask", "backup", "brief", "check", "completion", "encode", "eval", "export",
    "forget", "import", "index", "list", "remove", "restore", "settings", "sources", "status",
    "sync", "watch",
}  # fmt: skip


class Own(Settings, frozen=True):
    """Settings of another application."""

    colour: str = "blue"


@click.command()
@pass_application
def colour(application: Application) -> None:
    settings = application.settings()
    assert isinstance(settings, Own)
    print(settings.colour)


def test_index_has_its_commands_and_the_bot_adds_its_own() -> None:
    assert set(app.build().commands) == OF_INDEX
    assert set(cli.build().commands) == {*OF_INDEX, "bot", "feedback"}


def test_a_composed_script_loads_its_own_settings_and_adds_to_status(
    newsdesk_small: Command, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert newsdesk_small("status").code == 0  # sets the home
    group = app.build([*app.COMMANDS, colour], Own, [lambda _: Facts({"sky": 1}, {"sky": "one"})])
    monkeypatch.setenv("NEWSDESK_COLOUR", "red")
    assert app.run(["colour"], group) == 0
    assert capsys.readouterr().out == "red\n"
    assert app.run(["status"], group) == 0
    assert "\nsky         one\n" in capsys.readouterr().out
    assert app.run(["status"]) == 0  # plain settings leave NEWSDESK_COLOUR alone
    assert "sky" not in capsys.readouterr().out


@pytest.mark.parametrize("command", sorted({*OF_INDEX, "bot", "feedback"}))
def test_help_shows_how_a_command_is_used_and_its_exit_codes(
    newsdesk_small: Command, command: str
) -> None:
    done = newsdesk_small(command, "--help")
    assert done.code == 0
    assert f"newsdesk {command}" in done.out.split("Usage:")[1].split("\n", 1)[1]
    assert "Exit codes: 0 " in done.out
