"""What three new users see in TALKS.md is what the bot and the terminal say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.running import copied
from tests.helpers.support import ROOT
from tests.helpers.three_users import OPENING, pages


@pytest.mark.slow  # the real model answers, and is loaded for each of the three
def test_what_three_users_see_is_what_is_said(
    seeds_home: Path, week_library: Path, models: Path, tmp_path: Path
) -> None:
    seeds, week = (
        copied(seeds_home, tmp_path / "desk" / ".newsdesk"),
        copied(week_library, tmp_path / "week"),
    )
    (week / "models").symlink_to(models)
    told = "\n\n".join([OPENING.strip(), *pages(seeds, week)])
    assert (ROOT / "bot" / "TALKS.md").read_text("utf-8").strip() == told.strip()
