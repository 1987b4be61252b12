"""Days as people name them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.query.dates import day_order, parse_day, readings

NOW = datetime(2026, 11, 28, 12)  # a Saturday
DAYS = st.dates(date(1970, 1, 1), date(2026, 11, 28))


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


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("Q1 2021", "2021-01-01", "2021-03-31"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("the last quarter", "2026-07-01", "2026-09-30"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("previous week", "2026-11-16", "2026-11-22"),
        ("this year", "2026-01-01", "2026-11-28"),
        ("last May", "2026-05-01", "2026-05-31"),
        ("last Dec.", "2025-12-01", "2025-12-31"),
        ("the third of May", "2026-05-03", "2026-05-03"),
        ("the twenty-first of June 2020", "2020-06-21", "2020-06-21"),
        ("29-Dec-2021", "2021-12-29", "2021-12-29"),
        ("29-Dec-21", "2021-12-29", "2021-12-29"),
        ("the year 2021", "2021-01-01", "2021-12-31"),
        ("2021-Q3", "2021-07-01", "2021-09-30"),
        ("2021 q4", "2021-10-01", "2021-12-31"),
        ("Q2 of 2020", "2020-04-01", "2020-06-30"),
        ("the first quarter of 2021", "2021-01-01", "2021-03-31"),
        ("last quarter of 2021", "2021-10-01", "2021-12-31"),
        ("second half of 2020", "2020-07-01", "2020-12-31"),
        ("H1 2020", "2020-01-01", "2020-06-30"),
        ("Q3", "2026-07-01", "2026-09-30"),
        ("Dec. 2021", "2021-12-01", "2021-12-31"),
        ("Sept. 2021", "2021-09-01", "2021-09-30"),
        ("Feb '20", "2020-02-01", "2020-02-29"),
        ("'21", "2021-01-01", "2021-12-31"),
        ("2021-W52", "2021-12-27", "2022-01-02"),
        ("week 1 of 2021", "2021-01-04", "2021-01-10"),
        ("2021/3", "2021-03-01", "2021-03-31"),
        ("12/2021", "2021-12-01", "2021-12-31"),
        ("the week before last", "2026-11-09", "2026-11-15"),
        ("the month before last", "2026-09-01", "2026-09-30"),
        ("in 2021", "2021-01-01", "2021-12-31"),
    ],
)
def test_quarters_weeks_and_short_forms_have_a_first_and_a_last_day(
    words: str, first: str, last: str
) -> None:
    assert str(parse_day(words, now=NOW)) == first
    assert str(parse_day(words, last=True, now=NOW)) == last


@pytest.mark.parametrize(
    ("words", "day"),
    [
        *(("Dec. 3, 2021", "2021-12-03"), ("3 Dec. 2021", "2021-12-03")),
        *(("December 3rd, 2021", "2021-12-03"), ("Fri, 3 Dec 2021", "2021-12-03")),
        *(("Friday, December 3, 2021", "2021-12-03"), ("3 Dec 21", "2021-12-03")),
        *(("the 3rd of May", "2026-05-03"), ("3rd of December", "2025-12-03")),
        *(("May the 4th", "2026-05-04"), ("the 3rd of May, 2019", "2019-05-03")),
        *(("2021/12/03", "2021-12-03"), ("2021.12.3", "2021-12-03")),
        *(("21-12-29", "2021-12-29"), ("29-12-21", "2021-12-29"), ("12/29/21", "2021-12-29")),
        *(("31/12/99", "1999-12-31"), ("13/11/2026", "2026-11-13"), ("11/13/2026", "2026-11-13")),
        *(("12.07.2022", "2022-07-12"), ("05/05/2026", "2026-05-05")),
        *(("the day before yesterday", "2026-11-26"), ("day before yesterday", "2026-11-26")),
    ],
)
def test_a_day_is_read_however_it_is_written(words: str, day: str) -> None:
    assert str(parse_day(words, now=NOW)) == day
    assert str(parse_day(words, last=True, now=NOW)) == day


@pytest.mark.parametrize(
    "words",
    [
        *("03/11/2026", "3-11-2026", "03-11-26", "04/05/21", "12", "Q5 2021", "31 February"),
        *("31/02/2021", "2021-W54", "Q", "12 of them", "3 of 4", "third half of 2021", "2021/13"),
    ],
)
def test_what_may_be_two_days_or_is_none_is_not_guessed(words: str) -> None:
    assert parse_day(words, now=NOW) is None


def test_days_of_one_command_are_of_one_order() -> None:
    assert day_order(["03/11/2026", "13/11/2026"]) is True
    assert day_order(["03/11/2026", "11/13/2026"]) is False
    assert day_order(["03/11/2026", "2026-11-13", ""]) is None
    assert parse_day("03/11/2026", day_first=True) == date(2026, 11, 3)
    assert parse_day("03/11/2026", day_first=False) == date(2026, 3, 11)
    assert readings("03/11/2026") == (date(2026, 11, 3), date(2026, 3, 11))
    assert readings("soon") == ()


@given(DAYS, st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%d %B %Y", "%b. %d, %Y", "%A, %d %b %Y"]))
def test_every_day_is_read_as_it_was_written(day: date, form: str) -> None:
    assert parse_day(day.strftime(form), now=NOW) == day


@given(DAYS, st.sampled_from(["/", "-", "."]), st.booleans())
def test_numbers_are_read_in_the_order_that_is_told(day: date, mark: str, day_first: bool) -> None:
    parts = (day.day, day.month) if day_first else (day.month, day.day)
    words = mark.join(f"{part:02}" for part in (*parts, day.year))
    assert parse_day(words, now=NOW, day_first=day_first) == day
    alone = parse_day(words, now=NOW)
    assert alone is None or {alone.day, alone.month} == {day.day, day.month}


@given(st.text(max_size=20) | st.from_regex(r"[\d/.' QHW-]{1,12}", fullmatch=True))
def test_no_words_break_it(words: str) -> None:
    first, last = parse_day(words, now=NOW), parse_day(words, last=True, now=NOW)
    assert (first is None) == (last is None)
    assert first is None or last is None or first <= last
