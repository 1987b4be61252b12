"""Three very different new users try the bot; what they see is kept in bot/TALKS.md.

`python -m tests.helpers.three_users > bot/TALKS.md` indexes `seeds/` and `tests/week/`, and has a
hurried reader on a phone, a group's administrator and an operator at a terminal go about.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from newsdesk.bot import cli
from newsdesk.index.evaluate import FOLDER, weeks
from newsdesk.index.settings import Settings
from newsdesk.index.update import update
from tests.botapi import Chat, Person, StandIn

from .support import ROOT, SEEDS
from .ticking import Ticking

AFTER_SEEDS = datetime(2022, 1, 22, 9, 0, tzinfo=UTC)  # when the seeds' news is new
THURSDAY = datetime(2026, 3, 5, 7, 0, tzinfo=ZoneInfo("Europe/Bucharest"))  # in the labelled week
OPENING = """# Three who try it

What three new users see, made by `python -m tests.helpers.three_users > bot/TALKS.md`. The first
and the third have the library of `seeds/`, the second that of `tests/week/`.
"""


class Talk:
    """What is done in a chat, and what its people read."""

    def __init__(self, api: StandIn, bot: Ticking, chat: Chat) -> None:
        self.api, self.bot, self.chat = api, bot, chat

    def say(self, person: Person, *texts: str) -> None:
        """Write some messages, one after another."""
        for text in texts:
            self.bot.say(person, self.chat, text)

    def press(self, person: Person, label: str) -> None:
        """Press a button of the bot's last message."""
        self.bot.press(person, self.chat.answers[-1], label)

    def edit(self, text: str) -> None:
        """Change the last message that a person wrote."""
        last = [one for one in self.chat.shown if not one.sender.is_bot][-1]
        self.api.edit(last, text)
        self.bot.handle()

    def read(self) -> str:
        """The chat as its people read it."""
        return f"```text\n{self.api.transcript(self.chat)}\n```"


def reader(home: Path) -> str:
    """A hurried reader on a phone: small letters, no marks, thumbs that slip."""
    with StandIn() as api, Ticking(api, home, AFTER_SEEDS.timestamp()) as bot:
        ann = api.person("Ann")
        talk = Talk(api, bot, api.private(ann))
        talk.say(ann, "/start", "hi", "hey who is in the b9 pls 🙏")
        talk.press(ann, "Context")
        talk.say(ann, "thx!!", "and who leads it")
        talk.say(ann, "/aks when did the tokyo olympics clsoe")
        talk.say(ann, "when did the tokyo olympics clsoe")
        talk.edit("when did the tokyo olympics close")
        talk.say(ann, "whats new this week", "stop", "/forgetme")
        return talk.read()


def administrator(home: Path) -> str:
    """A group's administrator: sets it up for others, who then use it."""
    with StandIn() as api, Ticking(api, home, THURSDAY.timestamp()) as bot:
        ann, bob = api.person("Ann"), api.person("Bob")
        group = api.group("Desk", ann, bob, admins=(ann,), added=True)
        bot.handle()
        talk = Talk(api, bot, group)
        talk.say(ann, "/schedule@newsdesk_bot 8 and 18 bucharest time please")
        talk.say(ann, "/schedule@newsdesk_bot 8 and 18 Bucharest")
        talk.say(ann, "/follow@newsdesk_bot who is on strike?", "/topics@newsdesk_bot")
        talk.say(bob, "/schedule@newsdesk_bot off", "lunch?", "/ask@newsdesk_bot who is on strike?")
        bot.at(THURSDAY.replace(hour=8))
        bot.at(THURSDAY.replace(hour=18))
        talk.say(ann, "/unfollow@newsdesk_bot who is on strike?", "/forget@newsdesk_bot")
        return talk.read()


COMMANDS = (
    "newsdesk bot",
    "NEWSDESK_TELEGRAM_TOKEN='\"123456:AA\"' newsdesk bot",
    "newsdesk status",
    "newsdesk ask 'hi, who is in the B9?'",
    "newsdesk ask 'who won the world cup in Qatar?'",
    "newsdesk brief --topic 'NATO' --since 2021-12-20 --until 2022-01-15",
    "newsdesk feedback --qrels judged",
    "newsdesk remove nothing-of-this-name",
    "NEWSDESK_HOME=elsewhere newsdesk status",
)


def operator(home: Path) -> str:
    """An operator at a terminal, who does not read what is written first."""
    shown = [f"$ {command}\n{_done(command, home)}" for command in COMMANDS]
    return "```text\n" + "\n\n".join(shown) + "\n```"


def _done(command: str, home: Path) -> str:
    """What a command prints, on both streams, and its exit code where that is not 0."""
    words = shlex.split(command)
    given = dict(word.split("=", 1) for word in words if word.startswith("NEWSDESK_"))
    told = io.StringIO()
    with (
        pytest.MonkeyPatch.context() as environ,
        contextlib.redirect_stdout(told),
        contextlib.redirect_stderr(told),
        contextlib.chdir(home.parent),
    ):
        for name in [name for name in os.environ if name.startswith("NEWSDESK_")]:
            environ.delenv(name)
        for name, value in {"NEWSDESK_HOME": str(home), **given}.items():
            environ.setenv(name, value)
        code = cli.run(words[len(given) + 1 :])
    text = _steady(told.getvalue().replace(str(home), ".newsdesk")).strip()
    return f"{text}\n(exit code {code})" if code else text


def _steady(text: str) -> str:
    """What is printed, without what is another each time and on each machine."""
    text = text.replace(f"file://{ROOT}", "file:///home/ann/newsdesk")
    text = re.sub(r"(updated +|since )20[\d:T+ -]+", r"\g<1>just now", text)
    text = re.sub(r"000001-[0-9a-f]{12}", "000001-…", text)
    return re.sub(r"(size +)[\d.]+ MB", r"\g<1>… MB", text)


def pages(seeds: Path, week: Path) -> Sequence[str]:
    """The three talks, of copies of the two homes."""
    return [
        f"## A hurried reader on a phone\n\n{reader(seeds)}",
        f"## A group's administrator\n\n{administrator(week)}",
        f"## An operator at a terminal\n\n{operator(seeds)}",
    ]


def main() -> None:
    """Print all three."""
    with tempfile.TemporaryDirectory() as folder:
        seeds, week = Path(folder) / "desk" / ".newsdesk", Path(folder) / "week"
        update(Settings(home=seeds), [SEEDS])
        week.mkdir()
        (week / "models").symlink_to(seeds / "models")
        labelled = weeks.load_week(ROOT / "tests" / "week")
        weeks.index_week(labelled, Settings(home=week), lambda *_: None)
        (library,) = (week / FOLDER).iterdir()
        (library / "models").symlink_to(seeds / "models")
        print("\n\n".join([OPENING.strip(), *pages(seeds, library)]))


if __name__ == "__main__":
    main()
