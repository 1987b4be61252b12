"""The real bot in a thread of the test's own process, with the small encoder.

For claims that are about what the bot does, not about its process: it starts in a moment.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from newsdesk.bot import runner
from newsdesk.bot.context import Context
from newsdesk.bot.librarian import Librarian
from newsdesk.bot.library import Asker
from newsdesk.bot.settings import BotSettings, Telegram
from newsdesk.bot.store.threads import StoreThreads
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Reading
from newsdesk.index.types import Answer, Question
from tests.botapi import Chat, Message, Person, StandIn

from .support import SMALL, SmallAsking, SmallEncoder, index, write

_MOMENT = "One moment …"
TOPICS = ("harbour", "bridge", "museum", "orchard", "tunnel", "ferry", "library", "stadium")
TOWNS = ("Leedham", "Brackwater", "Ostby", "Marlow Ridge", "Tenby Sands")


def make_library(folder: Path) -> Path:
    """Index forty small articles; returns the home."""
    articles = {
        f"{topic}-{number}.md": _article(topic, town, number)
        for topic in TOPICS
        for number, town in enumerate(TOWNS, start=1)
    }
    home = folder / "home"
    index(home, write(folder / "articles", articles))
    return home


def _article(topic: str, town: str, number: int) -> str:
    return (
        f"---\ntitle: {town} reopens its {topic}\ndate: 2026-03-0{number}\n"
        f"source: Newsdesk Test\n---\n\n"
        f"The {topic} of {town} was reopened on Monday by mayor Ida Holm after repairs.\n\n"
        f"The work on the {topic} cost {number} million and took two years, the town said.\n"
    )


def settled(api: StandIn, chat: Chat, count: int) -> Message:
    """The bot's message of that number in a chat, once it is more than "one moment"."""
    message = api.wait(chat, count)[count - 1]
    api.wait_for(lambda: message.text != _MOMENT, 60, "an answer")
    return message


def asked(api: StandIn, person: Person, chat: Chat, text: str, **more: Any) -> Message:
    """Say something and return what the bot says to it in the end."""
    before = len(chat.answers)
    api.say(person, chat, text, **more)
    return settled(api, chat, before + 1)


class SlowSearcher(Searcher):
    """A searcher that counts its questions, and waits before each for as long as it is told."""

    def __init__(self, settings: BotSettings) -> None:
        super().__init__(settings, load=SmallAsking)
        self.asked: list[str] = []
        self.go = threading.Event()
        self.go.set()

    def ask(self, question: Question | str) -> Answer:
        """As `Searcher.ask`, once `go` is set."""
        self.asked.append(question if isinstance(question, str) else question.text)
        if not self.go.wait(60):
            raise TimeoutError("nobody let the search go on")
        return super().ask(question)


class InProcess:
    """A bot that runs until the end of the `with` block; `code` is then what it returned."""

    def __init__(self, api: StandIn, home: Path, **given: Any) -> None:
        telegram = {name[9:]: value for name, value in given.items() if name[:9] == "telegram_"}
        others = {name: value for name, value in given.items() if name[:9] != "telegram_"}
        self.settings = BotSettings(
            home=home,
            model=SMALL,
            reader=Reading(model="none"),
            telegram=Telegram(
                **{"token": api.token, "api_url": api.url, "messages_a_second": 500.0, **telegram}
            ),
            **others,
        )
        self.searcher = SlowSearcher(self.settings)
        self.error: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._run: runner.Run | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(60) or self.error:
            raise RuntimeError("the bot did not start") from self.error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.searcher.go.set()
        self.stop()

    @property
    def context(self) -> Context:
        """What its handlers share."""
        if self._run is None or self._run.context is None:
            raise RuntimeError("not started")
        return self._run.context

    def stop(self, timeout: float = 60) -> None:
        """Tell it to stop, and wait until it has."""
        if self._run and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._run.stop)
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise AssertionError("the bot did not stop")

    def stop_soon(self) -> None:
        """Tell it to stop, and do not wait; called in the bot's own thread."""
        if self._run:
            self._run.stop()

    def wait(self, timeout: float = 60) -> None:
        """Wait until it ends by itself."""
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise AssertionError("the bot did not end")

    def soon(self, call: Callable[[], object]) -> None:
        """Call something in the bot's own thread."""
        self._loop.call_soon_threadsafe(call)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        asker = Asker(self.settings, self.searcher)
        librarian = Librarian(self.settings, SmallEncoder)
        try:
            with StoreThreads(self.settings.home) as store:
                self._run = runner.Run(self.settings, asker, store, self._ready.set, librarian)
                self._loop.run_until_complete(self._run.serve())
        except BaseException as error:
            self.error = error
        finally:
            self._ready.set()
            librarian.close()
            asker.close()
            self._loop.close()
