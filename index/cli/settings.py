"""`newsdesk settings`: list each setting, and where its value comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click
import msgspec

from newsdesk.index.settings import (
    DEFAULT,
    Key,
    Loaded,
    Settings,
    load_with_origins,
    secrets,
    value,
)

from . import json_output, terminal
from .application import Application, as_json_option, pass_application


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is shown."""

    name: str  # such as fusion.weight
    value: Any  # as JSON has it; for a secret whether it is set
    default: Any
    origin: str  # "default", a file's path, or a variable's name
    secret: bool


@click.command("settings")
@as_json_option
@pass_application
def settings_(application: Application, as_json: bool) -> None:
    """List settings, and where each value comes from.

    With its default, where that is another. What comes later is stronger: the default,
    newsdesk.toml in the working directory (or the file that NEWSDESK_CONFIG names), NEWSDESK_… in
    the environment. fusion.weight is NEWSDESK_FUSION_WEIGHT there, and weight in the section
    [fusion] of the file. Tokens are not shown, only whether they are set.

    \b
    newsdesk settings | grep fusion
    NEWSDESK_FUSION_WEIGHT=0.3 newsdesk settings --json

    Exit codes: 0 done, 2 a setting that there is not, or a value that cannot be.
    """
    listed = listed_settings(load_with_origins(application.settings_type))
    if as_json:
        json_output.print_json(json_output.of_settings(listed))
    else:
        terminal.show_settings(listed)


def listed_settings(loaded: Loaded[Settings]) -> list[Setting]:
    """Every setting, in the order of their definition."""
    kind = type(loaded.settings)
    defaults, hidden = kind(), secrets(kind)
    return [
        Setting(
            name=".".join(key),
            value=_shown(loaded.settings, key, key in hidden),
            default=_shown(defaults, key, key in hidden),
            origin=loaded.origins.get(key, DEFAULT),
            secret=key in hidden,
        )
        for key in loaded.origins
    ]


def _shown(settings: Settings, key: Key, hidden: bool) -> Any:
    held = value(settings, key)
    if hidden:
        return "set" if held else "not set"
    return msgspec.to_builtins(held, enc_hook=str)
