"""The README's talk about feeding the library is one that an administrator really has."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.botapi import Chat, Person, StandIn
from tests.helpers.feeding import fed
from tests.helpers.inprocess import asked, settled
from tests.helpers.support import ROOT
from tests.helpers.talking import told

from .test_additions import BACK, CUTTING, added, done
from .test_channels import TOLD, YES

POSTED = datetime(2026, 3, 8, 16, 20, 30, tzinfo=UTC).timestamp()
QUESTION = "how many herons did volunteers count on the Ostby marsh?"


def talk(api: StandIn, home: Path, boss: Person, desk: Chat) -> str:
    """A talk about a file, a channel and a mistake."""
    with fed(api, home, boss, telegram_passages=1):
        api.send_file(boss, desk, "ferry.txt", CUTTING)
        added(api, desk, 1)
        channel = api.channel("Marsh News", boss, username="marshnews")
        question = settled(api, desk, 2)
        api.tap(boss, question, YES)
        api.wait_for(lambda: "are read from now on" in question.text, what="the decision")
        api.moved = POSTED - time.time()
        api.say(boss, channel, TOLD)
        api.moved = 0.0
        listed = "Marsh News · channel\n1 article"
        hidden = api.private(api.person("Other"))
        api.wait_for(
            lambda: "412" in asked(api, api.people[hidden.id], hidden, QUESTION).text, what=listed
        )
        asked(api, boss, desk, QUESTION)
        api.send_file(boss, desk, "by-mistake.txt", CUTTING.replace(b"Marlow", b"Lyngby"))
        wrong = added(api, desk, 4)
        told(api, boss, wrong, BACK)
        done(api, desk, 4, "Taken back: ")
        api.wait_for(lambda: not wrong.labels, what="an end")
        return api.transcript(desk)


def test_the_readmes_talk_about_feeding_is_what_the_bot_says(
    api: StandIn, home: Path, boss: Person, desk: Chat
) -> None:
    readme = (ROOT / "bot" / "README.md").read_text("utf-8")
    _, _, section = readme.partition("## Feeding the library\n")
    (shown, *_) = re.findall(r"```text\n(.*?)\n```", section, re.DOTALL)
    assert talk(api, home, boss, desk) == shown
