"""`newsdesk ask`: answer a question, or one line after another, as a conversation."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from newsdesk.index.types import Answer, Question

from . import json_output, terminal
from .application import NOTHING_FOUND, Application, as_json_option, pass_application
from .completing import complete_sources
from .days import day_options
from .opening import open_searcher

if TYPE_CHECKING:
    from newsdesk.index.search.searcher import Searcher

_WELCOME = "{held}. Ask, or leave with Ctrl-D."
_AGAIN = ("/everything", "/alone")  # lines that ask the last question again, understood otherwise


@click.command()
@click.argument("question", nargs=-1)
@click.option("-k", default=None, type=click.IntRange(1, 100), help="Passages at most.  [5]")
@click.option("--since", metavar="DATE", help="No articles before: 2021-12-29, 2021-12, last week.")
@click.option("--until", metavar="DATE", help="No articles after.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="NAME",
    help="Only this one's articles.",
    shell_complete=complete_sources,
)
@click.option(
    "--language", "languages", multiple=True, metavar="NAME", help="Only in this one: de, German."
)
@click.option(
    "--raw", is_flag=True, help="Search for the words as they are: no filters, no follow-ups."
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
    **given: Any,
) -> int:
    """Answer a question, or one line after another.

    Words such as "since Monday", "from Reuters" and ", in German" narrow what is searched.

    Lines are asked for, or read from a pipe, when there is no QUESTION. They are a conversation:
    "and who leads it?" goes on from the line before. A line /everything asks the last one again
    without its filters, and /alone without the line before it. If nothing was indexed yet, seeds/
    is indexed first.

    \b
      newsdesk ask "who is in the B9?"
      newsdesk ask "who is in the B9, from Newsdesk World"
      newsdesk ask --since 2021-12 --json "what did NATO say?"
      newsdesk ask < questions.txt

    Exit codes: 0 done, 1 nothing found or no library, 2 wrong use.
    """
    settings = application.settings()
    form = _form(**given)
    with open_searcher(settings) as searcher:
        if question:
            asked = replace(form, text=" ".join(question))
            return _show(searcher.ask(asked), "--raw searches everything", as_json, explain)
        return _answer_lines(searcher, form, as_json, explain)


def _answer_lines(searcher: Searcher, form: Question, as_json: bool, explain: bool) -> int:
    if sys.stdin.isatty() and not as_json:
        print(_WELCOME.format(held=terminal.held(searcher.collection)))
    asked, answer = form, None
    for line in filter(None, map(str.strip, _lines())):
        searcher.refresh()
        asked = _next(form, line, asked, answer)
        answer = searcher.ask(asked)
        undo = "/everything searches everything"
        _show(answer, undo, as_json, explain, alone="/alone asks it by itself")
        sys.stdout.flush()
    return 0


def _next(form: Question, line: str, last: Question, answer: Answer | None) -> Question:
    """What a line asks, given the last question and its answer."""
    if form.raw or answer is None or line.lower() not in _AGAIN:
        turn = answer.turn if answer else None
        return replace(form, text=line, previous=turn, now=Question(line).now)
    if line.lower() == "/alone":
        return replace(last, previous=None)
    return replace(last, everything=True)


def _show(answer: Answer, undo: str, as_json: bool, explain: bool, alone: str = "") -> int:
    if as_json:
        json_output.print_json(json_output.of_answer(answer, explain))
    else:
        terminal.show_answer(answer, undo, alone, explain)
    return NOTHING_FOUND if answer.verdict == "none" else 0


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


def _form(
    k: int | None,
    since: str | None,
    until: str | None,
    sources: tuple[str, ...],
    languages: tuple[str, ...],
    raw: bool,
) -> Question:
    """What holds for every question of this call; the text is to come."""
    first, last = day_options(since, until)
    return Question("", k, since=first, until=last, sources=sources, raw=raw, languages=languages)
