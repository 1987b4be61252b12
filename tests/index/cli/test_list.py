"""`newsdesk list`: which articles, in which order, and what is said when there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.support import Command

from .commands import in_terminal


def ids(newsdesk_small: Command, *arguments: str) -> list[str]:
    listed = newsdesk_small("list", "--json", *arguments).told["articles"]
    return [article["id"] for article in listed]


def test_articles_come_newest_first_by_the_minute_and_undated_ones_last(
    newsdesk_small: Command,
) -> None:
    assert ids(newsdesk_small) == ["tower", "ferry-raised", "ferry", "undated"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (("--since", "2022"), ["tower"]),
        (("--until", "2021-12"), ["ferry-raised", "ferry"]),
        (("--source", "coast post"), ["ferry-raised", "ferry"]),
        (
            ("--source", "Coast Post", "--source", "Hill Times", "-n", "2"),
            ["tower", "ferry-raised"],
        ),
        (("-n", "0"), ["tower", "ferry-raised", "ferry", "undated"]),
    ],
)
def test_filters_and_the_limit(
    newsdesk_small: Command, filters: tuple[str, ...], expected: list[str]
) -> None:
    assert ids(newsdesk_small, *filters) == expected


def test_when_piped_columns_stand_apart_by_tabs_and_the_rest_is_counted(
    newsdesk_small: Command,
) -> None:
    done = newsdesk_small("list", "-n", "1")
    assert done.out == "tower\t2022-01-05\tHill Times\tTower Sold\n"
    assert done.err == "1 of 4 articles; --limit 0 lists all\n"
    assert newsdesk_small("list", "--json", "-n", "1").told["matching"] == 4


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        (("--source", "Coast Pots"), "no such source; there are Coast Post"),
        (
            ("--since", "2023"),
            "from 2023-01-01 to …; the library's are from 2021-12-10",
        ),
    ],
)
def test_a_filter_that_matches_nothing_is_said(
    newsdesk_small: Command, filters: tuple[str, ...], told: str
) -> None:
    done = newsdesk_small("list", *filters)
    assert (done.code, done.out) == (1, "")
    assert told in done.err


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_in_a_terminal_ids_are_whole_and_no_line_is_too_long(small_home: Path, width: int) -> None:
    shown = in_terminal(["list"], home=small_home, width=width)
    assert all(name in shown.split() for name in ("ferry-raised", "ferry", "tower", "undated"))
    assert "2021-12-10 20:00" in shown
    assert "Tower Sold" in shown
    assert max(map(len, shown.splitlines())) <= width
