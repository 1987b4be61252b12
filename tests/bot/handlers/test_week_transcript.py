"""The week in the README is one that a group really gets."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from newsdesk.bot.store.models import Follow
from tests.botapi import StandIn
from tests.helpers.running import copied
from tests.helpers.support import ROOT
from tests.helpers.ticking import Ticking

ZONE = ZoneInfo("Europe/Bucharest")
MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=ZONE)
TOPICS = ("who is on strike?", "Danube summit")


@pytest.fixture
def talk(week_library: Path, models: Path, tmp_path: Path) -> str:
    """What a group is told that follows two topics, on a week's mornings."""
    home = copied(week_library, tmp_path / "home")
    (home / "models").symlink_to(models)
    with StandIn() as api, Ticking(api, home, MONDAY.timestamp(), ZONE.key) as bot:
        group = api.group("Desk", api.person("Ann"))
        for words in TOPICS:
            bot.store.briefings.follow(group.id, 0, Follow(words=words))
        bot.schedule(group, "08:00", "01234")
        for day in range(7):
            bot.at(MONDAY + timedelta(days=day, hours=2))
        return api.transcript(group)


def test_the_readmes_week_is_what_a_group_is_told(talk: str) -> None:
    readme = (ROOT / "bot" / "README.md").read_text("utf-8")
    shown = re.findall(r"```text\n(.*?)\n```", readme, re.DOTALL)
    assert shown[1] == talk
