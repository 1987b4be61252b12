"""How `newsdesk status` says how current the library is."""

from __future__ import annotations

import re

import pytest

from newsdesk.index.cli.sources_output import currency
from newsdesk.index.library import Source
from newsdesk.index.sync import SourceState


def source(success: float, error: str = "", retired: str = "") -> SourceState:
    place = f"https://a{success}.example/"
    return SourceState(Source(1, "feed", place, success=success, error=error, retired=retired), 1)


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([], "no sources; `newsdesk add` adds one"),
        ([source(0.0)], "1 source, none read yet"),
        ([source(1.7e9), source(1.8e9)], "2 sources, all since 2023-11-DD HH:MM"),
        (
            [source(1.7e9), source(1.8e9, "404"), source(0.0, "500"), source(0.0, retired="410")],
            "3 sources, 1 never read, the others since 2023-11-DD HH:MM; 2 failing"
            " (`newsdesk sources`)",
        ),
    ],
)
def test_what_was_never_read_is_no_moment(states: list[SourceState], told: str) -> None:
    said = re.sub(r"-\d\d \d\d:\d\d", "-DD HH:MM", currency(states))  # wherever this runs
    assert said == told
