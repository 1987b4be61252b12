"""The week of forty stories a day in the README is one that a group really gets."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bot.briefings.test_untold import feed
from tests.botapi import Message, StandIn
from tests.helpers.forty import A_DAY, article
from tests.helpers.support import ROOT, SMALL
from tests.helpers.ticking import Ticking

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 7
_STORY = re.compile(r"^\d+\. (?:Update: )?(.+) — .+$", re.MULTILINE)


def short(message: Message) -> str:
    """A page of a briefing: its head, its first story and its last line."""
    head, first, *_, last = message.text.split("\n\n")
    left = "\n…" if message.text.count("\n\n") > 2 else ""
    return f"{head}\n{first}{left}\n{last}\n[{'] ['.join(message.labels)}]"


def test_the_readmes_forty_stories_a_day_are_all_told(tmp_path: Path) -> None:
    lines, told = [], set[str]()
    feed(tmp_path, "0", [article(n, MONDAY) for n in range(A_DAY)], MONDAY + timedelta(hours=21))
    with StandIn() as api, Ticking(api, tmp_path, MONDAY.timestamp() - 1, model=SMALL) as bot:
        ann = api.person("Ann")
        group = api.group("Desk", ann)
        bot.handle()
        bot.schedule(group, "22:00")
        for day in range(DAYS):
            if day:
                came = [article(n, MONDAY) for n in range(day * A_DAY, (day + 1) * A_DAY)]
                feed(tmp_path, str(day), came, MONDAY + timedelta(days=day, hours=21))
            bot.at(MONDAY + timedelta(days=day, hours=22))
            message = group.answers[-1]
            lines.append(f"Newsdesk: {short(message)}")
            told |= set(_STORY.findall(message.text))
            pages = 0
            while day in (0, DAYS - 1) and "More ▸" in message.labels:
                bot.press(ann, message, "More")
                told |= set(_STORY.findall(message.text))
                pages += 1
            if pages:
                lines.append(
                    f"Ann presses [More ▸] {pages} times. The last page:\n{short(message)}"
                )
        bot.at(MONDAY + timedelta(days=DAYS, hours=22))
        assert len(group.answers) == DAYS  # nothing is left
    assert told == {article(n, MONDAY)["text"] for n in range(DAYS * A_DAY)}
    readme = (ROOT / "bot" / "README.md").read_text("utf-8")
    assert "\n\n".join(lines) in readme, "\n\n".join(lines)
