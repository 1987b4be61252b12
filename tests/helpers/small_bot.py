"""The real bot as a process of its own, with the small encoder: it starts in a second or two.

`python -m tests.helpers.small_bot ORDER` runs it; the order is a JSON object: `home`, `token` and
`url` of the stand-in, `admins`, and `deadly`: words at which a search kills the process, by the
signal that they name.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from newsdesk.bot import logs
from newsdesk.bot.library import Asker
from newsdesk.bot.runner import Run
from newsdesk.bot.settings import BotSettings, Telegram
from newsdesk.bot.store.threads import StoreThreads
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.types import Answer, Question
from tests.botapi import StandIn

from .running import Running
from .support import ROOT, SMALL, SmallAsking


class SmallBot(Running):
    """A bot that answers from a library made by `support.index`; see `Running`."""

    def __init__(
        self, api: StandIn, home: Path, admins: tuple[int, ...] = (), **deadly: signal.Signals
    ) -> None:
        """`deadly` are words of a question, each with the signal by which it ends the process."""
        super().__init__(api, home)
        self._order = {
            **{"home": str(home), "token": api.token, "url": api.url, "admins": admins},
            "deadly": {word: int(name) for word, name in deadly.items()},
        }

    def start(self) -> None:
        """Start it, and do not wait."""
        command = [sys.executable, "-m", "tests.helpers.small_bot", json.dumps(self._order)]
        path = os.pathsep.join([str(ROOT / ".namespace"), str(ROOT)])
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, stdout=log, stderr=log
            )


class _DeadlySearcher(Searcher):
    """A searcher that some words end the process of, as a mistake in a C library would."""

    deadly: dict[str, int]

    def ask(self, question: Question | str) -> Answer:
        """As `Searcher.ask`, if it comes to that."""
        text = question if isinstance(question, str) else question.text
        for word, number in self.deadly.items():
            if word in text:
                os.kill(os.getpid(), number)
        return super().ask(question)


def main() -> int:
    """Run the bot until it is told to stop, or dies."""
    order = json.loads(sys.argv[1])
    telegram = Telegram(token=order["token"], api_url=order["url"], messages_a_second=500.0)
    settings = BotSettings(
        home=Path(order["home"]), model=SMALL, telegram=telegram, admins=tuple(order["admins"])
    )
    logs.start(telegram.token)
    faulthandler.enable()
    searcher = _DeadlySearcher(settings, load=SmallAsking)
    searcher.deadly = order["deadly"]
    asker = Asker(settings, searcher)
    with StoreThreads(settings.home) as store:
        code = asyncio.run(Run(settings, asker, store).serve())
    asker.close()
    return code


if __name__ == "__main__":
    sys.exit(main())
