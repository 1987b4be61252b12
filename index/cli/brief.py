"""`newsdesk brief`: tell what is new."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from newsdesk.index.errors import UsageError

from . import json_output, terminal
from .application import NOTHING_FOUND, Application, as_json_option, pass_application
from .completing import complete_sources
from .opening import open_searcher

if TYPE_CHECKING:
    from newsdesk.index.brief import BriefQuery


@click.command()
@click.option("--topic", default="", metavar="WORDS", help="Words or a question; else everything.")
@click.option(
    "--since", default="24h", show_default=True, metavar="TIME", help="Or 7d, Monday, 2021-12-10."
)
@click.option("--until", metavar="TIME", help="Or a date, with or without a time.  [now]")
@click.option("--max", "k", default=7, show_default=True, type=click.IntRange(1, 1000))
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="NAME",
    help="Only this source's.",
    shell_complete=complete_sources,
)
@click.option("--language", "languages", multiple=True, metavar="NAME", help="Such as de, German.")
@click.option("--explain", is_flag=True, help="Show what each story's place is made of.")
@as_json_option
@pass_application
def brief(application: Application, /, as_json: bool, explain: bool, **options: Any) -> int:
    """Tell what is new in a period.

    Stories, each with the sentences that tell it and who carries it. Those that have articles of
    the week before are updates, and told by what is new. Articles without a date are never news.
    Times are of this machine's time zone; articles that give a time without a zone are taken to be
    in UTC.

    \b
      newsdesk brief --since 7d --topic "climate talks"
      newsdesk brief --since Monday --source "Newsdesk World" --json

    Exit codes: 0 done, 1 nothing new or no library, 2 wrong use.
    """
    from newsdesk.index.brief import Briefer

    settings = application.settings()
    query = _query(**options)
    with open_searcher(settings) as searcher:
        briefing = Briefer(searcher).brief(query)
    if as_json:
        json_output.print_json(json_output.of_brief(briefing, explain))
    else:
        terminal.show_brief(briefing, explain)
    return 0 if briefing.stories else NOTHING_FOUND


def _query(
    topic: str,
    since: str,
    until: str | None,
    k: int,
    sources: tuple[str, ...],
    languages: tuple[str, ...],
) -> BriefQuery:
    from newsdesk.index.brief import BriefQuery, Topic
    from newsdesk.index.query.moments import end_of, start_of

    now = datetime.now().astimezone()
    last = end_of(until, now) if until else now
    first = start_of(since, last if until else now) if last else None
    if last is None:
        raise UsageError(
            f"--until {str(until)[:40]!r}: no time; write it as 2021-12-29 or 2021-12-29 08:00"
        )
    if first is None:
        raise UsageError(
            f"--since {since[:40]!r}: no time; write it as 24h, 7d, Monday or 2021-12-29"
        )
    if first >= last:
        raise UsageError(f"--since {since} is not before --until {until or 'now'}; swap them")
    return BriefQuery(Topic(topic, sources, languages), first, last, k)
