"""`newsdesk list`: the articles of the library, newest first."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import date
from itertools import takewhile
from typing import TYPE_CHECKING

import click

from newsdesk.index.errors import NothingUsable
from newsdesk.index.query.languages import code_of, name_of
from newsdesk.index.types import Article, Filters, stamp

from . import json_output, terminal
from .application import Application, as_json_option, pass_application
from .completing import complete_sources
from .days import day_options

if TYPE_CHECKING:
    from newsdesk.index.generation import Generation


@click.command("list")
@click.option(
    "-n",
    "--limit",
    default=50,
    show_default=True,
    type=click.IntRange(0),
    metavar="N",
    help="Articles at most; 0 for all.",
)
@click.option("--since", metavar="DATE", help="None before: 2021-12-29, 2021-12, last week.")
@click.option("--until", metavar="DATE", help="None after.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="NAME",
    help="Only this source's.",
    shell_complete=complete_sources,
)
@click.option(
    "--language", "languages", multiple=True, metavar="NAME", help="Only in this one: de, German."
)
@as_json_option
@pass_application
def list_(
    application: Application,
    /,
    limit: int,
    since: str | None,
    until: str | None,
    sources: tuple[str, ...],
    languages: tuple[str, ...],
    as_json: bool,
) -> None:
    """List articles, the newest first.

    Each with its id, date, source and title. Articles without a date come last, and are left out by
    --since and --until.

    \b
      newsdesk list --since 2022 --source "Newsdesk World"
      newsdesk list -n 0 --json | jq -r '.articles[].id'
      newsdesk article "$(newsdesk list -n 1 | cut -f 1)"

    When piped, the columns stand apart by tabs. Exit codes: 0 done, 1 no library or no such
    article, 2 wrong use.
    """
    from newsdesk.index.generation import open_current

    first, last = day_options(since, until)
    generation = open_current(application.settings().home)
    _check_sources(generation, sources)
    codes = tuple(map(code_of, languages))
    _check_languages(generation, codes)
    numbers = _matching(generation, Filters(first, last, sources, codes))
    if not numbers:
        raise NothingUsable(_none(generation, first, last))
    articles = _newest(generation, numbers, limit or len(numbers))
    if as_json:
        json_output.print_json(json_output.of_list(articles, len(numbers)))
    else:
        terminal.show_list(articles, len(numbers))


def _check_sources(generation: Generation, sources: Sequence[str]) -> None:
    """Raise NothingUsable for a source that there is not."""
    known = {name.casefold(): name for name in generation.manifest.sources if name}
    for name in sources:
        if name.casefold() not in known:
            nearest = difflib.get_close_matches(name.casefold(), known, cutoff=0.3)
            names = ", ".join(known[near] for near in nearest or list(known)[:3])
            raise NothingUsable(f"--source {name}: no such source; there are {names}")


def _check_languages(generation: Generation, codes: Sequence[str]) -> None:
    """Raise NothingUsable for a language that no article says it is in."""
    held = generation.languages()
    for code in codes:
        if code not in held:
            names = ", ".join(map(name_of, held)) or "none that an article says it is in"
            raise NothingUsable(f"--language {name_of(code)}: no such article; there are {names}")


def _matching(generation: Generation, filters: Filters) -> list[int]:
    """The numbers of the articles that match, newest day first."""
    allowed = generation.allowed(filters)
    numbers = generation.newest()
    return numbers if allowed is None else [number for number in numbers if allowed[number]]


def _newest(generation: Generation, numbers: Sequence[int], limit: int) -> list[Article]:
    """The newest articles; those of one day by their times, which the column does not hold."""
    days = generation.column("published")
    last_day = days[numbers[min(limit, len(numbers)) - 1]]
    of_same_day = takewhile(lambda number: days[number] == last_day, numbers[limit:])
    chosen = [generation.article(number) for number in (*numbers[:limit], *of_same_day)]
    return sorted(chosen, key=lambda article: stamp(article.published), reverse=True)[:limit]


def _none(generation: Generation, first: date | None, last: date | None) -> str:
    period = generation.period()
    within = f" from {first or '…'} to {last or '…'}"
    held = f"the library's are from {period[0]} to {period[1]}" if period else "none has a date"
    return f"no articles{within if first or last else ''}; {held}"
