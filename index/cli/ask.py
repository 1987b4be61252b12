"""`newsdesk ask`: answer a question, or one line after another."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from newsdesk.index.errors import UsageError
from newsdesk.index.settings import Settings
from newsdesk.index.types import Query

from . import json_output, terminal
from .application import NOTHING_FOUND, Application, as_json_option, pass_application
from .opening import open_searcher

if TYPE_CHECKING:
    from newsdesk.index.search.searcher import Searcher


@click.command()
@click.argument("question", nargs=-1)
@click.option("-k", default=None, type=click.IntRange(1, 100), help="Passages at most.  [5]")
@click.option("--since", metavar="DATE", help="No articles before: 2021-12-29, 2021-12, last week.")
@click.option("--until", metavar="DATE", help="No articles after.")
@click.option(
    "--source", "sources", multiple=True, metavar="NAME", help="Only this one's articles."
)
@click.option("--explain", is_flag=True, help="Show every score, and which words matched.")
@as_json_option
@pass_application
def ask(
    application: Application,
    /,
    question: tuple[str, ...],
    as_json: bool,
    explain: bool,
    **filters: Any,
) -> int:
    """Answer a question, or one line after another.

    Lines are asked for, or read from a pipe, when there is no QUESTION. If nothing was
    indexed yet, seeds/ is indexed first.
    """
    settings = application.settings()
    query = _query(settings, **filters)
    with open_searcher(settings) as searcher:
        if question:
            return _answer(searcher, " ".join(question), query, as_json, explain)
        return _answer_lines(searcher, query, as_json, explain)


def _answer(searcher: Searcher, question: str, query: Query, as_json: bool, explain: bool) -> int:
    answer = searcher.ask(replace(query, text=question))
    if as_json:
        json_output.print_json(json_output.of_answer(answer, explain))
    else:
        terminal.show_answer(answer, _held(searcher), explain)
    return NOTHING_FOUND if answer.verdict == "none" else 0


def _answer_lines(searcher: Searcher, query: Query, as_json: bool, explain: bool) -> int:
    if sys.stdin.isatty() and not as_json:
        print(f"{_held(searcher)}. Ask, or leave with Ctrl-D.")
    for line in _lines():
        if line.strip():
            searcher.refresh()
            _answer(searcher, line.strip(), query, as_json, explain)
            sys.stdout.flush()
    return 0


def _lines() -> Iterator[str]:
    if not sys.stdin.isatty():
        yield from sys.stdin
        return
    with contextlib.suppress(ImportError):  # Windows has none
        import readline  # noqa: F401  # gives input() a history and keys to edit with
    while True:
        try:
            yield input("? ")
        except EOFError:
            print()
            return


def _held(searcher: Searcher) -> str:
    """How many articles there are, and from when to when."""
    period = searcher.generation.period()
    dates = f" (from {period[0]} to {period[1]})" if period else ""
    return f"{searcher.generation.manifest.articles:,} articles{dates}"


def _query(
    settings: Settings,
    k: int | None,
    since: str | None,
    until: str | None,
    sources: tuple[str, ...],
) -> Query:
    first, last = _day("--since", since, last=False), _day("--until", until, last=True)
    if first and last and first > last:
        raise UsageError(f"--since {since} is after --until {until}; swap them")
    k = k or settings.answer.passages
    return Query("", k, first, last, sources, asked=None if first or last else date.today())


def _day(option: str, text: str | None, last: bool) -> date | None:
    """A day as people name it: a date, a month or a year (its first or last day), "last week"."""
    if text is None:
        return None
    from newsdesk.index.query.dates import day

    named = day(text, last)
    if named is None:
        raise UsageError(
            f"{option} {text[:40]!r}: no date; write it as 2021-12-29, 2021-12 or 2021"
        )
    return named
