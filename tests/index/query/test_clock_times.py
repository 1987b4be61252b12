"""Times of the clock, minutes and bare units behind /brief."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from newsdesk.index.query.brief_request import parse_brief_request

ZONE = ZoneInfo("Europe/Bucharest")
NOW = datetime(2026, 11, 28, 10, 30, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "topic", "since"),
    [
        ("since 8am", "", (28, 8, 0)),
        ("floods since 8am", "floods", (28, 8, 0)),
        ("since 8:30 pm", "", (27, 20, 30)),
        ("since noon", "", (27, 12, 0)),
        ("since 8am yesterday", "", (27, 8, 0)),
        ("90m", "", (28, 9, 0)),
        ("floods 45 minutes", "floods", (28, 9, 45)),
        ("an hour", "", (28, 9, 30)),
        ("week", "", (21, 0, 0)),
        ("the week", "", (21, 0, 0)),
    ],
)
def test_a_time_is_understood(text: str, topic: str, since: tuple[int, int, int]) -> None:
    request = parse_brief_request(text, NOW, ["Newsdesk World"])
    day, hour, minute = since
    assert request.topic == topic
    assert request.since == datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    "text", ["since 13am", "A Quiet Place since 5", "week floods", "raised 90m"]
)
def test_what_is_no_time_stays_the_topic(text: str) -> None:
    request = parse_brief_request(text, NOW, ["Newsdesk World"])
    assert (request.topic, request.since) == (text, None)
