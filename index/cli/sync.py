"""`newsdesk sync` and `newsdesk watch`: bring everything up to date, once or until stopped."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from newsdesk.index.settings import Settings

from . import json_output, sources_output, terminal
from .application import Application, as_json_option, pass_application


def _say_waiting() -> None:
    terminal.say("another `newsdesk sync` is at work here; waiting for it to end …")


@click.command()
@click.argument("names", nargs=-1, metavar="[SOURCE]…")
@click.option("--now", is_flag=True, help="Ask those too that failed a short while ago.")
@as_json_option
@pass_application
def sync(application: Application, names: tuple[str, ...], now: bool, as_json: bool) -> None:
    """Bring everything up to date.

    Feeds and pages are asked for what has changed, several hosts at once and each politely; in
    folders, files that changed are read. What is wrong with a source stops none of the others: it
    is listed here and by `newsdesk sources`, and tried again after a pause that grows.

    \b
      newsdesk sync
      newsdesk sync 3 --now
      newsdesk sync --json | jq .added

    Exit codes: 0 done, 1 no library, 2 no such source.
    """
    from newsdesk.index.sync import sync as sync_sources

    with terminal.watched() as progress:
        report = sync_sources(
            application.settings(), names, now=now, progress=progress, waiting=_say_waiting
        )
    if as_json:
        json_output.print_json(sources_output.of_sync(report))
    else:
        sources_output.show_sync(report)


@click.command()
@click.option("--every", type=click.FloatRange(min=0.01), metavar="MINUTES", help="Between rounds.")
@pass_application
def watch(application: Application, every: float | None) -> None:
    """Stay up to date until stopped.

    Files are read as they change; feeds and pages are asked every NEWSDESK_NET_EVERY minutes.
    Ctrl-C or SIGTERM ends it.

    \b
      newsdesk watch
      newsdesk watch --every 5

    Exit codes: 0 ended when told to, 1 no library, 2 wrong use.
    """
    from msgspec.structs import replace

    from newsdesk.index.sync import watch as watch_sources

    settings = application.settings()
    if every:
        settings = replace(settings, net=replace(settings.net, every=every))
    with _stopped_by_signals() as stop:
        watch_sources(settings, lambda network: _round(settings, network), stop)


def _round(settings: Settings, network: bool) -> None:
    from newsdesk.index.errors import LibraryError
    from newsdesk.index.sync import sync as sync_sources

    try:
        report = sync_sources(settings, network=network, waiting=_say_waiting)
    except LibraryError as error:  # a full disk may have room at the next round
        terminal.say(f"newsdesk: {error}")
    else:
        sources_output.say_round(report)


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set."""
    stop = threading.Event()
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    for each in before:
        signal.signal(each, lambda *_: stop.set())
    try:
        yield stop
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
