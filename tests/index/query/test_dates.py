"""Days as people name them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from newsdesk.index.query.dates import parse_day


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("2021-12-29", date(2021, 12, 29), date(2021, 12, 29)),
        ("2021-12", date(2021, 12, 1), date(2021, 12, 31)),
        ("2020-2", date(2020, 2, 1), date(2020, 2, 29)),
        ("2021", date(2021, 1, 1), date(2021, 12, 31)),
        (" 29 December 2021 ", date(2021, 12, 29), date(2021, 12, 29)),
        ("December 2021", date(2021, 12, 1), date(2021, 12, 31)),
    ],
)
def test_a_month_or_a_year_is_its_first_day_or_its_last(
    words: str, first: date, last: date
) -> None:
    assert parse_day(words) == first
    assert parse_day(words, last=True) == last


def test_words_count_back_from_today() -> None:
    found = parse_day("3 days ago")
    assert found
    assert timedelta(days=2) <= date.today() - found <= timedelta(days=4)


@pytest.mark.parametrize("words", ["", "2021-13", "2021-00", "0000", "99999", "soon enough", "--"])
def test_what_is_no_date_is_none(words: str) -> None:
    assert parse_day(words) is None
