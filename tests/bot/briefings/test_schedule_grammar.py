"""When briefings are due: what people write, and the moments that it means in every time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsdesk.bot.briefings.schedule_grammar import (
    ABBREVIATIONS,
    EVERY_DAY,
    EXAMPLES,
    Lateness,
    is_sane,
    late,
    next_due,
    read,
    said,
)
from newsdesk.bot.briefings.timezones import zone_of
from newsdesk.bot.store.models import Hours
from newsdesk.bot.views.zones import zone_said
from tests.helpers.examples import examples

HOUR, DAY = 3600, 86_400
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
ODD = ("Europe/Bucharest", "Pacific/Apia", "Australia/Lord_Howe", "America/Nuuk", "Asia/Kathmandu")
MOVED = ("Pacific/Apia", "Pacific/Fakaofo")  # over the date line, at the end of 2011

hours = st.builds(
    Hours,
    st.integers(0, 1439) | st.sampled_from([0, 30, 120, 150, 1410, 1439]),
    st.frozensets(st.integers(0, 6), min_size=1),
)
# Not those whose name means another clock in what people write: EST is New York's.
zones = st.sampled_from(ODD) | st.sampled_from(
    [zone for zone in ZONES if zone.casefold() not in ABBREVIATIONS]
)
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
        ("8 daily, not at weekends", "08:00 on weekdays, -"),
        ("every morning except for sat and sun", "08:00 on weekdays, -"),
        ("mon-fri 8 but no wednesdays", "08:00 on Mondays, Tuesdays, Thursdays and Fridays, -"),
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
        ("08.00", "08:00 every day, -"),
        ("18:00h", "18:00 every day, -"),
        ("8:30 pm daily", "20:30 every day, -"),
        ("mon-fri 7", "07:00 on weekdays, -"),
        ("mo-fr 8", "08:00 on weekdays, -"),
        ("sa, su 10", "10:00 at weekends, -"),
        ("every morning at 8", "08:00 every day, -"),
        ("every evening at 8", "20:00 every day, -"),
        ("9 at night", "21:00 every day, -"),
        ("every night at 12", "00:00 every day, -"),
        ("mornings", "08:00 every day, -"),
        ("8 and 18", "08:00 and 18:00 every day, -"),
        ("08:00 18:00 09:00 08:00", "08:00, 09:00 and 18:00 every day, -"),
        ("8am/6pm", "08:00 and 18:00 every day, -"),
        ("7 in the morning and 6 in the evening", "07:00 and 18:00 every day, -"),
        ("7, 12 and 19:30 mon-fri London", "07:00, 12:00 and 19:30 on weekdays, Europe/London"),
        ("every 6h", "00:00, 06:00, 12:00 and 18:00 every day, -"),
        ("every six hours from 8 weekdays", "02:00, 08:00, 14:00 and 20:00 on weekdays, -"),
        ("every 24h", "08:00 every day, -"),
        ("hourly", "every hour every day, -"),
        ("twice a day", "08:00 and 18:00 every day, -"),
        ("weekly", "08:00 on Mondays, -"),
        ("once a week", "08:00 on Mondays, -"),
        ("weekly digest, fridays at 17", "17:00 on Fridays, -"),
        ("8 UTC+2", "08:00 every day, UTC+2"),
        ("8 GMT-3", "08:00 every day, UTC-3"),
        ("8 utc + 5:30", "08:00 every day, Asia/Kolkata"),
        ("8 utc+0", "08:00 every day, UTC"),
        ("8 CEST", "08:00 every day, Europe/Berlin"),
        ("8 BST", "08:00 every day, Europe/London"),
        ("8 EST", "08:00 every day, America/New_York"),
        ("8 PT weekdays", "08:00 on weekdays, America/Los_Angeles"),
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
        ("every 30 min", "“30” is no time of the day."),
        ("every 0h", "“every 0h” is no time of the day."),
        ("8 tomorrow", "I do not understand “tomorrow”."),
        ("8 except", "I do not see which days are left."),
        ("8 weekends except sat and sun", "I do not see which days are left."),
        ("8 Romania", "I do not understand “Romania”."),
        ("8 UTC+20", "No place has the clock of “UTC+20”."),
        ("twice a week 8", "“twice a week” names no days."),
        ("8 \U0001f642", "I do not understand “\U0001f642”."),
        ("8 weekdays " + "x" * 500, "I do not understand “" + "x" * 40 + "”."),
    ],
)
def test_what_is_no_schedule_is_refused_with_how_to_write_one(text: str, says: str) -> None:
    found = read(text)
    assert found.hours is None
    assert found.zone is None
    assert found.error.startswith(says)
    assert all(example in found.error for example in EXAMPLES)
    assert len(found.error) < 400


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("weekdays", "on weekdays"),
        ("25:00 weekdays", "on weekdays"),
        ("8 tomorrow mo-fr", "08:00 on weekdays"),
        ("8 and 18 mornings London Atlantis", "08:00 and 18:00"),
        ("8 IST", "08:00"),
        ("weekdays UTC+2", "on weekdays, UTC+2"),
    ],
)
def test_what_was_understood_so_far_is_said(text: str, understood: str) -> None:
    assert f" Understood so far: {understood}. Examples: " in read(text).error


def test_every_example_reads() -> None:
    assert [said(read(one.partition(" ")[2]).hours or daily(0), "-") for one in EXAMPLES] == [
        "08:00 on weekdays, -",
        "08:00 and 18:00 every day, -",
        "00:00, 06:00, 12:00 and 18:00 every day, -",
    ]


@given(st.integers(0, 23), st.integers(0, 59), st.sampled_from(":.h"), st.booleans())
def test_an_hour_reads_however_it_is_written(
    hour: int, minute: int, mark: str, of_12: bool
) -> None:
    half = ("am", "pm")[hour >= 12]
    word = f"{hour % 12 or 12}{mark}{minute:02}{half}" if of_12 else f"{hour:02}{mark}{minute:02}"
    for text in (word, f"daily at {word}", f"{word} every day", f"UTC+2, {word}"):
        assert read(text).hours == daily(60 * hour + minute)


@given(st.lists(st.integers(0, 1439), min_size=1, max_size=6, unique=True), st.sampled_from(ODD))
def test_several_times_of_a_day_read_as_they_are_said(minutes: list[int], zone: str) -> None:
    first, *also = sorted(minutes)
    of = Hours(first, EVERY_DAY, tuple(also))
    found = read(said(of, zone))
    assert (found.hours, found.zone) == (of, zone)


@given(st.integers(-12, 14).filter(bool), moments)
def test_an_offset_is_as_far_from_utc_as_it_says(offset: int, then: float) -> None:
    zone = read(f"8 UTC{offset:+d}").zone or ""
    local = datetime.fromtimestamp(then, ZoneInfo(zone))
    assert local.utcoffset() == timedelta(hours=offset)
    assert zone_said(zone) == f"UTC{offset:+d}"


@given(st.sampled_from(sorted(ABBREVIATIONS)))
def test_every_abbreviation_is_a_place_that_has_it_or_is_asked_about(name: str) -> None:
    found = read(f"8 {name}")
    assert set(ABBREVIATIONS[name]) <= available_timezones()
    assert bool(found.zone) == (len(ABBREVIATIONS[name]) == 1)


def test_a_city_in_two_time_zones_is_asked_about() -> None:
    found = read("8 west")
    assert found.hours is None
    assert found.error.startswith("“west” may be Australia/West or Brazil/West. Write one of them.")


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


@examples(60)
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
