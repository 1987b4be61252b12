"""The console script: the commands of `index`, and those that concern the bot."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsdesk.bot.settings import BotSettings
from newsdesk.index.cli import app
from newsdesk.index.cli.application import (
    Application,
    Facts,
    as_json_option,
    pass_application,
)
from newsdesk.index.settings import Settings, load
from newsdesk.index.types import counted

if TYPE_CHECKING:
    from newsdesk.index.sync import Companion


@click.command()
@click.option("--log-json", is_flag=True, help="Write the log as lines of JSON.")
def bot(log_json: bool) -> int:
    """Answer questions in Telegram.

    Needs NEWSDESK_TELEGRAM_TOKEN, from @BotFather, and a library: `newsdesk index` makes one.
    Polls Telegram, or serves a webhook if NEWSDESK_TELEGRAM_WEBHOOK_URL is set. Ctrl-C or
    SIGTERM finishes what is being answered, then ends. NEWSDESK_HEALTH_PORT=8080 serves /healthz
    and /metrics there.

    \b
      NEWSDESK_TELEGRAM_TOKEN=123456:ABC… newsdesk bot

    Exit codes: 0 ended when told to, 1 no library or a refused token, 2 a wrong setting.
    """
    from .runner import run

    return run(load(kind=BotSettings), log_json)


@click.command()
@click.option(
    "--qrels",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write a dataset there that `newsdesk eval` reads.",
)
@as_json_option
@pass_application
def feedback(application: Application, folder: Path, as_json: bool) -> None:
    """Write what people thought of answers (👍 👎) as a dataset.

    corpus.jsonl.gz holds the library's articles, queries.jsonl the questions that were judged, and
    qrels/test.tsv which article a question was rightly answered from (1) or wrongly (0).

    \b
      newsdesk feedback --qrels judged
      newsdesk eval judged

    Exit codes: 0 done, 1 nobody has voted yet, 2 wrong use.
    """
    from newsdesk.index.cli import json_output

    from .store.feedback import write

    written = write(application.settings().home, folder)
    if as_json:
        json_output.print_json(
            {"questions": written.questions, "votes": written.votes, "folder": str(folder)}
        )
    else:
        questions, votes = counted(written.questions, "question"), counted(written.votes, "vote")
        print(f"{questions} of {votes}, in {folder}")


def briefing_facts(settings: Settings) -> Facts:
    """What `newsdesk status` tells of briefings."""
    from .store.database import FILE

    if not (settings.home / FILE).exists():  # no bot was ever started here
        return Facts({}, {})
    from .store.store import Store

    with Store(settings.home, create=False) as store:
        counts = store.briefings.counts(time.time())
    text = {
        "briefings": f"{counts.chats:,} scheduled; {counts.delivered:,} sent and "
        f"{counts.failed:,} failed in 24 hours",
        "next briefing": _moment(counts.due),
        "last briefing": _moment(counts.sent),
    }
    return Facts({"briefings": counts._asdict()}, text)


def beside_library() -> Companion:
    """The bot's file, which is backed up, restored and checked with the library."""
    from .store.checking import companion

    return companion()


def _moment(seconds: float | None) -> str:
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}" if seconds else "none"


def build() -> click.Group:
    """The console script's commands."""
    commands = [*app.COMMANDS, bot, feedback]
    return app.build(commands, BotSettings, [briefing_facts], [beside_library])


def run(arguments: Sequence[str]) -> int:
    """Run one command, as `newsdesk.index.cli.app.run` does; returns its exit code."""
    return app.run(arguments, build())


def main() -> None:
    """The console script."""
    app.main(build())


if __name__ == "__main__":
    main()
