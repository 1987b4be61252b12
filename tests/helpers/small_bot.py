"""The real bot as a process of its own, with the small encoder: it starts in a second or two.

`python -m tests.helpers.small_bot ORDER` runs it; the order is a JSON object: `home`, `token` and
`url` of the stand-in, `admins`, and `deadly`: words at which a search kills the process, by the
signal that they name. A passage with `FATAL` in it kills it when it is encoded, the first time.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from newsdesk.bot import logs
from newsdesk.bot.librarian import Librarian
from newsdesk.bot.library import Asker
from newsdesk.bot.runner import Run
from newsdesk.bot.settings import BotSettings, Telegram
from newsdesk.bot.store.threads import StoreThreads
from newsdesk.index.indexes.dense import Encoded
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Reading
from newsdesk.index.types import Answer, Question, Span
from tests.botapi import StandIn

from .feeding import NET
from .running import Running
from .support import ROOT, SMALL, SmallAsking, SmallEncoder

FATAL = "quillstorm"
_START = 240.0  # seconds


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

    def until(self, words: str, times: int = 1, timeout: float = _START) -> None:
        """As `Running.until`; Python itself is started, beside other tests that work."""
        super().until(words, times, max(timeout, _START))


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


class _FatalEncoder(SmallEncoder):
    """An encoder in the midst of which the process ends, once in a home."""

    home: Path

    def encode(
        self, titles: Sequence[str], texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[Encoded]:
        """As `SmallEncoder.encode`, if it comes to that."""
        mark = self.home / "ended-once"
        if any(FATAL in text for text in texts) and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode(titles, texts, sentences)


def main() -> int:
    """Run the bot until it is told to stop, or dies."""
    order = json.loads(sys.argv[1])
    telegram = Telegram(token=order["token"], api_url=order["url"], messages_a_second=500.0)
    home, admins = Path(order["home"]), tuple(order["admins"])
    settings = BotSettings(
        home=home,
        model=SMALL,
        reader=Reading(model="none"),
        telegram=telegram,
        admins=admins,
        net=NET,
    )
    logs.start(telegram.token)
    faulthandler.enable()
    searcher = _DeadlySearcher(settings, load=SmallAsking)
    searcher.deadly = order["deadly"]
    asker = Asker(settings, searcher)
    _FatalEncoder.home = home
    librarian = Librarian(settings, _FatalEncoder)
    with StoreThreads(settings.home) as store:
        code = asyncio.run(Run(settings, asker, store, librarian=librarian).serve())
    librarian.close()
    asker.close()
    return code


if __name__ == "__main__":
    sys.exit(main())
