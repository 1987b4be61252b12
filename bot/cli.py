"""The console script: the commands of `index`, and those that concern the bot."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from newsdesk.index import settings as settings_
from newsdesk.index.cli import app


@app.app.command()
def bot() -> int:
    """Answer questions in Telegram.

    Needs NEWSDESK_TELEGRAM_TOKEN, from @BotFather, and a library: `newsdesk index` makes one.
    Polls Telegram, or serves a webhook if NEWSDESK_TELEGRAM_WEBHOOK_URL is set. Ctrl-C or
    SIGTERM finishes what is being answered, then ends.
    """
    from .runner import run

    return run(settings_.load())


@app.app.command()
@click.option(
    "--qrels",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write a dataset there that `newsdesk eval` reads.",
)
@app.json_
def feedback(folder: Path, as_json: bool) -> int:
    """Write what people thought of answers (👍 👎) as a dataset.

    corpus.jsonl.gz holds the library's articles, queries.jsonl the questions that were judged, and
    qrels/test.tsv which article a question was rightly answered from (1) or wrongly (0).
    """
    from newsdesk.index.cli import json_output

    from .store.feedback import write

    written = write(settings_.load().home, folder)
    if as_json:
        json_output.print_json(
            {"questions": written.questions, "votes": written.votes, "folder": str(folder)}
        )
    else:
        print(f"{written.questions:,} questions of {written.votes:,} votes, in {folder}")
    return 0


def briefings(settings: settings_.Settings) -> tuple[dict[str, Any], dict[str, str]]:
    """What `newsdesk status` tells of briefings: as JSON has it, and as people read it."""
    from .store.database import FILE

    if not (settings.home / FILE).exists():  # no bot was ever started here
        return {}, {}
    from .store.store import Store

    with Store(settings.home) as store:
        found = store.briefings.counts(time.time())
    told = {
        "briefings": f"{found.chats:,} scheduled; {found.delivered:,} sent and "
        f"{found.failed:,} failed in 24 hours",
        "next briefing": _moment(found.due),
        "last briefing": _moment(found.sent),
    }
    return {"briefings": found._asdict()}, told


def _moment(seconds: float | None) -> str:
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}" if seconds else "none"


app.further_facts.append(briefings)


def main() -> None:
    """The console script."""
    app.main()


if __name__ == "__main__":
    main()
