"""When briefings are due: what people write, and the moments that it means in every time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsdesk.bot.briefings.schedule_grammar import (
    EVERY_DAY,
    Lateness,
    is_sane,
    late,
    next_due,
    read,
    said,
)
from newsdesk.bot.briefings.timezones import zone_of
from newsdesk.bot.store.models import Hours

HOUR, DAY = 3600, 86_400
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
ODD = ("Europe/Bucharest", "Pacific/Apia", "Australia/Lord_Howe", "America/Nuuk", "Asia/Kathmandu")
MOVED = ("Pacific/Apia", "Pacific/Fakaofo")  # over the date line, at the end of 2011

hours = st.builds(
    Hours,
    st.integers(0, 1439) | st.sampled_from([0, 30, 120, 150, 1410, 1439]),
    st.frozensets(st.integers(0, 6), min_size=1),
)
zones = st.sampled_from(ODD) | st.sampled_from(ZONES)
moments = st.floats(
    datetime(1970, 1, 3, tzinfo=UTC).timestamp(), datetime(2037, 12, 1, tzinfo=UTC).timestamp()
)


def at(zone: str, *when: int, fold: int = 0) -> float:
    local = datetime.fromisoformat("-".join(f"{n:02}" for n in when[:3]))
    hour, minute = (*when[3:], 0, 0)[:2]
    return local.replace(hour=hour, minute=minute, fold=fold, tzinfo=ZoneInfo(zone)).timestamp()


def shown(due: float, zone: str) -> str:
    return f"{datetime.fromtimestamp(due, ZoneInfo(zone)):%a %Y-%m-%d %H:%M %z}"


def daily(minute: int) -> Hours:
    return Hours(minute, EVERY_DAY)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("8", "08:00 every day, -"),
        ("8am", "08:00 every day, -"),
        ("8 AM", "08:00 every day, -"),
        ("08:00", "08:00 every day, -"),
        ("0800", "08:00 every day, -"),
        ("7.30 pm", "19:30 every day, -"),
        ("7:30 p.m.", "19:30 every day, -"),
        ("8h30", "08:30 every day, -"),
        ("12am", "00:00 every day, -"),
        ("12 pm", "12:00 every day, -"),
        ("noon", "12:00 every day, -"),
        ("midnight on sundays", "00:00 on Sundays, -"),
        ("at 8 o’clock every day", "08:00 every day, -"),
        ("18:30 daily", "18:30 every day, -"),
        ("08:00 weekdays", "08:00 on weekdays, -"),
        ("Weekdays 08:00", "08:00 on weekdays, -"),
        ("8:00,weekdays", "08:00 on weekdays, -"),
        ("9 on working days", "09:00 on weekdays, -"),
        ("mon–fri 8", "08:00 on weekdays, -"),
        ("Monday to Friday, 7am", "07:00 on weekdays, -"),
        ("fri to mon 8", "08:00 on Mondays, Fridays, Saturdays and Sundays, -"),
        ("sun-mon 8", "08:00 on Mondays and Sundays, -"),
        ("mondays 9:00", "09:00 on Mondays, -"),
        ("9:00 mon, wed and fri", "09:00 on Mondays, Wednesdays and Fridays, -"),
        ("9:00 Mon. & Thurs.", "09:00 on Mondays and Thursdays, -"),
        (
            "weekdays and sat 9",
            "09:00 on Mondays, Tuesdays, Wednesdays, Thursdays, Fridays and Saturdays, -",
        ),
        ("weekends 10", "10:00 at weekends, -"),
        ("sat/sun 10", "10:00 at weekends, -"),
        ("08:00 Europe/Bucharest", "08:00 every day, Europe/Bucharest"),
        ("08:00 europe/bucharest", "08:00 every day, Europe/Bucharest"),
        ("08:00 weekdays Bucharest", "08:00 on weekdays, Europe/Bucharest"),
        ("Bucharest 08:00 weekdays", "08:00 on weekdays, Europe/Bucharest"),
        ("8 in New York, mon-fri", "08:00 on weekdays, America/New_York"),
        ("8 London time", "08:00 every day, Europe/London"),
        ("8 port of spain", "08:00 every day, America/Port_of_Spain"),
        ("8 Istanbul", "08:00 every day, Europe/Istanbul"),
        ("8 utc", "08:00 every day, UTC"),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, meant: str) -> None:
    found = read(text)
    assert found.hours, found.error
    assert said(found.hours, found.zone or "-") == meant


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "I see no hour in that."),
        ("weekdays", "I see no hour in that."),
        ("25:00", "“25:00” is no time of the day."),
        ("24:00", "“24:00” is no time of the day."),
        ("8:60", "“8:60” is no time of the day."),
        ("8:5", "“8:5” is no time of the day."),
        ("13pm", "“13pm” is no time of the day."),
        ("0am", "“0am” is no time of the day."),
        ("1st monday 8", "“1st” is no time of the day."),
        ("8 and 18", "One hour only, please."),
        ("8 tomorrow", "I do not understand “tomorrow”."),
        ("8 except sundays", "I do not understand “except”."),
        ("8 Romania", "I do not understand “Romania”."),
        ("8 UTC+2", "I do not understand “UTC+2”."),
        ("8 GMT+2", "I do not understand “GMT+2”."),  # Etc/GMT+2 is the other way round
        ("8 \U0001f642", "I do not understand “\U0001f642”."),
        ("8 weekdays " + "x" * 500, "I do not understand “" + "x" * 40 + "”."),
    ],
)
def test_what_is_no_schedule_is_refused_with_how_to_write_one(text: str, says: str) -> None:
    found = read(text)
    assert found.hours is None
    assert found.zone is None
    assert found.error.startswith(says)
    assert "Write it as /schedule 08:00 weekdays." in found.error


def test_a_city_in_two_time_zones_is_asked_about() -> None:
    found = read("8 west")
    assert found.hours is None
    assert found.error == "“west” may be Australia/West or Brazil/West. Write one of them."


@given(st.text() | st.text("0123456789:.apm -/,monfri", max_size=30))
def test_any_text_gives_hours_or_an_error(text: str) -> None:
    found = read(text)
    assert (found.hours is None) == bool(found.error)
    assert found.zone is None or found.zone in available_timezones()


@given(hours, zones)
def test_what_is_said_reads_as_the_same_hours(of: Hours, zone: str) -> None:
    found = read(said(of, zone))
    assert (found.hours, found.zone) == (of, zone)


@pytest.mark.parametrize("wrong", [(-1, EVERY_DAY), (1440, EVERY_DAY), (0, frozenset({7}))])
def test_hours_that_no_week_has_are_refused(wrong: tuple[int, frozenset[int]]) -> None:
    with pytest.raises(ValueError, match="no "):
        Hours(*wrong)
    with pytest.raises(ValueError, match="no week"):
        Hours(0, frozenset())


def test_an_hour_that_the_clocks_skip_is_due_as_much_later() -> None:
    zone = "Europe/Bucharest"  # from 3:00 to 4:00 on 29 March 2026
    due = next_due(daily(3 * 60 + 30), zone, at(zone, 2026, 3, 28, 12))
    assert shown(due, zone) == "Sun 2026-03-29 04:30 +0300"
    assert shown(next_due(daily(210), zone, due), zone) == "Mon 2026-03-30 03:30 +0300"


def test_an_hour_that_comes_twice_is_due_once_and_first() -> None:
    zone = "Europe/Bucharest"  # from 4:00 back to 3:00 on 25 October 2026
    due = next_due(daily(3 * 60 + 30), zone, at(zone, 2026, 10, 25, 1))
    assert shown(due, zone) == "Sun 2026-10-25 03:30 +0300"
    between = at(zone, 2026, 10, 25, 3, 10, fold=1)
    assert between > due
    for after in (due, between):
        assert shown(next_due(daily(210), zone, after), zone) == "Mon 2026-10-26 03:30 +0200"


def test_a_skipped_hour_before_midnight_is_due_after_it() -> None:
    zone = "America/Nuuk"  # from 23:00 to 0:00, on Saturday 30 March 2024 being Sunday at once
    due = next_due(daily(23 * 60 + 30), zone, at(zone, 2024, 3, 30, 12))
    assert shown(due, zone) == "Sun 2024-03-31 00:30 -0100"
    assert next_due(daily(23 * 60 + 30), zone, due - 1) == due  # found from the day after, too
    assert shown(next_due(daily(1410), zone, due), zone) == "Sun 2024-03-31 23:30 -0100"


def test_a_day_that_never_was_has_no_briefing() -> None:
    zone = "Pacific/Apia"
    before = at(zone, 2011, 12, 29, 12)
    due = next_due(daily(480), zone, before)
    assert shown(due, zone) == "Sat 2011-12-31 08:00 +1400"
    assert shown(next_due(daily(480), zone, due), zone) == "Sun 2012-01-01 08:00 +1400"
    fridays = Hours(480, frozenset({4}))
    assert shown(next_due(fridays, zone, before), zone) == "Fri 2012-01-06 08:00 +1400"


@given(hours, zones, moments)
@example(daily(150), "Europe/London", at("Europe/London", 2026, 3, 29))
def test_the_next_is_later_and_at_that_time_unless_the_clocks_skip_it(
    of: Hours, zone: str, after: float
) -> None:
    due = next_due(of, zone, after)
    assert due > after
    assert next_due(of, zone, due - 0.5) == due
    local = datetime.fromtimestamp(due, ZoneInfo(zone))
    if local.hour * 60 + local.minute == of.minute:
        assert local.weekday() in of.days
        assert local.fold == 0
    else:
        offsets = [datetime.fromtimestamp(due + n, ZoneInfo(zone)).utcoffset() for n in (-DAY, 0)]
        assert offsets[0] != offsets[1], "another time than asked for, and no clock changed"


@settings(deadline=None, max_examples=60)
@given(hours, zones, st.integers(1975, 2036))
@example(Hours(480, frozenset({4})), "Pacific/Apia", 2011)
@example(daily(1410), "America/Nuuk", 2024)
@example(daily(0), "Asia/Beirut", 2026)
@example(daily(105), "Australia/Lord_Howe", 2026)
def test_a_year_has_one_for_each_wanted_day_and_no_more(of: Hours, zone: str, year: int) -> None:
    where = ZoneInfo(zone)
    due, dues = datetime(year, 1, 1, tzinfo=where).timestamp() - 1, list[float]()
    end = datetime(year + 1, 1, 1, tzinfo=where).timestamp() - 1
    while (due := next_due(of, zone, due)) <= end:
        dues.append(due)
    assert all(first < then for first, then in pairwise(dues))
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    minutes = range(0, 24 * 60, 30)
    wanted = [
        day
        for day in days
        if day.year == year
        and day.weekday() in of.days
        and any(has(where, day, m) for m in minutes)
    ]
    # A clock that skips midnight puts the last of the year off into the next, or one into it.
    assert abs(len(dues) - len(wanted)) <= (not has(where, date(year, 12, 31), of.minute))
    if of.days == EVERY_DAY and zone not in MOVED:
        assert all(then - first <= 27 * HOUR for first, then in pairwise(dues))


def has(where: ZoneInfo, day: date, minute: int) -> bool:
    """Whether the clocks of a place showed that time on that day."""
    then = datetime.combine(day, datetime.min.time(), where) + timedelta(minutes=minute)
    back = datetime.fromtimestamp(then.timestamp(), where)
    return (back.date(), back.hour, back.minute) == (day, minute // 60, minute % 60)


@given(hours, zones, moments)
def test_what_is_due_next_is_sane_and_what_a_clock_ahead_left_is_not(
    of: Hours, zone: str, now: float
) -> None:
    assert is_sane(next_due(of, zone, now), of, zone, now)
    # Put back by a second after one was sent: the one after it stays.
    due = next_due(of, zone, now)
    assert is_sane(next_due(of, zone, due), of, zone, due - 1)
    assert is_sane(now - 30 * DAY, of, zone, now)
    assert not is_sane(next_due(of, zone, now + 30 * DAY), of, zone, now)


def test_a_daily_one_three_days_ahead_is_not_sane() -> None:
    now = at("UTC", 2026, 11, 24, 12)
    assert is_sane(now + 2 * DAY, daily(0), "UTC", now)
    assert not is_sane(now + 3 * DAY, daily(0), "UTC", now)
    assert is_sane(now + 3 * DAY, Hours(0, frozenset({0})), "UTC", now)


@pytest.mark.parametrize(
    ("seconds", "how"),
    [
        (-10, Lateness.ON_TIME),
        (0, Lateness.ON_TIME),
        (299, Lateness.ON_TIME),
        (300, Lateness.LATE),
        (3 * HOUR, Lateness.LATE),
        (3 * HOUR + 1, Lateness.MISSED),
    ],
)
def test_up_to_three_hours_late_it_is_still_sent(seconds: int, how: Lateness) -> None:
    assert late(1_000_000, 1_000_000 + seconds) is how


@pytest.mark.parametrize(
    ("latitude", "longitude", "zone"),
    [
        (44.43, 26.10, "Europe/Bucharest"),
        (50.45, 30.52, "Europe/Kyiv"),
        (40.71, -74.01, "America/New_York"),
        (-13.83, -171.77, "Pacific/Apia"),
        (27.70, 85.32, "Asia/Kathmandu"),
        (0.0, -30.0, "Etc/GMT+2"),
        (91.0, 0.0, None),
        (float("nan"), 0.0, None),
    ],
)
def test_a_place_has_its_time_zone(latitude: float, longitude: float, zone: str | None) -> None:
    assert zone_of(latitude, longitude) == zone


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_place_on_earth_has_a_zone_that_is_known(latitude: float, longitude: float) -> None:
    assert zone_of(latitude, longitude) in available_timezones()


@given(st.floats(), st.floats())
def test_no_numbers_are_too_odd_for_a_place(latitude: float, longitude: float) -> None:
    zone = zone_of(latitude, longitude)
    assert zone is None or zone in available_timezones()
