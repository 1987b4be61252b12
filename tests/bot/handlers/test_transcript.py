"""The talk in the README is one that the bot really has."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.botapi import StandIn
from tests.helpers.running import Running
from tests.helpers.support import ROOT


@pytest.fixture
def talk(seeds_home: Path, tmp_path: Path) -> str:
    """A talk in a group, as its members read it."""
    home = tmp_path / "home"
    shutil.copytree(seeds_home, home)
    with StandIn() as api, Running(api, home, telegram_passages="2"):
        ann, bob = api.person("Ann"), api.person("Bob")
        group = api.group("Desk", ann, bob)
        api.say(ann, group, "/ask who is in the B9?")
        (first,) = api.wait(group)
        api.say(bob, group, "where does its name come from?", reply_to=first)
        api.wait(group, 2)
        api.say(ann, group, "/ask what is the Omicron variant, from Newsdesk World")
        api.wait(group, 3)
        api.say(bob, group, "/ask who painted the Mona Lisa?")
        api.wait(group, 4)
        return api.transcript(group)


def test_the_readmes_transcript_is_what_the_bot_says(talk: str) -> None:
    readme = (ROOT / "bot" / "README.md").read_text("utf-8")
    shown, *_ = re.findall(r"```text\n(.*?)\n```", readme, re.DOTALL)
    assert shown == talk
