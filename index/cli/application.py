"""What all commands of one console script share; click's context object holds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from newsdesk.index import settings
from newsdesk.index.settings import Settings

if TYPE_CHECKING:
    from newsdesk.index.sync import Companion

# Exit codes, as --help of each command names them.
NOTHING_FOUND = 1
FAILED = 1
WRONG_USE = 2
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells count

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


class Facts(NamedTuple):
    """What another package adds to `status`."""

    as_json: dict[str, Any]
    as_text: dict[str, str]  # label -> value, one a line


@dataclass(frozen=True, slots=True)
class Application:
    """What a console script is composed of, besides its commands."""

    settings_type: type[Settings] = Settings
    facts: tuple[Callable[[Settings], Facts], ...] = ()  # each adds to what `status` shows
    beside: tuple[Callable[[], Companion], ...] = ()  # files of other packages beside the library

    def settings(self) -> Settings:
        """Load the settings. Raises UsageError."""
        return settings.load(kind=self.settings_type)

    def companions(self) -> list[Companion]:
        """The files that other packages keep beside the library."""
        return [companion() for companion in self.beside]


pass_application = click.make_pass_decorator(Application)
